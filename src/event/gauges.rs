//! The live figures of a run: written by the thread that runs it, read by anyone who draws.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Figures that the running thread publishes at each checkpoint and host call. They are samples, not events.
#[derive(Debug, Default)]
pub struct Gauges {
    fuel: AtomicU64,
    memory_bytes: AtomicU64,
    memory_peak_bytes: AtomicU64,
    host_us: AtomicU64,
    host_calls: AtomicU64,
}

impl Gauges {
    /// Publishes the fuel used so far.
    pub fn set_fuel(&self, fuel: u64) {
        self.fuel.store(fuel, Relaxed);
    }

    /// Publishes the size of linear memory, in bytes, and raises the peak to it.
    pub fn set_memory_bytes(&self, bytes: u64) {
        self.memory_bytes.store(bytes, Relaxed);
        self.memory_peak_bytes.fetch_max(bytes, Relaxed);
    }

    /// Adds time spent inside host calls, in microseconds.
    pub fn add_host_us(&self, us: u64) {
        self.host_us.fetch_add(us, Relaxed);
    }

    /// Counts one host call.
    pub fn count_host_call(&self) {
        self.host_calls.fetch_add(1, Relaxed);
    }

    /// The figures as they stand now.
    pub fn sample(&self) -> GaugeSample {
        GaugeSample {
            fuel: self.fuel.load(Relaxed),
            memory_bytes: self.memory_bytes.load(Relaxed),
            memory_peak_bytes: self.memory_peak_bytes.load(Relaxed),
            host_us: self.host_us.load(Relaxed),
            host_calls: self.host_calls.load(Relaxed),
        }
    }
}

/// The gauges at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaugeSample {
    /// Fuel used.
    pub fuel: u64,
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// The largest linear memory so far, in bytes.
    pub memory_peak_bytes: u64,
    /// Time inside host calls, in microseconds.
    pub host_us: u64,
    /// Host calls so far.
    pub host_calls: u64,
}
