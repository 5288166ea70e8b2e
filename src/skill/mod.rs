//! What a skill is on disk: its manifest, the workspace it lies in, the catalog of a workspace.
//!
//! It knows `event` and the file system; it must not know a module's inside, the engine or a terminal.

mod duration;
mod nearest_name;
mod permissions;
mod settings;
mod size;
mod table_reader;
mod text_file;
mod toml_source;

pub use duration::{DurationError, format_duration, parse_duration, parse_timeout_ms};
pub use nearest_name::{nearest_name, nearest_names};
pub use permissions::Permissions;
pub use settings::{
    AiSettings, MockAnswer, MockMatch, MockRule, PROVIDER_KINDS, ProviderKind, ProviderSettings, SETTINGS_FILE,
    SETTINGS_SCHEMA_FILE, Settings, SettingsError, settings_schema, settings_schema_text,
};
pub use size::{SizeError, format_bytes, parse_bytes};
pub use table_reader::{Item, TableReader};
pub use text_file::{FileError, MAX_TEXT_BYTES, read_bytes, read_text};
pub use toml_source::{ProblemLog, Reported, TomlError, TomlProblem, TomlProblemKind, read_toml};
