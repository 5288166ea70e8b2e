//! Tests through the front door: module files and command lines in, output, exit codes and figures out.
//!
//! One binary, since each one links the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

mod acceptance;
mod layering;
mod program;
mod server;
