//! The four cases that a workbench for skills must pass before anything else.

use crate::program::Workspace;
use crate::server::Server;
use serde_json::json;
use std::time::Duration;

/// An allocator that never frees, in a text module.
pub const ALLOCATOR: &str = r#"
  (global $top (mut i32) (i32.const 4096))
  (func (export "alloc") (param $len i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.add (global.get $top) (local.get $len)))
    (local.get $at))
  (func (export "dealloc") (param i32 i32))"#;

/// A d04 skill with a page of memory and this body of `execute`.
pub fn d04(imports: &str, body: &str) -> String {
    format!(
        r#"(module {imports} (memory (export "memory") 1) {ALLOCATOR}
  (func (export "execute") (param $input i32) (result i32) {body}))"#
    )
}

#[test]
fn a_module_is_loaded_runs_and_returns_a_result() {
    let workspace = Workspace::new();
    workspace.write("echo.wat", d04("", "(local.get $input)"));
    let (document, code) = workspace.run_json("echo", &["--input", r#"{"a": [1, "zwei", null]}"#]);
    assert_eq!((code, &document["outcome"], &document["output"]), (0, &json!("ok"), &json!({"a": [1, "zwei", null]})));
    let plain = workspace.skillscope(&["--run", "echo", "--input", "[true]"]);
    assert_eq!(plain.expect(0).stdout, "[true]\n");
}

#[test]
fn an_endless_loop_ends_at_its_timeout() {
    let workspace = Workspace::new();
    workspace.write("spin.wat", d04("", "(loop $again (br $again)) (unreachable)"));
    let (document, code) = workspace.run_json("spin", &["--timeout", "300ms"]);
    assert_eq!((code, &document["outcome"], &document["error"]["phase"]), (5, &json!("timeout"), &json!("execute")));
    let elapsed = document["usage"]["elapsed_ms"].as_f64().unwrap();
    assert!((300.0..10_000.0).contains(&elapsed), "{elapsed} ms");
    assert!(document["usage"]["fuel"].as_u64().unwrap() > 1_000_000);
}

#[test]
fn an_allocation_past_the_limit_fails_inside_the_skill() {
    let workspace = Workspace::new();
    let body = r#"(if (i32.eq (memory.grow (i32.const 8192)) (i32.const -1)) (then (return (i32.const 16)))) (i32.const 32)"#;
    let module = d04("", body).replace(
        ALLOCATOR,
        &format!(r#"(data (i32.const 16) "\"refused\"\00") (data (i32.const 32) "\"granted\"\00") {ALLOCATOR}"#),
    );
    workspace.write("hog.wat", module);
    let (document, code) = workspace.run_json("hog", &[]);
    assert_eq!((code, &document["output"]), (0, &json!("refused")));
    let (document, _) = workspace.run_json("hog", &["--max-memory", "1GiB"]);
    assert_eq!(document["output"], json!("granted"));
    assert_eq!(document["usage"]["memory_peak_bytes"], json!(8193 * 65536));
}

/// A d04 skill that asks an AI the input document itself and answers with what it said, as a JSON string.
pub fn asking() -> String {
    d04(
        r#"(import "cis" "ai_prompt" (func $ask (param i32 i32 i32 i32) (result i32)))"#,
        r#"(local $len i32)
           (loop $count (if (i32.load8_u (i32.add (local.get $input) (local.get $len)))
             (then (local.set $len (i32.add (local.get $len) (i32.const 1))) (br $count))))
           (local.set $len (call $ask (local.get $input) (local.get $len) (i32.const 32769) (i32.const 1000)))
           (if (i32.lt_s (local.get $len) (i32.const 0)) (then (return (i32.const 0))))
           (i32.store8 (i32.const 32768) (i32.const 34))
           (i32.store16 (i32.add (local.get $len) (i32.const 32769)) (i32.const 34))
           (i32.const 32768)"#,
    )
}

#[test]
fn an_ai_call_returns_a_real_providers_response() {
    let server = Server::openai("Reykjavik", Duration::ZERO);
    let workspace = Workspace::new();
    workspace.write("ask.wat", asking());
    let settings = format!(
        "[ai]\nreal = \"local\"\n[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"test-model\"\napi_key_env = \"LOCAL_KEY\"\n",
        server.url()
    );
    workspace.write("skillscope.toml", settings);
    let arguments = ["--run", "ask", "--ai", "real", "--format", "json", "--input", "\"Capital of Iceland?\""];
    let ran = workspace.skillscope_with(&arguments, &[("LOCAL_KEY", "sk-secret-0123456789")], b"");
    let document = ran.expect(0).json();
    assert_eq!(document["output"], json!("Reykjavik"));
    let call = &document["host_calls"][0];
    assert_eq!((&call["name"], &call["response"], &call["result"]), (&json!("cis.ai_prompt"), &json!("Reykjavik"), &json!(9)));
    assert_eq!(call["provider"], json!("local (test-model)"));
    assert_eq!(call["tokens"], json!({"prompt": 7, "answer": 3}));
    let request = &server.requests()[0];
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/v1/chat/completions"));
    assert_eq!(request.headers["authorization"], "Bearer sk-secret-0123456789");
    let body: serde_json::Value = request.body_json().unwrap();
    assert_eq!(body["messages"][0]["content"], json!("\"Capital of Iceland?\""));
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("sk-secret"), "the key is printed");
}
