//! The workspace's settings, `skillscope.toml`: who answers prompts, how large a module may be, and what the workbench begins with.
//!
//! Everything in it is optional, and so is the file. It holds no keys: those come from the environment, and the file
//! only names the variables.

mod edit;
mod mock_rule;
mod provider_kinds;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod workbench;

pub use edit::{SettingsEditError, add_mock_rule};
pub use mock_rule::{MockAnswer, MockMatch, MockRule};
pub use provider_kinds::{PROVIDER_KINDS, ProviderKind};
pub use schema::{SETTINGS_SCHEMA_FILE, settings_schema, settings_schema_text};
pub use workbench::{DEFAULT_TRACE_BYTES, DEFAULT_TRACE_ENTRIES, PANELS, WorkbenchSettings};

use super::text_file::{FileError, read_text};
use super::toml_source::TomlError;
use crate::event::{DEFAULT_MAX_MODULE_BYTES, Failure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use url::Url;

/// The name of the settings' file, at the workspace's root.
pub const SETTINGS_FILE: &str = "skillscope.toml";

/// What stands before the file of a record that answers in the place of a provider.
pub const RECORD_PROVIDER: &str = "replay:";

/// The settings of a workspace.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who answers prompts.
    pub ai: AiSettings,
    /// The largest module file that is read, in bytes.
    pub max_module_bytes: u64,
    /// What the workbench begins with.
    pub workbench: WorkbenchSettings,
}

/// Who answers prompts.
#[derive(Clone, Debug, Default, schemars::JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct AiSettings {
    /// The file that this comes from, for messages; `None` where there is none.
    #[schemars(skip)]
    pub file: Option<PathBuf>,
    /// The provider that `--ai real` means; one of `providers`, or `replay:FILE`, a record.
    pub real: Option<String>,
    /// Who answers the skill under `--ai both`: `mock`, `real`, one of `providers`, or `replay:FILE`, a record.
    pub lead: Option<String>,
    /// The providers by name. No name is `mock`, `real` or `both`.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// What the mock answers; the first rule that fits counts.
    pub mock: Vec<MockRule>,
}

/// A provider that answers prompts over the network.
#[derive(Clone, Debug, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The protocol that it speaks.
    #[schemars(schema_with = "schema::kind")]
    pub kind: ProviderKind,
    /// Its address, `http` or `https`, where it is not the usual one of its kind.
    #[schemars(schema_with = "schema::base_url", default)]
    pub base_url: Option<Url>,
    /// The model that is asked.
    pub model: String,
    /// The environment variable that holds its key.
    #[schemars(schema_with = "schema::variable", default)]
    pub api_key_env: Option<String>,
}

/// Why settings cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something in it is wrong.
    #[error(transparent)]
    Toml(#[from] TomlError),
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::File(error) => error.into(),
            SettingsError::Toml(error) => error.into(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { ai: AiSettings::default(), max_module_bytes: DEFAULT_MAX_MODULE_BYTES, workbench: WorkbenchSettings::default() }
    }
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// Where it cannot be read, or something in it is wrong.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Ok(read::settings(path, &read_text(path)?)?)
    }
}
