//! Replays of unchanged skills: the same output, outcome, fuel, memory and calls, on both compilers, with a cold and a warm cache, without
//! anyone to ask.

use super::{assert_replays, recorded};
use crate::command::{command, writing};
use crate::program::Workspace;
use crate::samples::{sample, samples};
use crate::script::Arg::{Bytes, Int, Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use wiremock::ResponseTemplate;

/// A script that makes every call that has an answer, some of them twice and with buffers that are too small.
fn every_call(url: &str) -> Script {
    let buffer = Range(BUFFER, 64);
    let tiny = Range(BUFFER, 5);
    Script::new()
        .call("cis.ai_prompt", &[Text("What is the weather like?"), tiny])
        .show(BUFFER, 8)
        .call("cis.ai_prompt", &[Text("What is the weather like?"), buffer])
        .show(BUFFER, 40)
        .call("env.host_ai_chat", &[Text("break"), buffer])
        .call("cis.memory_get", &[Text("a"), buffer])
        .call("cis.memory_set", &[Text("a"), Bytes(b"v\xff")])
        .call("env.host_memory_get", &[Text("a"), Range(BUFFER, 1)])
        .call("env.host_memory_set", &[Text("b"), Text("w")])
        .call("env.host_memory_get", &[Text("a"), buffer])
        .show(BUFFER, 4)
        .call("env.host_memory_delete", &[Text("a")])
        .call("env.host_memory_get", &[Text("a"), buffer])
        .call("env.host_memory_get", &[Text("stored"), buffer])
        .show(BUFFER, 4)
        .call("cis.http_request", &[Text(&format!("{url}/ok")), Text(""), buffer])
        .show(BUFFER, 16)
        .call("env.host_http_post", &[Text(&format!("{url}/missing")), Text("{}"), buffer])
        .call("env.host_http_post", &[Text("http://denied.example/"), Text("{}"), buffer])
        .call("env.host_config_get", &[Text("greeting"), buffer])
        .show(BUFFER, 8)
        .call("env.host_config_get", &[Text("none"), buffer])
        .call("env.host_memory_get", &[Range(0xffff_0000, 9), buffer])
        .call("env.host_now", &[])
        .import("env.seed")
        .wat("(call $number (i64.reinterpret_f64 (call $env.seed)))")
        .wat("(call $number (i64.reinterpret_f64 (call $env.seed)))")
        .call("env.host_log", &[Int(2), Text("said")])
        .call("env.host_alloc", &[Int(16)])
        .call("env.host_now", &[])
}

#[test]
fn every_host_call_is_answered_from_the_record() {
    let server = Server::answering(|request| match request.url.path() {
        "/ok" => ResponseTemplate::new(200).set_body_string("from the server"),
        _ => ResponseTemplate::new(404).set_body_string("nothing there"),
    });
    let workspace = Workspace::new();
    workspace.write("probe.wat", every_call(&server.url()).module());
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"weather\"\nreply = \"Sunny, and très warm.\"\n[[ai.mock]]\ncontains = \"break\"\nerror = \"out of order\"\n");
    workspace.write("stored.json", r#"{"stored": "kept"}"#);
    let host = server.host();
    let flags = ["--allow-http", &host, "--config", "greeting=Hello", "--store-in", "stored.json"];
    let (document, code) = recorded(&workspace, "probe", &flags);
    assert_eq!(code, 0, "{document:#}");
    assert!(document["host_calls"].as_array().unwrap().iter().any(|call| call["held"] == true), "{document:#}");
    let asked = server.requests().len();
    // Nobody is there any more, and the workspace says otherwise.
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"weather\"\nreply = \"Rain.\"\n");
    assert_replays(&workspace, &document);
    assert_eq!(server.requests().len(), asked, "the server was asked again");
    drop(server);
    assert_replays(&workspace, &document);
}

