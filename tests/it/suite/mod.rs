//! Cases and `--test`, from the front door. Here: skills with cases to run.

mod answers;
mod assertions;
mod calls;
mod choosing;
mod fuel;
mod isolation;
mod junit;
mod repeatability;
mod reports;
mod wrong_files;

use crate::program::{Ran, Workspace};
use serde_json::Value;

/// Writes a skill `probe` with this module and these cases (and other tables).
fn write(workspace: &Workspace, module: &str, cases: &str) {
    workspace.write("probe/probe.wat", module);
    workspace.write("probe/skill.toml", format!("[skill]\nname = \"probe\"\nmodule = \"probe.wat\"\n{cases}"));
}

/// Runs `--test --format json` with more arguments; the document and the exit code.
#[track_caller]
fn test_json(workspace: &Workspace, more: &[&str]) -> (Value, i32) {
    let ran = workspace.skillscope(&[&["--test", "--format", "json"], more].concat());
    (ran.json(), ran.code)
}

/// Runs a module's cases.
#[track_caller]
fn tested(module: &str, cases: &str) -> (Value, i32) {
    let workspace = Workspace::new();
    write(&workspace, module, cases);
    test_json(&workspace, &[])
}

/// The same for people.
fn told(module: &str, cases: &str) -> Ran {
    let workspace = Workspace::new();
    write(&workspace, module, cases);
    workspace.skillscope(&["--test"])
}

/// Checks that every case holds.
#[track_caller]
fn holds((document, code): (Value, i32)) -> Value {
    assert_eq!(code, 0, "{document:#}");
    document
}

/// The mismatches of the only case, as `kind: message`; it must have failed.
#[track_caller]
fn mismatches((document, code): &(Value, i32)) -> Vec<String> {
    assert_eq!((*code, &document["totals"]["failed"]), (100, &1.into()), "{document:#}");
    let last = document["results"][0]["attempts"].as_array().unwrap().last().unwrap();
    let told = |mismatch: &Value| format!("{}: {}", mismatch["kind"].as_str().unwrap(), mismatch["message"].as_str().unwrap());
    last["mismatches"].as_array().unwrap().iter().map(told).collect()
}

/// The details of its first mismatch.
#[track_caller]
fn details((document, _): &(Value, i32)) -> String {
    document["results"][0]["attempts"][0]["mismatches"][0]["details"].as_str().unwrap_or_default().to_owned()
}

/// The names of the cases that were run, and what came of them.
fn came_to(document: &Value) -> Vec<(String, String)> {
    let results = document["results"].as_array().unwrap();
    let pair = |result: &Value| (result["case"].as_str().unwrap().to_owned(), result["status"].as_str().unwrap().to_owned());
    results.iter().map(pair).collect()
}
