//! Runs that are made again and again: what a skill survives, the least that it needs, and providers compared.

mod cases;
mod comparisons;
mod faults;
mod limits;

use crate::program::Workspace;
use crate::script::Script;
use serde_json::Value;

/// A workspace with one skill, `probe`.
fn workspace(script: &Script) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    workspace
}

/// The one case of a sweep's document, and the exit code.
#[track_caller]
fn swept(workspace: &Workspace, arguments: &[&str]) -> (Value, i32) {
    let (document, code) = workspace.run_json("probe", arguments);
    assert_eq!((&document["cancelled"], document["cases"].as_array().unwrap().len()), (&Value::Bool(false), 1), "{document:#}");
    (document["cases"][0].clone(), code)
}
