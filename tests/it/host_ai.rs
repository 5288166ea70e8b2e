//! `cis.ai_prompt` and `host_ai_chat`: lengths, codes, and what is sent.

use crate::program::Workspace;
use crate::script::Arg::{Bytes, Int, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::ResponseTemplate;

/// The three names of the one function.
const NAMES: [&str; 3] = ["cis.ai_prompt", "env.host_ai_chat", "cis.host_ai_chat"];

/// Runs a script whose prompts go to this server.
#[track_caller]
pub fn run_with(server: &Server, script: &Script, arguments: &[&str]) -> (Value, i32) {
    run_at(&server.url(), script, arguments)
}

#[track_caller]
fn run_at(url: &str, script: &Script, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    let provider = format!(
        "[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{url}/v1\"\nmodel = \"test-model\"\napi_key_env = \"LOCAL_KEY\"\n"
    );
    workspace.write("skillscope.toml", format!("[ai]\nreal = \"local\"\n{provider}"));
    let all = [&["--run", "probe", "--ai", "real", "--format", "json"], arguments].concat();
    let ran = workspace.skillscope_with(&all, &[("LOCAL_KEY", "sk-0123456789abcdef")], b"");
    (ran.json(), ran.code)
}

fn ask(script: Script, name: &str, prompt: &str) -> Script {
    script.call(name, &[Text(prompt), Range(BUFFER, 64)])
}

#[test]
fn the_answer_is_in_the_buffer_and_its_length_is_the_result_under_each_name() {
    let server = Server::openai("Grüße", Duration::ZERO);
    for name in NAMES {
        let script = ask(Script::new(), name, "hi").show(BUFFER, 8);
        let document = succeeded(run_with(&server, &script, &[]));
        assert_eq!(document["output"], json!([7, "Gr\u{c3}\u{bc}\u{c3}\u{9f}e."]), "{name}");
        let call = &document["host_calls"][0];
        assert_eq!((&call["name"], &call["request"]["prompt"], &call["result"]), (&json!(name), &json!("hi"), &json!(7)));
        assert_eq!((&call["response"], &call["truncated"], &call["held"]), (&json!("Grüße"), &json!(false), &json!(false)));
    }
    assert_eq!(server.requests().len(), NAMES.len());
}

#[test]
fn the_mock_answers_by_default_and_names_itself() {
    let document = ask(Script::new(), "cis.ai_prompt", "hi").document(&[]);
    tells(&document["host_calls"][0]["response"], &["mock", "hi"]);
    assert_eq!(document["host_calls"][0]["provider"], json!("mock"));
}

#[test]
fn what_the_provider_or_the_network_cannot_do_is_code_minus_4() {
    let script = NAMES.iter().fold(Script::new(), |script, name| ask(script, name, "hi")).show(BUFFER, 2);
    let failed = json!([-4, -4, -4, ".."]);
    let refusing = Server::answering(|_| ResponseTemplate::new(500).set_body_string("broken"));
    let document = succeeded(run_with(&refusing, &script, &[]));
    assert_eq!(document["output"], failed);
    tells(&document["host_calls"][0]["error"], &["500"]);
    let nonsense = Server::answering(|_| ResponseTemplate::new(200).set_body_string("not JSON"));
    assert_eq!(succeeded(run_with(&nonsense, &script, &[]))["output"], failed);
    let port = { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() };
    assert_eq!(succeeded(run_at(&format!("http://127.0.0.1:{port}"), &script, &[]))["output"], failed);
}

#[test]
fn an_answer_without_text_is_code_minus_4() {
    for content in [Value::Null, json!("")] {
        let message = json!({"role": "assistant", "content": content});
        let body = json!({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}]});
        let server = Server::answering(move |_| ResponseTemplate::new(200).set_body_json(&body));
        let document = succeeded(run_with(&server, &ask(Script::new(), "cis.ai_prompt", "hi"), &[]));
        assert_eq!(document["output"], json!([-4]), "{content}");
    }
}

