//! Who answers prompts: providers of each protocol, both side by side, the mock's rules, and keys that nobody sees.

use crate::program::{Ran, Workspace};
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, succeeded, tells};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::{Request, ResponseTemplate};

const KEY: &str = "sk-T0p+s3cret/key";
const FORMATS: [&str; 3] = ["human", "json", "jsonl"];

/// A skill that asks this and answers with the result and the first characters of what it got.
fn asking(prompt: &str, shown: u32) -> Script {
    Script::new().call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]).show(BUFFER, shown)
}

fn provider(kind: &str, base_url: &str) -> String {
    format!(
        "[ai.providers.box]\nkind = \"{kind}\"\nbase_url = \"{base_url}\"\nmodel = \"the-model\"\napi_key_env = \"BOX_KEY\"\n"
    )
}

fn workspace(script: &Script, settings: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    workspace.write("skillscope.toml", settings);
    workspace
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Ran {
    workspace.skillscope_with(&[&["--run", "probe"], arguments].concat(), &[("BOX_KEY", KEY)], b"")
}

#[track_caller]
fn document(workspace: &Workspace, arguments: &[&str]) -> Value {
    let ran = run(workspace, &[arguments, &["--format", "json"]].concat());
    succeeded((ran.json(), ran.code))
}

/// What a server of each protocol answers, where it is asked, and how it is shown the key.
fn protocols() -> [(&'static str, &'static str, &'static str, &'static str, Value); 4] {
    let choice = json!({"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi!"}});
    [
        (
            "openai",
            "/v1",
            "/v1/chat/completions",
            "authorization",
            json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice],
                "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}),
        ),
        (
            "anthropic",
            "/v1",
            "/v1/messages",
            "x-api-key",
            json!({"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
                "content": [{"type": "text", "text": "Hi!"}], "usage": {"input_tokens": 3, "output_tokens": 2}}),
        ),
        (
            "gemini",
            "/v1beta",
            "/v1beta/models/the-model:generateContent",
            "x-goog-api-key",
            json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi!"}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}}),
        ),
        (
            "ollama",
            "",
            "/api/chat",
            "authorization",
            json!({"model": "m", "message": {"role": "assistant", "content": "Hi!"}, "done": true, "done_reason": "stop",
                "prompt_eval_count": 3, "eval_count": 2}),
        ),
    ]
}

#[test]
fn a_provider_of_each_protocol_answers() {
    for (kind, base, path, header, body) in protocols() {
        let server = Server::answering(move |_| ResponseTemplate::new(200).set_body_json(&body));
        let settings = provider(kind, &format!("{}{base}", server.url()));
        let document = document(&workspace(&asking("Say hi.", 4), &settings), &["--ai", "box"]);
        assert_eq!(document["output"], json!([3, "Hi!."]), "{kind}");
        let call = &document["host_calls"][0];
        assert_eq!((&call["provider"], &call["response"]), (&json!("box (the-model)"), &json!("Hi!")), "{kind}");
        assert_eq!(call["tokens"], json!({"prompt": 3, "answer": 2}), "{kind}");
        let requests = server.requests();
        assert_eq!((requests.len(), requests[0].url.path()), (1, path), "{kind}");
        assert!(requests[0].headers[header].to_str().unwrap().contains(KEY), "{kind}");
        assert!(String::from_utf8_lossy(&requests[0].body).contains("Say hi."), "{kind}");
    }
}

