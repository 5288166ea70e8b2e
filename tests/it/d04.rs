//! Profile `d04`: the order of the calls, the input's bytes, and each output that cannot be taken.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::script::{Script, ended, import, succeeded, tells};
use serde_json::{Value, json};

/// Runs a module; the document and the exit code.
#[track_caller]
fn run(module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.run_json("probe", arguments)
}

/// A skill with a page of memory, this data, these bodies of `alloc` and `execute`, and a `dealloc` that does nothing.
fn skill(data: &str, alloc: &str, execute: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 1) {data}
  (func (export "alloc") (param $len i32) (result i32) {alloc})
  (func (export "dealloc") (param i32 i32))
  (func (export "execute") (param $input i32) (result i32) {execute}))"#
    )
}

const AT_32: &str = "(i32.const 32)";
const GIVES_INPUT: &str = "(local.get $input)";

/// What each log line says.
fn logged(document: &Value) -> Vec<String> {
    document["logs"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn alloc_execute_and_dealloc_are_called_in_order_with_the_same_pointer_and_length() {
    // Each of them logs a line: its letter, and its arguments as bytes.
    let module = format!(
        r#"(module {} (memory (export "memory") 1) (data (i32.const 0) "i  a  e  d  ")
  (func $say (param $at i32) (param $first i32) (param $second i32)
    (i32.store8 offset=1 (local.get $at) (local.get $first))
    (i32.store8 offset=2 (local.get $at) (local.get $second))
    (call $env.host_log (i32.const 2) (local.get $at) (i32.const 3)))
  (func (export "_initialize") (call $say (i32.const 0) (i32.const 45) (i32.const 45)))
  (func (export "alloc") (param i32) (result i32) (call $say (i32.const 3) (local.get 0) (i32.const 45)) (i32.const 64))
  (func (export "execute") (param i32) (result i32) (call $say (i32.const 6) (local.get 0) (i32.const 45)) (local.get 0))
  (func (export "dealloc") (param i32 i32) (call $say (i32.const 9) (local.get 0) (local.get 1))))"#,
        import("env.host_log")
    );
    // 48 bytes of input and its NUL are 49, the digit 1; the pointer 64 is the sign @.
    let input = format!("{:?}", "x".repeat(46));
    let document = succeeded(run(module, &["--input", &input]));
    assert_eq!(logged(&document), ["i--", "a1-", "e@-", "d@1"]);
    assert_eq!(document["profile"], json!("d04"));
}

#[test]
fn the_input_is_utf_8_with_a_nul_where_other_bytes_were() {
    let fills = r#"(memory.fill (i32.const 32) (i32.const 120) (i32.const 100)) (i32.const 32)"#;
    let input = "{\"grüße\":[\"日本語\",1.50]}";
    let document = succeeded(run(skill("", fills, GIVES_INPUT), &["--input", input]));
    assert_eq!(document["output"], json!({"grüße": ["日本語", 1.5]}));
}

#[test]
fn a_null_output_is_an_error_of_its_own() {
    let document = ended(run(skill("", AT_32, "(i32.const 0)"), &[]), "output", "null", 1);
    assert_eq!((&document["output"], &document["output_text"]), (&Value::Null, &Value::Null));
    tells(&document["error"]["message"], &["execute", "null"]);
}

#[test]
fn an_output_without_a_nul_is_an_error_of_its_own() {
    let to_the_end = "(i32.store (i32.const 65532) (i32.const 0x31313131)) (i32.const 65532)";
    for body in [to_the_end, "(i32.const 65536)", "(i32.const 65537)", "(i32.const -1)"] {
        ended(run(skill("", AT_32, body), &[]), "output", "no-nul", 1);
    }
    let last_byte_is_nul = "(i32.store (i32.const 65532) (i32.const 0x00313131)) (i32.const 65532)";
    assert_eq!(succeeded(run(skill("", AT_32, last_byte_is_nul), &[]))["output"], json!(111));
}

#[test]
fn an_output_that_is_not_json_is_an_error_of_its_own_and_is_kept() {
    let cases = [
        ("hello", json!("hello")),
        ("", json!("")),
        ("{} {}", json!("{} {}")),
        ("{'a': 1}", json!("{'a': 1}")),
        ("[1,]", json!("[1,]")),
        ("\\22\\ff\\22", json!({"base64": "Iv8i"})),
    ];
    for (text, kept) in cases {
        let module = skill(&format!("(data (i32.const 1000) \"{text}\\00\")"), AT_32, "(i32.const 1000)");
        let document = ended(run(module, &[]), "output", "not-json", 1);
        assert_eq!((&document["output"], &document["output_text"]), (&Value::Null, &kept), "{text:?}");
    }
}

#[test]
fn any_json_document_is_an_output() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for text in ["null", " \\n\\t[1, 2]\\r\\n", "\\22\\22", "-0.5e-3", "{}", &deep] {
        let module = skill(&format!("(data (i32.const 1000) \"{text}\\00\")"), AT_32, "(i32.const 1000)");
        succeeded(run(module, &[]));
    }
}

