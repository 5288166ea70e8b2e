//! Replays of runs in which the user of a workbench answered calls, let them fail, and changed them.

use super::{essence, replayed};
use crate::program::{Workspace, cache_home};
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::{Value, json};
use skillscope::event::{CallRequest, CallStarted, Event, RunEvent, WorkbenchEvent};
use skillscope::host::store::MemoryStore;
use skillscope::session::{Command, Decision, Session, SessionConfig, WorkbenchCommand};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// What the user decides on a call.
fn decision(call: &CallStarted) -> Decision {
    let function = call.name.rsplit('.').next().unwrap();
    match (function, call.id.0) {
        ("ai_prompt", 1) => Decision::Answer("ça: an answer that is longer than the buffer".into()),
        ("ai_prompt", _) => Decision::Resume(Some(CallRequest(vec![("prompt".into(), "another prompt".into())]))),
        ("memory_get", _) => Decision::Answer("made up".into()),
        ("host_memory_set", _) => Decision::Fail(-5),
        ("host_now", _) => Decision::Answer("1234".into()),
        ("seed", _) => Decision::Answer("0.25".into()),
        ("abort", _) => Decision::Fail(0),
        _ => Decision::Delay(Duration::from_millis(1)),
    }
}

/// Runs a skill in a workbench that holds every call, and cancels it where nothing is decided; the outcome, and the record.
fn decided_or_cancelled(workspace: &Workspace, decide: fn(&CallStarted) -> Option<Decision>) -> (String, PathBuf) {
    let session = Session::start(SessionConfig {
        directories: vec![workspace.path().to_owned()],
        ai: "mock".into(),
        store: Arc::new(MemoryStore::new()),
        cache_dir: Some(cache_home()),
        max_module_bytes: None,
        watch: false,
    })
    .unwrap();
    let commander = session.commander();
    commander.send(Command::OpenWorkbench(Box::default()));
    for command in [
        WorkbenchCommand::SetIntercept { filter: Some("~n .".into()), on: true },
        WorkbenchCommand::Run { skill: "probe".into(), input: None },
    ] {
        commander.send(Command::Workbench(command));
    }
    let mut call = None;
    let mut outcome = String::new();
    loop {
        match session.events().recv_timeout(PATIENCE).expect("the run ends") {
            Event::Run { what: RunEvent::HostCallStarted(started), .. } => call = Some(started),
            Event::Run { run, what: RunEvent::HostCallHeld { id }, .. } => {
                commander.send(match decide(call.as_ref().unwrap()) {
                    Some(decision) => Command::Workbench(WorkbenchCommand::Release { run, call: id, decision, keep: false }),
                    None => Command::Cancel(run),
                });
            }
            Event::Run { what: RunEvent::Finished(finished), .. } => outcome = finished.outcome.word().to_owned(),
            Event::ShadowsDone { .. } => break,
            Event::Workbench(event) => assert!(!matches!(*event, WorkbenchEvent::Refused { .. }), "{event:?}"),
            _ => {}
        }
    }
    drop(session);
    let runs = workspace.path().join(".skillscope/runs");
    let record =
        std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "jsonl");
    (outcome, record.unwrap())
}

/// The run of a record, as a report tells it.
fn told(record: &std::path::Path) -> Value {
    let read = skillscope::record::ReadRecord::read(record, 100).unwrap();
    serde_json::to_value(skillscope::report::document(&read.summary)).unwrap()
}

#[test]
fn what_the_user_decided_is_a_part_of_the_record() {
    let workspace = Workspace::new();
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("p"), Range(BUFFER, 1)])
        .show(BUFFER, 2)
        .call("cis.ai_prompt", &[Text("p"), Range(BUFFER, 64)])
        .show(BUFFER, 16)
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 64)])
        .show(BUFFER, 8)
        .call("env.host_memory_set", &[Text("k"), Text("v")])
        .call("env.host_now", &[])
        .import("env.seed")
        .wat("(call $number (i64.reinterpret_f64 (call $env.seed)))")
        .call("env.abort", &[Int(0), Int(0), Int(1), Int(2)])
        .call("env.host_log", &[Int(2), Text("went on")]);
    workspace.write("probe.wat", script.module());
    let (outcome, record) = decided_or_cancelled(&workspace, |call| Some(decision(call)));
    let before = told(&record);
    assert_eq!((outcome.as_str(), before["host_call_count"].as_u64()), ("ok", Some(8)), "{before:#}");
    let seed = json!(0.25_f64.to_bits());
    assert!(before["output"].as_array().unwrap().contains(&seed), "{before:#}");
    std::fs::copy(&record, workspace.path().join(super::RECORD)).unwrap();
    for engine in super::ENGINES {
        let after = replayed(&workspace, engine).expect(0).json();
        assert_eq!(essence(&after), essence(&before), "{engine:?}");
    }
}

#[test]
fn a_run_that_was_cancelled_while_a_call_was_held_is_cancelled_there_again() {
    for held in ["env.host_log", "cis.ai_prompt"] {
        let workspace = Workspace::new();
        let script = Script::new()
            .call("env.host_now", &[])
            .call("env.host_log", &[Int(2), Text("said")])
            .call("cis.ai_prompt", &[Text("p"), Range(BUFFER, 64)])
            .call("env.host_now", &[]);
        workspace.write("probe.wat", script.module());
        let decide: fn(&CallStarted) -> Option<Decision> = match held {
            "env.host_log" => |call| (call.name != "env.host_log").then_some(Decision::Resume(None)),
            _ => |call| (call.name != "cis.ai_prompt").then_some(Decision::Resume(None)),
        };
        let (outcome, record) = decided_or_cancelled(&workspace, decide);
        assert_eq!(outcome, "cancelled");
        let before = told(&record);
        std::fs::copy(&record, workspace.path().join(super::RECORD)).unwrap();
        let after = replayed(&workspace, &[]).expect(0).json();
        assert_eq!(essence(&after), essence(&before), "{held}");
    }
}
