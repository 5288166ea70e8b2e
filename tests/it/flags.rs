//! Flags: each one's bad values are told, each limit's flag wins over the manifest, and the others add to it.

use crate::acceptance::d04;
use crate::command::command;
use crate::program::{Ran, Workspace};
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script, ended, succeeded, tells};
use crate::workspace::{echo, write_skill};
use serde_json::json;

fn with_echo() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("echo.wat", echo());
    workspace
}

/// Runs `echo` with more words, which are wrong ones: nothing runs, and stderr says why.
#[track_caller]
fn wrong(workspace: &Workspace, arguments: &[&str], words: &[&str]) {
    let ran: Ran = workspace.skillscope(&[&["--run", "echo"], arguments].concat());
    assert!(ran.expect(2).stdout.is_empty(), "{arguments:?}: {}", ran.stdout);
    for word in words {
        assert!(ran.stderr.contains(word), "{arguments:?}: {word:?} is not in\n{}", ran.stderr);
    }
}

#[test]
fn values_that_cannot_be_taken_are_usage_errors_with_clear_words() {
    let workspace = with_echo();
    for (flag, value, words) in [
        ("--max-memory", "lots", "not a size: \"lots\"; write a number and a unit, for example 64MiB"),
        ("--max-memory", "64M", "unknown unit \"M\""),
        ("--max-memory", "64", "64 bytes is less than one page of memory (64 KiB); is the unit missing?"),
        ("--max-memory", "5GiB", "more than a wasm32 module can address (4 GiB)"),
        ("--max-memory", "", "a size is missing"),
        ("--timeout", "2", "a duration needs a unit: write \"2s\" or \"2ms\""),
        ("--timeout", "0s", "a timeout must be at least 1ms"),
        ("--timeout", "soon", "not a duration: \"soon\""),
        ("--timeout", "400d", "too long; at most 366 days"),
        ("--fuel", "0", "no skill runs on a fuel of 0"),
        ("--fuel", "1e9", "not an amount of fuel: \"1e9\""),
        ("--fuel", "99999999999999999999", "not an amount of fuel"),
        ("--max-module", "0", "no module is that small"),
        ("--max-module", "big", "not a size: \"big\""),
        ("--allow-http", "http://example.com/", "is a URL, and hosts are granted; write \"example.com\""),
        ("--allow-http", "*.example.com", "is a pattern, and hosts are granted exactly"),
        ("--allow-http", "example.com:http", "is not a port"),
        ("--allow-http", "", "a host is missing"),
        ("--allow-memory", "", "an empty pattern matches no key"),
        ("--config", "novalue", "expected NAME=VALUE"),
        ("--config", "=value", "expected NAME=VALUE"),
        ("--env", "NOVALUE", "expected NAME=VALUE"),
        ("--env", "=value", "expected NAME=VALUE"),
        ("--dir", ".", "expected HOST::GUEST"),
        ("--dir", "::/data", "expected HOST::GUEST"),
        ("--dir", ".::data", "a path in the guest is absolute; write \"/data\""),
        ("--dir", ".::/a/../b", "a path in the guest has no \".\", \"..\" or NUL in it"),
        ("--dir", "gone::/data", "cannot open the directory gone of --dir: "),
        ("--dir", "echo.wat::/data", "cannot open the directory echo.wat of --dir: not a directory"),
        ("--seed", "-1", "invalid value '-1'"),
        ("--seed", "18446744073709551616", "number too large"),
        ("--max-trace", "many", "invalid digit"),
        ("--format", "xml", "[possible values: human, json, jsonl, junit]"),
        ("--compiler", "llvm", "[possible values: auto, cranelift, singlepass]"),
        ("--ai", "nobody", "nobody"),
        ("--store", ".", "."),
        ("--store-in", "gone.json", "cannot read gone.json: "),
        ("--store-in", "echo.wat", "echo.wat: "),
        ("--input", "@gone.json", "cannot read gone.json: "),
        ("--stdin", "@gone", "cannot read gone: "),
        ("--frobnicate", "x", "unexpected argument '--frobnicate'"),
    ] {
        let joined = format!("{flag}={value}");
        wrong(&workspace, &[&joined], &[words]);
        // What clap tells names the flag that is meant.
        let ran = workspace.skillscope(&["--run", "echo", &joined]);
        let named_by_its_file = matches!(flag, "--store" | "--store-in" | "--input" | "--stdin");
        assert!(named_by_its_file || ran.stderr.contains(flag), "{}", ran.stderr);
    }
}

