//! What the command line finds, refuses and answers, and with which exit code.

use crate::acceptance::d04;
use crate::program::Workspace;
use serde_json::json;

fn with_echo() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("echo.wat", d04("", "(local.get $input)"));
    workspace
}

#[test]
fn what_lies_in_hidden_and_build_directories_is_passed_over() {
    let workspace = with_echo();
    for directory in [".hidden", "target", "node_modules"] {
        workspace.write(&format!("{directory}/other.wat"), "(module)");
    }
    let rows = workspace.skillscope(&["--list", "--format", "json"]).expect(0).json();
    let names: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, [json!("echo")]);
}

#[test]
fn two_skills_of_one_name_are_refused_with_both_paths() {
    let workspace = with_echo();
    workspace.write("deeper/echo.wat", d04("", "(local.get $input)"));
    let ran = workspace.skillscope(&["--run", "echo"]);
    assert!(ran.expect(3).stderr.contains("deeper/echo.wat") && ran.stderr.contains("\n  echo.wat"), "{}", ran.stderr);
    workspace.skillscope(&["--run", "deeper/echo.wat"]).expect(0);
}

#[test]
fn a_name_that_is_not_there_is_told_with_the_nearest_one() {
    let ran = with_echo().skillscope(&["--run", "ecko"]);
    assert!(ran.expect(3).stderr.contains("did you mean \"echo\"?"), "{}", ran.stderr);
}

#[test]
fn an_unknown_key_of_a_manifest_is_refused_with_its_line_and_the_nearest_key() {
    let workspace = Workspace::new();
    workspace.write("a/a.wat", d04("", "(local.get $input)"));
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"a.wat\"\n[limits]\ntimeot = \"2s\"\n");
    let ran = workspace.skillscope(&["--run", "a"]);
    assert!(ran.expect(3).stderr.contains("skill.toml:5") && ran.stderr.contains("timeout"), "{}", ran.stderr);
}

#[test]
fn a_checksum_that_differs_is_refused_with_both_digests() {
    let workspace = Workspace::new();
    workspace.write("a/a.wat", d04("", "(local.get $input)"));
    let wrong = "0".repeat(64);
    workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"a.wat\"\nsha256 = \"{wrong}\"\n"));
    let (document, code) = workspace.run_json("a", &[]);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!((code, &document["outcome"]), (3, &json!("manifest")));
    assert!(message.contains(&wrong) && message.contains("found"), "{message}");
}

#[test]
fn a_flag_wins_over_the_manifest() {
    let workspace = Workspace::new();
    workspace.write("a/a.wat", d04("", "(loop $again (br $again)) (unreachable)"));
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"a.wat\"\n[limits]\nfuel = 1_000_000\n");
    let (document, code) = workspace.run_json("a", &[]);
    assert_eq!((code, &document["outcome"], &document["limits"]["fuel"]), (5, &json!("fuel"), &json!(1_000_000)));
    let (document, _) = workspace.run_json("a", &["--fuel", "5_000"]);
    assert_eq!((&document["outcome"], &document["limits"]["fuel"]), (&json!("fuel"), &json!(5_000)));
}

#[test]
fn refused_modules_say_what_they_are() {
    let workspace = Workspace::new();
    for (file, content, kind) in [
        ("empty.wasm", &b""[..], "empty"),
        ("zip.wasm", b"PK\x03\x04rest", "not-wasm"),
        ("future.wasm", b"\0asm\x02\0\0\0", "version"),
        ("component.wasm", b"\0asm\x0d\0\x01\0", "component"),
        ("cut.wasm", b"\0asm\x01\0\0\0\x01\x7f", "malformed"),
        ("text.wat", b"(module (func (i32.add))", "wat"),
        ("nothing.wat", b"(module)", "profile"),
        ("big.wat", b"(module (memory i64 1))", "feature"),
    ] {
        workspace.write(file, content);
        let (document, code) = workspace.run_json(&format!("./{file}"), &[]);
        assert_eq!((code, &document["outcome"], &document["error"]["kind"]), (4, &json!("invalid"), &json!(kind)), "{document}");
    }
}

