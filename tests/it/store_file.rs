//! The memory service on disk: kept between runs, exact in and out, and whole after whatever ends a program.

use crate::program::Workspace;
use crate::running::Running;
use crate::script::Arg::{Bytes, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, succeeded};
use serde_json::{Value, json};

fn workspace(skills: &[(&str, &Script)]) -> Workspace {
    let workspace = Workspace::new();
    for (name, script) in skills {
        workspace.write(&format!("{name}.wat"), script.module());
    }
    workspace
}

fn set(key: &str, value: &str) -> Script {
    Script::new().call("env.host_memory_set", &[Text(key), Text(value)])
}

fn get(key: &str) -> Script {
    Script::new().call("cis.memory_get", &[Text(key), Range(BUFFER, 32)]).show(BUFFER, 8)
}

fn idle() -> Script {
    Script::new().number("(i32.const 1)")
}

fn values(workspace: &Workspace, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(workspace.path().join(file)).unwrap()).unwrap()
}

#[test]
fn a_store_keeps_values_between_runs_and_each_skill_has_its_own() {
    let workspace =
        workspace(&[("sets", &set("k", "value")), ("gets", &get("k")), ("a", &set("bc", "1")), ("ab", &set("c", "2"))]);
    let run = |name: &str, more: &[&str]| succeeded(workspace.run_json(name, &[&["--store", "kept"], more].concat()));
    run("sets", &[]);
    assert_eq!(run("gets", &[])["output"], json!([-1, "........"]));
    run("a", &[]);
    run("ab", &["--store-out", "ab.json"]);
    run("sets", &["--store-out", "sets.json"]);
    assert_eq!(values(&workspace, "ab.json"), json!({"c": "2"}), "of a skill whose name begins alike");
    assert_eq!(values(&workspace, "sets.json"), json!({"k": "value"}));
    // Another module under the same name is the same skill.
    workspace.write("sets.wat", get("k").module());
    assert_eq!(run("sets", &[])["output"], json!([5, "value..."]));
}

