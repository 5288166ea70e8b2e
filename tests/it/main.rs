//! Tests through the front door: module files and command lines in, output, exit codes and figures out.
//!
//! One binary, since each one links the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

mod acceptance;
mod cis_sdk;
mod command;
mod command_line;
mod compilers;
mod d04;
mod documents;
mod grants;
mod host_ai;
mod host_http;
mod host_memory;
mod host_misc;
mod layering;
mod limits;
mod modules;
mod outcomes;
mod profiles;
mod program;
mod sample_languages;
mod samples;
mod script;
mod server;
mod traps;
mod truncation;
mod wasi;
