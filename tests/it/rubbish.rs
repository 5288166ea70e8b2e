//! Damaged modules and manifests, by the thousand and the same ones each time: each is run or refused, none brings the program down.

use crate::acceptance::{asking, d04};
use crate::command::command;
use crate::manifest::whole;
use crate::program::Workspace;
use crate::workspace::wat;
use skillscope::event::{Event, Failure, Outcome, RunEvent, RunFinished};
use skillscope::host::store::MemoryStore;
use skillscope::runtime::Compiler;
use skillscope::session::{Command, Overrides, RunInput, RunRequest, Session, SessionConfig, Target};
use std::sync::Arc;
use std::time::Duration;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A repeatable course of numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// The beginnings of some bytes, and copies with a few changes each.
fn damaged(bytes: &[u8], truncations: usize, changes: usize) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ u64::try_from(bytes.len()).unwrap());
    let step = (bytes.len() / truncations).max(1);
    let mut all: Vec<Vec<u8>> = (0..bytes.len()).step_by(step).map(|end| bytes[..end].to_vec()).collect();
    all.extend((0..changes).map(|index| {
        let mut copy = bytes.to_vec();
        // Of one change more is left than of several.
        for _ in 0..=if index % 4 == 0 { numbers.below(3) } else { 0 } {
            let at = numbers.below(copy.len());
            match numbers.below(8) {
                0 => copy[at] = numbers.byte(),
                1 => drop(copy.remove(at)),
                2 => copy.insert(at, numbers.byte()),
                _ => copy[at] ^= 1 << numbers.below(8),
            }
        }
        copy
    }));
    all
}

fn session(workspace: &Workspace) -> Session {
    Session::start(SessionConfig {
        directories: vec![workspace.path().to_owned()],
        ai: "mock".into(),
        store: Arc::new(MemoryStore::new()),
        cache_dir: None,
        max_module_bytes: Some(1 << 20),
        watch: false,
    })
    .unwrap()
}

fn next(session: &Session) -> Event {
    session.events().recv_timeout(PATIENCE).expect("the session hangs, or has ended")
}

/// Runs the skill in `a` under small limits.
fn run(session: &Session, workspace: &Workspace, compiler: Compiler) -> RunFinished {
    session.commander().run(RunRequest {
        begins_empty: false,
        target: Target::Path(workspace.path().join("a")),
        input: RunInput { document: b"{\"a\": [1, 2]}".to_vec(), raw_stdin: false, event: None },
        overrides: Overrides {
            memory_bytes: Some(4 << 20),
            timeout: Some(Duration::from_secs(2)),
            fuel: Some(Some(300_000)),
            ..Overrides::default()
        },
        seed: Some(1),
        compiler,
        stored: Vec::new(),
        profile_fuel: false,
    });
    let mut finished = None;
    loop {
        match next(session) {
            Event::Run { what: RunEvent::Finished(end), .. } => finished = Some(*end),
            Event::ShadowsDone { .. } => return finished.expect("a run ends"),
            _ => {}
        }
    }
}

fn is_our_fault(failure: Option<&Failure>) -> bool {
    failure.is_some_and(|failure| ["internal", "engine-failed", "engine-refused", "link"].contains(&failure.kind.as_ref()))
}

/// Runs what is left of a module after each of many damages; how many of them were accepted.
fn run_damaged(module: &[u8], truncations: usize, changes: usize) -> usize {
    let workspace = Workspace::new();
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"m\"\n[permissions]\nai = true\nmemory = [\"*\"]\n");
    let session = session(&workspace);
    let mut accepted = 0;
    for (index, bytes) in damaged(module, truncations, changes).into_iter().enumerate() {
        workspace.write("a/m", &bytes);
        let compiler = if index % 8 == 0 { Compiler::Cranelift } else { Compiler::Singlepass };
        let finished = run(&session, &workspace, compiler);
        let error = finished.error.as_ref();
        assert!(!is_our_fault(error), "{error:?} of {bytes:02x?}");
        assert_eq!(error.is_none(), finished.outcome == Outcome::Ok);
        assert!(error.is_none_or(|failure| !failure.message.is_empty()));
        accepted += usize::from(finished.outcome != Outcome::Invalid);
    }
    accepted
}

