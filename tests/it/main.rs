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
mod flags;
mod grants;
mod host_ai;
mod host_http;
mod host_memory;
mod host_misc;
mod layering;
mod limits;
mod listing;
mod manifest;
mod manifest_faults;
mod manifest_files;
mod modules;
mod outcomes;
mod profiles;
mod program;
mod rubbish;
mod samples;
mod schema;
mod script;
mod server;
mod traps;
mod truncation;
mod validation;
mod validation_interface;
mod wasi;
mod workspace;
mod workspace_paths;