#[test]
fn mock_rules_give_replies_and_errors() {
    let workspace = Workspace::new();
    workspace.write(
        "skillscope.toml",
        "[[ai.mock]]\ncontains = \"rain\"\nreply = \"Sunny.\"\n[[ai.mock]]\nregex = \"^s.+w$\"\nerror = \"no\"\n",
    );
    let script = ask(ask(Script::new(), "cis.ai_prompt", "any rain?"), "cis.ai_prompt", "snow");
    workspace.write("probe.wat", script.show(BUFFER, 7).module());
    assert_eq!(succeeded(workspace.run_json("probe", &[]))["output"], json!([6, -4, "Sunny.."]));
}

#[test]
fn ranges_outside_memory_and_bytes_that_are_not_utf_8_are_code_minus_2_and_nothing_is_sent() {
    let server = Server::openai("answer", Duration::ZERO);
    let mut script = Script::new();
    let mut calls = 0;
    for name in NAMES {
        for prompt in [
            Range(MEMORY - 1, 2),
            Range(MEMORY, 1),
            Range(MEMORY + 1, 0),
            Range(u32::MAX, 0),
            Range(u32::MAX, 1),
            Range(u32::MAX, u32::MAX),
            Range(0, MEMORY + 1),
            Range(0x8000_0000, 0x8000_0000),
            Bytes(b"a\xff"),
            Bytes(b"\xed\xa0\x80"),
        ] {
            script = script.call(name, &[prompt, Range(BUFFER, 64)]);
            calls += 1;
        }
        for buffer in [Range(MEMORY - 1, 2), Range(MEMORY + 1, 0), Range(u32::MAX, 2), Range(BUFFER, u32::MAX)] {
            script = script.call(name, &[Text("hi"), buffer]);
            calls += 1;
        }
    }
    let document = succeeded(run_with(&server, &script.show(BUFFER, 2), &[]));
    let mut expected = vec![json!(-2); calls];
    expected.push(json!(".."));
    assert_eq!(document["output"], Value::from(expected));
    assert_eq!(server.requests().len(), 0);
    assert_eq!(document["host_call_count"], json!(calls));
}

#[test]
fn an_empty_range_is_valid_up_to_the_end_of_memory() {
    let server = Server::openai("answer", Duration::ZERO);
    let script = Script::new().call("cis.ai_prompt", &[Text("hi"), Range(MEMORY, 0)]);
    assert_eq!(succeeded(run_with(&server, &script, &[]))["output"], json!([6]));
    assert_eq!(server.requests().len(), 1);
    let exact = Script::new().call("cis.ai_prompt", &[Text("hi"), Range(MEMORY - 6, 6)]).show(MEMORY - 6, 6);
    assert_eq!(succeeded(run_with(&server, &exact, &[]))["output"], json!([6, "answer"]));
    let empty_prompt = Script::new().call("cis.ai_prompt", &[Range(MEMORY, 0), Range(BUFFER, 64)]);
    let document = empty_prompt.document(&[]);
    assert_eq!(
        (&document["host_calls"][0]["request"]["prompt"], &document["host_calls"][0]["error"]),
        (&json!(""), &Value::Null)
    );
}

