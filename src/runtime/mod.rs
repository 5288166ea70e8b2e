//! From a valid module to a finished run: instrumented, compiled (cached), instantiated, called by its profile's journey.
//!
//! It knows `event`, `skill`, `module` and `host`, and with `host` it alone knows the engine. It must not know sessions,
//! readers of events, or a terminal.

mod engine;
pub mod instrument;
mod tunables;

pub use engine::Compiler;
pub use tunables::MAX_TABLE_ENTRIES;
