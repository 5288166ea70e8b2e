//! The services that runs share, made when the first run needs them: listing and validating start nothing.

use super::config::SessionConfig;
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
    services: OnceLock<Result<Services, Failure>>,
}

impl Shared {
    /// Nothing is started yet.
    pub fn new(config: SessionConfig) -> Self {
        let runtime = Runtime::new(RuntimeConfig { cache_dir: config.cache_dir.clone(), ..RuntimeConfig::default() });
        Self { config, runtime, services: OnceLock::new() }
    }

    /// The services, made at the first call.
    ///
    /// # Errors
    /// Where the system refuses threads.
    pub fn services(&self) -> Result<Services, Failure> {
        self.services.get_or_init(|| self.make_services()).clone()
    }

    fn make_services(&self) -> Result<Services, Failure> {
        let bridge = Bridge::new()
            .map_err(|refused| Failure::new("internal", format!("cannot start threads for host calls: {refused}")))?;
        Ok(Services { ai: self.config.ai.clone(), store: self.config.store.clone(), http: HttpClient::new(), bridge })
    }
}
