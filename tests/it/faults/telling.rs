//! How faults are told: in each format, and what is wrong with one that is none.

use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::{Value, json};

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let script = Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]);
    workspace.write("probe.wat", script.wat("(drop (memory.grow (i32.const 1)))").module());
    workspace
}

#[test]
fn the_report_has_the_faults_of_the_run_and_of_each_call() {
    let arguments = ["--fault", "ai=delay:1ms", "--fault", "ai=error:overloaded", "--fault", "memory=refused"];
    let (document, code) = workspace().run_json("probe", &arguments);
    assert_eq!(code, 0);
    assert_eq!(
        document["faults"],
        json!([
            {"fault": "ai=delay:1ms", "call": 1},
            {"fault": "ai=error:overloaded", "call": 1},
            {"fault": "memory=refused", "call": null},
        ])
    );
    let call = &document["host_calls"][0];
    assert_eq!(call["faults"], json!(["ai=delay:1ms", "ai=error:overloaded"]));
    assert_eq!(call["error"], json!("overloaded (the fault ai=error:overloaded)"));
    assert_eq!((&call["provider"], &document["warnings"]), (&json!("fault"), &json!([])));
}

#[test]
fn events_tell_of_a_fault_before_the_call_that_it_befalls_ends() {
    let ran = workspace().skillscope(&["--run", "probe", "--format", "jsonl", "--fault", "ai=error"]);
    let events: Vec<Value> = ran.expect(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let at = |kind: &str| events.iter().position(|event| event["type"] == kind).unwrap();
    let injected = &events[at("fault_injected")];
    assert_eq!((&injected["fault"], &injected["call"]), (&json!("ai=error"), &json!(1)));
    assert!(at("host_call_started") < at("fault_injected") && at("fault_injected") < at("host_call_finished"));
}

#[test]
fn people_read_it_in_the_line_of_the_call() {
    let ran = workspace().skillscope(&["--run", "probe", "--fault", "ai=delay:1ms", "--fault", "memory=refused"]);
    let stderr = &ran.expect(0).stderr;
    assert!(stderr.contains("fault ai=delay:1ms (mock"), "{stderr}");
    assert!(stderr.contains("fault memory=refused: memory was not to grow"), "{stderr}");
    let ran = workspace().skillscope(&["--run", "probe", "--fault", "ai=error", "--fault", "ai#7=error"]);
    let stderr = &ran.expect(0).stderr;
    assert!(stderr.contains("-4 the provider failed (the fault ai=error) (fault ·"), "{stderr}");
    assert!(stderr.contains("warning: the fault ai#7=error befell nothing: there was 1 call that it fits"), "{stderr}");
}

#[test]
fn a_fault_that_is_none_is_wrong_usage_with_the_column_and_what_to_write() {
    for (fault, words) in [
        ("ai=eror", "column 4: there is no fault eror; did you mean error?"),
        ("htp=status:503", "column 1: there is no host function and no kind of call htp; did you mean http?"),
        ("store=status:503", "column 7: status cannot befall store"),
        ("ai", "column 3: expected ="),
        ("(~k", "column 1: this ( has no )"),
        ("(~kk ai)=error", "column 2: there is no operator ~kk"),
    ] {
        let ran = workspace().skillscope(&["--run", "probe", "--fault", fault]);
        let stderr = &ran.expect(2).stderr;
        assert!(stderr.contains(words), "{fault}: {stderr}");
    }
    workspace().skillscope(&["--list", "--fault", "ai=error"]).expect(2);
    workspace().skillscope(&["--fault", "ai=error"]).expect(2);
}
