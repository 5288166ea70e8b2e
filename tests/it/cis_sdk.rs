//! Profile `cis-sdk`: init, event, shutdown; which event an input stands for; codes and failures.

use crate::program::Workspace;
use crate::script::{ended, import, succeeded, tells};
use serde_json::{Value, json};

/// A skill that logs what it is asked, with these results of its three functions.
struct Skill {
    init: &'static str,
    event: &'static str,
    shutdown: &'static str,
    allocator: &'static str,
}

const MALLOC: &str = r#"
  (func (export "malloc") (param $len i32) (result i32)
    (global.set $heap (i32.add (global.get $heap) (local.get $len)))
    (i32.sub (global.get $heap) (local.get $len)))
  (func (export "free") (param i32) (call $say (i32.const 18)))"#;

impl Skill {
    fn new() -> Self {
        Self { init: "(i32.const 0)", event: "(i32.const 0)", shutdown: "(i32.const 0)", allocator: MALLOC }
    }

    fn module(&self) -> String {
        let Self { init, event, shutdown, allocator } = self;
        format!(
            r#"(module {} (memory (export "memory") 2) (global $heap (mut i32) (i32.const 1024))
  (data (i32.const 0) "init  event shut  free  ")
  (func $say (param i32) (call $env.host_log (i32.const 2) (local.get 0) (i32.const 6)))
  {allocator}
  (func (export "skill_init") (result i32) (call $say (i32.const 0)) {init})
  (func (export "skill_on_event") (param i32 i32 i32 i32) (result i32)
    (call $say (i32.const 6))
    (call $env.host_log (i32.const 1) (local.get 0) (local.get 1))
    (call $env.host_log (i32.const 0) (local.get 2) (local.get 3)) {event})
  (func (export "skill_shutdown") (result i32) (call $say (i32.const 12)) {shutdown}))"#,
            import("env.host_log")
        )
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> (Value, i32) {
        run(self.module(), arguments)
    }
}

#[track_caller]
fn run(module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.run_json("probe", arguments)
}

