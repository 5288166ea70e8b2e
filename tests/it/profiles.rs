//! Which profile a module has: told by its exports, or by its manifest.

use crate::program::Workspace;
use crate::script::{ended, succeeded, tells};
use serde_json::{Value, json};

const ALLOCATOR: &str = r#"(memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))"#;
const EXECUTE: &str = r#"(func (export "execute") (param i32) (result i32) (local.get 0))"#;
const ON_EVENT: &str = r#"(func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const 5))"#;
const START: &str = r#"(func (export "_start"))"#;

#[track_caller]
fn run(exports: &[&str], profile: Option<&str>) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("p/p.wat", format!("(module {ALLOCATOR} {})", exports.concat()));
    let profile = profile.map_or_else(String::new, |profile| format!("profile = \"{profile}\"\n"));
    workspace.write("p/skill.toml", format!("[skill]\nname = \"p\"\nmodule = \"p.wat\"\n{profile}"));
    workspace.run_json("p", &[])
}

#[test]
fn the_exports_tell_the_profile() {
    let cases: [(&[&str], _, _); 5] = [
        (&[EXECUTE], "d04", json!(null)),
        (&[ON_EVENT], "cis-sdk", json!({"code": 5})),
        (&[START], "command", json!("")),
        (&[EXECUTE, START], "d04", json!(null)),
        (&[ON_EVENT, START], "cis-sdk", json!({"code": 5})),
    ];
    for (exports, profile, output) in cases {
        let document = succeeded(run(exports, None));
        assert_eq!((&document["profile"], &document["output"]), (&json!(profile), &output), "{exports:?}");
    }
}

#[test]
fn two_profiles_are_refused_naming_both_unless_the_manifest_chooses() {
    let document = ended(run(&[EXECUTE, ON_EVENT], None), "invalid", "profile", 4);
    tells(&document["error"]["message"], &["execute", "skill_on_event"]);
    assert_eq!(succeeded(run(&[EXECUTE, ON_EVENT], Some("d04")))["output"], json!(null));
    assert_eq!(succeeded(run(&[EXECUTE, ON_EVENT], Some("cis-sdk")))["output"], json!({"code": 5}));
    assert_eq!(succeeded(run(&[EXECUTE, START], Some("command")))["output"], json!(""));
}

#[test]
fn no_profile_is_refused_with_the_exports_that_are_there() {
    let document = ended(run(&["(func (export \"exceute\"))"], None), "invalid", "profile", 4);
    tells(&document["error"]["message"], &["exceute", "alloc", "dealloc", "memory"]);
}

#[test]
fn a_profile_whose_exports_are_missing_is_refused_by_their_names() {
    let document = ended(run(&[START], Some("d04")), "invalid", "missing-export", 4);
    tells(&document["error"]["message"], &["execute"]);
}

#[test]
fn unknown_imports_are_refused_before_anything_runs_and_all_at_once() {
    let workspace = Workspace::new();
    let imports = r#"(import "cis" "ai_promt" (func (param i32 i32 i32 i32) (result i32))) (import "env" "invoke_vi" (func (param i32 i32)))
      (import "own" "thing" (global i64)) (import "env" "host_now" (func (result i32)))"#;
    workspace.write("asks.wat", format!("(module {imports} {ALLOCATOR} {EXECUTE} (func $s unreachable) (start $s))"));
    let (document, code) = workspace.run_json("asks", &[]);
    assert_eq!((&document["outcome"], code), (&json!("invalid"), 4), "{document:#}");
    tells(&document["error"]["message"], &["cis", "ai_promt", "ai_prompt", "invoke_vi", "thing", "host_now", "i64"]);
}

#[test]
fn initialize_is_called_once_and_first_in_every_profile() {
    // It is called with nothing done before, and what comes after traps where it was not called just once.
    let counts = r#"(global $calls (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
      (func $check (if (i32.ne (global.get $calls) (i32.const 1)) (then unreachable)))
      (memory (export "memory") 1) (func (export "dealloc") (param i32 i32))
      (func (export "alloc") (param i32) (result i32) (call $check) (i32.const 64))"#;
    for entry in [
        r#"(func (export "execute") (param i32) (result i32) (call $check) (local.get 0))"#,
        r#"(func (export "skill_init") (call $check)) (func (export "skill_on_event") (param i32 i32 i32 i32) (call $check))"#,
        r#"(func (export "_start") (call $check))"#,
    ] {
        let workspace = Workspace::new();
        workspace.write("counts.wat", format!("(module {counts} {entry})"));
        succeeded(workspace.run_json("counts", &[]));
    }
}
