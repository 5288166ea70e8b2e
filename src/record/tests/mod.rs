//! Records as they are written, read, damaged, listed and deleted.

mod bounds;
mod damage;
mod listing;
mod reading;
mod recording;

use super::*;
use crate::event::{
    CallFinished, CallId, CallRequest, CallStarted, Event, EventObserver, Failure, GaugeSample, GuestRead, GuestWrite,
    JsonDocument, Limits, LogLevel, Outcome, Payload, Phase, Profile, RunEvent, RunFinished, RunId, RunStarted, ShadowAnswer,
    Tokens, Usage, WasiCall,
};
use crate::skill::Workspace;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const RUN: RunId = RunId(3);
const LONG: Duration = Duration::from_secs(60);

/// A workspace in a directory of its own, and what went wrong with its records.
struct Place {
    root: tempfile::TempDir,
    troubles: Arc<Mutex<Vec<String>>>,
}

impl Place {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), troubles: Arc::default() }
    }

    fn workspace(&self) -> Workspace {
        Workspace { root: self.root.path().to_owned(), settings_path: None }
    }

    fn runs(&self) -> PathBuf {
        self.root.path().join(".skillscope/runs")
    }

    fn recorder(&self) -> Recorder {
        self.recorder_keeping(Retention::default())
    }

    fn recorder_keeping(&self, retention: Retention) -> Recorder {
        let troubles = Arc::clone(&self.troubles);
        Recorder::in_workspace(self.workspace(), retention, move |trouble| troubles.lock().unwrap().push(trouble.to_string()))
    }

    fn troubles(&self) -> Vec<String> {
        self.troubles.lock().unwrap().clone()
    }

    /// Records these events; the record's file.
    fn record(&self, header: &RecordHeader, events: &[Event]) -> PathBuf {
        let recorder = self.recorder();
        let run = recorder.begin(header, &settings());
        events.iter().for_each(|event| run.observe(event));
        run.finish();
        assert!(recorder.wait(LONG));
        run.path().unwrap().to_owned()
    }

    fn list(&self) -> Vec<RecordEntry> {
        History::of(&self.workspace()).list().unwrap()
    }
}

fn header() -> RecordHeader {
    RecordHeader {
        skill_version: Some("1.0".into()),
        profile: Some(Profile::D04),
        module_sha256: Some("ab".repeat(32)),
        module_bytes: Some(1234),
        ..RecordHeader::new(RUN, "page title", 1)
    }
}

fn settings() -> RunSettings {
    RunSettings {
        skill_path: Some("skills/page-title".into()),
        module_path: Some("skills/page-title/page.wasm".into()),
        manifest: Some("[skill]\nname = \"page title\"\n".into()),
        event_type: Some("message".into()),
        raw_stdin: false,
        permissions: crate::skill::Permissions::of_a_bare_module(),
        config: [("greeting".to_owned(), "Hello".to_owned())].into(),
        stored: [("k".to_owned(), Payload::from(&[0xff_u8][..]))].into(),
        compiler: "cranelift".into(),
        ai: RecordedAi { lead: "mock".into(), shadows: vec!["local (llama3.2)".into()] },
        wasi: Some(RecordedWasi {
            environment: vec![("MODE".into(), "dev".into())],
            directories: vec![RecordedDirectory { host: "/tmp/x".into(), guest: "/data".into(), writable: true }],
        }),
        faults: vec!["ai#2=error".into()],
    }
}

fn of_run(at_us: u64, what: RunEvent) -> Event {
    Event::Run { run: RUN, at_us, what }
}

fn call_started(id: u64) -> RunEvent {
    let request = CallRequest(vec![("url".into(), "http://x/".into()), ("body".into(), Payload::from(&[0xff, 0][..]))]);
    RunEvent::HostCallStarted(CallStarted { id: CallId(id), name: "cis.http_request".into(), request })
}

fn call_finished(id: u64) -> RunEvent {
    RunEvent::HostCallFinished(CallFinished {
        id: CallId(id),
        result: Some(-404),
        response: Some("not there \u{1b}[2J".into()),
        truncated: false,
        held: false,
        elapsed_us: 1500,
        provider: Some("mock".into()),
        tokens: Some(Tokens { prompt: Some(3), answer: None }),
        error: Some("the server answered with status 404".into()),
    })
}

fn shadow(call: u64) -> Event {
    let answer = ShadowAnswer { provider: "local".into(), response: Some("hi".into()), error: None, elapsed_us: 9, tokens: None };
    Event::ShadowAnswered { run: RUN, call: CallId(call), answer }
}

/// An event of each kind that a record has, in an order that a run could have.
fn events() -> Vec<Event> {
    let started = RunStarted {
        skill: "page title".into(),
        profile: Some(Profile::D04),
        module_sha256: Some("ab".repeat(32)),
        limits: Limits::default(),
        input: Payload::from(r#"{"a": 1}"#),
        event_type: Some("message".into()),
        fuel_rule: 1,
        seed: Some(7),
    };
    let wasi = WasiCall {
        name: "fd_read".into(),
        arguments: vec![0, 8, 1, 4],
        errno: Some(0),
        elapsed_us: 2,
        reads: vec![GuestRead("a path".into())],
        incomplete: true,
        writes: vec![
            GuestWrite { ptr: 64, bytes: "text".into() },
            GuestWrite { ptr: 4, bytes: Payload::from(&[4, 0, 0, 0][..]) },
        ],
    };
    let usage =
        Usage { fuel: 123, fuel_exact: true, memory_bytes: Some(65_536), elapsed_ms: 0.30000000000000004, ..Usage::default() };
    let finished = RunFinished {
        outcome: Outcome::Failed,
        output: JsonDocument::parse("{\"z\":1.10,\"a\":[1,-2,123456789012345678901,\"é\\n\"]}".as_bytes()).ok(),
        output_text: None,
        error: Some(Failure::new("failed", "the skill returned -4")),
        usage,
        functions: None,
    };
    let mut events = vec![
        of_run(0, RunEvent::Started(Box::new(started))),
        of_run(1, RunEvent::PhaseStarted { phase: Phase::Start }),
        of_run(2, call_started(1)),
        of_run(3, call_finished(1)),
        of_run(4, RunEvent::WasiCall(wasi)),
        of_run(5, RunEvent::Log { level: LogLevel::Warn, message: "no milk".into() }),
        of_run(6, RunEvent::Stdout { bytes: Payload::from(&[0xfe, b'a'][..]) }),
        of_run(7, RunEvent::Stderr { bytes: "err".into() }),
        of_run(8, RunEvent::Warning { message: "careful".into() }),
        of_run(9, RunEvent::Sample(GaugeSample { fuel: 12, ..GaugeSample::default() })),
        of_run(10, call_started(2)),
    ];
    events.push(of_run(11, RunEvent::Finished(Box::new(finished))));
    events.push(shadow(1));
    events
}

/// All that can be read of a record.
fn read_all(path: &Path) -> Result<(Vec<Event>, Integrity), RecordError> {
    let mut reader = RecordReader::open(path)?;
    let events = reader.by_ref().map(|event| event.map(|(_, event)| event)).collect::<Result<Vec<_>, _>>()?;
    Ok((events, reader.integrity().clone()))
}
