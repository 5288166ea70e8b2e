//! The fields of the JSON report, and of every event.

use super::{Words, in_backticks, read, root, set, table};
use crate::program::Workspace;
use skillscope::event::{self, Outcome, Profile};
use std::collections::BTreeMap;

/// The field names among the words in backticks.
fn fields(text: &str) -> Words {
    let is_field = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    set(in_backticks(text).into_iter().filter(is_field))
}

fn keys(value: &serde_json::Value) -> Words {
    set(value.as_object().unwrap().keys().map(String::as_str))
}

#[test]
fn the_fields_of_the_report_are_those_of_the_document() {
    let running = read("docs/running.md");
    let rows = table(&running, "| field | meaning |");
    let row = |name: &str| rows.iter().find(|row| row[0] == format!("`{name}`")).unwrap_or_else(|| panic!("no row for {name}"));
    let workspace = Workspace::new();
    let samples = root().join("sample-skills");
    let mut reports = Vec::new();
    for name in ["panics", "summarize"] {
        let input = r#"{"note": "Call Ada"}"#;
        let arguments = ["--profile", "--format", "json", "--input", input, samples.to_str().unwrap()];
        reports.push(workspace.skillscope(&[&["--run", name], arguments.as_slice()].concat()).json());
    }
    for report in &reports {
        assert_eq!(keys(report), rows.iter().flat_map(|row| fields(&row[0])).collect::<Words>(), "fields of the document");
        assert_eq!(keys(&report["usage"]), fields(&row("usage")[1]), "fields of `usage`");
        assert_eq!(keys(&report["limits"]), fields(&row("limits")[1]), "fields of `limits`");
    }
    assert_eq!(keys(&reports[0]["functions"][0]), fields(&row("functions")[1]), "fields of a function");
    let error = &reports[0]["error"];
    assert_eq!(keys(error), fields(&row("error")[1]), "fields of `error`");
    let paragraph = |begin: &str| {
        let text = running.split("\n\n").find(|paragraph| paragraph.starts_with(begin)).unwrap_or_else(|| panic!("{begin}"));
        fields(text)
    };
    let frame = paragraph("`error.kind` is a word");
    assert!(keys(&error["backtrace"][0]).is_subset(&frame), "fields of a frame: {frame:?}");
    let call = paragraph("A host call has");
    assert!(keys(&reports[1]["host_calls"][0]).is_subset(&call), "fields of a host call: {call:?}");
    let log = &reports[0]["logs"][0];
    assert_eq!(keys(log), fields(&row("logs`, `logs_left_out")[1]), "fields of a log line");
}

