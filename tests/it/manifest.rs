//! Every key of a manifest has its effect.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, ended, succeeded};
use crate::server::Server;
use crate::workspace::{echo, list, wat};
use serde_json::{Value, json};
use std::time::Duration;

/// A manifest with every key of the documented example, for a module of this digest.
pub fn whole(sha256: &str, host: &str) -> String {
    format!(
        r#"[skill]
name = "summarize"            # unique in the workspace
version = "0.1.0"
description = "Summarizes a note"
module = "build/summarize.wasm"     # relative to this file
profile = "d04"
sha256 = "{sha256}"

[limits]
memory = "256MiB"
timeout = "20s"
fuel = 10_000_000_000

[permissions]
ai = true
memory = ["notes/*"]
http = ["api.example.com", "{host}"]

[config]
greeting = "Hello"

[wasi]
enabled = true
env = {{ MODE = "dev" }}
dirs = {{ "/data" = "fixtures", "/out" = "results:rw" }}

[[case]]
name = "says hello"
input = ["at", "all"]

[build]
command = "make"
"#
    )
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_key_of_the_example_is_taken_and_has_its_effect() {
    let server = Server::openai("unused", Duration::ZERO);
    let script = Script::new()
        .wasi("environ_sizes_get", "(param i32 i32) (result i32)")
        .wasi("environ_get", "(param i32 i32) (result i32)")
        .wasi("fd_prestat_dir_name", "(param i32 i32 i32) (result i32)")
        .wasi("fd_prestat_get", "(param i32 i32) (result i32)")
        .call("env.host_config_get", &[Text("greeting"), Range(BUFFER, 64)])
        .show(BUFFER, 5)
        .call("env.host_memory_set", &[Text("notes/a/b"), Text("v")])
        .call("env.host_memory_set", &[Text("other"), Text("v")])
        .call("env.host_http_post", &[Text(&server.url()), Text("x"), Range(BUFFER, 1)])
        .call("env.host_http_post", &[Text("http://localhost:1/"), Text("x"), Range(BUFFER, 1)])
        .number("(call $environ_sizes_get (i32.const 0x9000) (i32.const 0x9004))")
        .number("(call $environ_get (i32.const 0x9010) (i32.const 0x9100))")
        .wat("(call $show (i32.const 0x9100) (i32.load (i32.const 0x9004)))")
        .number("(call $fd_prestat_dir_name (i32.const 3) (i32.const 0x9000) (i32.const 5))")
        .show(0x9000, 5)
        .number("(call $fd_prestat_dir_name (i32.const 4) (i32.const 0x9000) (i32.const 4))")
        .show(0x9000, 4)
        .number("(call $fd_prestat_get (i32.const 5) (i32.const 0x9000))")
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]);
    // Both entry points are there: without `profile` it would be refused.
    let event = "(func (export \"skill_on_event\") (param i32 i32 i32 i32))";
    let module = wat(&script.with(event).module());
    let workspace = Workspace::new();
    workspace.write("a/build/summarize.wasm", &module);
    workspace.write("a/fixtures/.keep", "");
    workspace.write("a/results/.keep", "");
    let text = whole(&sha256(&module), &server.host());
    workspace.write("a/skill.toml", &text);
    let document = succeeded(workspace.run_json("summarize", &[]));
    let answer = document["output"].as_array().unwrap();
    let length = server.requests().len();
    assert_eq!(answer[..4], [json!(5), json!("Hello"), json!(0), json!(-3)]);
    assert!(answer[4].as_i64().unwrap() > 0 && length == 1, "{answer:?}");
    assert_eq!(answer[5..9], [json!(-3), json!(0), json!(0), json!("MODE=dev\0")]);
    assert_eq!(answer[9..14], [json!(0), json!("/data"), json!(0), json!("/out"), json!(8)]);
    assert!(answer[14].as_i64().unwrap() > 0, "{answer:?}");
    let limits = &document["limits"];
    assert_eq!(
        (&limits["memory_bytes"], &limits["timeout_ms"], &limits["fuel"]),
        (&json!(256 << 20), &json!(20_000), &json!(10_000_000_000_u64))
    );
    let row = &list(&workspace, &[])[0];
    assert_eq!(
        (&row["name"], &row["version"], &row["description"]),
        (&json!("summarize"), &json!("0.1.0"), &json!("Summarizes a note"))
    );
    // One key less, and the effect is gone.
    let without = |line: &str| {
        let kept: String = text.lines().filter(|kept| !kept.starts_with(line)).map(|line| format!("{line}\n")).collect();
        assert_ne!(kept, text, "{line}");
        workspace.write("a/skill.toml", kept);
        workspace.run_json("summarize", &[])
    };
    ended(without("profile"), "invalid", "profile", 4);
    for (line, at, value) in [
        ("ai = true", 14, json!(-3)),
        ("memory = [", 2, json!(-3)),
        ("http = [", 4, json!(-3)),
        ("greeting", 0, json!(0)),
        ("env = {", 8, json!("")),
        ("dirs = {", 9, json!(54)),
    ] {
        assert_eq!(succeeded(without(line))["output"][at], value, "{line}");
    }
    for (line, limit, value) in [
        ("memory = \"", "memory_bytes", json!(512 << 20)),
        ("timeout", "timeout_ms", json!(30_000)),
        ("fuel", "fuel", Value::Null),
    ] {
        assert_eq!(succeeded(without(line))["limits"][limit], value, "{line}");
    }
    workspace.write("a/skill.toml", text.replace("enabled = true", "enabled = false"));
    ended(workspace.run_json("summarize", &[]), "invalid", "wasi-off", 4);
}

/// Runs a skill whose manifest is this text.
#[track_caller]
pub fn run(text: &str) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("a/m.wat", echo());
    workspace.write("a/skill.toml", text);
    workspace.run_json("./a", &[])
}

/// The same, with these lines from line 4 on.
#[track_caller]
pub fn run_with(lines: &str) -> (Value, i32) {
    run(&format!("[skill]\nname = \"a\"\nmodule = \"m.wat\"\n{lines}\n"))
}

#[test]
fn sizes_durations_and_fuel_are_taken_as_people_write_them() {
    for (line, limit, value) in [
        ("memory = \"64MiB\"", "memory_bytes", 64_u64 << 20),
        ("memory = \"64 kib\"", "memory_bytes", 64 << 10),
        ("memory = \"1.5GB\"", "memory_bytes", 1_500_000_000),
        ("memory = 65536", "memory_bytes", 65_536),
        ("memory = 0x1_0000", "memory_bytes", 65_536),
        ("memory = \"4GiB\"", "memory_bytes", 4 << 30),
        ("timeout = \"500ms\"", "timeout_ms", 500),
        ("timeout = \"1m30s\"", "timeout_ms", 90_000),
        ("timeout = \"1m 30s\"", "timeout_ms", 90_000),
        ("timeout = \"2h\"", "timeout_ms", 7_200_000),
        ("timeout = \"9999500us\"", "timeout_ms", 10_000),
        ("timeout = \"366d\"", "timeout_ms", 366 * 86_400_000),
        ("fuel = 10_000_000_000", "fuel", 10_000_000_000),
        ("fuel = \"20_000\"", "fuel", 20_000),
        ("fuel = 9223372036854775807", "fuel", i64::MAX.unsigned_abs()),
    ] {
        assert_eq!(succeeded(run_with(&format!("[limits]\n{line}")))["limits"][limit], value, "{line}");
    }
}
