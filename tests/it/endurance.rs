//! Ten thousand runs in one process, of different skills and with every outcome, leave nothing behind: no memory, no addresses,
//! no file descriptors, no threads.
//!
//! What is measured is the process, so the runs are made in a process of their own: this program once more, for one test.

#![cfg(target_os = "linux")]

use crate::program::Workspace;
use skillscope::event::{Event, Outcome, RunEvent, RunId};
use skillscope::host::ai;
use skillscope::host::store::MemoryStore;
use skillscope::runtime::Compiler;
use skillscope::session::{Overrides, RunInput, RunRequest, Session, SessionConfig, Target};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const RUNS: usize = 10_000;
/// Until then caches fill, threads start, and the allocator takes what it needs.
const WARM_UP: usize = 2_000;
/// Set for the process that makes the runs.
const IN_CHILD: &str = "SKILLSCOPE_ENDURANCE";

/// A skill with what its runs come to.
struct Case {
    target: Target,
    input: &'static str,
    outcome: Outcome,
    overrides: Overrides,
}

/// What a process has of the system.
#[derive(Debug)]
struct Figures {
    resident_kib: u64,
    addresses_kib: u64,
    threads: u64,
    descriptors: usize,
}

impl Figures {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let figure = |name: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
        Self { resident_kib: figure("VmRSS:"), addresses_kib: figure("VmSize:"), threads: figure("Threads:"), descriptors }
    }
}

#[test]
fn ten_thousand_runs_with_every_outcome_leave_nothing_behind() {
    if std::env::var_os(IN_CHILD).is_some() {
        return make_the_runs();
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "endurance::ten_thousand_runs_with_every_outcome_leave_nothing_behind", "--nocapture"]);
    let ran = child.env(IN_CHILD, "1").output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && told.contains("1 passed"), "{told}");
}

fn make_the_runs() {
    let workspace = Workspace::new();
    let cases = cases(&workspace);
    let all = [
        Outcome::Ok,
        Outcome::Manifest,
        Outcome::Invalid,
        Outcome::Trap,
        Outcome::Timeout,
        Outcome::Fuel,
        Outcome::Memory,
        Outcome::Output,
        Outcome::Exit,
        Outcome::Failed,
        Outcome::Host,
        Outcome::Cancelled,
    ];
    assert!(all.iter().all(|outcome| cases.iter().any(|case| case.outcome == *outcome)), "an outcome has no case");

    let session = session(workspace.path());
    for run in 0..WARM_UP {
        perform(&session, &cases[run % cases.len()], run);
    }
    let before = settled();
    for run in WARM_UP..RUNS {
        perform(&session, &cases[run % cases.len()], run);
    }
    let after = settled();
    println!("{before:?}, then {after:?}");
    assert_eq!(after.threads, before.threads, "threads");
    assert_eq!(after.descriptors, before.descriptors, "file descriptors");
    // The allocator's own spread is some hundred KiB; a kept KiB in each run would be 8000.
    assert!(after.resident_kib < before.resident_kib + 4000, "resident memory: {before:?}, then {after:?}");
    // One arena of the allocator reserves 64 MiB; one memory of a skill that is kept, 4 GiB and more.
    assert!(after.addresses_kib < before.addresses_kib + (192 << 10), "address space: {before:?}, then {after:?}");
}

/// The figures once the last run's thread is gone.
fn settled() -> Figures {
    std::thread::sleep(Duration::from_millis(200));
    Figures::now()
}

fn session(directory: &Path) -> Session {
    let config = SessionConfig {
        directories: vec![directory.to_owned()],
        ai: ai::MOCK.to_owned(),
        store: Arc::new(MemoryStore::new()),
        cache_dir: None,
        max_module_bytes: None,
        watch: false,
    };
    Session::start(config).unwrap()
}

/// Makes one run and waits for its end, which must be the one that is foreseen.
fn perform(session: &Session, case: &Case, number: usize) {
    let commander = session.commander();
    let request = RunRequest {
        target: case.target.clone(),
        input: RunInput { document: case.input.as_bytes().to_vec(), raw_stdin: false, event: None },
        overrides: case.overrides.clone(),
        seed: number.is_multiple_of(2).then_some(1),
        compiler: if number % 4 < 2 { Compiler::Cranelift } else { Compiler::Singlepass },
        begins_empty: false,
        stored: vec![("stored".into(), b"a value".to_vec())],
        profile_fuel: false,
    };
    let run: RunId = commander.run(request);
    for event in session.events() {
        match event {
            Event::Run { run: of, what: RunEvent::PhaseStarted { .. }, .. }
                if of == run && case.outcome == Outcome::Cancelled =>
            {
                commander.send(skillscope::session::Command::Cancel(run));
            }
            Event::Run { run: of, what: RunEvent::Finished(finished), .. } if of == run => {
                assert_eq!(finished.outcome, case.outcome, "{}: {:?}", case.target, finished.error);
            }
            Event::ShadowsDone { run: of } if of == run => return,
            _ => {}
        }
    }
    panic!("the session ended");
}

