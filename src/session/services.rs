//! The services that runs share, made when the first run needs them: listing and validating start nothing.

use super::config::{SessionConfig, SettingsInForce};
use crate::event::Failure;
use crate::host::http::HttpClient;
use crate::host::{Bridge, Services};
use crate::runtime::{Runtime, RuntimeConfig};
use std::sync::OnceLock;

/// What a session's threads share.
pub struct Shared {
    /// What the session was started with.
    pub config: SessionConfig,
    /// The engine and its cache.
    pub runtime: Runtime,
    made: OnceLock<Result<Made, Failure>>,
}

/// What is made once for all runs.
#[derive(Clone)]
struct Made {
    http: HttpClient,
    bridge: Bridge,
}

impl Shared {
    /// Nothing is started yet.
    pub fn new(config: SessionConfig) -> Self {
        let runtime = Runtime::new(RuntimeConfig { cache_dir: config.cache_dir.clone(), ..RuntimeConfig::default() });
        Self { config, runtime, made: OnceLock::new() }
    }

    /// The services of a run under these settings.
    ///
    /// # Errors
    /// Where the system refuses threads.
    pub fn services(&self, settings: &SettingsInForce) -> Result<Services, Failure> {
        let Made { http, bridge } = self.made.get_or_init(make).clone()?;
        Ok(Services { ai: settings.ai.clone(), store: self.config.store.clone(), http, bridge })
    }
}

fn make() -> Result<Made, Failure> {
    let bridge =
        Bridge::new().map_err(|refused| Failure::new("internal", format!("cannot start threads for host calls: {refused}")))?;
    Ok(Made { http: HttpClient::new(), bridge })
}
