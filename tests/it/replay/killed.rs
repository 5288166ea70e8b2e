//! What a killed program leaves is replayed as far as it goes.

use super::{RECORD, recorded, replayed};
use crate::program::Workspace;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn a_record_that_is_cut_at_any_byte_is_replayed_as_far_as_it_goes() {
    let workspace = Workspace::new();
    let script =
        Script::new().call("env.host_now", &[]).call("cis.ai_prompt", &[Text("p"), Range(BUFFER, 64)]).call("env.host_now", &[]);
    workspace.write("probe.wat", script.module());
    let (document, _) = recorded(&workspace, "probe", &[]);
    let whole = std::fs::read(workspace.path().join(RECORD)).unwrap();
    let lines: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let mut verdicts = Vec::new();
    // At the end of each line, and in the midst of each.
    let cuts = lines.iter().zip(&lines[1..]).flat_map(|(begin, end)| [*begin, (begin + end) / 2]);
    for cut in cuts {
        std::fs::write(workspace.path().join(RECORD), &whole[..cut]).unwrap();
        let ran = replayed(&workspace, &[]);
        if ran.code == 2 {
            assert!(ran.stderr.contains("there is nothing to replay"), "{cut}: {}", ran.stderr);
            assert!(cut <= lines[2], "{cut}");
            continue;
        }
        let after = ran.json();
        let replay = &after["replay"];
        // Without its last line the record is not whole, but its run is.
        let expected = if replay["verdict"] == "same" { 0 } else { 8 };
        assert_eq!(ran.code, expected, "{cut}: {after:#}");
        if after["outcome"] == "host" {
            assert_eq!(after["error"]["kind"], "record-ends", "{cut}: {after:#}");
        } else {
            assert_eq!(after["output"], document["output"], "{cut}");
        }
        verdicts.push((replay["answered"].as_u64().unwrap(), replay["verdict"].as_str().unwrap().to_owned()));
    }
    assert!(verdicts.is_sorted_by_key(|(answered, _)| *answered), "{verdicts:?}");
    assert_eq!(verdicts.first(), Some(&(0, "record-ends".to_owned())));
    assert_eq!(verdicts.last(), Some(&(3, "same".to_owned())));
}

#[cfg(unix)]
#[test]
fn a_program_that_was_killed_leaves_a_record_that_opens_and_is_replayed() {
    let workspace = Workspace::new();
    let script = Script::new().call("env.host_now", &[]).wat("(loop $l (br $l))");
    workspace.write("probe.wat", script.module());
    let mut child = workspace.command(&["--run", "probe", "--record", RECORD]).spawn().unwrap();
    let record = workspace.path().join(RECORD);
    let is_there = || std::fs::read_to_string(&record).is_ok_and(|text| text.contains("host_call_finished"));
    let since = Instant::now();
    while !is_there() {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing was recorded");
        std::thread::sleep(Duration::from_millis(5));
    }
    // While it goes on, its file is not taken from it.
    let ran = workspace.skillscope(&["--run", "probe", "--fuel", "1000", "--record", RECORD]);
    assert!(ran.expect(2).stderr.contains("is being written by another run"), "{}", ran.stderr);
    child.kill().unwrap();
    child.wait().unwrap();
    workspace.write("probe.wat", Script::new().call("env.host_now", &[]).call("env.host_now", &[]).module());
    let after = replayed(&workspace, &[]).expect(8).json();
    assert_eq!((&after["error"]["kind"], &after["replay"]["answered"]), (&json!("record-ends"), &json!(1)), "{after:#}");
}

#[test]
fn a_record_that_lost_a_line_says_so() {
    let workspace = Workspace::new();
    workspace.write(
        "probe.wat",
        Script::new().call("env.host_now", &[]).call("cis.memory_get", &[Text("k"), Range(BUFFER, 4)]).module(),
    );
    recorded(&workspace, "probe", &[]);
    let whole = std::fs::read_to_string(workspace.path().join(RECORD)).unwrap();
    let damaged: String = whole
        .split_inclusive('\n')
        .map(|line| if line.contains("host_now") { "{\"event\": oh\n".to_owned() } else { line.to_owned() })
        .collect();
    workspace.write(RECORD, damaged);
    let ran = workspace.skillscope(&["--replay", RECORD]);
    assert!(
        ran.expect(7).stderr.contains("is damaged and left out") && ran.stderr.contains("hint: the record is damaged"),
        "{}",
        ran.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_cancelled_run_ends_again_where_it_was_cancelled() {
    use rustix::process::{Pid, Signal, kill_process};
    let workspace = Workspace::new();
    let script = Script::new().call("env.host_now", &[]).wat("(loop $l (br $l))");
    workspace.write("probe.wat", script.module());
    let child = workspace.command(&["--run", "probe", "--record", RECORD, "--format", "json"]).spawn().unwrap();
    let since = Instant::now();
    while !std::fs::read_to_string(workspace.path().join(RECORD)).is_ok_and(|text| text.contains("\"sample\"")) {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing was recorded");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let before = crate::program::finish(child, b"");
    let before = before.expect(130).json();
    super::assert_replays(&workspace, &before);
}
