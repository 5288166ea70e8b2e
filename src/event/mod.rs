//! The vocabulary of skillscope: what happens to a skill and to a run, as plain data.
//!
//! Every other floor speaks in these words and none of them is known here: no engine, no files, no terminal, no I/O.
//! A reader (a report, a screen, a record) understands a run from these types alone.

mod call;
mod comparison;
mod difference;
mod failure;
pub mod figures;
pub mod filter;
mod function_fuel;
mod gauges;
mod json_document;
mod limits;
mod observer;
mod outcome;
mod path_text;
mod payload;
mod permissions;
mod phase;
mod reading;
mod replay;
mod run_event;
mod session_event;
mod suite;
mod summary;
mod sweep;
mod terminal_text;
mod usage;
mod workbench;

pub use call::{CallFinished, CallId, CallRequest, CallStarted, GuestRead, GuestWrite, Release, ShadowAnswer, Tokens, WasiCall};
pub use comparison::{COMPARISON_COLUMNS, Latency, ProviderResult};
pub use difference::difference;
pub use failure::{Failure, FailureKind, Frame};
pub use function_fuel::FunctionFuel;
pub use gauges::{GaugeSample, Gauges};
pub use json_document::{JsonDocument, JsonFault};
pub use limits::{
    DEFAULT_MAX_MODULE_BYTES, DEFAULT_MEMORY_BYTES, DEFAULT_TIMEOUT, Limits, MAX_KEY_BYTES, MAX_OUTPUT_BYTES, MAX_STORE_BYTES,
    MAX_TRANSFER_BYTES, PAGE_BYTES,
};
pub use observer::EventObserver;
pub use outcome::{Outcome, OutputFault};
pub use payload::Payload;
pub use permissions::Permissions;
pub use phase::Phase;
pub use replay::{ReplayReport, ReplayVerdict};
pub use run_event::{LogLevel, Profile, RunEvent, RunFinished, RunId, RunStarted};
pub use session_event::{CacheUse, Event, LoadedModule, SkillInfo};
pub use suite::{CaseAttempt, CaseId, CaseResult, CaseStatus, ListedCase, Mismatch, MismatchKind, SuiteEvent, SuiteTotals};
pub use summary::{CallRecord, InjectedFault, LogRecord, RunSummary};
pub use sweep::{FaultTrial, LeastLimit, Survival, SweepEvent, SweepKind, TimeMargin};
pub use terminal_text::{sanitize_line, sanitize_text};
pub use usage::Usage;
/// Who answered in the trace where the user did.
pub const USER_PROVIDER: &str = "you";
/// The label of the mock among providers: no real one has it.
pub const MOCK_PROVIDER: &str = "mock";
/// Who answers in the trace where a fault that was asked for did; no provider's label is this word alone.
pub const FAULT_PROVIDER: &str = "fault";
/// Who answers in the trace where a reply of a case did; no provider's label is this word alone.
pub const CASE_PROVIDER: &str = "case";

pub use workbench::{
    AiState, ComparedPart, InputOfCase, KeptInput, ModuleReport, OnSave, ReportSection, RunHeadline, Terms, WorkbenchEvent,
};
