//! Log, time, the skill's own allocator, configuration, and what toolchains import by default.

use crate::program::Workspace;
use crate::script::Arg::{Bytes, Int, Range, Text};
use crate::script::{BUFFER, IMPORTS, MEMORY, Script, ended, import, succeeded, tells, type_of};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A string object of AssemblyScript at an address: its length in bytes, then UTF-16.
fn assembly_script_string(at: u32, text: &str) -> (u32, Vec<u8>) {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(units.len()).unwrap();
    (at - 4, [length.to_le_bytes().as_slice(), &units].concat())
}

#[test]
fn every_import_of_the_contract_is_open_to_every_profile_with_its_type() {
    let both = IMPORTS.iter().filter(|(name, _)| name.starts_with("env.host_")).map(|(name, _)| name.replace("env.", "cis."));
    let names: Vec<String> = IMPORTS.iter().map(|(name, _)| (*name).to_owned()).chain(both).collect();
    let imports: String = names.iter().map(|name| import(name)).collect();
    let allocator = r#"(memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))"#;
    for entry in [
        r#"(func (export "execute") (param i32) (result i32) (local.get 0))"#,
        r#"(func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const 0))"#,
        r#"(func (export "_start"))"#,
    ] {
        let workspace = Workspace::new();
        workspace.write("all.wat", format!("(module {imports} {allocator} {entry})"));
        succeeded(workspace.run_json("all", &[]));
    }
    // One parameter more is another type.
    for name in &names {
        let ty = type_of(name);
        let other = if ty.contains("(param ") { ty.replacen("(param ", "(param i64 ", 1) } else { format!("(param i64) {ty}") };
        let (module, field) = name.split_once('.').unwrap();
        let workspace = Workspace::new();
        let wrong = format!("(module (import \"{module}\" \"{field}\" (func {other})) {allocator} (func (export \"_start\")))");
        workspace.write("wrong.wat", wrong);
        let ran = workspace.skillscope(&["--validate", "wrong"]);
        assert!(ran.code == 4 && format!("{}{}", ran.stdout, ran.stderr).contains(field), "{name}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn log_lines_have_their_level_and_bytes_that_are_not_utf_8_are_shown_replaced() {
    let script = (0..5).fold(Script::new(), |script, level| script.call("env.host_log", &[Int(level), Text("line")]));
    let script = script
        .call("cis.host_log", &[Int(5), Text("beyond")])
        .call("env.host_log", &[Int(-1), Text("")])
        .call("env.host_log", &[Int(2), Bytes(b"a\xff\x1bb")])
        .number("(i32.const 0)");
    let document = script.document(&[]);
    let logs: Vec<_> =
        document["logs"].as_array().unwrap().iter().map(|log| (log["level"].clone(), log["message"].clone())).collect();
    let lines = ["trace", "debug", "info", "warn", "error"].map(|level| (json!(level), json!("line")));
    assert_eq!(logs[..5], lines);
    assert_eq!(logs[5].1, json!("beyond"));
    assert_eq!(logs[7], (json!("info"), json!("a\u{fffd}\u{1b}b")));
    assert_eq!(document["warnings"], json!([]));
}

#[test]
fn a_log_line_outside_memory_is_a_warning_and_ends_nothing() {
    let wrong = [Range(MEMORY, 1), Range(MEMORY - 1, 2), Range(u32::MAX, 1), Range(MEMORY + 1, 0)];
    let script = wrong.iter().fold(Script::new(), |script, range| script.call("env.host_log", &[Int(2), *range]));
    let script = script.call("env.host_log", &[Int(2), Range(MEMORY, 0)]).number("(i32.const 1)");
    let document = script.document(&[]);
    assert_eq!((document["warnings"].as_array().unwrap().len(), document["logs"].as_array().unwrap().len()), (4, 1));
    tells(&document["warnings"][0], &["host_log"]);
}

#[test]
fn now_is_the_seconds_since_the_epoch() {
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let answer = Script::new().call("env.host_now", &[]).call("cis.host_now", &[]).answer(&[]);
    let after = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for now in answer.as_array().unwrap() {
        assert!((before..=after).contains(&now.as_u64().unwrap()), "{now}");
    }
    assert_eq!(Script::new().call("env.host_now", &[]).answer(&["--seed", "1"]), json!([1_577_836_800]), "a fixed start");
}

#[test]
fn configuration_comes_from_manifest_and_flag_and_0_is_its_absence() {
    let get = |script: Script, name, key| script.call(name, &[Text(key), Range(BUFFER, 8)]);
    let script = get(Script::new(), "env.host_config_get", "greeting").show(BUFFER, 7);
    let script = get(script, "cis.host_config_get", "other").show(BUFFER, 3);
    let script = get(get(script, "env.host_config_get", "none"), "env.host_config_get", "empty");
    let tables = "[config]\ngreeting = \"Grüße\"\nother = \"manifest\"\nempty = \"\"\n";
    let document = succeeded(script.run_with_manifest(tables, &["--config", "other=a=b"]));
    assert_eq!(document["output"], json!([7, "Gr\u{c3}\u{bc}\u{c3}\u{9f}e", 3, "a=b", 0, 0]));
    let long = "l".repeat(8193);
    let script = [Range(MEMORY, 1), Range(u32::MAX, 2), Bytes(b"\xff"), Text(&long)]
        .iter()
        .fold(Script::new(), |script, key| script.call("env.host_config_get", &[*key, Range(BUFFER, 8)]))
        .call("env.host_config_get", &[Text("k"), Range(MEMORY - 1, 2)]);
    assert_eq!(script.answer(&["--config", "k=v"]), json!([-2, -2, -2, -5, -2]));
}

#[test]
fn alloc_and_free_are_the_skills_own() {
    let script = Script::new()
        .with(r#"(global $given (mut i32) (i32.const 0))"#)
        .import("env.host_alloc")
        .import("env.host_free")
        .wat("(global.set $given (call $env.host_alloc (i32.const 100)))")
        .number("(i32.eq (global.get $heap) (i32.add (global.get $given) (i32.const 100)))")
        .wat("(i32.store8 (i32.add (global.get $given) (i32.const 99)) (i32.const 7))")
        .wat("(call $env.host_free (global.get $given) (i32.const 100))")
        .call("cis.host_free", &[Int(0x1234), Int(7)])
        .number("(global.get $freed)");
    // The script's own `dealloc` does nothing: this one remembers what it is given.
    let module = script
        .module()
        .replace("(func (export \"dealloc\") (param i32 i32))", "(global $freed (mut i32) (i32.const 0)) (func (export \"dealloc\") (param i32 i32) (global.set $freed (i32.add (global.get $freed) (i32.add (local.get 0) (local.get 1)))))");
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    let answer = succeeded(workspace.run_json("probe", &["--input", "1"]))["output"].clone();
    // The input's buffer is two bytes, so that host_alloc's begins behind it.
    assert_eq!(answer, json!([1, 0xb000 + 2 + 100 + 0x1234 + 7]));
}

#[test]
fn alloc_gives_the_null_of_an_allocator_that_is_out_of_memory() {
    let module = r#"(module (import "env" "host_alloc" (func $alloc (param i32) (result i32))) (memory (export "memory") 1)
      (data (i32.const 8) "null")
      (func (export "alloc") (param i32) (result i32) (select (i32.const 64) (i32.const 0) (i32.lt_u (local.get 0) (i32.const 100))))
      (func (export "dealloc") (param i32 i32))
      (func (export "execute") (param i32) (result i32)
        (if (call $alloc (i32.const 1000)) (then unreachable)) (i32.const 8)))"#;
    let workspace = Workspace::new();
    workspace.write("full.wat", module);
    succeeded(workspace.run_json("full", &[]));
}

#[test]
fn the_allocator_may_not_be_called_from_inside_itself() {
    for call in ["(drop (call $env.host_alloc (i32.const 1)))", "(call $env.host_free (i32.const 1) (i32.const 1))"] {
        for (export, phase) in [("alloc", "alloc"), ("dealloc", "dealloc")] {
            let body = |name: &str| if name == export { call } else { "" };
            let module = format!(
                r#"(module {}{} (memory (export "memory") 1)
              (func (export "alloc") (param i32) (result i32) {} (i32.const 64))
              (func (export "dealloc") (param i32 i32) {})
              (func (export "execute") (param i32) (result i32) (local.get 0)))"#,
                import("env.host_alloc"),
                import("env.host_free"),
                body("alloc"),
                body("dealloc"),
            );
            let workspace = Workspace::new();
            workspace.write("again.wat", module);
            let run = workspace.run_json("again", &[]);
            if phase == "dealloc" {
                tells(&succeeded(run)["warnings"][0], &["dealloc", "allocator"]);
            } else {
                let document = ended(run, "trap", "allocator-reentered", 1);
                assert_eq!(document["error"]["phase"], json!(phase));
            }
        }
    }
}

#[test]
fn abort_is_a_trap_that_shows_message_file_line_and_column() {
    let (message, file) = (assembly_script_string(0x9004, "no köy 😀"), assembly_script_string(0x9104, "assembly/index.ts"));
    let script = Script::new().data(message.0, message.1).data(file.0, file.1);
    let aborting = |arguments: &[crate::script::Arg<'_>]| script.clone().call("env.abort", arguments).number("(i32.const 0)");
    let document = ended(aborting(&[Int(0x9004), Int(0x9104), Int(12), Int(3)]).run(&[]), "trap", "abort", 1);
    tells(&document["error"]["message"], &["no köy 😀", "assembly/index.ts:12:3"]);
    assert!(!document["error"]["backtrace"].as_array().unwrap().is_empty(), "{document:#}");
    for wrong in [[0, 0], [1, 2], [-1, -4], [0x10004, 0x1_0000]] {
        let document = ended(aborting(&[Int(wrong[0]), Int(wrong[1]), Int(-1), Int(0)]).run(&[]), "trap", "abort", 1);
        tells(&document["error"]["message"], &[":4294967295:0"]);
    }
}

#[test]
fn trace_is_a_log_line_with_its_numbers() {
    let message = assembly_script_string(0x9004, "values");
    let numbers = "(f64.const 1.5) (f64.const -2) (f64.const 3) (f64.const 0.1) (f64.const nan)";
    let trace = |count: i32| format!("(call $env.trace (i32.const 0x9004) (i32.const {count}) {numbers})\n");
    let counts = [0, 1, 2, 4, 9, -1];
    let script = counts
        .iter()
        .fold(Script::new().data(message.0, message.1).import("env.trace"), |script, &count| script.wat(&trace(count)));
    let document = script.number("(i32.const 0)").document(&[]);
    let lines: Vec<_> = document["logs"].as_array().unwrap().iter().map(|log| log["message"].as_str().unwrap()).collect();
    assert_eq!(lines[..4], ["values", "values 1.5", "values 1.5, -2", "values 1.5, -2, 3, 0.1"]);
    assert_eq!((lines[4], lines[5]), ("values 1.5, -2, 3, 0.1, NaN", "values"));
}

#[test]
fn seed_is_a_number_that_a_seed_makes_repeatable() {
    let number = "(i32.trunc_sat_f64_s (f64.mul (call $env.seed) (f64.const 1e9)))";
    let script = Script::new().import("env.seed").number(number).number(number);
    let seeded = |seed: &str| script.answer(&["--seed", seed]);
    let first = seeded("1");
    assert_eq!(first, seeded("1"));
    assert_ne!(first, seeded("2"));
    assert_ne!(first[0], first[1]);
    assert_ne!(script.answer(&[]), script.answer(&[]), "without a seed, it differs from run to run");
    for number in first.as_array().unwrap() {
        assert!((0..1_000_000_000).contains(&number.as_i64().unwrap()), "{number}");
    }
}

#[test]
fn emscriptens_notice_of_a_growth_changes_nothing() {
    let script = Script::new()
        .call("env.emscripten_notify_memory_growth", &[Int(0)])
        .wat("(drop (memory.grow (i32.const 1)))")
        .call("env.emscripten_notify_memory_growth", &[Int(0)])
        .call("env.host_log", &[Int(2), Range(MEMORY, 4)])
        .number("(memory.size)");
    let document = script.document(&[]);
    assert_eq!((&document["output"], &document["warnings"]), (&json!([2]), &json!([])));
    assert_eq!(document["logs"][0]["message"], json!("\0\0\0\0"), "memory that was grown into is inside memory");
}

#[test]
fn calls_are_numbered_and_all_are_counted() {
    let script = (0..4).fold(Script::new(), |script, _| script.call("env.host_now", &[]));
    let document = script.document(&["--max-trace", "3"]);
    let ids: Vec<_> = document["host_calls"].as_array().unwrap().iter().map(|call| call["id"].as_u64().unwrap()).collect();
    assert_eq!((ids, &document["host_call_count"], &document["host_calls_left_out"]), (vec![1, 2, 3], &json!(4), &json!(1)));
    assert!(document["host_calls"][0]["elapsed_us"].is_u64() && document["host_calls"][0]["result"] != Value::Null);
}