/// A module of profile d04 with these imports, whose `execute` has this body.
fn d04(imports: &str, execute: &str) -> String {
    format!(
        r#"(module {imports} (memory (export "memory") 1) (global $next (mut i32) (i32.const 4096))
            (data (i32.const 16) "stored") (data (i32.const 32) "{{\22a\22: 1}}\00") (data (i32.const 64) "what is it?")
            (func (export "alloc") (param $len i32) (result i32)
                (global.get $next) (global.set $next (i32.add (global.get $next) (local.get $len))))
            (func (export "dealloc") (param i32 i32))
            (func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
            (func (export "execute") (param $input i32) (result i32) {execute}))"#
    )
}

fn cis_sdk(result: i32) -> String {
    format!(
        r#"(module (memory (export "memory") 1)
            (func (export "malloc") (param i32) (result i32) (i32.const 1024)) (func (export "free") (param i32))
            (func (export "skill_init") (result i32) (i32.const 0))
            (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const {result})))"#
    )
}

const EXIT: &str = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 3))))"#;
const SLEEP: &str = r#"(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 16) "\01") (data (i32.const 24) "\00\00\00\00\00\00\01")
    (func (export "_start") (drop (call $poll (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)))))"#;

fn cases(workspace: &Workspace) -> Vec<Case> {
    let written = |name: &str, text: &str| Target::Path(workspace.write(&format!("{name}.wat"), text));
    let case = |target, outcome| Case { target, input: "null", outcome, overrides: Overrides::default() };
    let quick = || Overrides { timeout: Some(Duration::from_millis(4)), ..Overrides::default() };
    let import = |name: &str, ty: &str| format!("(import \"env\" \"{name}\" (func ${name} {ty}))");
    let four = "(param i32 i32 i32 i32) (result i32)";
    let endless = d04("", "(loop $again (br $again)) unreachable");
    let calls =
        [import("host_memory_get", four), import("host_memory_set", four), import("host_log", "(param i32 i32 i32)")].concat();
    let calling = "(drop (memory.grow (i32.const 7)))
        (drop (call $host_memory_get (i32.const 16) (i32.const 6) (i32.const 512) (i32.const 64)))
        (drop (call $host_memory_set (i32.const 16) (i32.const 6) (i32.const 64) (i32.const 11)))
        (call $host_log (i32.const 2) (i32.const 64) (i32.const 11)) (i32.const 32)";
    let asking = "(drop (call $host_ai_chat (i32.const 64) (i32.const 11) (i32.const 512) (i32.const 8))) (i32.const 32)";
    let getting = d04(
        r#"(import "cis" "memory_set" (func $set (param i32 i32 i32 i32)))"#,
        "(call $set (i32.const 65535) (i32.const 6) (i32.const 0) (i32.const 1)) (i32.const 32)",
    );
    workspace.write("wrong/skill.toml", "[skill]\nname = 3\n");
    vec![
        case(written("plain", &d04("", "(i32.const 32)")), Outcome::Ok),
        case(written("calling", &d04(&calls, calling)), Outcome::Ok),
        case(written("asking", &d04(&import("host_ai_chat", four), asking)), Outcome::Ok),
        Case { input: "[3, 1, 3, -2]", ..case(of_others("zig-skill"), Outcome::Ok) },
        case(of_others("rust-hello"), Outcome::Ok),
        case(written("event", &cis_sdk(0)), Outcome::Ok),
        case(written("failed", &cis_sdk(-7)), Outcome::Failed),
        case(written("trap", &d04("", "(drop (memory.grow (i32.const 9))) unreachable")), Outcome::Trap),
        case(written("deep", &d04("", "(call $deep (i32.const 0))")), Outcome::Trap),
        Case { overrides: quick(), ..case(written("timeout", &endless), Outcome::Timeout) },
        Case { overrides: quick(), ..case(written("sleep", SLEEP), Outcome::Timeout) },
        Case {
            overrides: Overrides { fuel: Some(Some(100_000)), ..Overrides::default() },
            ..case(written("fuel", &endless), Outcome::Fuel)
        },
        case(written("memory", &d04("", "(drop (memory.grow (i32.const 65000))) unreachable")), Outcome::Memory),
        case(written("null", &d04("", "(i32.const 0)")), Outcome::Output),
        case(written("not-json", &d04("", "(i32.const 64)")), Outcome::Output),
        case(written("exit", EXIT), Outcome::Exit),
        case(written("host", &getting), Outcome::Host),
        case(written("cancelled", &endless), Outcome::Cancelled),
        case(written("invalid", &d04(r#"(import "env" "nothing" (func))"#, "(i32.const 32)")), Outcome::Invalid),
        case(Target::Path(workspace.path().join("wrong")), Outcome::Manifest),
    ]
}

fn of_others(name: &str) -> Target {
    let root: PathBuf = env!("CARGO_MANIFEST_DIR").into();
    Target::Path(root.join(format!("tests/modules/{name}/{name}.wasm")))
}