#[test]
fn a_prompt_over_16_mib_is_code_minus_5_and_is_not_sent() {
    let (at, limit) = (MEMORY, 16 << 20);
    let server = Server::openai("answer", Duration::ZERO);
    let script = Script::new().pages(258).call("cis.ai_prompt", &[Range(at, limit + 1), Range(BUFFER, 64)]);
    let (document, code) = run_with(&server, &script, &[]);
    assert_eq!((&document["output"], code), (&json!([-5]), 0), "{}", document["error"]);
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn an_answer_over_16_mib_is_code_minus_5() {
    let server = Server::openai(&"x".repeat((16 << 20) + 1), Duration::ZERO);
    let (document, _) = run_with(&server, &ask(Script::new(), "cis.ai_prompt", "hi").show(BUFFER, 1), &[]);
    assert_eq!(document["output"], json!([-5, "."]));
}

#[test]
fn the_arguments_are_unsigned() {
    // -1 as a length is 4 GiB, not an error code of the skill's own.
    let script = Script::new().import("cis.ai_prompt").call("cis.ai_prompt", &[Int(0), Int(-1), Range(BUFFER, 64)]);
    let document = script.document(&[]);
    assert_eq!(document["output"], json!([-2]));
    tells(&document["host_calls"][0]["error"], &["4294967295"]);
}

#[test]
fn with_both_the_lead_answers_and_the_other_is_reported_beside_it() {
    let server = Server::openai("real answer", Duration::ZERO);
    let workspace = Workspace::new();
    let script = ask(Script::new(), "cis.ai_prompt", "hi").show(BUFFER, 11);
    workspace.write("probe.wat", script.module());
    let settings = |lead: &str| {
        let provider = format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", server.url());
        format!("[ai]\nreal = \"local\"\nlead = \"{lead}\"\n[[ai.mock]]\ncontains = \"\"\nreply = \"mock answer\"\n{provider}")
    };
    for (lead, other) in [("mock", "real"), ("local", "mock")] {
        workspace.write("skillscope.toml", settings(lead));
        let document = succeeded(workspace.run_json("probe", &["--ai", "both"]));
        let call = &document["host_calls"][0];
        let own = if other == "mock" { "real answer" } else { "mock answer" };
        assert_eq!(document["output"], json!([11, own]));
        assert!(call["provider"].as_str().unwrap().starts_with(lead), "{call}");
        assert_eq!(call["others"].as_array().unwrap().len(), 1, "{call}");
        assert_eq!(call["others"][0]["response"], json!(format!("{other} answer")), "{call}");
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_other_provider_is_waited_for_no_longer_than_the_deadline_and_changes_nothing() {
    let late = Server::openai("late", Duration::from_secs(60));
    let workspace = Workspace::new();
    workspace.write("probe.wat", ask(Script::new(), "cis.ai_prompt", "hi").module());
    let provider = format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", late.url());
    workspace.write("skillscope.toml", format!("[ai]\nreal = \"local\"\n{provider}"));
    let document = succeeded(workspace.run_json("probe", &["--ai", "both", "--timeout", "300ms"]));
    assert_eq!(document["host_calls"][0]["provider"], json!("mock"));
    assert!(document["host_calls"][0]["result"].as_i64().unwrap() > 0);
}

#[test]
fn an_answer_is_read_no_further_than_it_may_be_large() {
    for (answer, status) in [(Endless::OfOneText, -5), (Endless::Announced, -5), (Endless::OfAnError, -4)] {
        let (url, given) = answer.serve();
        let script = ask(Script::new(), "cis.ai_prompt", "hi").show(BUFFER, 2);
        let document = succeeded(run_at(&url, &script, &[]));
        assert_eq!(document["output"], json!([status, ".."]));
        let told = if status == -5 { "larger than the limit" } else { "HTTP 500" };
        tells(&document["host_calls"][0]["error"], &["local (test-model)", told]);
        assert_eq!(document["host_calls"][0]["provider"], json!("local (test-model)"));
        // What the sockets between the two hold comes on top of what was read.
        assert!(given.join().unwrap() < 64 << 20);
    }
}

/// Servers whose answers never end.
#[derive(Clone, Copy)]
enum Endless {
    OfOneText,
    Announced,
    OfAnError,
}

impl Endless {
    /// Serves one request; gives the address, and how much was sent once nobody reads it any more.
    fn serve(self) -> (String, std::thread::JoinHandle<u64>) {
        use std::io::{Read as _, Write as _};
        let head = match self {
            Self::OfOneText => "200 OK\r\n",
            Self::Announced => "200 OK\r\ncontent-length: 99999999999\r\n",
            Self::OfAnError => "500 Broken\r\n",
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
            let body = "{\"choices\":[{\"message\":{\"content\":\"";
            let mut sent = 0;
            let mut piece = format!("HTTP/1.1 {head}content-type: application/json\r\n\r\n{body}").into_bytes();
            while connection.write_all(&piece).is_ok() {
                sent += piece.len() as u64;
                piece = vec![b'x'; 1 << 16];
            }
            sent
        });
        (url, serving)
    }
}