/// A skill with tables, data, globals, a start function and calls of all kinds.
fn varied() -> String {
    d04(
        r#"(import "env" "host_log" (func $log (param i32 i32 i32))) (import "cis" "memory_set" (func $set (param i32 i32 i32 i32)))
           (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
           (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
           (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
           (type $two (func (param i32) (result i32))) (table 4 8 funcref) (elem (i32.const 1) func $inc $fac)
           (data (i32.const 64) "some words to be logged") (data $later "later")
           (global $g (mut i64) (i64.const 7)) (func $s (global.set $g (i64.const 9))) (start $s)
           (func $inc (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
           (func $fac (param i32) (result i32)
             (if (result i32) (i32.le_s (local.get 0) (i32.const 1)) (then (i32.const 1))
               (else (i32.mul (local.get 0) (call $fac (i32.sub (local.get 0) (i32.const 1)))))))"#,
        r#"(local $n i32) (local $x f64)
           (call $log (i32.const 2) (i32.const 64) (i32.const 10))
           (call $set (i32.const 64) (i32.const 4) (i32.const 70) (i32.const 5))
           (drop (call $random (i32.const 256) (i32.const 8))) (drop (call $time (i32.const 0) (i64.const 1) (i32.const 264)))
           (i32.store (i32.const 272) (i32.const 64)) (i32.store (i32.const 276) (i32.const 5))
           (drop (call $write (i32.const 1) (i32.const 272) (i32.const 1) (i32.const 280)))
           (memory.init $later (i32.const 300) (i32.const 0) (i32.const 5)) (memory.fill (i32.const 400) (i32.const 65) (i32.const 9))
           (local.set $n (call_indirect (type $two) (i32.const 5) (i32.const 2)))
           (block $done (loop $again
             (br_if $done (i32.eqz (local.get $n)))
             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
             (local.set $x (f64.add (local.get $x) (f64.convert_i32_s (local.get $n))))
             (block $a (block $b (block $c (br_table $a $b $c (i32.rem_u (local.get $n) (i32.const 3)))) nop) nop)
             (br $again)))
           (drop (memory.grow (i32.const 1)))
           (local.get $input)"#,
    )
}

#[test]
fn damaged_binary_modules_of_each_profile_are_run_or_refused() {
    let event = r#"(module (import "env" "host_now" (func $now (result i64))) (memory (export "memory") 1)
        (func (export "malloc") (param i32) (result i32) (i32.const 1024)) (func (export "free") (param i32))
        (func (export "skill_init") (result i32) (drop (call $now)) (i32.const 0))
        (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.load8_u (local.get 2)))
        (func (export "skill_shutdown") (result i32) (i32.const 0)))"#;
    let vectors = d04("", "(i32x4.extract_lane 0 (i32x4.splat (local.get $input)))");
    let copies = command("", "(call $copy)");
    for (name, text) in
        [("varied", varied()), ("event", event.to_owned()), ("vectors", vectors), ("copies", copies), ("asking", asking())]
    {
        let accepted = run_damaged(&wat(&text), 40, 500);
        assert!(accepted >= 40, "{name}: only {accepted} were run");
    }
}

#[test]
fn damaged_modules_of_real_toolchains_are_run_or_refused() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    for name in ["word-count", "mood"] {
        let module = std::fs::read(samples.join(format!("{name}/{name}.wasm"))).unwrap();
        let accepted = run_damaged(&module, 16, 100);
        assert!(accepted >= 20, "{name}: only {accepted} were run");
    }
}

#[test]
fn damaged_text_modules_are_run_or_refused() {
    for text in [varied(), asking()] {
        let accepted = run_damaged(text.as_bytes(), 40, 400);
        assert!(accepted >= 5, "only {accepted} were run");
    }
}

#[test]
fn bytes_that_never_were_a_module_are_refused() {
    let mut numbers = Numbers(4);
    let workspace = Workspace::new();
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"m\"\n");
    let session = session(&workspace);
    for header in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0", b"(module ", b"(; "] {
        for length in 0..60 {
            let mut bytes = header.to_vec();
            bytes.extend((0..length).map(|_| numbers.byte()));
            workspace.write("a/m", &bytes);
            let finished = run(&session, &workspace, Compiler::Singlepass);
            assert!(!is_our_fault(finished.error.as_ref()), "{:?} of {bytes:02x?}", finished.error);
            assert_eq!(finished.outcome, Outcome::Invalid, "{bytes:02x?}");
        }
    }
}

#[test]
fn damaged_manifests_are_taken_or_refused() {
    let workspace = Workspace::new();
    workspace.write("a/build/summarize.wasm", wat(&asking()));
    let text = whole(&"0a".repeat(32), "127.0.0.1:8080");
    let session = session(&workspace);
    let (mut taken, mut refused) = (0, 0);
    for bytes in damaged(text.as_bytes(), 1000, 1500) {
        workspace.write("a/skill.toml", &bytes);
        let target = Target::Path(workspace.path().join("a"));
        session.commander().send(Command::Validate { target, overrides: Box::default() });
        let mut told = 0;
        loop {
            match next(&session) {
                Event::Loaded(_) => (told, taken) = (told + 1, taken + 1),
                Event::Rejected { failure, .. } => {
                    assert!(!failure.message.is_empty() && failure.kind != "internal");
                    // A checksum that differs is the last thing that a manifest is held against.
                    if failure.kind == "checksum" || failure.kind == "directory" {
                        taken += 1
                    } else {
                        refused += 1
                    }
                    told += 1;
                }
                Event::ChecksDone => break,
                _ => {}
            }
        }
        assert_eq!(told, 1, "{}", String::from_utf8_lossy(&bytes));
    }
    assert!(taken > 200 && refused > 1000, "{taken} taken, {refused} refused");
}
