//! Records made of what real runs tell: whole, and without keys.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use skillscope::event::{Event, EventObserver as _, RunId};
use skillscope::record::{RecordHeader, RecordReader, Recorder, RunSettings};
use std::path::Path;
use std::time::Duration;
use wiremock::ResponseTemplate;

const KEY: &str = "sk-0123456789abcdef";

/// Records what `--format jsonl` printed, and reads it back.
fn recorded(jsonl: &str, file: &Path) -> Vec<Event> {
    let recorder = Recorder::to_file(file.to_owned(), |trouble| panic!("{trouble}"));
    let run = recorder.begin(&RecordHeader::new(RunId(1), "probe", 1), &RunSettings::default());
    for line in jsonl.lines() {
        run.observe(&serde_json::from_str(line).unwrap());
    }
    assert!(recorder.wait(Duration::from_secs(60)));
    let mut reader = RecordReader::open(file).unwrap();
    let events = reader.by_ref().map(|event| event.unwrap().1).collect();
    assert!(reader.integrity().is_whole(), "{:?}", reader.integrity());
    events
}

#[test]
fn keys_of_providers_are_in_no_record_whatever_a_provider_says() {
    let said = format!("{{\"error\": {{\"message\": \"the key {KEY} is worth nothing\"}}}}");
    let answer = serde_json::json!({
        "id": "1", "object": "chat.completion", "created": 1, "model": "test-model",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": format!("your key is {KEY}") } }],
    });
    for response in [ResponseTemplate::new(401).set_body_string(&said), ResponseTemplate::new(200).set_body_json(&answer)] {
        let server = Server::answering(move |_| response.clone());
        let workspace = Workspace::new();
        workspace.write("probe.wat", Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]).module());
        let settings = format!(
            "[ai]\nreal = \"local\"\n[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"test-model\"\napi_key_env = \"LOCAL_KEY\"\n",
            server.url()
        );
        workspace.write("skillscope.toml", settings);
        // Asked as the one who answers, and beside it, for comparison.
        for who in ["real", "both"] {
            let ran =
                workspace.skillscope_with(&["--run", "probe", "--ai", who, "--format", "jsonl"], &[("LOCAL_KEY", KEY)], b"");
            let file = workspace.path().join("run.jsonl");
            let events = recorded(&ran.stdout, &file);
            let printed: Vec<Event> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let of_run = |event: &&Event| matches!(event, Event::Run { .. } | Event::ShadowAnswered { .. });
            assert_eq!(events, printed.iter().filter(of_run).cloned().collect::<Vec<_>>(), "{who}");
            let record = std::fs::read_to_string(&file).unwrap();
            assert!(record.contains("[redacted]"), "{who}: the provider's words are in the record\n{record}");
            assert!(!record.contains(KEY), "{who}\n{record}");
        }
        assert_eq!(server.requests()[0].headers["authorization"], format!("Bearer {KEY}"));
    }
}
