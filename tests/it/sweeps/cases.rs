//! Cases with faults of their own, and cases that are swept and compared.

use crate::program::{Ran, Workspace};
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use crate::server::Server;
use serde_json::{Value, json};
use std::time::Duration;

/// A skill that asks an AI and stores what it says, with these cases.
fn workspace(cases: &str) -> Workspace {
    let workspace = Workspace::new();
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)])
        .call("env.host_memory_set", &[Text("k"), Text("v")]);
    workspace.write("probe/probe.wat", script.module());
    let manifest = "[skill]\nname = \"probe\"\nmodule = \"probe.wat\"\n[permissions]\nai = true\nmemory = [\"*\"]\n";
    workspace.write("probe/skill.toml", format!("{manifest}{cases}"));
    workspace
}

const HOLDS: &str = "\n[[case]]\nname = \"is told\"\noutput = [3, 0]\n[[case.ai]]\nreply = \"yes\"\n";

fn test(workspace: &Workspace, more: &[&str]) -> Ran {
    workspace.skillscope(&[&["--test"], more].concat())
}

#[test]
fn a_case_says_what_goes_wrong_and_the_flag_adds_to_that() {
    let cases = "\n[[case]]\nname = \"gets no answer\"\nfaults = [\"ai#1=error\", \"store=full\"]\noutput = [-4, -5]\n";
    test(&workspace(&format!("{HOLDS}{cases}")), &[]).expect(0);
    test(&workspace(HOLDS), &["--fault", "store=full"]).expect(100);
    test(&workspace(&format!("{cases}output_text = \"[-4,-5]\"\n").replace("output = [-4, -5]\n", "")), &[]).expect(0);
    let ran = test(&workspace("\n[[case]]\nname = \"c\"\nfaults = [\"ai=eror\"]\n"), &[]);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(ran.code != 0 && told.contains("not a fault: column 4: there is no fault eror; did you mean error?"), "{told}");
}

#[test]
fn every_case_is_swept_and_one_that_does_not_hold_is_told() {
    let failing = "\n[[case]]\nname = \"expects too much\"\noutput = [99, 0]\n[[case]]\nname = \"waits\"\nskip = \"for later\"\n";
    let ran = test(&workspace(&format!("{HOLDS}{failing}")), &["--sweep", "faults", "--format", "json"]);
    let document = ran.expect(100).json();
    let case = |name: &str| document["cases"].as_array().unwrap().iter().find(|case| case["case"] == name).unwrap();
    assert!(case("expects too much")["skipped"].as_str().unwrap().starts_with("it does not pass as it is: output: "));
    assert_eq!(case("waits")["skipped"], json!("for later"));
    let told = case("is told");
    assert_eq!((told["skill"].as_str(), told["faults"].as_array().unwrap().len()), (Some("probe"), 7 + 3));
    assert!(told["faults"].as_array().unwrap().iter().all(|trial| trial["survival"] == "handled"), "{told:#}");
    // All of those that hold are survived.
    test(&workspace(HOLDS), &["--sweep", "faults"]).expect(0);
    test(&workspace(HOLDS), &["--sweep", "faults", "--select", "nothing"]).expect(101);
    test(&workspace(HOLDS), &["--sweep", "faults", "--format", "junit"]).expect(2);
    test(&workspace(HOLDS), &["--sweep", "faults", "--accept"]).expect(2);
}

#[test]
fn the_least_with_which_a_case_holds_is_exact() {
    let workspace = workspace(HOLDS);
    let of = |sweep: &str| test(&workspace, &["--sweep", sweep, "--format", "json"]).expect(0).json()["cases"][0][sweep].clone();
    let least = of("fuel")["least"].as_u64().unwrap();
    test(&workspace, &["--fuel", &least.to_string()]).expect(0);
    test(&workspace, &["--fuel", &(least - 1).to_string()]).expect(100);
    assert_eq!(of("memory")["least"], json!(65_536));
    assert!(of("timeout")["ratio"].as_f64().unwrap() > 0.0);
}

#[test]
fn providers_answer_in_the_place_of_a_cases_replies() {
    let good = Server::openai("yes", Duration::ZERO);
    let wordy = Server::openai("that depends", Duration::ZERO);
    let workspace = workspace(HOLDS);
    let provider = |name: &str, server: &Server| {
        format!("[ai.providers.{name}]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", server.url())
    };
    workspace.write("skillscope.toml", provider("good", &good) + &provider("wordy", &wordy));
    let arguments = ["--ai-matrix", "good,wordy", "--repeat", "2", "--format", "json"];
    let providers = test(&workspace, &arguments).expect(100).json()["cases"][0]["providers"].clone();
    let passed = |at: usize| (providers[at]["runs"].clone(), providers[at]["passed"].clone());
    assert_eq!((passed(0), passed(1)), ((json!(2), json!(2)), (json!(2), json!(0))));
    assert_eq!((good.requests().len(), wordy.requests().len()), (2, 2));
    assert_eq!(providers[0]["tokens"], json!({"prompt": 14, "answer": 6}));
    assert!(providers[1]["failure"].as_str().unwrap().starts_with("output: "), "{providers:#}");
    assert_eq!(providers[0]["failure"], Value::Null);
}
