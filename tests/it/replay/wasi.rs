//! WASI in a replay: clocks, randomness, files and directories as they were, without the system.

use super::{assert_replays, recorded, replayed};
use crate::program::Workspace;
use crate::script::Script;
use crate::wasi::{CREATE, READ, RESULT, WRITE, files, open, path, read};
use serde_json::json;

fn now_and_random(script: Script) -> Script {
    script
        .wasi("clock_time_get", "(param i32 i64 i32) (result i32)")
        .wasi("random_get", "(param i32 i32) (result i32)")
        .number(&format!("(call $clock_time_get (i32.const 0) (i64.const 1) {RESULT})"))
        .wat(&format!("(call $number (i64.load {RESULT}))"))
        .number(&format!("(call $random_get {RESULT} (i32.const 16))"))
        .show(0x9000, 16)
}

fn workspace(script: &Script) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    workspace.write("data/a.txt", "what was there then");
    workspace
}

#[test]
fn live_clocks_and_randomness_are_those_of_the_record() {
    let workspace = workspace(&now_and_random(Script::new()));
    let (document, _) = recorded(&workspace, "probe", &[]);
    assert_replays(&workspace, &document);
    let (other, _) = workspace.run_json("probe", &[]);
    assert_ne!(other["output"], document["output"], "the run itself is not repeatable");
}

#[test]
fn files_are_read_from_the_record_and_nothing_is_written() {
    let script = read(open(files(), 0xa000, "a.txt", 0, READ));
    let script = open(script, 0xa010, "new.txt", CREATE, READ | WRITE);
    let workspace = workspace(&script);
    let (document, _) = recorded(&workspace, "probe", &["--dir", "data::/data:rw"]);
    assert!(document["output"].to_string().contains("what was there then"), "{document:#}");
    std::fs::remove_dir_all(workspace.path().join("data")).unwrap();
    assert_replays(&workspace, &document);
    assert!(!workspace.path().join("data").exists());
}

#[test]
fn another_file_is_another_call_also_where_addresses_moved() {
    let one = |at, name| read(open(files(), at, name, 0, READ));
    let workspace = workspace(&one(0xa000, "a.txt"));
    workspace.write("data/b.txt", "of another file");
    let (before, _) = recorded(&workspace, "probe", &["--dir", "data::/data"]);
    std::fs::remove_dir_all(workspace.path().join("data")).unwrap();
    // The same path from elsewhere in memory, with more before it.
    workspace.write("probe.wat", path(one(0xa040, "a.txt"), 0xa100, "padding").0.module());
    let after = replayed(&workspace, &[]).expect(0).json();
    assert_eq!(after["output"], before["output"]);
    assert_eq!((&after["replay"]["verdict"], &after["replay"]["same_module"]), (&json!("same"), &json!(false)));
    workspace.write("probe.wat", one(0xa000, "b.txt").module());
    let after = replayed(&workspace, &[]).expect(7).json();
    assert_eq!((&after["outcome"], &after["error"]["kind"]), (&json!("host"), &json!("divergence")), "{after:#}");
    let message = after["error"]["message"].as_str().unwrap();
    assert!(message.contains("recorded: path_open \"a.txt\"(") && message.contains("[-a.txt-]{+b.txt+}"), "{message}");
}

#[test]
fn streams_that_were_moved_are_answered_from_the_record() {
    let print = "(call $fd_write (i32.const 1) (i32.const 0x9100) (i32.const 1) (i32.const 0x9110))";
    let script = Script::new()
        .wasi("fd_write", "(param i32 i32 i32 i32) (result i32)")
        .wasi("fd_read", "(param i32 i32 i32 i32) (result i32)")
        .wasi("fd_close", "(param i32) (result i32)")
        .wasi("fd_renumber", "(param i32 i32) (result i32)")
        .data(0x9100, b"\x00\x92\x00\x00\x06\x00\x00\x00")
        .data(0x9200, "print\n")
        .number(print)
        .number("(call $fd_close (i32.const 0))")
        .number("(call $fd_read (i32.const 0) (i32.const 0x9100) (i32.const 1) (i32.const 0x9110))")
        .number(print)
        .number("(call $fd_renumber (i32.const 2) (i32.const 1))")
        .number(print)
        .number("(call $fd_write (i32.const 2) (i32.const 0x9100) (i32.const 1) (i32.const 0x9110))");
    let workspace = workspace(&script);
    let (document, _) = recorded(&workspace, "probe", &[]);
    assert_eq!((&document["stdout"], &document["stderr"]), (&json!("print\nprint\n"), &json!("print\n")), "{document:#}");
    assert_eq!(document["output"], json!([0, 0, 8, 0, 0, 0, 8]));
    assert_replays(&workspace, &document);
}

#[test]
fn a_deadline_that_passed_in_a_sleep_passes_there_again_and_a_sleep_is_not_slept_again() {
    let sleeping = |seconds: u64| {
        let mut subscription = [0; 48];
        subscription[24..32].copy_from_slice(&(seconds * 1_000_000_000 / 4).to_le_bytes());
        Script::new()
            .wasi("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")
            .data(0x9000, subscription)
            .number("(call $poll_oneoff (i32.const 0x9000) (i32.const 0x9100) (i32.const 1) (i32.const 0x9200))")
    };
    let long = workspace(&sleeping(240));
    let (document, code) = recorded(&long, "probe", &["--timeout", "100ms"]);
    assert_eq!((code, &document["outcome"]), (5, &json!("timeout")), "{document:#}");
    assert_replays(&long, &document);
    let short = workspace(&sleeping(1));
    let (document, _) = recorded(&short, "probe", &["--timeout", "20s"]);
    assert!(document["usage"]["elapsed_ms"].as_f64().unwrap() >= 250.0, "{document:#}");
    assert_replays(&short, &document);
}
