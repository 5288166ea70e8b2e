//! Many runs of a small skill in one process: how many a second, and what they leave in memory.

use crate::Options;
use crate::engine::{Profile, Runnable, Variant};
use crate::programs::{repository, shared_module};
use crate::samples::{Ratio, Samples, in_turn};
use crate::table::Table;
use crate::{ours, wasmtime_peer};
use skillscope::event::{Event, RunEvent};
use skillscope::host::ai;
use skillscope::host::store::MemoryStore;
use skillscope::runtime::Compiler;
use skillscope::session::{Overrides, RunInput, RunRequest, Session, SessionConfig, Target};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The small skill: profile d04, 49 KB.
const SKILL: &str = "zig-skill";
const INPUT: &[u8] = b"[3, 1, 3, -2]";

/// A session, and one run after another in it, of one skill or of some in turn.
struct Sessions {
    session: Session,
    requests: Vec<RunRequest>,
}

impl Sessions {
    fn new(skills: impl IntoIterator<Item = (PathBuf, &'static [u8])>) -> Self {
        let session = Session::start(SessionConfig {
            directories: vec![repository()],
            ai: ai::MOCK.to_owned(),
            store: Arc::new(MemoryStore::new()),
            cache_dir: None,
            max_module_bytes: None,
            watch: false,
        });
        let request = |(module, input): (PathBuf, &[u8])| RunRequest {
            target: Target::Path(module),
            input: RunInput { document: input.to_vec(), raw_stdin: false, event: None },
            overrides: Overrides::default(),
            seed: None,
            compiler: Compiler::Cranelift,
            begins_empty: false,
            stored: Vec::new(),
            profile_fuel: false,
        };
        Self { session: session.expect("a session"), requests: skills.into_iter().map(request).collect() }
    }

    /// Makes a run and waits for its end; the outcome's word.
    fn run(&self, skill: usize) -> &'static str {
        let run = self.session.commander().run(self.requests[skill].clone());
        let mut outcome = "";
        for event in self.session.events() {
            match event {
                Event::Run { what: RunEvent::Finished(finished), .. } => outcome = finished.outcome.word(),
                Event::ShadowsDone { run: over } if over == run => break,
                _ => {}
            }
        }
        outcome
    }
}

fn path_of(name: &str) -> PathBuf {
    repository().join(format!("tests/modules/{name}/{name}.wasm"))
}

pub fn rates(table: &mut Table, quick: bool) {
    let (block, count) = if quick { (50, 3) } else { (500, 15) };
    let module = shared_module(SKILL);
    let ours = ours::Compiled::new(Variant::Ours, &module).0;
    let wasmtime = wasmtime_peer::Compiled::new(Variant::WasmtimeFuel, &module, false).0;
    let pooling = wasmtime_peer::Compiled::new(Variant::WasmtimeFuel, &module, true).0;
    let session = Sessions::new([(path_of(SKILL), INPUT)]);
    let one = |at: usize| match at {
        0 => assert_eq!(ours.finish(INPUT).outcome.word(), "ok"),
        1 => assert_eq!(session.run(0), "ok"),
        2 => drop(wasmtime.run(Profile::D04, INPUT)),
        _ => drop(pooling.run(Profile::D04, INPUT)),
    };
    (0..4).for_each(one);
    let [ours, session, wasmtime, pooling] = in_turn(count, |at| {
        let began = Instant::now();
        (0..block).for_each(|_| one(at));
        began.elapsed() / block
    });
    let rate = |samples: &Samples| format!("{:.0}/s", 1.0 / samples.min());
    let mut row = |what: &str, one: &Samples, reach: &str| {
        let told = format!(
            "{} of wasmtime with fuel ({} over {}); {} with its pooling allocator ({})",
            Ratio::of(&wasmtime, one),
            rate(one),
            rate(&wasmtime),
            Ratio::of(&pooling, one),
            rate(&pooling)
        );
        table.row(&[what, &told, reach, &format!("{count} of {block}")]);
    };
    row("runs a second of a small cached skill in one process, by `Runtime`", &ours, "≥ 0.5");
    row("runs a second, by `Session` (reads and checks the skill's files, a thread for each run)", &session, "");
}

/// What so many runs leave, in a process of its own.
pub fn memory(table: &mut Table, options: &Options) {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).args(["--only-memory", &options.runs.to_string()]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    table.row(&[&format!("memory kept after {} runs", options.runs), &told, "0 growth", "1"]);
}

/// The child's work: runs that end well, trap and fail, after a fifth of them as a warm-up; growth is told on stdout.
pub fn grow(runs: u64) {
    let home = tempfile::tempdir().expect("a directory");
    let trap = home.path().join("trap.wat");
    let text = r#"(module (memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (i32.const 64))
        (func (export "dealloc") (param i32 i32)) (func (export "execute") (param i32) (result i32) (drop (memory.grow (i32.const 9))) unreachable))"#;
    std::fs::write(&trap, text).expect("a file");
    let session = Sessions::new([(path_of(SKILL), INPUT), (trap, b"null".as_slice()), (path_of("rust-hello"), b"null")]);
    let warm_up = runs / 5;
    let mut before = figures();
    for run in 0..runs {
        if run == warm_up {
            before = settled();
        }
        let skill = run as usize % 3;
        assert_eq!(session.run(skill), ["ok", "trap", "ok"][skill]);
    }
    let after = settled();
    let told: Vec<String> = ["VmRSS", "VmSize", "Threads", "descriptors"]
        .iter()
        .zip(before.iter().zip(&after))
        .map(|(name, (before, after))| format!("{name} {:+}", *after as i64 - *before as i64))
        .collect();
    println!("{} (KiB, after the first {warm_up}; {} KiB resident)", told.join(", "), after[0]);
}

/// The figures once the last run's thread is gone.
fn settled() -> [u64; 4] {
    std::thread::sleep(Duration::from_millis(100));
    figures()
}

/// `VmRSS` and `VmSize` in KiB, threads, and open files.
fn figures() -> [u64; 4] {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let figure = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    };
    let files = std::fs::read_dir("/proc/self/fd").expect("Linux").count() as u64;
    [figure("VmRSS:"), figure("VmSize:"), figure("Threads:"), files]
}