#[test]
fn wrong_words_are_usage_errors() {
    let workspace = with_echo();
    for wrong in [
        &["--run", "echo", "--input", "{bad"][..],
        &["--run", "echo", "--input", "@missing.json"],
        &["--run", "echo", "--timeout", "0s"],
        &["--run", "echo", "--max-memory", "lots"],
        &["--run", "echo", "--ai", "nobody"],
        &["--run", "echo", "--allow-http", "http://example.com/"],
        &["--run", "echo", "--list"],
        &["--frobnicate"],
        &[],
    ] {
        let ran = workspace.skillscope(wrong);
        assert!(ran.expect(2).stdout.is_empty() && !ran.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_second_run_comes_from_the_cache_and_no_cache_from_the_compiler() {
    let workspace = with_echo();
    workspace.run_json("echo", &[]);
    let (document, _) = workspace.run_json("echo", &[]);
    assert_eq!(document["usage"]["cache"], json!("disk"));
    let (document, _) = workspace.run_json("echo", &["--no-cache"]);
    assert_eq!(document["usage"]["cache"], json!("miss"));
}

#[test]
fn every_line_of_jsonl_is_an_event_and_each_call_ends() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", crate::acceptance::asking());
    let ran = workspace.skillscope(&["--run", "ask", "--format", "jsonl", "--input", "5"]);
    let events: Vec<serde_json::Value> = ran.expect(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_the_run: Vec<_> = events.iter().filter(|event| event["event"] == "run").map(|event| &event["type"]).collect();
    assert_eq!((of_the_run.first().unwrap(), of_the_run.last().unwrap()), (&&json!("started"), &&json!("finished")));
    let count = |kind: &str| of_the_run.iter().filter(|event| **event == kind).count();
    assert_eq!((count("finished"), count("host_call_started"), count("host_call_finished")), (1, 1, 1));
}

#[test]
fn values_come_from_a_file_and_go_into_one() {
    let workspace = Workspace::new();
    let body = "(call $set (i32.const 16) (i32.const 1) (i32.const 17) (i32.const 2)) (local.get $input)";
    let module = d04(r#"(import "cis" "memory_set" (func $set (param i32 i32 i32 i32)))"#, body);
    workspace.write("keep.wat", module.replace("(global $top", "(data (i32.const 16) \"k\\ff\\00\") (global $top"));
    workspace.write("in.json", r#"{"old": "value"}"#);
    workspace.skillscope(&["--run", "keep", "--store-in", "in.json", "--store-out", "out.json"]).expect(0);
    let out: serde_json::Value = serde_json::from_slice(&std::fs::read(workspace.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(out, json!({"old": "value", "k": {"base64": "/wA="}}));
}

#[test]
fn control_characters_of_an_answer_never_reach_the_output_raw() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", crate::acceptance::asking());
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"hi\"\nreply = \"\\u001b[2Jbell\\u0007\"\n");
    for format in ["human", "json", "jsonl"] {
        let ran = workspace.skillscope(&["--run", "ask", "--format", format, "--input", "\"hi\""]);
        let raw = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
        assert!(!raw(&ran.stdout) && !raw(&ran.stderr), "{format}: {:?} {:?}", ran.stdout, ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_run_and_its_report_is_still_printed() {
    let workspace = Workspace::new();
    workspace.write("spin.wat", d04("", "(loop $again (br $again)) (unreachable)"));
    let child = workspace.command(&["--run", "spin", "--format", "json"]).spawn().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    });
    let ran = crate::program::finish(child, b"");
    assert_eq!((ran.expect(130).json()["outcome"].clone(), ran.code), (json!("cancelled"), 130));
}

#[test]
fn a_directory_to_look_in_must_be_there() {
    let workspace = with_echo();
    for mode in [["--list", "nowhere"], ["--validate", "nowhere/x.wasm"]] {
        let ran = workspace.skillscope(&mode);
        assert!(ran.expect(3).stdout.contains("nowhere"), "{}", ran.stdout);
    }
}

#[test]
fn a_fault_of_the_settings_is_told_with_what_to_do() {
    let workspace = with_echo();
    workspace.write("skillscope.toml", "[ai]\nrael = \"x\"\n");
    for mode in [["--run", "echo"], ["--validate", "echo"]] {
        let ran = workspace.skillscope(&mode);
        assert!(ran.expect(2).stderr.contains("skillscope.toml:2:1: unknown key `rael`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("did you mean `real`?"), "{}", ran.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_whose_name_is_no_text_is_listed_in_every_format() {
    use std::os::unix::ffi::OsStrExt as _;
    let workspace = Workspace::new();
    let directory = workspace.path().join(std::ffi::OsStr::from_bytes(b"d\xff"));
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("odd.wat"), "(module)").unwrap();
    for format in ["human", "json", "jsonl"] {
        let listed = workspace.command(&["--list", "--format", format]).output().unwrap();
        assert!(listed.status.success() && listed.stdout.windows(3).any(|bytes| bytes == b"odd"), "{format}: {listed:?}");
    }
}
