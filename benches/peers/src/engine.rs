//! What is compared: each engine, in each of its settings, compiles a module once and runs it as often as is asked.

use crate::{ours, wasmer_peer, wasmtime_peer};
use serde_json::Value;
use std::time::Duration;

/// How a program is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `_start`, with stdin and stdout.
    Command,
    /// `alloc`, `execute`, `dealloc`, with documents in memory.
    D04,
}

/// One way of running a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Wasmer with Cranelift, nothing added.
    Bare,
    /// skillscope on the same.
    Ours,
    /// Wasmer with Cranelift and its `Metering`.
    Metering,
    /// Wasmer with Singlepass, nothing added.
    SinglepassBare,
    /// skillscope on the same.
    SinglepassOurs,
    /// Wasmtime, nothing added.
    Wasmtime,
    /// Wasmtime with fuel.
    WasmtimeFuel,
    /// Wasmtime with epochs.
    WasmtimeEpochs,
}

impl Variant {
    pub const ALL: [Self; 8] = [
        Self::Bare,
        Self::Ours,
        Self::Metering,
        Self::SinglepassBare,
        Self::SinglepassOurs,
        Self::Wasmtime,
        Self::WasmtimeFuel,
        Self::WasmtimeEpochs,
    ];

    /// Compiles a module for as many runs as are asked for, and tells how long that took.
    pub fn compile(self, module: &[u8]) -> (Box<dyn Runnable>, Duration) {
        match self {
            Self::Ours | Self::SinglepassOurs => ours::compile(self, module),
            Self::Bare | Self::Metering | Self::SinglepassBare => wasmer_peer::compile(self, module),
            Self::Wasmtime | Self::WasmtimeFuel | Self::WasmtimeEpochs => wasmtime_peer::compile(self, module),
        }
    }
}

/// A compiled module.
pub trait Runnable {
    /// Makes an instance, runs it to its end, and drops it.
    fn run(&self, profile: Profile, input: &[u8]) -> Ran;
}

/// A run that is over.
pub struct Ran {
    /// From before the instance to after it.
    pub time: Duration,
    /// The output document.
    pub output: Value,
    /// The fuel that it used, where that is counted.
    pub fuel: Option<u64>,
}

/// The output document of raw output, as skillscope takes it.
pub fn document(output: Vec<u8>) -> Value {
    serde_json::from_slice(&output).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&output).into_owned()))
}
