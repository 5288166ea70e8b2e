//! Every outcome with its exit code, and the rules by which a refused growth of memory is told from another failure.

use crate::acceptance::d04;
use crate::command::command;
use crate::program::Workspace;
use crate::script::{ended, import, succeeded, tells};
use serde_json::{Value, json};

#[track_caller]
fn run(module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.run_json("probe", arguments)
}

const SPINS: &str = "(loop $again (br $again)) (unreachable)";
/// More than the default limit holds.
const REFUSED: &str = "(drop (memory.grow (i32.const 10000)))";
const GRANTED: &str = "(drop (memory.grow (i32.const 1)))";

#[test]
fn every_outcome_has_its_exit_code() {
    let denied = d04(
        &import("cis.memory_set"),
        "(call $cis.memory_set (i32.const -1) (i32.const 1) (i32.const 0) (i32.const 0)) (i32.const 0)",
    );
    let cis_sdk = r#"(module (memory (export "memory") 1) (func (export "malloc") (param i32) (result i32) (i32.const 64))
        (func (export "free") (param i32)) (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const -1)))"#;
    let cases: [(String, &[&str], &str, i32); 11] = [
        (d04("", "(local.get $input)"), &[], "ok", 0),
        (d04("", "unreachable"), &[], "trap", 1),
        (d04("", "(i32.const 0)"), &[], "output", 1),
        (command("", "(call $proc_exit (i32.const 9))"), &[], "exit", 1),
        (cis_sdk.into(), &[], "failed", 1),
        ("(module)".into(), &[], "invalid", 4),
        ("(module".into(), &[], "invalid", 4),
        (d04("", SPINS), &["--timeout", "50ms"], "timeout", 5),
        (d04("", SPINS), &["--fuel", "1000"], "fuel", 5),
        (d04("", &format!("{REFUSED} unreachable")), &[], "memory", 5),
        (denied, &[], "host", 6),
    ];
    for (module, arguments, outcome, code) in cases {
        let (document, seen) = run(module, arguments);
        assert_eq!((document["outcome"].as_str().unwrap(), seen), (outcome, code), "{document:#}");
        assert_eq!(document["error"].is_null(), outcome == "ok", "{outcome}");
        assert!(document["usage"]["fuel"].is_u64() && document["limits"]["memory_bytes"] == 512 << 20, "{outcome}");
    }
    let workspace = Workspace::new();
    workspace.write("wrong/skill.toml", "[skill]\nname = \"wrong\"\nmodul = \"x.wasm\"\n");
    let (document, code) = workspace.run_json("wrong", &[]);
    assert_eq!((&document["outcome"], code), (&json!("manifest"), 3));
}

#[test]
fn giving_up_after_a_refused_growth_is_the_outcome_memory() {
    let abort = "(call $env.abort (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2)) (i32.const 0)";
    let cases = [
        (d04("", &format!("{REFUSED} unreachable")), "640064 KiB"),
        (d04("", &format!("{GRANTED} {REFUSED} unreachable")), "640128 KiB"),
        (d04("", &format!("{REFUSED} {REFUSED} unreachable")), "640064 KiB"),
        (d04(&import("env.abort"), &format!("{REFUSED} {abort}")), "640064 KiB"),
        (command("", &format!("{REFUSED} (call $proc_exit (i32.const 1))")), "640128 KiB"),
    ];
    for (module, refused_size) in cases {
        let document = ended(run(&module, &["--max-memory", "64MiB"]), "memory", "memory", 5);
        tells(&document["error"]["message"], &["64 MiB", refused_size]);
        tells(&document["error"]["hint"], &["--max-memory"]);
    }
}

#[test]
fn a_growth_that_succeeded_in_between_or_none_at_all_leaves_the_outcome_alone() {
    let abort = "(call $env.abort (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2)) (i32.const 0)";
    ended(run(d04("", &format!("{REFUSED} {GRANTED} unreachable")), &[]), "trap", "unreachable", 1);
    ended(run(d04("", "unreachable"), &[]), "trap", "unreachable", 1);
    ended(run(d04(&import("env.abort"), &format!("{REFUSED} {GRANTED} {abort}")), &[]), "trap", "abort", 1);
    let exits = command("", &format!("{REFUSED} {GRANTED} (call $proc_exit (i32.const 1))"));
    ended(run(exits, &[]), "exit", "exit", 1);
}

#[test]
fn other_ends_after_a_refused_growth_stay_what_they_are() {
    for body in ["(i32.div_u (i32.const 1) (i32.const 0))", "(i32.load (i32.const -1))"] {
        let (document, code) = run(d04("", &format!("{REFUSED} {body}")), &[]);
        assert_eq!((&document["outcome"], code), (&json!("trap"), 1), "{document:#}");
        tells(&document["error"]["hint"], &["512 MiB", "refused"]);
    }
    ended(run(d04("", &format!("{REFUSED} (i32.const 0)")), &[]), "output", "null", 1);
    succeeded(run(d04("", &format!("{REFUSED} (local.get $input)")), &[]));
    succeeded(run(command("", &format!("{REFUSED} (call $proc_exit (i32.const 0))")), &[]));
    ended(run(d04("", &format!("{REFUSED} {SPINS}")), &["--fuel", "1000"]), "fuel", "fuel", 5);
}

#[test]
fn a_growth_past_the_modules_own_maximum_is_told_as_that() {
    let module = d04("", "(drop (memory.grow (i32.const 2))) unreachable")
        .replace("(memory (export \"memory\") 1)", "(memory (export \"memory\") 1 2)");
    let document = ended(run(module, &[]), "memory", "memory", 5);
    tells(&document["error"]["message"], &["128 KiB", "192 KiB"]);
}

#[test]
fn a_null_from_alloc_after_a_refused_growth_names_it() {
    let module = r#"(module (memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (drop (memory.grow (i32.const 16))) (i32.const 0))
      (func (export "dealloc") (param i32 i32)) (func (export "execute") (param i32) (result i32) (local.get 0)))"#;
    let document = ended(run(module, &["--max-memory", "1MiB"]), "memory", "memory", 5);
    tells(&document["error"]["message"], &["alloc", "1 MiB", "1088 KiB"]);
}

#[test]
fn proc_exit_leaves_a_profile_that_is_no_command_without_output() {
    for status in [0, 1] {
        let module = format!(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
          (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))
          (func (export "execute") (param i32) (result i32) (call $exit (i32.const {status})) (local.get 0)))"#
        );
        let document = ended(run(module, &[]), "exit", "exit", 1);
        assert_eq!(document["output"], Value::Null);
    }
}

#[test]
fn a_run_is_told_as_events_with_started_first_and_one_finished_last() {
    for (module, arguments) in [
        (d04("", "(local.get $input)"), &[][..]),
        (d04("", "unreachable"), &[]),
        (d04("", SPINS), &["--timeout", "50ms"]),
        ("(module)".to_owned(), &[]),
    ] {
        let workspace = Workspace::new();
        workspace.write("probe.wat", module);
        let ran = workspace.skillscope(&[&["--run", "probe", "--format", "jsonl"], arguments].concat());
        let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of_run: Vec<_> =
            events.iter().filter(|event| event["event"] == "run").map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!((of_run.first(), of_run.last()), (Some(&"started"), Some(&"finished")), "{of_run:?}");
        assert_eq!(of_run.iter().filter(|kind| matches!(**kind, "started" | "finished")).count(), 2, "{of_run:?}");
    }
}