#[test]
fn values_go_in_and_out_exactly() {
    let everything: Vec<u8> = (0..=255).collect();
    let script = Script::new()
        .call("env.host_memory_set", &[Text("bytes"), Bytes(&everything)])
        .call("env.host_memory_set", &[Text("text"), Text("a\0b\u{1b}\u{feff}é日👩‍👩‍👧\r\n\"\\")])
        .call("env.host_memory_set", &[Text("almost text"), Bytes(b"abc\xc3")])
        .call("env.host_memory_set", &[Text("empty"), Range(MEMORY, 0)])
        .call("env.host_memory_set", &[Range(MEMORY, 0), Text("of the empty key")])
        .call("env.host_memory_set", &[Text("k\u{1b}\"\u{0}/é"), Text("v")])
        .call("env.host_memory_delete", &[Text("gone")]);
    let workspace = workspace(&[("s", &script), ("idle", &idle())]);
    workspace.write("in.json", r#"{"gone": "x", "kept": {"base64": "AAH/"}, "as text": {"base64": "YWJj"}}"#);
    succeeded(workspace.run_json("s", &["--store-in", "in.json", "--store-out", "out.json"]));
    let encoded = base64_of(&everything);
    let expected = json!({
        "bytes": {"base64": encoded}, "text": "a\0b\u{1b}\u{feff}é日👩‍👩‍👧\r\n\"\\", "almost text": {"base64": "YWJjww=="},
        "empty": "", "": "of the empty key", "k\u{1b}\"\u{0}/é": "v", "kept": {"base64": "AAH/"}, "as text": "abc",
    });
    assert_eq!(values(&workspace, "out.json"), expected);
    // What came out goes in, and comes out the same, byte for byte, through a file too.
    succeeded(workspace.run_json("idle", &["--store-in", "out.json", "--store-out", "again.json", "--store", "kept"]));
    let read = |file: &str| std::fs::read_to_string(workspace.path().join(file)).unwrap();
    assert_eq!(read("again.json"), read("out.json"));
    succeeded(workspace.run_json("idle", &["--store-out", "third.json", "--store", "kept"]));
    assert_eq!(read("third.json"), read("out.json"));
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn files_of_values_that_cannot_be_taken_are_usage_errors() {
    let workspace = workspace(&[("s", &idle())]);
    let run = |arguments: &[&str]| workspace.skillscope(&[&["--run", "s"], arguments].concat());
    for (content, word) in [
        ("{\"a\": 1}", "line 1 column"),
        ("[]", "an object of keys"),
        ("{\"a\": {\"base64\": \"?\"}}", "not base64"),
        ("{", "EOF"),
    ] {
        workspace.write("in.json", content);
        let ran = run(&["--store-in", "in.json"]);
        assert!(ran.expect(2).stderr.contains(word) && ran.stderr.contains("in.json"), "{}", ran.stderr);
    }
    assert!(run(&["--store-in", "nowhere.json"]).expect(2).stderr.contains("nowhere.json"));
    assert!(run(&["--store-out", "no/such/place.json"]).expect(2).stderr.contains("no/such/place.json"));
    assert!(run(&["--store", "no/such/store"]).expect(2).stderr.contains("no/such/store"));
    assert!(run(&["--store", "."]).expect(2).stderr.contains("not a regular file"));
    workspace.write("other", "not a store at all");
    let ran = run(&["--store", "other"]);
    assert!(ran.expect(2).stderr.contains("damaged, or not a store") && ran.stderr.contains("hint"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(workspace.path().join("other")).unwrap(), "not a store at all");
}

#[test]
fn values_that_a_failed_run_wrote_stay() {
    let workspace = workspace(&[("s", &set("k", "value").wat("unreachable"))]);
    workspace.skillscope(&["--run", "s", "--store", "kept", "--store-out", "out.json"]).expect(1);
    assert_eq!(values(&workspace, "out.json"), json!({"k": "value"}));
}

#[test]
fn a_skill_has_64_mib_of_values_on_disk_too() {
    const MIB_16: u32 = 16 << 20;
    let set = |script: Script, key: &str, len: u32| script.call("env.host_memory_set", &[Text(key), Range(MEMORY, len)]);
    let full = ["a", "b", "c", "d"].iter().fold(Script::new().pages(258), |script, key| set(script, key, MIB_16));
    let workspace = workspace(&[("s", &full)]);
    let run = || workspace.run_json("s", &["--store", "kept", "--max-trace", "0"]).0["output"].clone();
    assert_eq!(run(), json!([0, 0, 0, 0]));
    // The next run finds it full.
    let script = set(set(set(Script::new().pages(258), "e", 1), "a", 5), "e", MIB_16 - 5);
    workspace.write("s.wat", set(script, "f", 1).module());
    assert_eq!(run(), json!([-5, 0, 0, -5]));
}

/// A skill that writes 4 bytes, the number of the write, under each of eight keys in turn, for ever.
fn writes_for_ever() -> Script {
    Script::new().import("env.host_memory_set").data(0x9000, "k0").wat(
        r#"(local $n i32)
        (loop $again
          (i32.store (i32.const 0x9100) (local.get $n))
          (i32.store8 (i32.const 0x9001) (i32.add (i32.const 48) (i32.and (local.get $n) (i32.const 7))))
          (if (call $env.host_memory_set (i32.const 0x9000) (i32.const 2) (i32.const 0x9100) (i32.const 4)) (then unreachable))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $again))"#,
    )
}

#[cfg(unix)]
#[test]
fn a_store_opens_after_a_kill_with_every_value_that_was_acknowledged() {
    let workspace = workspace(&[("s", &writes_for_ever())]);
    for round in 0..5_u64 {
        let mut running =
            Running::start(workspace.command(&["--run", "s", "--store", "kept", "--format", "jsonl", "--timeout", "1h"]));
        let enough = 20 + round * 7;
        let events = running.until(|event| event["type"] == "host_call_finished" && event["id"].as_u64().unwrap() >= enough);
        running.signal(rustix::process::Signal::KILL);
        let after: Vec<Value> = running.end().stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        assert!(after.len() >= events.len());
        let acknowledged = after.iter().filter(|event| event["type"] == "host_call_finished" && event["result"] == 0).count();
        workspace.write("s.wat", idle().module());
        succeeded(workspace.run_json("s", &["--store", "kept", "--store-out", "out.json"]));
        workspace.write("s.wat", writes_for_ever().module());
        let left = values(&workspace, "out.json");
        // Those after it may have been written too: a run goes on while what it did before is on its way to the reader.
        let number = |key: u64| {
            let value = &left[format!("k{key}")];
            let bytes = value.as_str().map(|text| text.as_bytes().to_vec()).unwrap_or_else(|| decoded(&value["base64"]));
            u64::from(u32::from_le_bytes(bytes.try_into().unwrap()))
        };
        let last = u64::try_from(acknowledged).unwrap() - 1;
        for key in 0..8 {
            let newest = (0..=last).rev().find(|n| n % 8 == key).unwrap();
            assert!(number(key) >= newest && number(key) % 8 == key, "round {round}, key {key}: {} after {newest}", number(key));
        }
    }
}

fn decoded(base64: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

#[cfg(unix)]
#[test]
fn a_store_that_another_program_uses_is_refused_and_comes_to_no_harm() {
    let workspace = workspace(&[("s", &writes_for_ever()), ("idle", &idle())]);
    let mut running =
        Running::start(workspace.command(&["--run", "s", "--store", "kept", "--format", "jsonl", "--timeout", "1h"]));
    running.until(|event| event["type"] == "host_call_finished");
    for _ in 0..3 {
        let ran = workspace.skillscope(&["--run", "idle", "--store", "kept"]);
        assert!(ran.expect(2).stderr.contains("in use by another program") && ran.stderr.contains("hint"), "{}", ran.stderr);
    }
    running.interrupt().expect(130);
    succeeded(workspace.run_json("idle", &["--store", "kept"]));
    succeeded(workspace.run_json("idle", &["--store", "kept"]));
}
