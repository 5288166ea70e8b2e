//! Replays of skills that have changed: what the change did, and the first call that differs.

use super::{RECORD, recorded, replayed};
use crate::program::Workspace;
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::{Value, json};

fn asking(prompt: &str) -> Script {
    Script::new()
        .call("cis.memory_get", &[Text("notes/a"), Range(BUFFER, 64)])
        .call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)])
        .show(BUFFER, 4)
}

/// Records the first script and replays with the second.
fn changed(before: &Script, after: &Script, code: i32) -> (Value, String) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", before.module());
    recorded(&workspace, "probe", &[]);
    workspace.write("probe.wat", after.module());
    let document = replayed(&workspace, &[]).expect(code).json();
    (document, workspace.skillscope(&["--replay", RECORD]).expect(code).stderr.clone())
}

fn message(document: &Value) -> &str {
    document["error"]["message"].as_str().unwrap()
}

#[test]
fn another_prompt_ends_the_replay_at_that_call_with_the_difference() {
    let (document, told) = changed(&asking("Summarize: buy milk today"), &asking("Summarize: buy oat milk today"), 7);
    assert_eq!((&document["outcome"], &document["error"]["kind"]), (&json!("host"), &json!("divergence")));
    assert!(message(&document).starts_with("host call 2 differs from the record "), "{}", message(&document));
    assert!(message(&document).contains("prompt: Summarize: buy {+oat +}milk today"), "{}", message(&document));
    let replay = &document["replay"];
    assert_eq!((&replay["verdict"], &replay["answered"], &replay["same_module"]), (&json!("diverged"), &json!(1), &json!(false)));
    assert!(told.contains("replay: differs from the record at the call above (1 call answered"), "{told}");
    assert!(told.contains("hint: the module has changed since the record was made"), "{told}");
}

#[test]
fn another_function_and_a_call_too_many_are_told_as_that() {
    let one = asking("p");
    let (document, _) = changed(&one, &Script::new().call("env.host_now", &[]), 7);
    assert!(message(&document).contains("recorded: cis.memory_get key=\"notes/a\"\n  now:      env.host_now"), "{document:#}");
    let (document, _) = changed(&one, &asking("p").call("env.host_now", &[]), 7);
    assert!(message(&document).contains("host call 3 is one more than the record"), "{document:#}");
}

#[test]
fn calls_that_nobody_asked_for_are_shown_when_the_run_is_over() {
    let fewer = Script::new().call("cis.memory_get", &[Text("notes/a"), Range(BUFFER, 64)]);
    let (document, told) = changed(&asking("p"), &fewer, 7);
    let replay = &document["replay"];
    assert_eq!((&document["outcome"], &replay["verdict"], &replay["unasked"]), (&json!("ok"), &json!("differs"), &json!(1)));
    assert!(told.contains("recorded, and not asked for:\n    cis.ai_prompt prompt=\"p\""), "{told}");
    assert!(told.contains("Output:") && told.contains("Fuel: "), "{told}");
}

#[test]
fn what_a_change_did_to_output_and_figures_is_shown_and_figures_alone_are_no_failure() {
    let (document, _) = changed(&asking("p"), &asking("p").wat("(drop (i32.const 1))"), 0);
    let titles: Vec<&str> =
        document["replay"]["differences"].as_array().unwrap().iter().map(|part| part["title"].as_str().unwrap()).collect();
    assert_eq!((titles.as_slice(), &document["replay"]["verdict"]), (&["Fuel"][..], &json!("same")));
    let (document, told) = changed(&asking("p"), &asking("p").number("(i32.const 5)"), 7);
    assert_eq!(document["replay"]["verdict"], json!("differs"));
    assert!(
        told.contains("replay: ends otherwise than the recorded run (2 calls answered from the record; another module"),
        "{told}"
    );
}

#[test]
fn what_a_skill_says_and_how_large_its_buffers_are_is_its_own_affair() {
    let prompt = &[Text("long"), Range(BUFFER, 4)];
    let again = &[Text("long"), Range(BUFFER, 64)];
    let twice = Script::new().call("cis.ai_prompt", prompt).call("cis.ai_prompt", again).show(BUFFER, 20);
    let once = Script::new()
        .call("env.host_log", &[Int(2), Text("more words")])
        .call("cis.ai_prompt", again)
        .number("(i32.const 40)")
        .show(BUFFER, 20);
    // The answer has 40 bytes, so that both scripts answer alike.
    let (document, _) = changed(&twice, &once, 0);
    assert_eq!(document["replay"]["verdict"], json!("same"), "{document:#}");
    let (document, _) = changed(&once, &twice, 0);
    assert_eq!(document["replay"]["verdict"], json!("same"), "{document:#}");
    assert!(document["host_calls"].as_array().unwrap().iter().any(|call| call["held"] == true));
}

#[test]
fn the_skill_can_be_named_by_path_by_name_and_by_directory() {
    let workspace = Workspace::new();
    workspace.write("old/probe.wat", asking("p").module());
    recorded(&workspace, "old/probe.wat", &[]);
    std::fs::rename(workspace.path().join("old"), workspace.path().join("new")).unwrap();
    let ran = replayed(&workspace, &[]);
    assert_eq!(ran.expect(3).json()["replay"]["verdict"], json!("refused"), "the recorded place is gone");
    for words in [&["new/probe.wat"][..], &["new"], &["probe", "new"]] {
        assert_eq!(replayed(&workspace, words).expect(0).json()["replay"]["verdict"], json!("same"), "{words:?}");
    }
}