#[test]
fn a_range_outside_memory_from_alloc_is_an_error_of_its_own() {
    // The input `null` and its NUL are five bytes.
    for ptr in ["65532", "65536", "-1", "-5", "0x80000000"] {
        let document = ended(run(skill("", &format!("(i32.const {ptr})"), GIVES_INPUT), &[]), "output", "alloc", 1);
        assert_eq!(document["error"]["phase"], json!("alloc"), "{ptr}");
    }
    let at_the_very_end = skill("", "(i32.const 65531)", GIVES_INPUT);
    assert_eq!(succeeded(run(at_the_very_end, &[]))["output"], Value::Null);
}

#[test]
fn a_null_from_alloc_is_out_of_memory() {
    let document = ended(run(skill("", "(i32.const 0)", GIVES_INPUT), &[]), "memory", "memory", 5);
    tells(&document["error"]["message"], &["alloc", "5 bytes", "512 MiB"]);
}

#[test]
fn an_allocator_may_grow_memory_for_a_large_input() {
    let grows = r#"(local $at i32) (local.set $at (i32.mul (memory.size) (i32.const 65536)))
        (drop (memory.grow (i32.add (i32.shr_u (local.get $len) (i32.const 16)) (i32.const 1)))) (local.get $at)"#;
    let text = "m".repeat(1 << 20);
    let workspace = Workspace::new();
    workspace.write("grows.wat", skill("", grows, GIVES_INPUT));
    workspace.write("input.json", format!("\"{text}\""));
    let document = succeeded(workspace.run_json("grows", &["--input", "@input.json"]));
    assert_eq!(document["output"], json!(text));
    assert_eq!(document["usage"]["memory_peak_bytes"], json!((1 + 17) * 65_536));
}

#[test]
fn a_trap_in_dealloc_is_a_warning_and_the_run_a_success() {
    let module = d04("", GIVES_INPUT)
        .replace("(func (export \"dealloc\") (param i32 i32))", "(func (export \"dealloc\") (param i32 i32) unreachable)");
    let document = succeeded(run(module, &["--input", "7"]));
    assert_eq!((&document["output"], &document["error"]), (&json!(7), &Value::Null));
    let warnings = document["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{document:#}");
    tells(&warnings[0], &["dealloc"]);
}

#[test]
fn memory_may_be_imported() {
    let module = d04("(import \"env\" \"memory\" (memory 1))", GIVES_INPUT).replace("(memory (export \"memory\") 1)", "");
    assert_eq!(succeeded(run(module, &["--input", "[1]"]))["output"], json!([1]));
}

#[test]
fn each_run_has_an_instance_of_its_own() {
    let counts = Script::new()
        .with("(global $runs (mut i32) (i32.const 0))")
        .wat("(global.set $runs (i32.add (global.get $runs) (i32.const 1)))")
        .number("(global.get $runs)");
    let workspace = Workspace::new();
    workspace.write("probe.wat", counts.module());
    for _ in 0..2 {
        assert_eq!(succeeded(workspace.run_json("probe", &[]))["output"], json!([1]));
    }
}

#[test]
fn initialize_is_called_once_and_before_anything_else() {
    let counts = Script::new()
        .with(
            r#"(global $runs (mut i32) (i32.const 0)) (global $started (mut i32) (i32.const 0))
            (func $start (global.set $started (i32.const 1))) (start $start)
            (func (export "_initialize") (if (i32.eqz (global.get $started)) (then unreachable))
              (global.set $runs (i32.add (global.get $runs) (i32.const 1))))"#,
        )
        .number("(global.get $runs)");
    assert_eq!(counts.answer(&[]), json!([1]));
}
