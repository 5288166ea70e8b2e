//! Each fault at each host call.

use super::{swept, workspace};
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::{Value, json};

/// The words of all trials, by call and fault.
fn survivals(case: &Value) -> Vec<(u64, String, String)> {
    let trial = |trial: &Value| {
        let fault = trial["fault"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
        (trial["call"].as_u64().unwrap(), fault, trial["survival"].as_str().unwrap().to_owned())
    };
    case["faults"].as_array().unwrap().iter().map(trial).collect()
}

#[test]
fn every_call_meets_every_fault_that_can_befall_it() {
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
        .call("env.host_memory_set", &[Text("k"), Text("v")])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 64)])
        .call("env.host_log", &[crate::script::Arg::Int(2), Text("hello")])
        .call("cis.memory_set", &[Text("k"), Text("w")]);
    let (case, code) = swept(&workspace(&script), &["--sweep", "faults"]);
    assert_eq!((code, &case["skill"], &case["case"], &case["skipped"]), (0, &json!("probe"), &json!("run"), &Value::Null));
    let seen = survivals(&case);
    let count = |call| seen.iter().filter(|(of, ..)| *of == call).count();
    assert_eq!([1, 2, 3, 4, 5].map(count), [7, 3, 7, 0, 3], "{seen:?}");
    for (call, fault, survival) in &seen {
        let expected = match (call, fault.as_str()) {
            // It has no result that could say so.
            (5, _) => "ended",
            // What it answers is the result of each call, and that is another one.
            _ => "handled",
        };
        assert_eq!(survival, expected, "{call} {fault}");
    }
    let trial = &case["faults"][0];
    assert_eq!(
        (&trial["fault"], &trial["function"], &trial["outcome"]),
        (&json!("#1=error"), &json!("cis.ai_prompt"), &json!("ok"))
    );
}

/// Asks twice, and traps where the second answer is not there.
fn fragile() -> Script {
    Script::new()
        .call("cis.ai_prompt", &[Text("one"), Range(BUFFER, 64)])
        .import("env.host_ai_chat")
        .wat("(if (i32.lt_s (call $env.host_ai_chat (i32.const 0) (i32.const 0) (i32.const 0x8000) (i32.const 64)) (i32.const 0)) (then (unreachable)))")
}

#[test]
fn what_is_not_survived_is_told_with_the_fault_that_shows_it_again() {
    let workspace = workspace(&fragile());
    let (case, code) = swept(&workspace, &["--sweep", "faults"]);
    assert_eq!(code, 1);
    let trapped: Vec<_> = survivals(&case).into_iter().filter(|(.., survival)| survival == "trapped").collect();
    let expected = ["error", "denied", "too-large"].map(|fault| (2, fault.to_owned(), "trapped".to_owned()));
    assert_eq!(trapped, expected);
    let ran = workspace.skillscope(&["--run", "probe", "--sweep", "faults"]);
    let lines: Vec<&str> = ran.expect(1).stdout.lines().collect();
    assert_eq!(lines[0], "probe::run: 14 faults at 2 calls: 4 passed, 7 handled, 3 trapped", "{lines:#?}");
    assert!(lines[1].split_whitespace().eq(["call", "error", "denied", "too-large", "garbage", "binary", "long", "truncated"]));
    assert!(lines[3].contains("env.host_ai_chat  trapped"), "{lines:#?}");
    let shown = lines[4].trim().strip_prefix("--fault '").unwrap().split_once('\'').unwrap();
    assert!(shown.1.starts_with(": trap: "), "{lines:#?}");
    let (document, code) = workspace.run_json("probe", &["--fault", shown.0]);
    assert_eq!((code, &document["outcome"]), (1, &json!("trap")));
}

#[test]
fn outputs_that_cannot_be_taken_and_limits_are_not_survived() {
    // Without an answer it gives no output; with a long one it goes on for ever.
    let script = Script::new().import("cis.ai_prompt").with("(global $got (mut i32) (i32.const 0))").wat(
        "(global.set $got (call $cis.ai_prompt (i32.const 0) (i32.const 0) (i32.const 0x8000) (i32.const 64)))
         (if (i32.lt_s (global.get $got) (i32.const 0)) (then (return (i32.const 0))))
         (if (i32.gt_s (global.get $got) (i32.const 1000)) (then (loop (br 0))))
         (call $number (i64.const 1))",
    );
    let (case, code) = swept(&workspace(&script), &["--sweep", "faults", "--fuel", "10_000_000"]);
    assert_eq!(code, 1);
    let seen = survivals(&case);
    let of = |fault: &str| seen.iter().find(|(_, known, _)| known == fault).unwrap().2.as_str();
    assert_eq!([of("error"), of("long"), of("garbage"), of("truncated")], ["no-output", "limit", "passed", "passed"]);
}

#[test]
fn a_held_response_meets_no_fault_and_another_way_is_told() {
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 4)])
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]);
    let (case, _) = swept(&workspace(&script), &["--sweep", "faults"]);
    assert!(survivals(&case).iter().all(|(call, ..)| *call == 1), "{case:#}");
}

#[test]
fn a_run_that_does_not_pass_as_it_is_and_one_without_calls_are_not_swept() {
    let workspace = workspace(&Script::new().wat("(unreachable)"));
    for sweep in ["faults", "memory", "fuel", "timeout"] {
        let (case, code) = swept(&workspace, &["--sweep", sweep]);
        assert_eq!(code, 1, "{sweep}");
        assert!(case["skipped"].as_str().unwrap().starts_with("it does not pass as it is: trap: "), "{case:#}");
    }
    let (case, code) = swept(&super::workspace(&Script::new().number("(i32.const 1)")), &["--sweep", "faults"]);
    assert_eq!((code, &case["skipped"]), (0, &json!("it makes no host call that a fault can befall")));
    let ran = Workspace::new().skillscope(&["--run", "nobody", "--sweep", "faults"]);
    assert!(ran.expect(1).stdout.contains("nobody::run: not swept: it does not pass as it is: manifest: "), "{}", ran.stdout);
}

#[test]
fn results_come_as_events_too() {
    let ran = workspace(&fragile()).skillscope(&["--run", "probe", "--sweep", "faults", "--format", "jsonl"]);
    let events: Vec<Value> = ran.expect(1).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let words: Vec<&str> = events.iter().map(|event| event["sweep"].as_str().unwrap()).collect();
    assert_eq!((words[0], words[1], words[15], words.len()), ("started", "fault_tried", "done", 16));
    assert_eq!(events[1]["trial"]["survival"], json!("handled"));
    assert_eq!(events[1]["case"], json!({"skill": "probe", "case": "run"}));
}

#[test]
fn sweeps_have_no_use_for_what_keeps_or_watches() {
    let workspace = workspace(&fragile());
    for more in [&["--watch"][..], &["--store", "x"], &["--store-out", "x"], &["--ai-matrix", "mock"]] {
        workspace.skillscope(&[&["--run", "probe", "--sweep", "faults"], more].concat()).expect(2);
    }
    workspace.skillscope(&["--sweep", "faults"]).expect(2);
    workspace.skillscope(&["--run", "probe", "--sweep", "everything"]).expect(2);
}