#[test]
fn an_input_that_is_no_document_is_shown_at_its_place() {
    let workspace = with_echo();
    workspace.write("latin.json", b"\"caf\xe9\"");
    workspace.write("two.json", "{\"a\": 1,\n \"b\": tru}");
    wrong(
        &workspace,
        &["--input", "{\"a\": tru}"],
        &["the input on the command line is not JSON: ", "\n  {\"a\": tru}\n           ^"],
    );
    wrong(&workspace, &["--input", ""], &["is not JSON: EOF"]);
    wrong(&workspace, &["--input", "1 2"], &["is not JSON: trailing characters"]);
    wrong(&workspace, &["--input", "@two.json"], &["the input two.json is not JSON: ", "line 2 column", "\n   \"b\": tru}\n"]);
    wrong(&workspace, &["--input", "@latin.json"], &["the input latin.json is not UTF-8 text (byte 4)"]);
    wrong(&workspace, &["--input", "@."], &["cannot read .: "]);
    let ran = workspace.skillscope_with(&["--run", "echo", "--input", "-"], &[], b"{bad");
    assert!(ran.expect(2).stderr.contains("the input from standard input is not JSON: "), "{}", ran.stderr);
}

#[test]
fn one_thing_is_asked_at_a_time() {
    let workspace = with_echo();
    for (arguments, words) in [
        (&["--run", "echo", "--list"][..], "cannot be used with"),
        (&["--run", "echo", "--validate", "echo"], "cannot be used with"),
        (&["--run", "echo", "--run", "echo"], "cannot be used multiple times"),
        (&["--run"], "a value is required for '--run <NAME>'"),
        (&["--list", "--watch"], "'--list' cannot be used with '--watch'"),
        (&["--list", "--input", "1"], "cannot be used with"),
        (&["--list", "--seed", "1"], "cannot be used with"),
        (&["--validate", "echo", "--stdin", "x"], "cannot be used with"),
        (&["--validate", "echo", "--event", "x"], "cannot be used with"),
        (&["--validate", "echo", "--max-trace", "1"], "cannot be used with"),
        (&["--validate", "echo", "--store", "x"], "cannot be used with"),
        (&["--validate", "echo", "--store-in", "x"], "cannot be used with"),
        (&["--clear-cache", "--store-out", "x"], "cannot be used with"),
        (&["--clear-cache", "."], "cannot be used with"),
        (&[".", "--watch"], "the following required arguments were not provided"),
        (&[".", "--stdin", "x"], "the following required arguments were not provided"),
        (&[".", "--store-in", "x"], "the following required arguments were not provided"),
        (&["."], "is not a terminal"),
        (&["--run", "echo", "--input", "1", "--stdin", "x"], "cannot be used with"),
        (&["--run", "echo", "--timeout", "1s", "--timeout", "2s"], "cannot be used multiple times"),
        (&["--completions", "basic"], "possible values: bash"),
        (&[], "skillscope --run NAME"),
    ] {
        let ran = workspace.skillscope(arguments);
        assert!(ran.expect(2).stdout.is_empty() && ran.stderr.contains(words), "{arguments:?}: {}", ran.stderr);
    }
    assert!(workspace.skillscope(&["--list", "--dir", "gone::/data"]).expect(2).stderr.contains("the directory gone of --dir"));
}

#[test]
fn a_flag_wins_over_the_manifest_for_each_limit() {
    let spin = d04("", "(loop $again (br $again)) (unreachable)");
    let hog = d04("", "(if (i32.eq (memory.grow (i32.const 7)) (i32.const -1)) (then unreachable)) (local.get $input)");
    let workspace = Workspace::new();
    let write = |module: &str, limits: &str| {
        workspace.write("a/m.wat", module);
        workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"m.wat\"\n[limits]\n{limits}\n"));
    };
    write(&spin, "timeout = \"60s\"\nfuel = 1_000_000");
    let document = ended(workspace.run_json("a", &[]), "fuel", "fuel", 5);
    assert_eq!(document["limits"]["fuel"], 1_000_000);
    let document = ended(workspace.run_json("a", &["--fuel", "5_000"]), "fuel", "fuel", 5);
    assert_eq!(document["limits"]["fuel"], 5_000);
    let document =
        ended(workspace.run_json("a", &["--fuel", "18446744073709551615", "--timeout", "100ms"]), "timeout", "timeout", 5);
    assert_eq!((&document["limits"]["timeout_ms"], &document["limits"]["fuel"]), (&json!(100), &json!(u64::MAX)));
    write(&spin, "timeout = \"50ms\"");
    let document = ended(workspace.run_json("a", &["--timeout", "150ms"]), "timeout", "timeout", 5);
    assert!(document["usage"]["elapsed_ms"].as_f64().unwrap() >= 150.0);
    write(&hog, "memory = \"512KiB\"");
    assert_eq!(succeeded(workspace.run_json("a", &[]))["limits"]["memory_bytes"], 512 << 10);
    let document = ended(workspace.run_json("a", &["--max-memory", "256KiB"]), "memory", "memory", 5);
    assert_eq!(document["limits"]["memory_bytes"], 256 << 10);
    write(&hog, "memory = \"64KiB\"");
    ended(workspace.run_json("a", &[]), "memory", "memory", 5);
    succeeded(workspace.run_json("a", &["--max-memory", "512KiB"]));
    // What no flag says stays the manifest's.
    assert_eq!(succeeded(workspace.run_json("a", &["--max-memory", "1MiB", "--timeout", "9s"]))["limits"]["timeout_ms"], 9_000);
}

