//! `--ai-matrix`: the mock and real providers beside each other.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use wiremock::ResponseTemplate;

/// Asks, and fails where there is no answer.
fn asking() -> Script {
    Script::new().import("cis.ai_prompt").data(0x100, "hi").wat(
        "(if (i32.lt_s (call $cis.ai_prompt (i32.const 0x100) (i32.const 2) (i32.const 0x8000) (i32.const 64)) (i32.const 0))
           (then (unreachable)))
         (call $number (i64.const 1))",
    )
}

fn workspace(script: &Script, providers: &[(&str, String)]) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    let tables = providers.iter().map(|(name, url)| {
        format!(
            "[ai.providers.{name}]\nkind = \"openai\"\nbase_url = \"{url}/v1\"\nmodel = \"m-{name}\"\napi_key_env = \"A_KEY\"\n"
        )
    });
    workspace.write("skillscope.toml", tables.collect::<String>());
    workspace
}

fn compare(workspace: &Workspace, arguments: &[&str]) -> crate::program::Ran {
    workspace.skillscope_with(&[&["--run", "probe"], arguments].concat(), &[("A_KEY", "sk-0123456789abcdef")], b"")
}

fn answer(text: &str) -> Value {
    json!({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}})
}

#[test]
fn providers_are_tabled_with_pass_rates_latencies_and_tokens() {
    let good =
        Server::answering(|_| ResponseTemplate::new(200).set_body_json(answer("Hi!")).set_delay(Duration::from_millis(30)));
    // Every second answer of this one is a failure.
    let asked = AtomicU32::new(0);
    let flaky = Server::answering(move |_| match asked.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => ResponseTemplate::new(200).set_body_json(answer("Hi!")),
        _ => ResponseTemplate::new(500).set_body_string("broken"),
    });
    let workspace = workspace(&asking(), &[("good", good.url()), ("flaky", flaky.url())]);
    let arguments = ["--ai-matrix", "mock,good,flaky", "--repeat", "4"];
    let document = compare(&workspace, &[&arguments[..], &["--format", "json"]].concat()).expect(1).json();
    let providers = document["cases"][0]["providers"].as_array().unwrap();
    let row = |at: usize| {
        let row = &providers[at];
        (row["label"].as_str().unwrap(), row["runs"].as_u64(), row["passed"].as_u64(), row["failed_calls"].as_u64())
    };
    assert_eq!(row(0), ("mock", Some(4), Some(4), Some(0)));
    assert_eq!(row(1), ("good (m-good)", Some(4), Some(4), Some(0)));
    assert_eq!(row(2), ("flaky (m-flaky)", Some(4), Some(2), Some(2)));
    assert_eq!((&providers[0]["tokens"], &providers[1]["tokens"]), (&Value::Null, &json!({"prompt": 12, "answer": 8})));
    assert_eq!(providers[2]["tokens"], json!({"prompt": 6, "answer": 4}));
    let latency = &providers[1]["latency"];
    assert_eq!(latency["calls"], json!(4));
    assert!(
        latency["median_us"].as_u64() >= Some(30_000) && latency["p95_us"].as_u64() >= latency["median_us"].as_u64(),
        "{latency}"
    );
    assert_eq!((&providers[2]["latency"]["calls"], &providers[1]["failure"]), (&json!(2), &Value::Null));
    assert!(providers[2]["failure"].as_str().unwrap().starts_with("trap: "), "{document:#}");
    assert_eq!((good.requests().len(), flaky.requests().len()), (4, 4));
    let ran = compare(&workspace, &arguments);
    let lines: Vec<&str> = ran.expect(1).stdout.lines().collect();
    assert!(lines[0].starts_with("provider") && lines[0].contains("p95"), "{lines:#?}");
    assert!(lines[2].starts_with("good (m-good)") && lines[2].contains("4/4  100 %") && lines[2].contains("12"), "{lines:#?}");
    assert!(lines[3].contains("2/4   50 %") && lines[3].contains("4 (2 failed)"), "{lines:#?}");
    assert!(ran.stdout.contains("probe::run with flaky (m-flaky): trap: "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("sk-0123456789") && !ran.stderr.contains("sk-0123456789"));
}

#[test]
fn what_asked_nobody_is_no_answer_of_a_provider() {
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 1)])
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Range(u32::MAX, 9), Range(BUFFER, 64)]);
    let ran = compare(&workspace(&script, &[]), &["--ai-matrix", "mock", "--repeat", "3", "--format", "json"]);
    let provider = ran.expect(0).json()["cases"][0]["providers"][0].clone();
    assert_eq!((&provider["latency"]["calls"], &provider["failed_calls"]), (&json!(3), &json!(0)), "{provider}");
}

#[test]
fn a_provider_that_cannot_be_asked_is_wrong_usage_before_anything_runs() {
    let workspace = workspace(&asking(), &[("local", "http://127.0.0.1:1".to_owned())]);
    for (who, words) in [
        ("mock,loacl", "there is no AI provider \"loacl\""),
        ("both", "both is two of them"),
        ("mock,,local", "expected names of providers"),
    ] {
        let ran = compare(&workspace, &["--ai-matrix", who]);
        assert!(ran.expect(2).stderr.contains(words), "{who}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let ran = workspace.skillscope(&["--run", "probe", "--ai-matrix", "local"]);
    assert!(ran.expect(2).stderr.contains("A_KEY is not set"), "{}", ran.stderr);
    workspace.skillscope(&["--run", "probe", "--repeat", "3"]).expect(2);
    workspace.skillscope(&["--run", "probe", "--ai", "mock", "--ai-matrix", "mock"]).expect(2);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_comparison_in_the_middle_of_an_answer_and_what_was_known_is_told() {
    use rustix::process::{Pid, Signal, kill_process};
    let asked = AtomicU32::new(0);
    let server = Server::answering(move |_| {
        let late = if asked.fetch_add(1, Ordering::SeqCst) == 0 { 0 } else { 600 };
        ResponseTemplate::new(200).set_body_json(answer("Hi!")).set_delay(Duration::from_secs(late))
    });
    let workspace = workspace(&asking(), &[("slow", server.url())]);
    let mut command =
        workspace.command(&["--run", "probe", "--ai-matrix", "slow", "--repeat", "9", "--format", "json", "--timeout", "1h"]);
    let child = command.env("A_KEY", "sk-0123456789abcdef").spawn().unwrap();
    while server.requests().len() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::INT).unwrap();
    let ran = crate::program::finish(child, b"");
    let document = ran.expect(130).json();
    assert_eq!((&document["cancelled"], &document["cases"][0]["providers"][0]["runs"]), (&json!(true), &json!(1)));
}
