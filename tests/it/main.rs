//! Tests through the front door: module files and command lines in, output, exit codes and figures out.
//!
//! One binary, since each one links the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

mod acceptance;
mod any_bytes;
mod checkpoints;
mod cis_sdk;
mod command;
mod command_line;
mod compilers;
mod conformance;
mod d04;
mod differences;
mod documents;
mod fuel_counts;
mod grants;
mod host_ai;
mod host_http;
mod host_memory;
mod host_misc;
mod layering;
mod limits;
mod modules;
mod nan_bits;
mod outcomes;
mod profiles;
mod program;
mod proof;
mod samples;
mod script;
mod server;
mod traps;
mod truncation;
mod wasi;