/// An event of each type, as JSON: its name, and its fields but those that all of them have.
fn events() -> Vec<(String, Words)> {
    use event::{Event, RunEvent};
    let limits = event::Limits::default();
    let call =
        || event::CallStarted { id: event::CallId(1), name: "env.host_now".into(), request: event::CallRequest::default() };
    let failure = event::Failure::new("kind", "message");
    let run = event::RunId(1);
    let answer = event::ShadowAnswer { provider: String::new(), response: None, error: None, elapsed_us: 0, tokens: None };
    let replay = event::ReplayReport {
        record: "run.jsonl".into(),
        verdict: event::ReplayVerdict::Same,
        same_module: true,
        answered: 0,
        unasked: 0,
        differences: Vec::new(),
    };
    let loaded = event::LoadedModule {
        skill: String::new(),
        sha256: String::new(),
        profile: Profile::D04,
        module_bytes: 0,
        compile_ms: None,
        cache: None,
        compiler: None,
    };
    let started = event::RunStarted {
        skill: String::new(),
        profile: None,
        module_sha256: None,
        limits,
        input: "".into(),
        event_type: Some(String::new()),
        fuel_rule: 1,
        seed: None,
    };
    let finished = event::RunFinished {
        outcome: Outcome::Ok,
        output: Some(event::JsonDocument::code(0)),
        output_text: None,
        error: None,
        usage: event::Usage::default(),
        functions: Some(Vec::new()),
    };
    let call_finished = event::CallFinished {
        id: event::CallId(1),
        result: None,
        response: None,
        truncated: false,
        held: false,
        elapsed_us: 0,
        provider: None,
        tokens: None,
        error: None,
    };
    let wasi =
        event::WasiCall { name: "fd_write".into(), arguments: Vec::new(), errno: None, elapsed_us: 0, ..Default::default() };
    let of_runs = [
        RunEvent::Started(Box::new(started)),
        RunEvent::PhaseStarted { phase: event::Phase::Execute },
        RunEvent::HostCallStarted(call()),
        RunEvent::HostCallFinished(call_finished),
        RunEvent::HostCallHeld { id: event::CallId(1) },
        RunEvent::HostCallReleased {
            id: event::CallId(1),
            how: event::Release::Resumed,
            request: Some(event::CallRequest::default()),
        },
        RunEvent::FaultInjected { fault: String::new(), call: Some(event::CallId(1)) },
        RunEvent::WasiCall(wasi),
        RunEvent::Log { level: event::LogLevel::Info, message: "".into() },
        RunEvent::Stdout { bytes: "".into() },
        RunEvent::Stderr { bytes: "".into() },
        RunEvent::Warning { message: String::new() },
        RunEvent::Sample(event::Gauges::default().sample()),
        RunEvent::Finished(Box::new(finished)),
    ];
    let mut all = vec![
        Event::Compiling { skill: String::new(), module_bytes: 0 },
        Event::Loaded(loaded),
        Event::Rejected { skill: String::new(), outcome: Outcome::Invalid, failure },
        Event::Changed { skill: String::new(), files: Vec::new() },
        Event::ShadowAnswered { run, call: event::CallId(1), answer },
        Event::ShadowsDone { run },
        Event::Replayed { run, replay: Box::new(replay) },
        Event::Notice { message: String::new() },
        Event::Skills { skills: Vec::new() },
        Event::ChecksDone,
    ];
    all.extend(of_runs.into_iter().map(|what| Event::Run { run, at_us: 0, what }));
    for event in &all {
        // A new event stops this from compiling: it belongs into the list above and into the document.
        match event {
            Event::Run { what, .. } => match what {
                RunEvent::Started(_) | RunEvent::PhaseStarted { .. } | RunEvent::HostCallStarted(_) => {}
                RunEvent::HostCallFinished(_) | RunEvent::HostCallHeld { .. } | RunEvent::HostCallReleased { .. } => {}
                RunEvent::FaultInjected { .. } | RunEvent::WasiCall(_) | RunEvent::Log { .. } => {}
                RunEvent::Stdout { .. } | RunEvent::Stderr { .. } | RunEvent::Warning { .. } => {}
                RunEvent::Sample(_) | RunEvent::Finished(_) => {}
            },
            Event::Compiling { .. } | Event::Loaded(_) | Event::Rejected { .. } | Event::Changed { .. } => {}
            Event::ShadowAnswered { .. } | Event::ShadowsDone { .. } | Event::Notice { .. } | Event::Replayed { .. } => {}
            Event::Skills { .. } | Event::ChecksDone => {}
            // These have pages of their own, docs/cases.md and docs/sweeps.md.
            Event::Suite(_) | Event::Sweep(_) => {}
            // Only a workbench asks for these, and they are no part of `--format jsonl`.
            Event::Workbench(_) => {}
        }
    }
    let name_and_fields = |event: &Event| {
        let json = serde_json::to_value(event).unwrap();
        let of_all: &[&str] = if json["event"] == "run" { &["event", "run", "at_us", "type"] } else { &["event"] };
        let name = if json["event"] == "run" { &json["type"] } else { &json["event"] };
        let fields = keys(&json).into_iter().filter(|key| !of_all.contains(&key.as_str())).collect();
        (name.as_str().unwrap().to_owned(), fields)
    };
    all.iter().map(name_and_fields).collect()
}

#[test]
fn every_event_is_documented_with_its_fields() {
    let running = read("docs/running.md");
    let mut documented: BTreeMap<String, Words> = BTreeMap::new();
    for row in table(&running, "| `event` | fields |").into_iter().chain(table(&running, "| `type` | fields |")) {
        for name in fields(&row[0]) {
            assert!(documented.insert(name.clone(), fields(&row[1])).is_none(), "{name} is documented twice");
        }
    }
    assert_eq!(documented.remove("run"), Some(set(["run", "at_us", "type"])), "the fields of all events of a run");
    assert_eq!(documented, events().into_iter().collect::<BTreeMap<_, _>>());
}
