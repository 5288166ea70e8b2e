//! Runs that faults befell, made again from their records: the same faults befall them, on both compilers.

use crate::program::Workspace;
use crate::replay::{assert_replays, recorded};
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::json;

/// A skill that calls all sorts of functions, and gives up where its memory does not grow.
fn asking() -> Script {
    Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 100)])
        .call("env.host_memory_set", &[Text("k"), Text("v")])
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 100)])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 64)])
        .call("env.host_config_get", &[Text("greeting"), Range(BUFFER, 2)])
        .call("env.host_log", &[Int(2), Text("hello")])
        .call("env.host_now", &[])
        .number("(memory.grow (i32.const 1))")
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("probe.wat", asking().module());
    workspace
}

#[test]
fn what_faults_did_is_done_again_to_the_last_unit_of_fuel() {
    for faults in [
        &["ai=error"][..],
        &["ai#1=truncated", "store=full"],
        &["ai#1=truncated", "store=denied"],
        &["ai=binary", "store#2=binary", "config=truncated"],
        &["call=delay:1ms", "memory=refused"],
        &["memory=limit:64KiB", "#3=error", "ai#2+=answer:no"],
    ] {
        let workspace = workspace();
        let arguments: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let (before, code) = recorded(&workspace, "probe", &[&arguments[..], &["--config", "greeting=Hello"]].concat());
        assert_eq!(code, 0, "{before:#}");
        let mut told = before.clone();
        // What is said anew is not kept waiting again.
        for call in told["host_calls"].as_array_mut().unwrap().iter_mut().filter(|call| call["name"] == "env.host_log") {
            call["faults"] = json!([]);
        }
        told["faults"].as_array_mut().unwrap().retain(|fault| fault["fault"] != "call=delay:1ms" || fault["call"] != 7);
        assert_replays(&workspace, &told);
    }
}

#[test]
fn a_deadline_in_a_slow_call_and_a_write_that_is_lost_end_a_replay_too() {
    for (fault, more, outcome) in [("ai=hang", &["--timeout", "200ms"][..], "timeout"), ("store=full", &[], "ok")] {
        let workspace = workspace();
        let (before, _) = recorded(&workspace, "probe", &[&["--fault", fault], more].concat());
        assert_eq!(before["outcome"], json!(outcome));
        let ran = crate::replay::replayed(&workspace, &[]);
        let after = ran.json();
        assert_eq!((&after["outcome"], &after["replay"]["verdict"]), (&json!(outcome), &json!("same")), "{after:#}");
        assert_eq!(after["faults"], before["faults"]);
    }
}
