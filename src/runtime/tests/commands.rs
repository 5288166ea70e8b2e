//! Commands and other skills that use WASI.

use super::{Ran, d04, trial};
use crate::runtime::Compiler;
use std::time::{Duration, Instant};

const IMPORTS: &str = r#"
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))"#;

/// A command whose `_start` has this body. `$say` writes bytes to stdout, `$cat` writes stdin there, `$sleep` sleeps an hour.
fn command(body: &str) -> String {
    format!(
        r#"(module {IMPORTS} (memory (export "memory") 1)
            (func $say (param i32 i32)
                (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func $cat
                (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 1000))
                (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $say (i32.const 4096) (i32.load (i32.const 8))))
            (func $sleep
                (i32.store (i32.const 128) (i32.const 1))
                (i64.store (i32.const 136) (i64.const 3600000000000))
                (drop (call $poll_oneoff (i32.const 112) (i32.const 256) (i32.const 1) (i32.const 8))))
            (data (i32.const 1024) "[1,2]\n plain\ff")
            (func (export "_start") {body}))"#
    )
}

fn run(body: &str) -> Ran {
    trial(&command(body)).input("{\"from\": \"stdin\"}").run()
}

#[test]
fn a_commands_output_is_the_json_on_its_stdout_or_else_its_text() {
    for compiler in Compiler::ALL {
        let ran = trial(&command("(call $cat)")).input("{\"from\": \"stdin\"}").compiler(compiler).run();
        assert_eq!((ran.word(), ran.output().as_str()), ("ok", r#"{"from":"stdin"}"#), "{}", ran.message());
    }
    assert_eq!(run("(call $say (i32.const 1024) (i32.const 6))").output(), "[1,2]");
    assert_eq!(run("(call $say (i32.const 1024) (i32.const 12))").output(), r#""[1,2]\n plain""#);
    let ran = run("(call $say (i32.const 1030) (i32.const 7))");
    assert_eq!((ran.word(), ran.output().as_str(), ran.warnings().len()), ("ok", "\" plain\u{fffd}\"", 1));
}

#[test]
fn the_exit_status_tells_success_and_keeps_the_output_either_way() {
    let ran = run("(call $cat) (call $proc_exit (i32.const 0)) unreachable");
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", r#"{"from":"stdin"}"#));
    let ran = run("(call $cat) (call $proc_exit (i32.const 3))");
    assert_eq!((ran.word(), ran.kind(), ran.output().as_str()), ("exit", "exit", r#"{"from":"stdin"}"#));
    assert!(ran.message().contains("exit status 3") && ran.message().contains("`_start`"), "{}", ran.message());
    let ran = run("(drop (memory.grow (i32.const 60000))) (call $proc_exit (i32.const 1))");
    assert_eq!((ran.word(), ran.kind()), ("memory", "memory"));
    assert_eq!(run("(call $proc_exit (i32.const -1))").word(), "exit");
}

#[test]
fn the_first_argument_is_the_skills_name() {
    let ran = run("(drop (call $args_get (i32.const 16) (i32.const 32))) (call $say (i32.const 32) (i32.const 4))");
    assert_eq!(ran.output(), r#""test""#);
}

#[test]
fn stdout_over_its_limit_ends_the_run() {
    let ran = trial(&command("(loop $again (call $say (i32.const 1024) (i32.const 1000)) (br $again))"))
        .limited(|limits| limits.output_bytes = 100_000)
        .run();
    assert_eq!(ran.word(), "memory", "{}", ran.message());
}

#[test]
fn a_sleep_ends_at_the_deadline_and_at_a_cancel() {
    let begun = Instant::now();
    let ran = trial(&command("(call $sleep)")).limited(|limits| limits.timeout_ms = 100).run();
    assert_eq!(ran.word(), "timeout");
    let trial = trial(&command("(call $sleep)"));
    let control = trial.control.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        control.cancel();
    });
    assert_eq!(trial.run().word(), "cancelled");
    canceller.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_exit_outside_a_command_is_no_output() {
    let wat = |status| {
        d04(&format!("(call $proc_exit (i32.const {status})) (i32.const 0)"), "").replacen(
            "(module ",
            &format!("(module {IMPORTS} "),
            1,
        )
    };
    let ran = trial(&wat(0)).run();
    assert_eq!((ran.word(), ran.output().as_str()), ("exit", ""));
    assert!(ran.message().contains("no output"), "{}", ran.message());
    assert_eq!(trial(&wat(7)).run().word(), "exit");
}
