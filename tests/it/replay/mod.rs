//! Records made by the program, and runs made again from them. Here: how both are compared.

mod case;
mod cassette;
mod changed;
mod decided;
mod exports;
mod figures;
mod killed;
mod recording;
mod rubbish;
mod wasi;

use crate::program::{Ran, Workspace};
use serde_json::{Value, json};

/// The record of these tests.
pub const RECORD: &str = "run.jsonl";
/// What must not matter: the compiler, and whether its code is in a cache.
pub const ENGINES: [&[&str]; 4] =
    [&[], &["--no-cache"], &["--compiler", "singlepass"], &["--compiler", "singlepass", "--no-cache"]];

/// Runs a skill and records it; the document and the exit code.
#[track_caller]
pub fn recorded(workspace: &Workspace, name: &str, more: &[&str]) -> (Value, i32) {
    let (document, code) = workspace.run_json(name, &[&["--record", RECORD], more].concat());
    assert!(workspace.path().join(RECORD).is_file(), "nothing was recorded");
    (document, code)
}

/// Makes the recorded run again.
pub fn replayed(workspace: &Workspace, more: &[&str]) -> Ran {
    workspace.skillscope(&[&["--replay", RECORD, "--format", "json"], more].concat())
}

/// What of a run must be the same in a replay: all but times, and who compiled it.
pub fn essence(document: &Value) -> Value {
    let mut essence = document.clone();
    let fields = essence.as_object_mut().unwrap();
    for own in ["replay", "warnings"] {
        fields.remove(own);
    }
    for time in ["elapsed_ms", "host_ms", "compile_ms", "cache"] {
        fields["usage"].as_object_mut().unwrap().remove(time);
    }
    for call in fields["host_calls"].as_array_mut().unwrap() {
        for time in ["at_us", "elapsed_us", "others"] {
            call.as_object_mut().unwrap().remove(time);
        }
    }
    // Addresses within a function are as exact as a compiler keeps them.
    if let Some(error) = fields["error"].as_object_mut() {
        error.remove("backtrace");
    }
    essence
}

/// Makes the run again with both compilers, with a cold and a warm cache, and checks that it is the recorded one each time.
#[track_caller]
pub fn assert_replays(workspace: &Workspace, before: &Value) {
    for engine in ENGINES {
        let ran = replayed(workspace, engine);
        let after = ran.expect(0).json();
        assert_eq!(essence(&after), essence(before), "{engine:?}");
        assert_eq!((&after["replay"]["verdict"], &after["replay"]["same_module"]), (&json!("same"), &json!(true)), "{engine:?}");
        assert_eq!((&after["replay"]["unasked"], &after["replay"]["differences"]), (&json!(0), &json!([])), "{engine:?}");
    }
}
