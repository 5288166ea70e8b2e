//! What faults do to host calls.

use crate::host_ai::run_with;
use crate::program::Workspace;
use crate::script::Arg::{Bytes, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, ended, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn ask(script: Script) -> Script {
    script.call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
}

/// What a script answers under these faults.
#[track_caller]
fn under(script: &Script, faults: &[&str]) -> Value {
    let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    script.answer(&arguments)
}

#[test]
fn each_failure_of_an_ai_is_its_code_and_nobody_is_asked() {
    let server = Server::openai("answer", Duration::ZERO);
    let script = ask(Script::new()).show(BUFFER, 2);
    for (fault, code) in [
        ("error", -4),
        ("error:out of order", -4),
        ("timeout", -4),
        ("refused", -4),
        ("empty", -4),
        ("answer:", -4),
        ("denied", -3),
        ("too-large", -5),
    ] {
        let document = succeeded(run_with(&server, &script, &["--fault", &format!("ai={fault}")]));
        assert_eq!(document["output"], json!([code, ".."]), "{fault}");
        assert_eq!(document["host_calls"][0]["provider"], json!("fault"), "{fault}");
        tells(&document["host_calls"][0]["error"], &[&format!("(the fault ai={fault})")]);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn answers_that_no_skill_hopes_for_are_in_the_buffer() {
    let script = ask(Script::new()).show(BUFFER, 3);
    assert_eq!(under(&script, &["ai=garbage"]), json!([33, "{\"a"]));
    assert_eq!(under(&script, &["ai=answer:{}"]), json!([2, "{}."]));
    assert_eq!(under(&script, &["ai=long:70"]), json!([70, "lon"]));
    let document = script.document(&["--fault", "ai=binary"]);
    let answer = document["host_calls"][0]["response"].as_str().unwrap();
    assert!(answer.contains('\0') && answer.contains('\u{1b}'), "an AI's answer is text all the same: {answer:?}");
    // What HTTP gives and what was stored is bytes.
    let script = Script::new()
        .call("cis.http_request", &[Text("http://localhost:9/"), Range(0, 0), Range(BUFFER, 64)])
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 64)])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 64)]);
    let document = script.document(&["--allow-http", "localhost:9", "--fault", "call=binary"]);
    assert_eq!(document["output"], json!([17, 17, 17]));
    assert!(document["host_calls"][0]["response"]["base64"].is_string(), "{document:#}");
    assert_eq!(script.answer(&["--allow-http", "localhost:9", "--fault", "call=empty"]), json!([0, 0, 0]));
}

#[test]
fn each_failure_of_http_is_its_code_and_nothing_is_sent() {
    let server = Server::openai("answer", Duration::ZERO);
    let url = format!("{}/x", server.url());
    let grant = server.url().replace("http://", "");
    let script = Script::new()
        .call("cis.http_request", &[Text(&url), Range(0, 0), Range(BUFFER, 64)])
        .call("env.host_http_post", &[Text(&url), Text("{}"), Range(BUFFER, 64)]);
    for (fault, code) in [
        ("error", -4),
        ("timeout", -4),
        ("refused", -4),
        ("status:404", -404),
        ("status:503", -503),
        ("denied", -3),
        ("too-large", -5),
    ] {
        let fault = format!("http={fault}");
        assert_eq!(script.answer(&["--allow-http", &grant, "--fault", &fault]), json!([code, code]), "{fault}");
    }
    assert_eq!(server.requests().len(), 0);
    let first = script.answer(&["--allow-http", &grant, "--fault", "(~n post)=status:500"]);
    assert_eq!((first[0].as_i64().unwrap() > 0, &first[1]), (true, &json!(-500)));
    assert_eq!(server.requests().len(), 1, "the other request was made");
}

#[test]
fn failures_of_the_store_are_codes_where_there_is_a_result_and_end_the_run_where_not() {
    let script = Script::new()
        .call("env.host_memory_set", &[Text("k"), Text("v")])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 64)])
        .call("env.host_memory_delete", &[Text("k")]);
    assert_eq!(under(&script, &[]), json!([0, 1, 0]));
    assert_eq!(under(&script, &["store=full"]), json!([-5, 0, 0]), "only a write can be too much, and it wrote nothing");
    assert_eq!(under(&script, &["store=error"]), json!([-4, -4, -4]));
    assert_eq!(under(&script, &["store=denied"]), json!([-3, -3, -3]));
    assert_eq!(under(&script, &["store#2=error"]), json!([0, -4, 0]));
    let script = Script::new().call("cis.memory_set", &[Text("k"), Text("v")]);
    for (fault, kind) in [("full", "host-limit"), ("denied", "denied"), ("error", "store")] {
        let document = ended(script.run(&["--fault", &format!("memory_set={fault}")]), "host", kind, 6);
        tells(&document["error"]["message"], &["could not store a value", &format!("(the fault memory_set={fault})")]);
    }
}

