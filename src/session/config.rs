//! What a session is started with.

use crate::host::ai::AiChoice;
use crate::host::store::ValueStore;
use std::path::PathBuf;
use std::sync::Arc;

/// The settings of a session.
pub struct SessionConfig {
    /// The directories of the workspace, at least one.
    pub directories: Vec<PathBuf>,
    /// Who answers prompts.
    pub ai: AiChoice,
    /// Where values are kept.
    pub store: Arc<dyn ValueStore>,
    /// Where compiled modules are kept; `None` keeps them in memory only.
    pub cache_dir: Option<PathBuf>,
    /// The largest module that is read, in bytes.
    pub max_module_bytes: u64,
    /// Whether the last run is repeated when files of its skill are saved.
    pub watch: bool,
}

/// Why a session cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The system gave no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}
