//! skillscope, the terminal workbench for WebAssembly skills of AI agents.
//!
//! A session owns skills and runs; commands go down to it, events come up from it; screens and reports are readers of
//! the same events. `ARCHITECTURE.md` is the map of these modules and of who may know whom.

pub mod event;
pub mod host;
pub mod module;
pub mod record;
pub mod report;
pub mod runtime;
pub mod session;
pub mod skill;
pub mod ui;
