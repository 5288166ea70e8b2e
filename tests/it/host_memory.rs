//! The memory functions: values, absences, keys, limits, and a failure that cannot be told by a result.

use crate::script::Arg::{Bytes, Range, Text};
use crate::script::{BUFFER, MEMORY, Script, ended, tells};
use serde_json::{Value, json};

const MIB_16: u32 = 16 << 20;

#[test]
fn a_value_is_read_back_under_every_name_and_absence_has_two_results() {
    let script = Script::new()
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 8)])
        .call("cis.host_memory_get", &[Text("k"), Range(BUFFER, 8)])
        .call("cis.memory_set", &[Text("k"), Text("one")])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 8)])
        .show(BUFFER, 4)
        .call("env.host_memory_set", &[Text("k"), Text("three")])
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)])
        .show(BUFFER, 6)
        .call("cis.host_memory_set", &[Text("k"), Text("2")])
        .call("cis.host_memory_get", &[Text("k"), Range(BUFFER, 8)])
        .show(BUFFER, 2)
        .call("cis.memory_get", &[Text("K"), Range(BUFFER, 8)]);
    assert_eq!(script.answer(&[]), json!([-1, 0, 0, 3, "one.", 0, 5, "three.", 0, 1, "2h", -1]));
}

#[test]
fn deleting_gives_0_also_where_there_was_nothing() {
    let script = Script::new()
        .call("env.host_memory_delete", &[Text("k")])
        .call("env.host_memory_set", &[Text("k"), Text("v")])
        .call("env.host_memory_delete", &[Text("k")])
        .call("cis.host_memory_delete", &[Text("k")])
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)]);
    assert_eq!(script.answer(&[]), json!([0, 0, 0, 0, -1]));
}

#[test]
fn values_are_bytes_and_may_be_empty() {
    let script = Script::new()
        .call("env.host_memory_set", &[Text("bytes"), Bytes(b"\xff\x00\xfe")])
        .call("cis.memory_get", &[Text("bytes"), Range(BUFFER, 8)])
        .show(BUFFER, 3)
        .call("env.host_memory_set", &[Text("empty"), Range(MEMORY, 0)])
        .call("cis.memory_get", &[Text("empty"), Range(MEMORY, 0)])
        .call("env.host_memory_get", &[Text("empty"), Range(MEMORY, 0)])
        .call("env.host_memory_set", &[Range(MEMORY, 0), Text("of the empty key")])
        .call("cis.memory_get", &[Range(0, 0), Range(MEMORY, 0)]);
    let document = script.document(&[]);
    assert_eq!(document["output"], json!([0, 3, "\u{ff}\0\u{fe}", 0, 0, 0, 0, 16]));
    assert_eq!(document["host_calls"][0]["request"], json!({"key": "bytes", "value": {"base64": "/wD+"}}));
}

#[test]
fn wrong_ranges_and_keys_that_are_not_utf_8_are_code_minus_2_and_nothing_is_stored() {
    let wrong = [Range(MEMORY - 1, 2), Range(MEMORY, 1), Range(MEMORY + 1, 0), Range(u32::MAX, 0), Range(u32::MAX, u32::MAX)];
    let mut script = Script::new();
    for key in wrong.into_iter().chain([Bytes(b"\xff"), Bytes(b"\xc3")]) {
        script = script
            .call("cis.memory_get", &[key, Range(BUFFER, 8)])
            .call("env.host_memory_get", &[key, Range(BUFFER, 8)])
            .call("env.host_memory_set", &[key, Text("v")])
            .call("env.host_memory_delete", &[key]);
    }
    for range in wrong {
        script = script
            .call("cis.memory_get", &[Text("k"), range])
            .call("env.host_memory_get", &[Text("k"), range])
            .call("env.host_memory_set", &[Text("k"), range]);
    }
    let answer = script.call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)]).answer(&[]);
    let mut expected = vec![json!(-2); 7 * 4 + 5 * 3];
    expected.push(json!(-1));
    assert_eq!(answer, Value::from(expected));
}

#[test]
fn a_key_may_have_8_kib_and_no_more() {
    let (longest, longer) = ("k".repeat(8192), "l".repeat(8193));
    let script = Script::new()
        .call("env.host_memory_set", &[Text(&longest), Text("v")])
        .call("cis.memory_get", &[Text(&longest), Range(BUFFER, 8)])
        .call("env.host_memory_set", &[Text(&longer), Text("v")])
        .call("cis.memory_get", &[Text(&longer), Range(BUFFER, 8)])
        .call("env.host_memory_get", &[Text(&longer), Range(BUFFER, 8)])
        .call("env.host_memory_delete", &[Text(&longer)]);
    assert_eq!(script.answer(&[]), json!([0, 1, -5, -5, -5, -5]));
}