#[test]
fn configuration_is_the_manifests_with_what_flags_say() {
    let get = |script: Script, key: &str| script.call("env.host_config_get", &[Text(key), Range(BUFFER, 8)]).show(BUFFER, 3);
    let script = get(get(get(Script::new(), "one"), "two"), "three");
    let tables = "[config]\none = \"1st\"\ntwo = \"2nd\"\n";
    let answer = |arguments: &[&str]| succeeded(script.run_with_manifest(tables, arguments))["output"].clone();
    assert_eq!(answer(&[]), json!([3, "1st", 3, "2nd", 0, "2nd"]), "what is not there leaves the buffer alone");
    let changed = answer(&["--config", "two=new", "--config", "three=a=b"]);
    assert_eq!(changed, json!([3, "1st", 3, "new", 3, "a=b"]));
    // The last of two wins; an empty value is one, of no length.
    assert_eq!(answer(&["--config", "two=x", "--config", "two=yyy"])[3], "yyy");
    assert_eq!(answer(&["--config", "one="])[0], 0);
    // A skill without a manifest is given them too.
    assert_eq!(script.answer(&["--config", "one=uno"])[1], "uno");
}

#[test]
fn permissions_of_flags_are_added_to_the_manifests() {
    let set = |script: Script, key: &str| script.call("env.host_memory_set", &[Text(key), Text("v")]);
    let script = set(set(set(Script::new(), "a/1"), "b/1"), "c").call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 64)]);
    let tables = "[permissions]\nmemory = [\"a/*\"]\n";
    let denied = |arguments: &[&str]| -> Vec<bool> {
        let document = succeeded(script.run_with_manifest(tables, arguments));
        document["output"].as_array().unwrap().iter().map(|code| *code == -3).collect()
    };
    assert_eq!(denied(&[]), [false, true, true, true]);
    assert_eq!(denied(&["--allow-memory", "b/*"]), [false, false, true, true]);
    assert_eq!(denied(&["--allow-memory", "b/*", "--allow-memory", "c", "--allow-ai"]), [false; 4]);
}

#[test]
fn a_guest_path_with_a_slash_at_its_end_is_the_same_path() {
    let script = Script::new()
        .wasi("fd_prestat_dir_name", "(param i32 i32 i32) (result i32)")
        .wasi("fd_prestat_get", "(param i32 i32) (result i32)")
        .number("(call $fd_prestat_dir_name (i32.const 3) (i32.const 0x9000) (i32.const 5))")
        .show(0x9000, 5)
        .number("(call $fd_prestat_get (i32.const 4) (i32.const 0x9000))");
    let workspace = Workspace::new();
    workspace.write("a/m.wat", script.module());
    workspace.write("a/fixtures/x", "");
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"m.wat\"\n[wasi]\ndirs = { \"/data\" = \"fixtures\" }\n");
    workspace.write("other/y", "");
    for arguments in [&[][..], &["--dir", "other::/data/"], &["--dir", "a::/data", "--dir", "other::/data/:rw"]] {
        assert_eq!(succeeded(workspace.run_json("a", arguments))["output"], json!([0, "/data", 8]), "{arguments:?}");
    }
}

#[test]
fn raw_stdin_is_for_commands_and_an_events_type_for_skills_that_handle_events() {
    let workspace = with_echo();
    workspace.write("copy.wat", command("", "(call $copy)"));
    wrong(
        &workspace,
        &["--stdin", "not JSON"],
        &["manifest (usage): --stdin gives raw bytes to a command, and \"echo\" has the profile d04", "--input"],
    );
    wrong(
        &workspace,
        &["--event", "tick"],
        &["--event names the event of a skill of the profile cis-sdk, and \"echo\" has the profile d04"],
    );
    let (document, code) = workspace.run_json("copy", &["--event", "tick"]);
    assert_eq!((code, &document["error"]["kind"], &document["profile"]), (2, &json!("usage"), &json!("command")));
    tells(&document["error"]["message"], &["\"copy\" has the profile command"]);
    assert_eq!(succeeded(workspace.run_json("copy", &["--stdin", "not JSON"]))["output"], "not JSON");
    // What is wrong with the skill comes first.
    workspace.write("bad.wat", "(module)");
    ended(workspace.run_json("bad", &["--event", "tick"]), "invalid", "profile", 4);
}

#[test]
fn flags_that_say_what_a_skill_sees_hold_for_skills_with_and_without_a_manifest() {
    let workspace = Workspace::new();
    write_skill(&workspace, "a", "a");
    workspace.write("bare.wat", echo());
    let all = [
        "--env",
        "K=V",
        "--config",
        "K=V",
        "--dir",
        ".::/here:rw",
        "--allow-http",
        "example.com",
        "--allow-memory",
        "*",
        "--allow-ai",
        "--seed",
        "7",
    ];
    for name in ["a", "bare"] {
        let document = succeeded(workspace.run_json(name, &all));
        assert_eq!(document["seed"], 7);
    }
}
