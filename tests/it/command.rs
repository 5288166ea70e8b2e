//! Profile `command`: stdin in, stdout out, the exit status, and the limit on what is written.

use crate::program::{Ran, Workspace};
use crate::script::{ended, succeeded, tells};
use serde_json::{Value, json};

/// A WASI command with this data and this body of `_start`, two pages of memory, and helpers to write and to copy stdin to stdout.
pub fn command(data: &str, body: &str) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (memory (export "memory") 2) {data}
  (func $write (param $fd i32) (param $at i32) (param $len i32)
    (i32.store (i32.const 8) (local.get $at)) (i32.store (i32.const 12) (local.get $len))
    (if (call $fd_write (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 16)) (local.get $len))
      (then (call $write (local.get $fd) (i32.add (local.get $at) (i32.load (i32.const 16)))
        (i32.sub (local.get $len) (i32.load (i32.const 16)))))))
  (func $copy (loop $more
    (i32.store (i32.const 8) (i32.const 65536)) (i32.store (i32.const 12) (i32.const 65536))
    (if (call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))
    (if (i32.load (i32.const 16)) (then (call $write (i32.const 1) (i32.const 65536) (i32.load (i32.const 16))) (br $more)))))
  (func (export "_start") {body}))"#
    )
}

/// A command that writes this text to stdout, then goes on with `after`.
pub fn writing(text: &str, after: &str) -> String {
    let len = text.len();
    let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    command(
        &format!("(data (i32.const 1024) \"{escaped}\")"),
        &format!("(call $write (i32.const 1) (i32.const 1024) (i32.const {len})) {after}"),
    )
}

#[track_caller]
fn run(module: &str, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("speaks.wat", module);
    workspace.run_json("speaks", arguments)
}

fn copying(arguments: &[&str], stdin: &[u8]) -> Ran {
    let workspace = Workspace::new();
    workspace.write("copies.wat", command("", "(call $copy)"));
    workspace.write("raw", stdin);
    workspace.skillscope_with(&[&["--run", "copies", "--format", "json"], arguments].concat(), &[], stdin)
}

#[test]
fn the_input_document_is_stdin_and_stdout_the_output() {
    let document = copying(&["--input", r#"{"b": [1, "é"], "a": null}"#], b"").expect(0).json();
    assert_eq!((&document["profile"], &document["output"]), (&json!("command"), &json!({"b": [1, "é"], "a": null})));
    assert_eq!(copying(&[], b"").json()["output"], Value::Null);
}

#[test]
fn stdin_may_be_raw_bytes() {
    for arguments in [["--stdin", "@raw"], ["--stdin", "-"]] {
        assert_eq!(copying(&arguments, b"line one\nline \0two\n").json()["output"], json!("line one\nline \0two\n"));
        let document = copying(&arguments, b"\xff\xfe").json();
        assert_eq!(document["stdout"], json!({"base64": "//4="}));
        assert_eq!(document["output"], json!("\u{fffd}\u{fffd}"));
    }
    assert_eq!(copying(&["--stdin", "not JSON"], b"").json()["output"], json!("not JSON"));
    let long = "0123456789abcdef".repeat(20_000);
    assert_eq!(copying(&["--stdin", "-"], long.as_bytes()).json()["output"], json!(long));
}

#[test]
fn stdout_that_is_not_json_is_the_output_as_a_json_string() {
    for text in ["Hello, world!\n", "", "{broken", "1 2", "\"open"] {
        let document = succeeded(run(&writing(text, ""), &[]));
        assert_eq!((&document["output"], &document["stdout"]), (&json!(text), &json!(text)));
    }
    assert_eq!(succeeded(run(&writing(" {\"a\": 1}\n", ""), &[]))["output"], json!({"a": 1}));
}

#[test]
fn stderr_is_captured_and_is_not_the_output() {
    let body =
        "(call $write (i32.const 2) (i32.const 1024) (i32.const 5)) (call $write (i32.const 1) (i32.const 1029) (i32.const 1))";
    let document = succeeded(run(&command("(data (i32.const 1024) \"oops\\1b7\")", body), &[]));
    assert_eq!((&document["stderr"], &document["output"]), (&json!("oops\u{1b}"), &json!(7)));
}

#[test]
fn an_exit_status_other_than_0_is_a_failure_with_the_output_kept() {
    for status in [1, 2, 77, 255, 256] {
        let module = writing("{\"done\": 3}", &format!("(call $proc_exit (i32.const {status}))"));
        let document = ended(run(&module, &[]), "exit", "exit", 1);
        assert_eq!(document["output"], json!({"done": 3}));
        tells(&document["error"]["message"], &[&format!("exit status {status}")]);
    }
    let document = ended(run(&writing("half a wo", "(call $proc_exit (i32.const 3))"), &[]), "exit", "exit", 1);
    assert_eq!(document["output"], json!("half a wo"));
}

#[test]
fn exit_status_0_is_a_success() {
    let document = succeeded(run(&writing("[1]", "(call $proc_exit (i32.const 0)) unreachable"), &[]));
    assert_eq!((&document["output"], &document["error"]), (&json!([1]), &Value::Null));
}

#[test]
fn a_trap_keeps_what_was_written_as_stdout() {
    let document = ended(run(&writing("before", "unreachable"), &[]), "trap", "unreachable", 1);
    assert_eq!((&document["stdout"], &document["error"]["phase"]), (&json!("before"), &json!("_start")));
}

#[test]
fn the_first_argument_is_the_skills_name_and_there_is_no_other() {
    let body = r#"
      (drop (call $args_sizes_get (i32.const 32) (i32.const 36)))
      (drop (call $args_get (i32.const 40) (i32.const 65536)))
      (if (i32.ne (i32.load (i32.const 32)) (i32.const 1)) (then unreachable))
      (call $write (i32.const 1) (i32.const 65536) (i32.sub (i32.load (i32.const 36)) (i32.const 1)))"#;
    assert_eq!(succeeded(run(&command("", body), &[]))["output"], json!("speaks"));
    let workspace = Workspace::new();
    workspace.write("a/b.wat", command("", body));
    workspace.write("a/skill.toml", "[skill]\nname = \"named\"\nmodule = \"b.wat\"\n");
    assert_eq!(succeeded(workspace.run_json("named", &[]))["output"], json!("named"));
}

#[test]
fn stdout_may_have_16_mib_and_no_more() {
    let kib_64 = |times: u32, more: u32| {
        format!(
            r#"(local $n i32) (memory.fill (i32.const 65536) (i32.const 120) (i32.const 65536))
            (loop $again (call $write (i32.const 1) (i32.const 65536) (i32.const 65536))
              (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_u (local.get $n) (i32.const {times}))))
            (if (i32.const {more}) (then (call $write (i32.const 1) (i32.const 65536) (i32.const {more}))))"#
        )
    };
    // For people, since a document would hold it twice.
    let workspace = Workspace::new();
    workspace.write("full.wat", command("", &kib_64(256, 0)));
    assert_eq!(workspace.skillscope(&["--run", "full"]).expect(0).stdout.len(), (16 << 20) + "\"\"\n".len());
    workspace.write("over.wat", command("", &kib_64(256, 1)));
    let ran = workspace.skillscope(&["--run", "over"]);
    assert!(ran.expect(5).stderr.contains("16 MiB"), "{}", ran.stderr.chars().rev().take(500).collect::<String>());
}