#[test]
fn a_value_may_have_16_mib_and_no_more() {
    let script = Script::new()
        .pages(258)
        .call("env.host_memory_set", &[Text("k"), Range(MEMORY, MIB_16)])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 1)])
        .call("env.host_memory_set", &[Text("k"), Range(MEMORY, MIB_16 + 1)])
        .call("env.host_memory_get", &[Text("k"), Range(BUFFER, 1)]);
    let (document, code) = script.run(&["--max-trace", "0"]);
    assert_eq!((&document["output"], code), (&json!([0, MIB_16, -5, MIB_16]), 0), "{}", document["error"]);
}

#[test]
fn a_skill_may_store_64_mib_of_values_and_no_more() {
    let set = |script: Script, key: &str, len: u32| script.call("env.host_memory_set", &[Text(key), Range(MEMORY, len)]);
    let script = ["a", "b", "c", "d"].iter().fold(Script::new().pages(258), |script, key| set(script, key, MIB_16));
    // Full; still full when nothing changes; room again after a smaller value, and after a deletion.
    let script = set(set(set(script, "e", 1), "a", MIB_16), "e", 0);
    let script = set(set(set(script, "a", MIB_16 - 1), "f", 1), "g", 1);
    let script = set(script.call("env.host_memory_delete", &[Text("b")]), "g", MIB_16);
    let (document, _) = script.run(&["--max-trace", "0"]);
    assert_eq!(document["output"], json!([0, 0, 0, 0, -5, 0, 0, 0, 0, -5, 0, 0]), "{}", document["error"]);
}

#[test]
fn key_patterns_of_the_manifest_are_matched_whole_with_a_star_for_any_characters() {
    let script = ["notes/a", "notes/a/b", "notes/", "notes", "xnotes/a", "exact", "exactly", "Exact"]
        .iter()
        .fold(Script::new(), |script, key| script.call("env.host_memory_set", &[Text(key), Text("v")]));
    let tables = "[permissions]\nmemory = [\"notes/*\", \"exact\"]\n";
    let (document, _) = script.run_with_manifest(tables, &[]);
    assert_eq!(document["output"], json!([0, 0, 0, -3, -3, 0, -3, -3]));
    tells(&document["host_calls"][4]["error"], &["memory", "xnotes/a", "[permissions]"]);
    let (document, _) = script.run_with_manifest(tables, &["--allow-memory", "*xact*"]);
    assert_eq!(document["output"], json!([0, 0, 0, -3, -3, 0, 0, 0]), "a flag adds to the manifest");
}

#[test]
fn what_is_denied_is_neither_read_nor_deleted() {
    let script = Script::new()
        .call("cis.memory_get", &[Text("secret"), Range(BUFFER, 8)])
        .call("env.host_memory_get", &[Text("secret"), Range(BUFFER, 8)])
        .call("env.host_memory_delete", &[Text("secret")])
        .show(BUFFER, 2);
    let (document, _) = script.run_with_manifest("", &[]);
    assert_eq!(document["output"], json!([-3, -3, -3, ".."]));
}

#[test]
fn a_failure_of_memory_set_ends_the_run_since_nothing_may_be_lost_in_silence() {
    let set = |key, value| Script::new().pages(258).call("cis.memory_set", &[key, value]).number("(i32.const 1)");
    let long = "l".repeat(8193);
    for (key, value) in [
        (Range(MEMORY * 300, 1), Text("v")),
        (Bytes(b"\xff"), Text("v")),
        (Text("k"), Range(u32::MAX, 1)),
        (Text(&long), Text("v")),
        (Text("k"), Range(MEMORY, MIB_16 + 1)),
    ] {
        let (document, code) = set(key, value).run(&["--max-trace", "0"]);
        assert_eq!((document["outcome"].as_str(), code), (Some("host"), 6), "{}", document["error"]);
        assert_eq!((&document["output"], &document["error"]["phase"]), (&Value::Null, &json!("execute")));
        tells(&document["error"]["message"], &["memory_set"]);
    }
    let denied = ended(set(Text("k"), Text("v")).run_with_manifest("", &[]), "host", "denied", 6);
    tells(&denied["error"]["message"], &["memory = [\"k\"]"]);
    assert_eq!(denied["host_calls"][0]["result"], Value::Null);
}