#[test]
fn runs_that_end_badly_end_so_again() {
    let log = || Script::new().call("env.host_now", &[]);
    let stopped = Script::new().call("cis.memory_set", &[Text("denied"), Text("x")]);
    let grows = "(drop (memory.grow (i32.const 100))) unreachable";
    for (name, module, flags, outcome, code) in [
        ("trap", log().wat("unreachable").module(), &[][..], "trap", 1),
        ("fuel", log().wat("(loop $l (br $l))").module(), &["--fuel", "5_000_000"], "fuel", 5),
        ("memory", log().wat(grows).module(), &["--max-memory", "1MiB"], "memory", 5),
        ("denied", stopped.module(), &["--allow-memory", "other"], "host", 6),
        ("exit", writing("{\"a\":1}", "(call $proc_exit (i32.const 3))"), &[], "exit", 1),
        ("prints", writing("text", ""), &[], "ok", 0),
        ("copies", command("", "(call $copy)"), &["--stdin", "raw bytes"], "ok", 0),
        ("timeout", log().wat("(loop $l (br $l))").module(), &["--timeout", "60ms"], "timeout", 5),
    ] {
        let workspace = Workspace::new();
        if name == "denied" {
            workspace.write("denied/denied.wat", &module);
            workspace.write("denied/skill.toml", "[skill]\nname = \"denied\"\nmodule = \"denied.wat\"\n");
        } else {
            workspace.write(&format!("{name}.wat"), &module);
        }
        let (document, seen) = recorded(&workspace, name, flags);
        assert_eq!((document["outcome"].as_str(), seen), (Some(outcome), code), "{name}: {document:#}");
        assert_replays(&workspace, &document);
    }
}

/// Two seconds are far more than the run itself takes, and none of them is waited out again.
#[test]
fn delays_are_not_waited_out_again_neither_of_answers_nor_of_what_is_done_anew() {
    let workspace = Workspace::new();
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("answer slowly"), Range(BUFFER, 16)])
        .show(BUFFER, 4)
        .call("env.host_log", &[Int(2), Text("said")]);
    workspace.write("probe.wat", script.module());
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"slowly\"\nreply = \"Done.\"\ndelay = \"1s\"\n");
    let (document, code) = recorded(&workspace, "probe", &["--fault", "host_log#1=delay:1s"]);
    assert_eq!(code, 0, "{document:#}");
    let elapsed = |document: &serde_json::Value| document["usage"]["elapsed_ms"].as_f64().unwrap();
    assert!(elapsed(&document) >= 2_000.0, "{document:#}");
    let again = super::replayed(&workspace, &[]).expect(0).json();
    assert_eq!((&again["replay"]["verdict"], &again["output"]), (&serde_json::json!("same"), &document["output"]), "{again:#}");
    assert_eq!(again["usage"]["fuel"], document["usage"]["fuel"]);
    assert!(elapsed(&again) < 1_000.0, "{again:#}");
}

#[test]
fn a_deadline_that_passed_inside_a_call_passes_there_again() {
    let server = Server::answering(|_| ResponseTemplate::new(200).set_delay(std::time::Duration::from_secs(60)));
    let workspace = Workspace::new();
    let url = format!("{}/slow", server.url());
    let script = Script::new().call("env.host_now", &[]).call("cis.http_request", &[Text(&url), Text(""), Range(BUFFER, 8)]);
    workspace.write("probe.wat", script.module());
    let (document, code) = recorded(&workspace, "probe", &["--allow-http", &server.host(), "--timeout", "200ms"]);
    assert_eq!(code, 5, "{document:#}");
    drop(server);
    assert_replays(&workspace, &document);
}

#[test]
fn samples_of_every_language_reach_the_same_figures() {
    for name in [
        "summarize",
        "mood",
        "translate",
        "redact",
        "budget",
        "fill-template",
        "initials",
        "days-between",
        "slugify",
        "word-index",
    ] {
        let workspace = Workspace::new();
        let sample = sample(name);
        let words: Vec<&str> = sample.tries[0].iter().map(String::as_str).collect();
        let directory = samples();
        let (document, _) = recorded(&workspace, name, &[&words, &[directory.to_str().unwrap()][..]].concat());
        assert!(document["usage"]["fuel"].as_u64().unwrap() > 0, "{name}: {document:#}");
        assert_replays(&workspace, &document);
    }
}
