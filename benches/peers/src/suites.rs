//! A suite of many cases in one process, beside as many starts of `wasmtime run` of the same module; both have it cached.
//!
//! A case is a whole run: an instance of its own, limits, a WASI of its own, its host calls held against what is expected, and its end
//! judged. Both sides run one after another; beside that, the suite as it is by default, on all processors.

use crate::Options;
use crate::programs::shared_module;
use crate::samples::{Ratio, in_turn};
use crate::starting::{self, timed};
use crate::table::Table;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What is run: the module of `cargo new`.
const MODULE: &str = "rust-hello";

pub fn rows(table: &mut Table, options: &Options) {
    let (cases, count) = if options.quick { (50, 2) } else { (1000, 5) };
    let home = tempfile::tempdir().expect("a directory");
    write(home.path(), cases);
    let suite = |jobs: Option<&str>| timed(suite(options, home.path(), jobs));
    let starts = || {
        let began = Instant::now();
        (0..cases).for_each(|_| _ = timed(starting::wasmtime(options, home.path())));
        began.elapsed()
    };
    suite(None);
    let name = format!("a suite of {cases} cases, cache warm");
    let seconds = |time: f64| format!("{time:.2} s");
    if !options.has_wasmtime() {
        let [one, all] = in_turn(count, |at| suite((at == 0).then_some("1")));
        let told = format!(
            "{} with `--jobs 1`, {} on all processors; no wasmtime to compare with (`--wasmtime PATH`)",
            seconds(one.min()),
            seconds(all.min())
        );
        table.row(&[&name, &told, "≤ 1", &count.to_string()]);
        return;
    }
    timed(starting::wasmtime(options, home.path()));
    let [one, all, starts] = in_turn(count, |at| match at {
        0 => suite(Some("1")),
        1 => suite(None),
        _ => starts(),
    });
    let told = format!(
        "{} of {cases} starts of `wasmtime run` ({} with `--jobs 1` over {}); {} on all processors ({})",
        Ratio::of(&one, &starts),
        seconds(one.min()),
        seconds(starts.min()),
        Ratio::of(&all, &starts),
        seconds(all.min())
    );
    table.row(&[&name, &told, "≤ 1", &count.to_string()]);
}

/// A skill of that module with so many cases.
fn write(home: &Path, cases: usize) {
    let skill = home.join("skills/hello");
    std::fs::create_dir_all(&skill).expect("a directory");
    std::fs::write(skill.join("hello.wasm"), shared_module(MODULE)).expect("a file");
    let cases: String = (1..=cases).map(|number| format!("[[case]]\nname = \"case {number}\"\n")).collect();
    let manifest = format!("[skill]\nname = \"hello\"\nmodule = \"hello.wasm\"\n{cases}");
    std::fs::write(skill.join("skill.toml"), manifest).expect("a file");
}

fn suite(options: &Options, home: &Path, jobs: Option<&str>) -> Command {
    let mut command = Command::new(&options.skillscope);
    command.arg("--test").arg(home.join("skills")).env("XDG_CACHE_HOME", home.join("skillscope"));
    command.env("XDG_STATE_HOME", home.join("state")).env_remove("GITHUB_ACTIONS");
    command.args(jobs.into_iter().flat_map(|jobs| ["--jobs", jobs]));
    command
}
