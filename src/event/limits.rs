//! The limits of a run and their defaults (contract: `docs/limits.md`).

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Bytes of a wasm page.
pub const PAGE_BYTES: u64 = 65_536;
/// The default limit on linear memory: 512 MiB, 8192 pages.
pub const DEFAULT_MEMORY_BYTES: u64 = 512 << 20;
/// The default limit on wall-clock time.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// The limit on an output document, stdout included.
pub const MAX_OUTPUT_BYTES: u64 = 16 << 20;
/// The limit on one request, one response and one stored value.
pub const MAX_TRANSFER_BYTES: u64 = 16 << 20;
/// The limit on a key or a URL.
pub const MAX_KEY_BYTES: u64 = 8 << 10;
/// The limit on all the values that a skill stores.
pub const MAX_STORE_BYTES: u64 = 64 << 20;
/// The default limit on the size of a module file.
pub const DEFAULT_MAX_MODULE_BYTES: u64 = 100 << 20;

/// What a run may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// Wall-clock time, in milliseconds; paused time does not count.
    pub timeout_ms: u64,
    /// Fuel; `None` is unlimited.
    pub fuel: Option<u64>,
    /// The output document, in bytes.
    pub output_bytes: u64,
    /// One request to a host function, in bytes.
    pub request_bytes: u64,
    /// One response of a host function, in bytes.
    pub response_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: DEFAULT_MEMORY_BYTES,
            timeout_ms: 30_000,
            fuel: None,
            output_bytes: MAX_OUTPUT_BYTES,
            request_bytes: MAX_TRANSFER_BYTES,
            response_bytes: MAX_TRANSFER_BYTES,
        }
    }
}

impl Limits {
    /// The wall-clock limit as a duration.
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}