#[test]
fn a_full_store_keeps_what_it_had() {
    let workspace = Workspace::new();
    let script = Script::new()
        .call("env.host_memory_set", &[Text("k"), Text("old")])
        .call("env.host_memory_set", &[Text("k"), Text("new")]);
    workspace.write("probe.wat", script.module());
    let store = workspace.path().join("out.json");
    let (document, _) = workspace.run_json("probe", &["--fault", "store#2=full", "--store-out", store.to_str().unwrap()]);
    assert_eq!(document["output"], json!([0, -5]));
    assert_eq!(serde_json::from_str::<Value>(&std::fs::read_to_string(store).unwrap()).unwrap(), json!({"k": "old"}));
}

#[test]
fn a_slow_call_goes_on_within_the_deadline_and_ends_the_run_with_it() {
    let script = ask(Script::new());
    let began = Instant::now();
    let document = script.document(&["--fault", "ai=delay:200ms"]);
    assert!(began.elapsed() >= Duration::from_millis(200));
    let call = &document["host_calls"][0];
    assert_eq!((&call["provider"], &call["faults"]), (&json!("mock"), &json!(["ai=delay:200ms"])), "the mock answered it");
    for fault in ["ai=delay:1h", "ai=hang", "host_now=hang"] {
        let script = ask(Script::new()).call("env.host_now", &[]);
        let document = ended(script.run(&["--fault", fault, "--timeout", "200ms"]), "timeout", "timeout", 5);
        let last = document["host_calls"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["faults"], &last["result"]), (&json!([fault]), &Value::Null));
    }
}

#[test]
fn a_truncated_answer_is_kept_and_handed_over_whole_without_asking_again() {
    let server = Server::openai("Sunny.", Duration::ZERO);
    let script = ask(Script::new()).show(BUFFER, 8).call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 100)]);
    let document = succeeded(run_with(&server, &script, &["--fault", "ai#1=truncated"]));
    assert_eq!(document["output"], json!([65, "Sunny.  ", 65]));
    let calls = &document["host_calls"];
    assert_eq!((&calls[0]["truncated"], &calls[1]["truncated"], &calls[1]["held"]), (&json!(true), &json!(false), &json!(true)));
    assert_eq!((&calls[0]["provider"], &calls[0]["faults"]), (&json!("local (test-model)"), &json!(["ai#1=truncated"])));
    assert_eq!(server.requests().len(), 1);
    // The held answer asks nobody, so that nothing can go wrong with it, and it counts for no fault.
    let again = ask(ask(script));
    let document = succeeded(run_with(&server, &again, &["--fault", "ai#1=truncated", "--fault", "ai#3=error"]));
    assert_eq!(document["output"], json!([65, "Sunny.  ", 65, 6, -4]));
    let config = Script::new().call("env.host_config_get", &[Text("greeting"), Range(BUFFER, 8)]).show(BUFFER, 8);
    assert_eq!(config.answer(&["--config", "greeting=Hello", "--fault", "config=truncated"]), json!([9, "Hello   "]));
    assert_eq!(config.answer(&["--fault", "config=truncated"]), json!([0, "........"]), "what is not there is not cut");
}

#[test]
fn what_would_have_failed_anyway_fails_for_its_own_reason_and_counts_for_no_fault() {
    let script = Script::new()
        .call("cis.ai_prompt", &[Range(MEMORY, 1), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Bytes(b"a\xff"), Range(BUFFER, 64)])
        .call("cis.http_request", &[Text("http://localhost:9/"), Range(0, 0), Range(BUFFER, 64)])
        .call("cis.http_request", &[Text("no url"), Range(0, 0), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]);
    let document = script.document(&["--fault", "ai#1=too-large", "--fault", "http=status:503"]);
    assert_eq!(document["output"], json!([-2, -2, -3, -2, -5]));
    tells(&document["warnings"][0], &["the fault http=status:503 befell nothing"]);
    let denied = Script::new().call("env.host_memory_set", &[Text("k"), Text("v")]);
    let (document, _) = denied.run_with_manifest("[permissions]\nmemory = []\n", &["--fault", "store=full"]);
    assert_eq!(document["output"], json!([-3]));
}

#[test]
fn calls_are_chosen_by_kind_function_number_and_filter() {
    let mut script = Script::new();
    for prompt in ["one", "two", "three"] {
        script = script.call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 0)]);
    }
    script = script.call("env.host_ai_chat", &[Text("four"), Range(BUFFER, 0)]);
    for (fault, failed) in [
        ("ai=denied", [true, true, true, true]),
        ("ai#2=denied", [false, true, false, false]),
        ("ai#first=denied", [true, false, false, false]),
        ("ai#3+=denied", [false, false, true, true]),
        ("ai_prompt=denied", [true, true, true, false]),
        ("env.host_ai_chat=denied", [false, false, false, true]),
        ("#3=denied", [false, false, true, false]),
        ("#3+=denied", [false, false, true, true]),
        ("(two | four)=denied", [false, true, false, true]),
        ("(two | four)#2=denied", [false, false, false, true]),
        ("(~n chat & !\"a (b)\")=denied", [false, false, false, true]),
    ] {
        let answer = under(&script, &[fault]);
        let seen: Vec<bool> = answer.as_array().unwrap().iter().map(|result| result == &json!(-3)).collect();
        assert_eq!(seen, failed, "{fault}");
    }
    assert_eq!(under(&script, &["ai#1=denied", "ai=error"]), json!([-3, -4, -4, -4]), "the first of them ends a call");
}