/// The lines of a level, joined.
fn lines(document: &Value, level: &str) -> String {
    let of_level = document["logs"].as_array().unwrap().iter().filter(|line| line["level"] == *level);
    of_level.map(|line| line["message"].as_str().unwrap().trim_end()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_type_of_the_event_and_its_data_follow_from_flag_and_input() {
    let cases: [(&[&str], &str, &str); 8] = [
        (&["--event", "tick", "--input", r#"{"type":"a","data":1}"#], "tick", r#"{"type":"a","data":1}"#),
        (&["--event", "", "--input", "5"], "", "5"),
        (&["--input", r#"{"type":"note.saved","data":{"b":2,"a":1}}"#], "note.saved", r#"{"b":2,"a":1}"#),
        (&["--input", r#"{"data":[1],"type":"x"}"#], "x", "[1]"),
        (&["--input", r#"{"type":"a","data":1,"more":2}"#], "execute", r#"{"type":"a","data":1,"more":2}"#),
        (&["--input", r#"{"type":"a"}"#], "execute", r#"{"type":"a"}"#),
        (&["--input", r#"{"type":7,"data":1}"#], "execute", r#"{"type":7,"data":1}"#),
        (&["--input", "[1]"], "execute", "[1]"),
    ];
    for (arguments, kind, data) in cases {
        let document = succeeded(Skill::new().run(arguments));
        assert_eq!((lines(&document, "debug"), lines(&document, "trace")), (kind.into(), data.into()), "{arguments:?}");
    }
    let document = succeeded(Skill::new().run(&[]));
    assert_eq!((lines(&document, "debug"), lines(&document, "trace")), ("execute".into(), "null".into()));
}

#[test]
fn init_event_and_shutdown_are_called_in_order_and_buffers_are_given_back() {
    let document = succeeded(Skill::new().run(&["--event", "e"]));
    assert_eq!(lines(&document, "info"), "init event free free shut");
    assert_eq!((&document["profile"], &document["output"]), (&json!("cis-sdk"), &json!({"code": 0})));
}

#[test]
fn alloc_and_dealloc_serve_where_malloc_and_free_are_missing() {
    let allocator = r#"(func (export "alloc") (param $len i32) (result i32)
        (global.set $heap (i32.add (global.get $heap) (local.get $len))) (i32.sub (global.get $heap) (local.get $len)))
      (func (export "dealloc") (param i32 i32) (call $env.host_log (i32.const 3) (local.get 0) (local.get 1)))"#;
    let document = succeeded(Skill { allocator, ..Skill::new() }.run(&["--event", "kind", "--input", "123"]));
    let mut freed: Vec<_> = lines(&document, "warn").split(' ').map(str::to_owned).collect();
    freed.sort();
    assert_eq!(freed, ["123", "kind"]);
}

#[test]
fn without_an_allocator_a_skill_is_refused() {
    let document = ended(Skill { allocator: "", ..Skill::new() }.run(&[]), "invalid", "missing-export", 4);
    tells(&document["error"]["message"], &["malloc", "free", "alloc", "dealloc"]);
}

#[test]
fn init_and_shutdown_are_optional_and_results_may_be_missing() {
    let memory = "(memory (export \"memory\") 1)";
    let malloc = r#"(func (export "malloc") (param i32) (result i32) (i32.const 64)) (func (export "free") (param i32))"#;
    let alone = format!(
        "(module {memory} {malloc} (func (export \"skill_on_event\") (param i32 i32 i32 i32) (result i32) (i32.const 7)))"
    );
    assert_eq!(succeeded(run(alone, &[]))["output"], json!({"code": 7}));
    let silent = format!(
        r#"(module {memory} {malloc} (func (export "skill_init")) (func (export "skill_shutdown"))
          (func (export "skill_on_event") (param i32 i32 i32 i32)))"#
    );
    assert_eq!(succeeded(run(silent, &[]))["output"], json!({"code": 0}));
}

#[test]
fn a_negative_result_is_a_failure_with_the_document_kept_and_shutdown_called() {
    let document = ended(Skill { event: "(i32.const -3)", ..Skill::new() }.run(&[]), "failed", "failed", 1);
    assert_eq!((&document["output"], &document["error"]["phase"]), (&json!({"code": -3}), &json!("skill_on_event")));
    assert!(lines(&document, "info").ends_with("shut"), "{document:#}");
    let document = ended(Skill { init: "(i32.const -9)", ..Skill::new() }.run(&[]), "failed", "failed", 1);
    assert_eq!((&document["output"], &document["error"]["phase"]), (&json!({"code": -9}), &json!("skill_init")));
    assert_eq!(lines(&document, "info"), "init shut");
    let document = ended(Skill { shutdown: "(i32.const -1)", ..Skill::new() }.run(&[]), "failed", "failed", 1);
    assert_eq!(document["error"]["phase"], json!("skill_shutdown"));
}

#[test]
fn shutdown_is_not_called_after_a_trap_or_a_limit() {
    let document = ended(Skill { event: "(unreachable)", ..Skill::new() }.run(&[]), "trap", "unreachable", 1);
    assert_eq!((lines(&document, "info"), &document["error"]["phase"]), ("init event".into(), &json!("skill_on_event")));
    let document = ended(Skill { init: "(unreachable)", ..Skill::new() }.run(&[]), "trap", "unreachable", 1);
    assert_eq!((lines(&document, "info"), &document["error"]["phase"]), ("init".into(), &json!("skill_init")));
    let spins = Skill { event: "(loop $again (br $again)) (unreachable)", ..Skill::new() };
    let document = ended(spins.run(&["--timeout", "100ms"]), "timeout", "timeout", 5);
    assert_eq!(lines(&document, "info"), "init event");
    let document = ended(spins.run(&["--fuel", "1000000"]), "fuel", "fuel", 5);
    assert_eq!(lines(&document, "info"), "init event");
}

#[test]
fn a_null_from_malloc_is_out_of_memory_and_a_range_outside_memory_is_an_output_error() {
    let null = r#"(func (export "malloc") (param i32) (result i32) (i32.const 0)) (func (export "free") (param i32))"#;
    let document = ended(Skill { allocator: null, ..Skill::new() }.run(&[]), "memory", "memory", 5);
    tells(&document["error"]["message"], &["malloc"]);
    let outside = r#"(func (export "malloc") (param i32) (result i32) (i32.const 131070)) (func (export "free") (param i32))"#;
    ended(Skill { allocator: outside, ..Skill::new() }.run(&[]), "output", "alloc", 1);
}
