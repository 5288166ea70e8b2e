//! What a skill is on disk: its manifest, the workspace it lies in, the catalog of a workspace.
//!
//! It knows `event` and the file system; it must not know a module's inside, the engine or a terminal.

mod catalog;
mod duration;
mod guest_path;
mod http_grant;
mod key_pattern;
mod limit;
mod manifest;
mod nearest_name;

mod scan;
mod schema;
mod settings;
mod size;
mod skill_name;
mod source;
mod table_reader;
mod text_file;
mod toml_source;
mod workspace;

pub use crate::event::Permissions;
pub use catalog::{Catalog, CatalogEntry, CatalogError, NoSuchSkill};
pub use duration::{DurationError, format_duration, parse_duration, parse_timeout_ms};
pub use guest_path::{GuestPathError, parse_guest_path};
pub use http_grant::{HttpGrantError, parse_http_grant};
pub use key_pattern::{KeyPatternError, parse_key_pattern};
pub use limit::{LimitError, MAX_MEMORY_BYTES, parse_fuel, parse_memory_limit, parse_module_limit};
pub use manifest::{
    Declared, LimitsTable, MANIFEST_FILE, Manifest, ManifestEditError, ManifestError, SkillTable, WasiDirectory, WasiTable,
    write_terms,
};
pub use nearest_name::{nearest_name, nearest_names};
pub use scan::ScanNote;
pub use schema::{MANIFEST_SCHEMA_FILE, manifest_schema, manifest_schema_text};
pub use settings::{
    AiSettings, DEFAULT_TRACE_BYTES, DEFAULT_TRACE_ENTRIES, MockAnswer, MockMatch, MockRule, PANELS, PROVIDER_KINDS,
    ProviderKind, ProviderSettings, RECORD_PROVIDER, SETTINGS_FILE, SETTINGS_SCHEMA_FILE, Settings, SettingsEditError,
    SettingsError, WorkbenchSettings, add_mock_rule, settings_schema, settings_schema_text,
};
pub use size::{SizeError, format_bytes, parse_bytes, written_bytes};
pub use skill_name::{MAX_NAME_BYTES, NameError, check_name};
pub use source::{GrantedDirectory, NameFault, Skill, SkillError};
pub use table_reader::{Item, TableReader};
pub use text_file::{FileError, MAX_TEXT_BYTES, read_bytes, read_text};
pub use toml_source::{ProblemLog, Reported, TomlError, TomlProblem, TomlProblemKind, read_toml};
pub use workspace::{STATE_DIRECTORY, StateDirectoryError, Workspace};
