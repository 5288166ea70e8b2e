//! From the start of the process to its end: `skillscope --run` and `wasmtime run` on a small module that both have cached.

use crate::Options;
use crate::programs::repository;
use crate::samples::{Ratio, in_turn};
use crate::table::Table;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What is run: the module of `cargo new`.
fn module() -> PathBuf {
    repository().join("tests/modules/rust-hello/rust-hello.wasm")
}

pub fn rows(table: &mut Table, options: &Options) {
    let home = tempfile::tempdir().expect("a directory");
    let count = if options.quick { 10 } else { 200 };
    let ours = || timed(skillscope(options, home.path()));
    let wasmtime = || timed(wasmtime(options, home.path()));
    let reach = "≤ 1.5";
    let name = "`--run` of a small skill, start to exit, cache warm";
    ours();
    if !options.has_wasmtime() {
        let [samples] = in_turn(count, |_| ours());
        let told = format!("{:.2} ms (median {:.2}); no wasmtime to compare with", samples.min() * 1e3, samples.median() * 1e3);
        table.row(&[name, &told, reach, &count.to_string()]);
        return;
    }
    wasmtime();
    let [one, over] = in_turn(count, |at| if at == 0 { ours() } else { wasmtime() });
    let version = Command::new(&options.wasmtime).arg("--version").output().expect("wasmtime --version").stdout;
    let version = String::from_utf8_lossy(&version).split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let told = format!(
        "{} of `wasmtime run` ({:.2} ms over {:.2} ms, {version})",
        Ratio::of(&one, &over),
        one.min() * 1e3,
        over.min() * 1e3
    );
    table.row(&[name, &told, reach, &count.to_string()]);
}

fn skillscope(options: &Options, home: &Path) -> Command {
    let mut command = Command::new(&options.skillscope);
    command.arg("--run").arg(module()).env("XDG_CACHE_HOME", home.join("skillscope"));
    command
}

pub fn wasmtime(options: &Options, home: &Path) -> Command {
    let mut command = Command::new(&options.wasmtime);
    command.args(["run", "-C", "cache=y"]).arg(module()).env("XDG_CACHE_HOME", home.join("wasmtime"));
    command
}

pub fn timed(mut command: Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let took = began.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took
}
