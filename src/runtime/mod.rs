//! From a valid module to a finished run: instrumented, compiled (cached), instantiated, called by its profile's journey.
//!
//! It knows `event`, `skill`, `module` and `host`, and with `host` it alone knows the engine. It must not know sessions,
//! readers of events, or a terminal.
//!
//! ```text
//! compile   instrument → engine → code, through the cache on disk and in memory
//! run       instance → start function → _initialize → d04 | cis_sdk | command → ending
//!             under it: checkpoint (pause, stop, fuel), tunables (memory), trap and frames (what went wrong where)
//! ```

mod buffer;
mod cache;
mod checkpoint;
mod cis_sdk;
mod code;
mod command;
mod compile;
mod d04;
mod ending;
mod engine;
mod frames;
mod instance;
pub mod instrument;
mod prepared;
mod run;
mod singlepass_faults;
mod skill_event;
#[cfg(test)]
mod tests;
mod trap;
mod tunables;

pub use cache::{CacheError, clear_cache, default_cache_dir};
pub use compile::{CompileError, Compiled};
pub use engine::Compiler;
pub use run::{DEFAULT_CACHE_BYTES, DEFAULT_HELD_BYTES, RunInput, RunSpec, Runtime, RuntimeConfig};
pub use tunables::MAX_TABLE_ENTRIES;
