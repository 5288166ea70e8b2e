//! `--watch` beyond the module: files that the skill is given, the settings, its memory, and how it ends.

use crate::acceptance::{asking, d04};
use crate::program::Workspace;
use crate::running::Running;
use crate::script::Arg::{Range, Text};
use crate::script::{BUFFER, Script};
use crate::watch::{QUIET, binary, says_no_more, watching, watching_after, with_manifest};
use serde_json::json;

#[test]
fn files_in_directories_that_the_manifest_names_count_but_not_where_the_skill_may_write() {
    let workspace = with_manifest("[wasi]\ndirs = { \"/data\" = \"fixtures\", \"/out\" = \"out:rw\" }\n");
    workspace.write("s/fixtures/deep/note.txt", "one");
    workspace.write("s/out/log.txt", "");
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    workspace.write("s/out/log.txt", "a line");
    workspace.write("s/README.md", "of no matter");
    assert_eq!(running.in_the_meantime(QUIET).iter().filter(|line| !line.contains("shadows_done")).count(), 0);
    workspace.write("s/fixtures/deep/note.txt", "two");
    let events = running.until(|event| event["type"] == "finished");
    let changed = events.iter().find(|event| event["event"] == "changed").unwrap();
    assert!(changed["files"][0].as_str().unwrap().ends_with("fixtures/deep/note.txt"), "{changed}");
    workspace.write("s/fixtures/new.txt", "three");
    running.until(|event| event["type"] == "finished");
    says_no_more(running);
}

#[test]
fn settings_are_read_again_and_wrong_ones_are_told_while_the_last_good_ones_stay() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", asking());
    let reply = |text: &str| {
        workspace.write("skillscope.toml", format!("[[ai.mock]]\ncontains = \"\"\nreply = \"{text}\"\n"));
    };
    let mut running = watching(&workspace, &["ask", "--input", "5"]);
    assert_eq!(running.until_finished().last().unwrap()["outcome"], json!("ok"));
    reply("one");
    assert_eq!(running.outputs_until(&json!("one")).len(), 1, "settings that were not there before");
    reply("two");
    assert_eq!(running.outputs_until(&json!("two")).len(), 1);
    workspace.write("skillscope.toml", "[ai]\nrael = \"x\"\n");
    let told = running.until(|event| event["event"] == "notice");
    let message = told.last().unwrap()["message"].as_str().unwrap();
    assert!(message.contains("skillscope.toml:2") && message.contains("rael") && message.contains("in force"), "{message}");
    workspace.write("ask.wat", format!("{}\n", asking()));
    assert_eq!(running.outputs_until(&json!("two")).len(), 1, "the last good ones stay");
    reply("three");
    assert_eq!(running.outputs_until(&json!("three")).len(), 1);
    std::fs::remove_file(workspace.path().join("skillscope.toml")).unwrap();
    let output = running.until_finished().last().unwrap()["output"].clone();
    assert!(output.as_str().unwrap().starts_with("[mock] no rule"), "{output}");
    says_no_more(running);
}

/// Where a user may have a namespace of its own, the system can be made to give no watches in it.
#[cfg(target_os = "linux")]
#[test]
fn where_the_system_watches_no_files_they_are_looked_at_and_that_is_told() {
    let unshare = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", script]);
        command
    };
    let none = "echo 0 > /proc/sys/user/max_inotify_instances";
    if !unshare(none).stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success()) {
        return;
    }
    let workspace = Workspace::new();
    workspace.write("s.wasm", binary(1));
    let program = env!("CARGO_BIN_EXE_skillscope");
    let mut command = unshare(&format!("{none}; exec '{program}' --watch --run s --format jsonl --no-cache"));
    command.current_dir(workspace.path()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut running = Running::start(command);
    let events = running.until(|event| event["type"] == "finished");
    let notes: Vec<_> = events.iter().filter(|event| event["event"] == "notice").collect();
    assert!(notes.len() == 1 && notes[0].to_string().contains("looked at twice a second"), "{events:#?}");
    for version in [2, 3] {
        workspace.write("s.wasm", binary(version));
        assert_eq!(running.outputs_until(&json!(version)).len(), 1);
    }
    says_no_more(running);
}

#[test]
fn each_run_begins_with_an_empty_memory_unless_a_file_keeps_it() {
    let script = Script::new()
        .call("cis.memory_get", &[Text("k"), Range(BUFFER, 8)])
        .call("env.host_memory_set", &[Text("k"), Text("abc")]);
    let workspace = Workspace::new();
    for (arguments, second) in [(&["s"][..], -1), (&["s", "--store", "kept"], 3)] {
        workspace.write("s.wat", script.module());
        let mut running = watching_after(&workspace, arguments, &json!([-1, 0]));
        workspace.write("s.wat", format!("{}\n", script.module()));
        let events = running.until_finished();
        assert_eq!(events.last().unwrap()["output"], json!([second, 0]), "{arguments:?}");
        says_no_more(running);
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_watch_with_the_next_run() {
    use std::io::Read as _;
    let workspace = Workspace::new();
    for format in ["human", "json", "jsonl"] {
        workspace.write("s.wasm", binary(1));
        let mut child = workspace.command(&["--watch", "--run", "s", "--format", format]).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0]).unwrap();
        drop(stdout);
        drop(child.stderr.take());
        // The first run may not have ended yet: saves go on until one is noticed.
        for version in 2.. {
            workspace.write("s.wasm", binary(version));
            std::thread::sleep(std::time::Duration::from_millis(300));
            if let Some(status) = child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0), "{format}");
                break;
            }
            assert!(version < 200, "{format}: it does not end");
        }
    }
}

#[test]
fn a_save_ends_the_run_that_goes_on_and_ctrl_c_the_last_one_with_its_report() {
    let workspace = Workspace::new();
    let spins = |mark: u32| d04("", &format!("(drop (i32.const {mark})) (loop $again (br $again)) (unreachable)"));
    workspace.write("s.wat", spins(1));
    let mut running = watching(&workspace, &["s"]);
    running.until(|event| event["phase"] == "execute");
    workspace.write("s.wat", spins(2));
    let events = running.until(|event| event["phase"] == "execute");
    let finished: Vec<_> = events.iter().filter(|event| event["type"] == "finished").collect();
    assert_eq!((finished.len(), &finished[0]["outcome"]), (1, &json!("cancelled")), "{events:#?}");
    let ran = running.interrupt();
    let last = ran.expect(130).stdout.lines().rfind(|line| line.contains("\"finished\"")).unwrap().to_owned();
    assert!(last.contains("\"run\":2") && last.contains("cancelled"), "{last}");
}