/// Whatever names of headers a protocol gives its key.
fn shown_key(request: &Request) -> String {
    let shown = ["authorization", "x-api-key", "x-goog-api-key"].iter().find_map(|name| request.headers.get(*name));
    shown.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[track_caller]
fn holds_no_key(ran: &Ran, context: &str) {
    for spelling in ["s3cret", "sk-T0p", "T0p%2B"] {
        assert!(!ran.stdout.contains(spelling) && !ran.stderr.contains(spelling), "{context}\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_key_that_a_server_sends_back_is_shown_to_nobody() {
    for (kind, base, _, _, answer) in protocols() {
        for status in [200, 401] {
            for format in FORMATS {
                let answer = answer.clone();
                let server = Server::answering(move |request| {
                    let key = shown_key(request);
                    let body = if status == 200 {
                        answer.to_string().replace("Hi!", &format!("you are {key}"))
                    } else {
                        json!({"error": {"message": format!("{key} is refused")}, "type": key}).to_string()
                    };
                    ResponseTemplate::new(status).set_body_raw(body, "application/json").insert_header("x-echo", key.as_str())
                });
                let settings = provider(kind, &format!("{}{base}", server.url()));
                let ran = run(&workspace(&asking("hi", 1), &settings), &["--ai", "box", "--format", format]);
                holds_no_key(ran.expect(0), &format!("{kind} {status} {format}"));
                assert!(format!("{}{}", ran.stdout, ran.stderr).contains("[redacted]"), "{kind} {status} {format}");
            }
        }
    }
}

#[test]
fn a_key_is_not_shown_where_nothing_answers_or_the_settings_are_wrong() {
    // It hangs up at once. (A port that nobody listens at may be another test's by then.)
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    // Nobody listens at the first port of all.
    for port in [port, 1] {
        let dead = provider("openai", &format!("http://127.0.0.1:{port}/v1"));
        for format in FORMATS {
            let ran = run(&workspace(&asking("hi", 1), &dead), &["--ai", "box", "--format", format]);
            holds_no_key(ran.expect(0), format);
            assert!(format!("{}{}", ran.stdout, ran.stderr).contains("-4"), "{}{}", ran.stdout, ran.stderr);
        }
    }
    // Written by mistake where its variable's name belongs, or into the address.
    for wrong in [
        provider("openai", "http://127.0.0.1:1/v1").replace("\"BOX_KEY\"", &format!("\"{KEY}\"")),
        provider("openai", &format!("http://me:{KEY}@127.0.0.1/v1")),
    ] {
        let ran = run(&workspace(&asking("hi", 1), &wrong), &["--ai", "box"]);
        holds_no_key(ran.expect(2), &wrong);
    }
}

#[test]
fn the_mocks_rules_are_tried_in_order() {
    let rules = "[[ai.mock]]\ncontains = \"first\"\nreply = \"one\"\n\
        [[ai.mock]]\nregex = \"(?i)^SECOND\\\\b\"\nreply = \"two\"\n\
        [[ai.mock]]\ncontains = \"fail\"\nerror = \"out of order\"\n\
        [[ai.mock]]\ncontains = \"wait\"\nreply = \"late\"\ndelay = \"300ms\"\n";
    let prompts = ["the first", "second best", "SECOND first", "seconds", "please fail", "wait"];
    let script = prompts
        .iter()
        .fold(Script::new(), |script, prompt| script.call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]).show(BUFFER, 4));
    let document = document(&workspace(&script, rules), &[]);
    let calls = document["host_calls"].as_array().unwrap();
    let said = |index: usize| calls[index]["response"].clone();
    assert_eq!([said(0), said(1), said(2), said(5)], [json!("one"), json!("two"), json!("one"), json!("late")]);
    tells(&said(3), &["[mock] no rule matches", "seconds"]);
    assert_eq!((&calls[4]["result"], &calls[4]["error"]), (&json!(-4), &json!("out of order")));
    assert!(calls[5]["elapsed_us"].as_u64().unwrap() >= 300_000);
    assert!(calls.iter().all(|call| call["provider"] == "mock" || call["error"] == "out of order"), "{calls:#?}");
}

#[test]
fn nobody_to_ask_is_a_usage_error_that_says_what_to_write() {
    let one = provider("openai", "http://127.0.0.1:9/v1");
    let two = format!("{one}{}", one.replace("providers.box", "providers.other"));
    for (settings, who, words) in [
        ("", "real", &["no real AI provider is configured", "[ai.providers.local]"][..]),
        ("", "both", &["no real AI provider is configured"]),
        (two.as_str(), "real", &["several AI providers", "box, other", "real = \"box\""]),
        (one.as_str(), "bix", &["there is no AI provider \"bix\"", "did you mean box"]),
        (one.as_str(), "nobody", &["known here: mock, real, both, box"]),
    ] {
        let ran = run(&workspace(&asking("hi", 1), settings), &["--ai", who]);
        assert!(ran.expect(2).stdout.is_empty());
        for word in words {
            assert!(ran.stderr.contains(word), "{who}: {word:?} is not in {}", ran.stderr);
        }
    }
    let without_key = workspace(&asking("hi", 1), &one);
    let ran = without_key.skillscope(&["--run", "probe", "--ai", "box"]);
    assert!(ran.expect(2).stderr.contains("BOX_KEY is not set") && ran.stderr.contains("set BOX_KEY"), "{}", ran.stderr);
    without_key.skillscope(&["--list"]).expect(0);
}

fn both(lead: &str, real_url: &str, mock: &str) -> String {
    format!("[ai]\nreal = \"box\"\nlead = \"{lead}\"\n[[ai.mock]]\ncontains = \"\"\n{mock}\n{}", provider("openai", real_url))
}

#[test]
fn the_other_providers_failure_is_no_failure_of_the_run() {
    let refusing = Server::answering(|_| ResponseTemplate::new(503).set_body_string("closed"));
    let settings = both("mock", &format!("{}/v1", refusing.url()), "reply = \"fine\"");
    let document = document(&workspace(&asking("hi", 4), &settings), &["--ai", "both"]);
    assert_eq!(document["output"], json!([4, "fine"]));
    let others = document["host_calls"][0]["others"].as_array().unwrap();
    assert_eq!((others.len(), &others[0]["provider"], &others[0]["response"]), (1, &json!("box (the-model)"), &Value::Null));
    tells(&others[0]["error"], &["503", "closed"]);
}

#[test]
fn where_the_real_one_leads_the_mock_is_asked_beside_it_and_may_fail_or_be_late() {
    let server = Server::openai("real", Duration::ZERO);
    let run = |mock: &str, timeout: &str| {
        let settings = both("real", &format!("{}/v1", server.url()), mock);
        document(&workspace(&asking("hi", 4), &settings), &["--ai", "both", "--timeout", timeout])
    };
    let failing = run("error = \"no\"", "30s");
    let call = &failing["host_calls"][0];
    assert_eq!((&failing["output"], &call["provider"]), (&json!([4, "real"]), &json!("box (the-model)")));
    assert_eq!((&call["others"][0]["provider"], &call["others"][0]["error"]), (&json!("mock"), &json!("no")));
    let late = run("reply = \"late\"\ndelay = \"400ms\"", "30s");
    assert_eq!(late["host_calls"][0]["others"][0]["response"], json!("late"), "it is waited for");
    assert!(late["usage"]["elapsed_ms"].as_f64().unwrap() < late["host_calls"][0]["others"][0]["elapsed_us"].as_f64().unwrap());
    let too_late = run("reply = \"late\"\ndelay = \"60s\"", "1500ms");
    assert_eq!(too_late["output"], json!([4, "real"]));
    assert_eq!(too_late["host_calls"][0]["others"][0]["response"], Value::Null, "but not past the deadline");
}

#[test]
fn answers_beside_are_joined_to_their_calls() {
    let server = Server::answering(|request| {
        let body: Value = request.body_json().unwrap();
        let prompt = body["messages"][0]["content"].as_str().unwrap().to_owned();
        // The later the call, the sooner the answer.
        let delay = Duration::from_millis(if prompt == "a" { 400 } else { 50 });
        let message = json!({"role": "assistant", "content": format!("to {prompt}")});
        let choice = json!({"index": 0, "finish_reason": "stop", "message": message});
        ResponseTemplate::new(200).set_delay(delay).set_body_json(json!({"id": "1", "choices": [choice]}))
    });
    let script = ["a", "b", "c"]
        .iter()
        .fold(Script::new(), |script, prompt| script.call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]));
    let settings = both("mock", &format!("{}/v1", server.url()), "reply = \"m\"");
    let workspace = workspace(&script, &settings);
    let report = document(&workspace, &["--ai", "both"]);
    for (call, prompt) in report["host_calls"].as_array().unwrap().iter().zip(["a", "b", "c"]) {
        assert_eq!(call["others"][0]["response"], json!(format!("to {prompt}")));
    }
    let lines = run(&workspace, &["--ai", "both", "--format", "jsonl"]);
    let events: Vec<Value> = lines.expect(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = events.iter().filter(|event| event["event"] == "shadow_answered").collect();
    assert_eq!(answered.len(), 3);
    assert!(answered.iter().any(|event| event["call"] == 1 && event["answer"]["response"] == "to a"), "{answered:?}");
    assert_eq!(events.last().unwrap()["event"], json!("shadows_done"));
}
