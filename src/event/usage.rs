//! What a run used of each limit: measured, or absent where it is unknown.

use super::CacheUse;
use serde::{Deserialize, Serialize};

/// The figures of a finished run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Fuel used, by the rule of `docs/fuel.md`.
    pub fuel: u64,
    /// False where the last count was lost (a native stack exhausted): the figure is then a lower bound.
    pub fuel_exact: bool,
    /// Linear memory at the end, in bytes; `None` where the module has no memory.
    pub memory_bytes: Option<u64>,
    /// The largest linear memory, in bytes; `None` where the module has no memory.
    pub memory_peak_bytes: Option<u64>,
    /// Wall-clock time from the first phase to the end, paused time left out, in milliseconds.
    pub elapsed_ms: f64,
    /// The part of it that was spent inside host calls, in milliseconds.
    pub host_ms: f64,
    /// Time for loading the compiled module or compiling it, in milliseconds; outside the deadline.
    pub compile_ms: f64,
    /// Where the compiled module came from.
    pub cache: Option<CacheUse>,
}
