//! Records that somebody has tampered with: whatever they say, a replay ends with a report and an exit code of its own.

use super::{RECORD, recorded};
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};

fn workspace() -> (Workspace, String) {
    let workspace = Workspace::new();
    let script = Script::new()
        .call("cis.ai_prompt", &[Text("p"), Range(BUFFER, 64)])
        .call("env.host_now", &[])
        .wasi("random_get", "(param i32 i32) (result i32)")
        .number("(call $random_get (i32.const 0x9000) (i32.const 16))")
        .import("env.seed")
        .wat("(call $number (i64.reinterpret_f64 (call $env.seed)))");
    workspace.write("probe.wat", script.module());
    recorded(&workspace, "probe", &[]);
    let record = std::fs::read_to_string(workspace.path().join(RECORD)).unwrap();
    (workspace, record)
}

#[test]
fn whatever_stands_in_a_record_its_replay_has_an_end() {
    let (workspace, record) = workspace();
    let max = u64::MAX;
    let swaps: [(&str, String); 17] = [
        ("\"memory_bytes\":536870912", format!("\"memory_bytes\":{max}")),
        ("\"memory_bytes\":536870912", "\"memory_bytes\":0".into()),
        ("\"timeout_ms\":30000", format!("\"timeout_ms\":{max}")),
        ("\"timeout_ms\":30000", "\"timeout_ms\":0".into()),
        ("\"fuel\":null", "\"fuel\":0".into()),
        ("\"fuel\":null", format!("\"fuel\":{max}")),
        ("\"output_bytes\":16777216", "\"output_bytes\":0".into()),
        ("\"response_bytes\":16777216", "\"response_bytes\":1".into()),
        ("\"profile\":\"d04\"", "\"profile\":\"command\"".into()),
        ("\"result\":37", format!("\"result\":{}", i64::MIN)),
        ("\"ptr\":36864", "\"ptr\":4294967295".into()),
        ("\"response\":\"0.", "\"response\":\"NaN".into()),
        ("\"input\":\"null\"", "\"input\":{\"base64\":\"/w==\"}".into()),
        ("\"outcome\":\"ok\"", "\"outcome\":\"timeout\"".into()),
        ("\"raw_stdin\":false", "\"raw_stdin\":true".into()),
        ("\"event_type\":null", "\"event_type\":\"x\"".into()),
        ("\"wasi\":{", "\"wasi\":null,\"other\":{".into()),
    ];
    for (old, new) in swaps {
        assert!(record.contains(old), "{old} is not in\n{record}");
        workspace.write(RECORD, record.replace(old, &new));
        for engine in [&[][..], &["--compiler", "singlepass"]] {
            let ran = workspace.skillscope(&[&["--replay", RECORD, "--format", "json"], engine].concat());
            assert!([0, 2, 3, 4, 7, 8].contains(&ran.code), "{new}: {} {}", ran.code, ran.stderr);
            assert!(!ran.stderr.contains("panicked"), "{new}: {}", ran.stderr);
        }
        for format in ["chrome", "har", "otlp"] {
            workspace.skillscope(&["--export", format, RECORD]).expect(0).json();
        }
        let ran = workspace.skillscope(&["--run", "probe", "--ai", &format!("replay:{RECORD}")]);
        assert!([0, 2].contains(&ran.code) && !ran.stderr.contains("panicked"), "{new}: {} {}", ran.code, ran.stderr);
    }
}

#[test]
fn lines_in_another_order_are_no_reason_to_fail_otherwise_than_by_a_report() {
    let (workspace, record) = workspace();
    let lines: Vec<&str> = record.split_inclusive('\n').collect();
    for at in 1..lines.len() {
        let mut moved = lines.clone();
        let line = moved.remove(at);
        moved.insert(lines.len() - at, line);
        workspace.write(RECORD, moved.concat());
        let ran = workspace.skillscope(&["--replay", RECORD, "--format", "json"]);
        assert!([0, 2, 7, 8].contains(&ran.code) && !ran.stderr.contains("panicked"), "{at}: {} {}", ran.code, ran.stderr);
        let ran = workspace.skillscope(&["--export", "chrome", RECORD]);
        ran.expect(0).json();
    }
}
