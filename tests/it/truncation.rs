//! Buffers that are too small: full lengths, the held response, and what drops it.

use crate::host_ai::run_with;
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, succeeded};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::ResponseTemplate;

fn server() -> Server {
    Server::openai("0123456789", Duration::ZERO)
}

fn ask(script: Script, prompt: &str, ptr: u32, capacity: u32) -> Script {
    script.call("cis.ai_prompt", &[Text(prompt), Range(ptr, capacity)])
}

/// `truncated` and `held` of each call.
fn marks(document: &Value) -> Vec<(bool, bool)> {
    let calls = document["host_calls"].as_array().unwrap();
    calls.iter().map(|call| (call["truncated"].as_bool().unwrap(), call["held"].as_bool().unwrap())).collect()
}

#[test]
fn the_full_length_is_the_result_and_at_most_the_capacity_is_written() {
    let server = server();
    let script = ask(Script::new(), "p", BUFFER, 4).show(BUFFER, 6);
    let script = ask(script, "p", BUFFER, 10).show(BUFFER, 11);
    let document = succeeded(run_with(&server, &script, &[]));
    assert_eq!(document["output"], json!([10, "0123..", 10, "0123456789."]));
    assert_eq!(marks(&document), [(true, false), (false, true)]);
    assert_eq!(document["host_calls"][0]["response"], json!("0123456789"), "the trace has all of it");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_response_is_held_until_it_was_handed_over_whole() {
    let server = server();
    let script = ask(ask(Script::new(), "p", BUFFER, 0), "p", MEMORY, 0);
    let script = ask(ask(ask(script, "p", BUFFER + 7, 9), "p", BUFFER, 10), "p", BUFFER, 10);
    let document = succeeded(run_with(&server, &script, &[]));
    assert_eq!(document["output"], json!([10, 10, 10, 10, 10]));
    assert_eq!(marks(&document), [(true, false), (true, true), (true, true), (false, true), (false, false)]);
    assert_eq!(server.requests().len(), 2, "the last call is a new one");
}

#[test]
fn a_response_that_fits_is_not_held() {
    let server = server();
    let script = ask(ask(Script::new(), "p", BUFFER, 10), "p", BUFFER, 64);
    let document = succeeded(run_with(&server, &script, &[]));
    assert_eq!(marks(&document), [(false, false), (false, false)]);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn any_other_buffer_filling_call_and_any_write_to_the_store_drops_what_is_held() {
    type Between = fn(Script) -> Script;
    let cases: [(&str, usize, Between); 13] = [
        ("another prompt", 2, |script| ask(script, "q", BUFFER, 64)),
        ("the other name", 2, |script| script.call("env.host_ai_chat", &[Text("p"), Range(BUFFER, 64)])),
        ("memory_get", 1, |script| script.call("cis.memory_get", &[Text("p"), Range(BUFFER, 64)])),
        ("host_memory_get", 1, |script| script.call("env.host_memory_get", &[Text("p"), Range(BUFFER, 64)])),
        ("host_config_get", 1, |script| script.call("env.host_config_get", &[Text("p"), Range(BUFFER, 64)])),
        ("a denied request", 1, |script| {
            script.call("cis.http_request", &[Text("http://127.0.0.1/"), Range(0, 0), Range(BUFFER, 64)])
        }),
        ("a wrong prompt", 1, |script| script.call("cis.ai_prompt", &[Range(MEMORY, 1), Range(BUFFER, 64)])),
        ("memory_set", 1, |script| script.call("cis.memory_set", &[Text("k"), Text("v")])),
        ("host_memory_set", 1, |script| script.call("env.host_memory_set", &[Text("k"), Text("v")])),
        ("host_memory_delete", 1, |script| script.call("env.host_memory_delete", &[Text("k")])),
        ("host_log", 0, |script| script.call("env.host_log", &[Int(2), Text("line")])),
        ("host_now", 0, |script| script.call("env.host_now", &[])),
        ("host_alloc", 0, |script| script.call("env.host_alloc", &[Int(8)])),
    ];
    for (what, more_requests, between) in cases {
        let server = server();
        let script = ask(between(ask(Script::new(), "p", BUFFER, 1)), "p", BUFFER, 64);
        let document = succeeded(run_with(&server, &script, &[]));
        let last_is_held = marks(&document).last().unwrap().1;
        assert_eq!(last_is_held, more_requests == 0, "{what}");
        assert_eq!(server.requests().len(), 1 + more_requests, "{what}");
    }
}

#[test]
fn the_same_request_with_a_wrong_buffer_is_refused_and_drops_nothing() {
    let server = server();
    let script = ask(ask(Script::new(), "p", BUFFER, 1), "p", u32::MAX, 2);
    let document = succeeded(run_with(&server, &ask(script, "p", BUFFER, 64), &[]));
    assert_eq!(document["output"], json!([10, -2, 10]));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_failure_is_not_held() {
    let refusing = Server::answering(|_| ResponseTemplate::new(400).set_body_string("no"));
    let script = ask(ask(Script::new(), "p", BUFFER, 0), "p", BUFFER, 64);
    assert_eq!(succeeded(run_with(&refusing, &script, &[]))["output"], json!([-4, -4]));
    assert_eq!(refusing.requests().len(), 2);
}

#[test]
fn a_held_http_response_is_handed_over_without_a_second_request() {
    let server =
        Server::answering(|request| ResponseTemplate::new(200).set_body_bytes([b"got:", request.body.as_slice()].concat()));
    let url = server.url();
    for name in ["cis.http_request", "env.host_http_post"] {
        let before = server.requests().len();
        let post = |script: Script, body, capacity| script.call(name, &[Text(&url), Text(body), Range(BUFFER, capacity)]);
        let script = post(post(Script::new(), "body", 5), "body", 8).show(BUFFER, 9);
        let document = script.document(&["--allow-http", &server.host()]);
        assert_eq!(document["output"], json!([8, 8, "got:body."]), "{name}");
        assert_eq!(server.requests().len() - before, 1, "{name}");
        let script = post(post(Script::new(), "one", 0), "two", 64).show(BUFFER, 8);
        assert_eq!(script.answer(&["--allow-http", &server.host()]), json!([7, 7, "got:two."]), "another body, {name}");
        assert_eq!(server.requests().len() - before, 3, "{name}");
    }
}

#[test]
fn a_response_of_http_is_bytes_and_cut_anywhere() {
    let server = Server::answering(|_| ResponseTemplate::new(200).set_body_string("é"));
    let script = Script::new().call("cis.http_request", &[Text(&server.url()), Range(0, 0), Range(BUFFER, 1)]).show(BUFFER, 2);
    assert_eq!(script.answer(&["--allow-http", &server.host()]), json!([2, "\u{c3}."]));
}

#[test]
fn an_answer_in_words_is_never_cut_inside_a_character() {
    let server = Server::openai("aé日", Duration::ZERO);
    let script = ask(Script::new(), "p", BUFFER, 2).show(BUFFER, 4);
    let script = ask(script, "p", BUFFER, 5).show(BUFFER, 7);
    assert_eq!(succeeded(run_with(&server, &script, &[]))["output"], json!([6, "a\0..", 6, "a\u{c3}\u{a9}\0\0.."]));
}

#[test]
fn values_of_memory_and_configuration_are_truncated_alike() {
    let get = |script: Script, name, capacity| script.call(name, &[Text("k"), Range(BUFFER, capacity)]);
    for name in ["cis.memory_get", "env.host_memory_get"] {
        let script = Script::new().call("env.host_memory_set", &[Text("k"), Text("value")]);
        let script = get(get(get(script, name, 0), name, 3).show(BUFFER, 5), name, 5).show(BUFFER, 6);
        let document = script.document(&[]);
        assert_eq!(document["output"], json!([0, 5, 5, "val..", 5, "value."]), "{name}");
        assert_eq!(marks(&document)[1..], [(true, false), (true, true), (false, true)], "{name}");
        // What is written meanwhile is what is read then.
        let script = get(Script::new().call("cis.memory_set", &[Text("k"), Text("old")]), name, 1);
        let script = get(script.call("cis.memory_set", &[Text("k"), Text("newer")]), name, 8).show(BUFFER, 6);
        assert_eq!(script.answer(&[]), json!([3, 5, "newer."]), "{name}");
    }
    let script = get(get(Script::new(), "env.host_config_get", 2), "env.host_config_get", 5).show(BUFFER, 6);
    let document = script.document(&["--config", "k=value"]);
    assert_eq!(document["output"], json!([5, 5, "value."]));
    assert_eq!(marks(&document)[0], (true, false));
}
