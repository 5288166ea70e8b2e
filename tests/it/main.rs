//! Tests through the front door: module files and command lines in, output, exit codes and figures out.
//!
//! One binary, since each one links the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

mod acceptance;
mod any_bytes;
mod cache;
mod checkpoints;
mod cis_sdk;
mod command;
mod command_line;
mod compilers;
mod conformance;
mod control;
mod d04;
mod differences;
mod documents;
mod endurance;
mod exactness;
mod flags;
mod fuel_counts;
mod function_fuel;
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
mod nan_bits;
mod outcomes;
mod profiles;
mod program;
mod proof;
mod providers;
mod quick_code;
mod records;
mod refused_runs;
mod replay;
mod rubbish;
mod running;
mod sample_languages;
mod samples;
mod schema;
mod screen;
mod script;
mod server;
mod signals;
mod store_file;
mod terminal;
mod traps;
mod truncation;
mod validation;
mod validation_interface;
mod wasi;
mod wasi_files;
mod watch;
mod watch_around;
mod workspace;
mod workspace_paths;
