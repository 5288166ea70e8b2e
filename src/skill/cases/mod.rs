//! The cases of a skill: what it is given, and what must come of it. They stand as `[[case]]` in `skill.toml` and in the files
//! `cases/*.toml` beside it; `docs/cases.md` tells an author the same.
//!
//! Here they are data, read with every fault in its place. How a case is run and judged is the session's affair.

mod case;
mod checked_schema;
mod edit;
mod expected;
mod host_call;
mod load;
mod read;
mod replies;
mod schema;
mod text;
mod value;

pub use case::{Case, CaseInput, CasePlace, Given};
pub use checked_schema::{CheckedSchema, SchemaError};
pub use edit::{CaseEditError, write_accepted_fuel};
pub use expected::{Assertion, Budget, Expected, FuelBudget, JsonType, Operator, OutputCheck, StoreAfter, Tolerance};
pub use host_call::{CallName, ExpectedCall, ExpectedCalls, HOST_CALL_NAMES, REQUEST_FIELDS, Times};
pub use load::{CASES_DIRECTORY, CaseFault, LoadedCases, SNAPSHOTS_DIRECTORY, load_cases};
pub(super) use read::cases;
pub use replies::{AiReply, AiReplyWith, HttpReply, HttpReplyWith};
pub(super) use schema::case_list_schema;
pub use schema::{CASES_SCHEMA_FILE, cases_schema, cases_schema_text};
pub use text::{Pattern, TextMatch};
pub use value::{Content, StoredValue};
