//! A record in a provider's place: prompts alone are answered from it, and what is not in it fails loudly.

use super::{RECORD, recorded};
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, succeeded};
use serde_json::json;

fn asking(prompts: &[&str]) -> String {
    let ask = |script: Script, prompt: &&str| script.call("cis.ai_prompt", &[Text(prompt), Range(BUFFER, 64)]).show(BUFFER, 6);
    prompts.iter().fold(Script::new().call("env.host_now", &[]), ask).module()
}

fn rules(reply: &str) -> String {
    format!("[[ai.mock]]\ncontains = \"fails\"\nerror = \"out of order\"\n[[ai.mock]]\ncontains = \"\"\nreply = \"{reply}\"\n")
}

#[test]
fn recorded_prompts_are_answered_and_others_show_the_nearest() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", asking(&["Summarize: buy milk", "this fails", "Translate: moon"]));
    workspace.write("skillscope.toml", rules("recorded"));
    succeeded(recorded(&workspace, "probe", &[]));
    workspace.write("skillscope.toml", rules("another"));
    workspace.write("probe.wat", asking(&["Translate: moon", "Summarize: buy milk", "this fails", "Translate: moon"]));
    let cassette = format!("replay:{RECORD}");
    let document = succeeded(workspace.run_json("probe", &["--ai", &cassette]));
    let calls = &document["host_calls"];
    assert_eq!([1, 2, 4].map(|at| &calls[at]["response"]), [&json!("recorded"); 3], "{calls:#}");
    assert_eq!((&calls[3]["result"], &calls[3]["error"]), (&json!(-4), &json!("out of order")));
    assert_eq!(calls[1]["provider"], "replay:run.jsonl");
    assert_eq!(document["warnings"], json!([]));
    workspace.write("probe.wat", asking(&["Summarize: buy oat milk"]));
    let document = succeeded(workspace.run_json("probe", &["--ai", &cassette]));
    let call = &document["host_calls"][1];
    let told =
        "replay:run.jsonl: this prompt is not in the record; the nearest there is that of call 2:\nSummarize: buy {+oat +}milk";
    assert_eq!((&call["result"], call["error"].as_str()), (&json!(-4), Some(told)), "{document:#}");
    assert_eq!(document["warnings"], json!([format!("call 2: {told}")]));
}

#[test]
fn a_record_is_named_in_the_settings_too_and_asked_beside() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", asking(&["p"]));
    workspace.write("skillscope.toml", rules("recorded"));
    recorded(&workspace, "probe", &[]);
    workspace.write("skillscope.toml", format!("[ai]\nreal = \"replay:{RECORD}\"\n{}", rules("mocked")));
    let document = succeeded(workspace.run_json("probe", &["--ai", "real"]));
    assert_eq!(document["host_calls"][1]["response"], "recorded");
    let document = succeeded(workspace.run_json("probe", &["--ai", "both"]));
    let call = &document["host_calls"][1];
    assert_eq!((&call["response"], &call["others"][0]["response"]), (&json!("mocked"), &json!("recorded")), "{call:#}");
    workspace.write("skillscope.toml", format!("[ai]\nreal = \"replay:{RECORD}\"\nlead = \"real\"\n{}", rules("mocked")));
    let document = succeeded(workspace.run_json("probe", &["--ai", "both"]));
    let call = &document["host_calls"][1];
    assert_eq!((&call["response"], &call["others"][0]["response"]), (&json!("recorded"), &json!("mocked")), "{call:#}");
}

#[test]
fn what_is_no_record_is_told_before_anything_runs() {
    let workspace = Workspace::new();
    workspace.write("probe.wat", asking(&["p"]));
    workspace.write("notes.txt", "no record");
    for (file, words) in [("absent", "cannot read the record absent"), ("notes.txt", "notes.txt is no record of a run")] {
        let ran = workspace.skillscope(&["--run", "probe", "--ai", &format!("replay:{file}")]);
        assert!(ran.expect(2).stderr.contains(words) && ran.stderr.contains("--ai replay:FILE wants a record"), "{}", ran.stderr);
    }
}
