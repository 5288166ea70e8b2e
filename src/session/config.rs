//! What a session is started with, and the workspace's settings as they are in force.

use crate::event::Failure;
use crate::host::ai::{self, AiChoice, AiConfigError, Provider};
use crate::host::store::ValueStore;
use crate::skill::{Settings, SettingsError, WorkbenchSettings, Workspace};
use std::path::PathBuf;
use std::sync::Arc;

/// What a session is started with.
pub struct SessionConfig {
    /// The directories of the workspace, at least one. The settings are those of the workspace that the first one lies in.
    pub directories: Vec<PathBuf>,
    /// Who answers prompts: `mock`, `real`, `both`, or the name of a provider in the settings.
    pub ai: String,
    /// Where values are kept.
    pub store: Arc<dyn ValueStore>,
    /// Where compiled modules are kept; `None` keeps them in memory only.
    pub cache_dir: Option<PathBuf>,
    /// The largest module that is read, in bytes; wins over the settings.
    pub max_module_bytes: Option<u64>,
    /// Whether the last run is repeated when files of its skill, or the settings, are saved.
    pub watch: bool,
}

/// Why a session cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Nobody can answer prompts as it was asked for.
    #[error("--ai cannot be served: {0}")]
    Ai(#[from] AiConfigError),
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Thread(_) => Self::new("internal", error.to_string()),
            SessionError::Settings(error) => error.into(),
            SessionError::Ai(error) => error.into(),
        }
    }
}

/// What the settings come to; a run keeps those that it began with.
pub struct SettingsInForce {
    /// Who answers prompts.
    pub ai: AiChoice,
    /// The largest module that is read, in bytes.
    pub max_module_bytes: u64,
    /// The names of the configured providers.
    pub provider_names: Vec<String>,
    /// What a workbench begins with.
    pub workbench: WorkbenchSettings,
    /// The mock, and every configured provider that can be asked.
    pub all_providers: Vec<Arc<dyn Provider>>,
}

impl SettingsInForce {
    /// Reads the settings of the workspace, where it has any.
    ///
    /// # Errors
    /// Where they are wrong, or nobody can answer prompts as the configuration wants.
    pub fn read(config: &SessionConfig) -> Result<Self, SessionError> {
        Self::read_as(config, &config.ai, None)
    }

    /// The same with others to answer prompts than the configuration wants, and with another lead than the settings.
    ///
    /// # Errors
    /// As [`SettingsInForce::read`].
    pub fn read_as(config: &SessionConfig, ai: &str, lead: Option<&str>) -> Result<Self, SessionError> {
        let mut settings = match Workspace::find(&config.directories).settings_path {
            Some(path) => Settings::load(&path)?,
            None => Settings::default(),
        };
        if let Some(lead) = lead {
            settings.ai.lead = Some(lead.to_owned());
        }
        let provider_names: Vec<String> = settings.ai.providers.keys().cloned().collect();
        let names = std::iter::once(ai::MOCK).chain(provider_names.iter().map(String::as_str));
        // One without its key cannot be asked, and is left out of those that can.
        let all_providers = names.filter_map(|name| Some(ai::choose(&settings.ai, name).ok()?.lead)).collect();
        Ok(Self {
            ai: ai::choose(&settings.ai, ai)?,
            provider_names,
            workbench: settings.workbench.clone(),
            all_providers,
            max_module_bytes: config.max_module_bytes.unwrap_or(settings.max_module_bytes),
        })
    }
}
