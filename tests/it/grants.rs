//! Permissions: a bare module's, a manifest's, what a flag adds, and messages that name the line that would grant it.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, ended, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;

/// Asks for something of each kind.
fn script(url: &str) -> Script {
    Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
        .call("env.host_memory_set", &[Text("notes/1"), Text("v")])
        .call("env.host_http_post", &[Text(url), Text("x"), Range(BUFFER, 64)])
}

/// Whether each of the three was denied.
fn denied(document: &Value) -> Vec<bool> {
    document["output"].as_array().unwrap().iter().map(|result| *result == -3).collect()
}

#[test]
fn a_bare_module_may_use_ai_and_memory_and_no_http() {
    let server = Server::openai("unused", Duration::ZERO);
    let document = script(&server.url()).document(&[]);
    assert_eq!(denied(&document), [false, false, true]);
    tells(&document["host_calls"][2]["error"], &[&server.host(), "http", "[permissions]", "--allow-http"]);
    assert_eq!(server.requests().len(), 0);
    let document = script(&server.url()).document(&["--allow-http", &server.host()]);
    assert_eq!(denied(&document), [false, false, false]);
}

#[test]
fn with_a_manifest_what_is_not_granted_is_denied_and_the_message_says_which_line_would_grant_it() {
    let server = Server::openai("unused", Duration::ZERO);
    let (url, host) = (server.url(), server.host());
    let empty = ["", "[permissions]\n", "[permissions]\nai = false\nmemory = []\nhttp = []\n"];
    for tables in empty {
        let document = succeeded(script(&url).run_with_manifest(tables, &[]));
        assert_eq!(denied(&document), [true, true, true], "{tables:?}");
        let error = |call: usize| document["host_calls"][call]["error"].clone();
        tells(&error(0), &["ai = true", "[permissions]"]);
        tells(&error(1), &["memory = [\"notes/1\"]", "[permissions]"]);
        tells(&error(2), &[&format!("http = [\"{host}\"]"), "[permissions]"]);
    }
    assert_eq!(server.requests().len(), 0);
    let all = format!("[permissions]\nai = true\nmemory = [\"notes/*\"]\nhttp = [\"{host}\"]\n");
    assert_eq!(denied(&succeeded(script(&url).run_with_manifest(&all, &[]))), [false, false, false]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn each_permission_is_its_own_and_flags_add_to_the_manifest() {
    let server = Server::openai("unused", Duration::ZERO);
    let (url, host) = (server.url(), server.host());
    let granted_by = |tables: &str, flags: &[&str]| denied(&succeeded(script(&url).run_with_manifest(tables, flags)));
    assert_eq!(granted_by("[permissions]\nai = true\n", &[]), [false, true, true]);
    assert_eq!(granted_by("[permissions]\nmemory = [\"*\"]\n", &[]), [true, false, true]);
    assert_eq!(granted_by(&format!("[permissions]\nhttp = [\"{host}\"]\n"), &[]), [true, true, false]);
    assert_eq!(granted_by("", &["--allow-ai"]), [false, true, true]);
    assert_eq!(granted_by("", &["--allow-memory", "notes/?"]), [true, true, true], "only the star is special");
    assert_eq!(
        granted_by("[permissions]\nai = true\n", &["--allow-memory", "notes/1", "--allow-http", &host]),
        [false, false, false]
    );
}

#[test]
fn the_line_that_a_message_names_does_grant_it() {
    let server = Server::openai("unused", Duration::ZERO);
    let document = succeeded(script(&server.url()).run_with_manifest("", &[]));
    let named = |call: usize| {
        let error = document["host_calls"][call]["error"].as_str().unwrap().to_owned();
        error.split('`').nth(1).unwrap().to_owned()
    };
    let tables = format!("[permissions]\n{}\n{}\n{}\n", named(0), named(1), named(2));
    assert_eq!(denied(&succeeded(script(&server.url()).run_with_manifest(&tables, &[]))), [false, false, false], "{tables}");
}

#[test]
fn skills_do_not_see_each_others_values() {
    let workspace = Workspace::new();
    let writes = Script::new().call("env.host_memory_set", &[Text("k"), Text("v")]);
    let reads = Script::new().call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)]);
    workspace.write("writes.wat", writes.module());
    workspace.write("reads.wat", reads.module());
    succeeded(workspace.run_json("writes", &["--store", "kept.redb"]));
    assert_eq!(succeeded(workspace.run_json("reads", &["--store", "kept.redb"]))["output"], json!([-1]));
    // A module of the same name is the same skill.
    workspace.write("writes.wat", reads.module());
    assert_eq!(succeeded(workspace.run_json("writes", &["--store", "kept.redb"]))["output"], json!([1]));
    assert_eq!(succeeded(workspace.run_json("writes", &[]))["output"], json!([-1]), "without --store, memory is empty");
}

#[test]
fn wasi_can_be_switched_off_and_its_imports_are_then_refused_by_name() {
    let script = Script::new()
        .wasi("clock_time_get", "(param i32 i64 i32) (result i32)")
        .number("(call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0x9000))");
    assert_eq!(script.answer(&[]), json!([0]));
    for run in [script.run(&["--no-wasi"]), script.run_with_manifest("[wasi]\nenabled = false\n", &[])] {
        let document = ended(run, "invalid", "wasi-off", 4);
        tells(&document["error"]["message"], &["clock_time_get"]);
    }
    assert_eq!(Script::new().number("(i32.const 1)").answer(&["--no-wasi"]), json!([1]), "what does not need it runs");
}
