//! `--watch`: one run for each version that was saved, the last one, whole, and nothing of what lies between.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::running::Running;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Long enough for a second run to come, if one comes.
pub const QUIET: Duration = Duration::from_millis(700);

/// A skill that answers with this number.
pub fn answering(number: u64) -> String {
    d04("", "(i32.const 16)").replace("(global $top", &format!("(data (i32.const 16) \"{number}\\00\") (global $top"))
}

pub fn binary(number: u64) -> Vec<u8> {
    wat::parse_str(answering(number)).unwrap()
}

pub fn watching(workspace: &Workspace, arguments: &[&str]) -> Running {
    Running::start(workspace.command(&[&["--watch", "--format", "jsonl", "--run"], arguments].concat()))
}

/// Starts to watch; the first run has ended well with this output.
pub fn watching_after(workspace: &Workspace, arguments: &[&str], output: &Value) -> Running {
    let mut running = watching(workspace, arguments);
    assert_eq!(running.outputs_until(output).len(), 1);
    running
}

/// The program says nothing more, and ends by Ctrl-C.
#[track_caller]
pub fn says_no_more(mut running: Running) {
    let more: Vec<_> = running.in_the_meantime(QUIET).into_iter().filter(|line| !line.contains("shadows_done")).collect();
    assert!(more.is_empty(), "{more:#?}");
    let ran = running.interrupt();
    assert!(ran.expect(130).stderr.is_empty(), "{}", ran.stderr);
}

/// A skill in a directory with a manifest that has these further tables.
pub fn with_manifest(tables: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("s/s.wasm", binary(1));
    workspace.write("s/skill.toml", manifest("s.wasm", tables));
    workspace
}

pub fn manifest(module: &str, tables: &str) -> String {
    format!("[skill]\nname = \"s\"\nmodule = \"{module}\"\n{tables}")
}

#[test]
fn a_burst_of_a_hundred_saves_is_one_version() {
    let workspace = Workspace::new();
    let module = workspace.write("s.wasm", binary(1000));
    let versions: Vec<_> = (0..100).map(binary).collect();
    let mut running = watching_after(&workspace, &["s"], &json!(1000));
    let (mut longest, mut last) = (Duration::ZERO, Instant::now());
    for version in versions {
        std::fs::write(&module, version).unwrap();
        longest = longest.max(last.elapsed());
        last = Instant::now();
        std::thread::sleep(Duration::from_millis(8));
    }
    let events = running.until(|event| event["type"] == "finished" && event["output"] == 99);
    assert!(events.iter().all(|event| event["event"] != "rejected"), "{events:#?}");
    // Where this thread itself stood still between two saves, the burst was two.
    if longest < Duration::from_millis(25) {
        assert_eq!(events.iter().filter(|event| event["type"] == "finished").count(), 1, "{events:#?}");
        let changed: Vec<_> = events.iter().filter(|event| event["event"] == "changed").collect();
        assert_eq!((changed.len(), &changed[0]["skill"]), (1, &json!("s")), "{events:#?}");
        says_no_more(running);
    }
}

#[test]
fn an_editors_save_by_rename_is_one_version() {
    let workspace = Workspace::new();
    let module = workspace.write("s.wat", answering(1));
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    let (backup, new) = (workspace.path().join("s.wat~"), workspace.path().join(".s.wat.new"));
    for version in 2..5 {
        // As vim does it, then as others do.
        std::fs::rename(&module, &backup).unwrap();
        std::fs::write(&module, answering(version * 10)).unwrap();
        std::fs::remove_file(&backup).unwrap();
        assert_eq!(running.outputs_until(&json!(version * 10)).len(), 1);
        std::fs::write(&new, answering(version)).unwrap();
        std::fs::rename(&new, &module).unwrap();
        assert_eq!(running.outputs_until(&json!(version)).len(), 1);
    }
    says_no_more(running);
}

#[test]
fn a_module_that_is_written_in_parts_is_not_taken_before_it_is_whole() {
    use std::io::Write as _;
    let workspace = Workspace::new();
    let module = workspace.write("s.wasm", binary(1));
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    let whole = binary(2);
    let mut file = std::fs::File::create(&module).unwrap();
    file.write_all(&whole[..whole.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    file.write_all(&whole[whole.len() / 2..]).unwrap();
    drop(file);
    let events = running.until(|event| event["type"] == "finished");
    assert_eq!(events.last().unwrap()["output"], json!(2), "{events:#?}");
    // The same by a writer that closes it in between.
    let whole = binary(3);
    std::fs::write(&module, &whole[..whole.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    std::fs::File::options().append(true).open(&module).unwrap().write_all(&whole[whole.len() / 2..]).unwrap();
    let events = running.until(|event| event["type"] == "finished");
    assert_eq!(events.last().unwrap()["output"], json!(3), "{events:#?}");
    // By one that pauses long enough to seem done, and then writes on, longer than bad news wait.
    let whole = binary(4);
    std::fs::write(&module, &whole[..20]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    for length in 0..80 {
        std::fs::write(&module, &whole[..20 + length]).unwrap();
        std::thread::sleep(Duration::from_millis(15));
    }
    std::fs::write(&module, &whole).unwrap();
    let events = running.until(|event| event["type"] == "finished");
    assert_eq!(events.last().unwrap()["output"], json!(4), "{events:#?}");
    says_no_more(running);
}

#[test]
fn a_directory_that_is_deleted_and_made_again_is_followed() {
    let workspace = with_manifest("");
    let directory = workspace.path().join("s");
    for name in ["s", "s/skill.toml"] {
        workspace.write("s/s.wasm", binary(1));
        let mut running = watching_after(&workspace, &[name], &json!(1));
        for version in [2, 3] {
            std::fs::remove_dir_all(&directory).unwrap();
            std::thread::sleep(Duration::from_millis(200));
            workspace.write("s/skill.toml", manifest("s.wasm", ""));
            workspace.write("s/s.wasm", binary(version));
            let events = running.until(|event| event["type"] == "finished");
            assert_eq!(events.last().unwrap()["output"], json!(version), "{events:#?}");
            workspace.write("s/s.wasm", binary(version * 10));
            assert_eq!(running.outputs_until(&json!(version * 10)).len(), 1, "in place");
        }
        says_no_more(running);
    }
}

#[test]
fn an_edit_of_the_manifest_is_a_new_version_and_its_module_may_be_another() {
    let workspace = with_manifest("");
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    workspace.write("s/skill.toml", manifest("s.wasm", "[limits]\nfuel = 77_000\n"));
    let events = running.until_finished();
    let started = events.iter().find(|event| event["type"] == "started").unwrap();
    assert_eq!(started["limits"]["fuel"], json!(77_000));
    workspace.write("s/other.wat", answering(5));
    workspace.write("s/skill.toml", manifest("other.wat", ""));
    assert_eq!(running.outputs_until(&json!(5)).last(), Some(&json!(5)));
    workspace.write("s/other.wat", answering(6));
    assert_eq!(running.outputs_until(&json!(6)).len(), 1, "the new module is watched");
    workspace.write("s/s.wasm", binary(7));
    says_no_more(running);
}

#[cfg(unix)]
#[test]
fn a_linked_module_changes_with_what_it_leads_to() {
    use std::os::unix::fs::symlink;
    let workspace = with_manifest("");
    let at = |name: &str| workspace.path().join("s").join(name);
    workspace.write("s/one.wasm", binary(1));
    workspace.write("s/two.wasm", binary(2));
    std::fs::remove_file(at("s.wasm")).unwrap();
    symlink("one.wasm", at("s.wasm")).unwrap();
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    workspace.write("s/one.wasm", binary(3));
    assert_eq!(running.outputs_until(&json!(3)).len(), 1, "written in place");
    workspace.write("s/next", binary(4));
    std::fs::rename(at("next"), at("one.wasm")).unwrap();
    assert_eq!(running.outputs_until(&json!(4)).len(), 1, "replaced");
    symlink("two.wasm", at("next")).unwrap();
    std::fs::rename(at("next"), at("s.wasm")).unwrap();
    assert_eq!(running.outputs_until(&json!(2)).len(), 1, "the link leads elsewhere");
    workspace.write("s/two.wasm", binary(5));
    assert_eq!(running.outputs_until(&json!(5)).len(), 1);
    says_no_more(running);
}

#[test]
fn a_module_that_turns_bad_is_told_once_and_a_good_one_runs_again() {
    let workspace = with_manifest("");
    let mut running = watching_after(&workspace, &["s"], &json!(1));
    for (bad, outcome) in [(&b"\0asm\x01\0\0\0\x01\x7f"[..], "invalid"), (b"", "invalid")] {
        workspace.write("s/s.wasm", bad);
        let events = running.until_finished();
        assert_eq!(events.iter().filter(|event| event["event"] == "rejected").count(), 1, "{events:#?}");
        assert_eq!(events.last().unwrap()["outcome"], json!(outcome));
        workspace.write("s/s.wasm", binary(2));
        assert_eq!(running.outputs_until(&json!(2)).len(), 1);
    }
    workspace.write("s/skill.toml", manifest("s.wasm", "[limit]\n"));
    assert_eq!(running.until_finished().last().unwrap()["outcome"], json!("manifest"));
    workspace.write("s/skill.toml", manifest("s.wasm", ""));
    assert_eq!(running.outputs_until(&json!(2)).len(), 1);
    std::fs::remove_file(workspace.path().join("s/s.wasm")).unwrap();
    let events = running.until_finished();
    assert_eq!(events.last().unwrap()["outcome"], json!("manifest"), "a module that stays away is told");
    workspace.write("s/s.wasm", binary(3));
    assert_eq!(running.outputs_until(&json!(3)).len(), 1);
    says_no_more(running);
}

#[test]
fn a_skill_that_is_not_there_yet_is_waited_for() {
    let workspace = Workspace::new();
    for (name, file) in [("later", "later.wat"), ("./deep/er.wat", "deep/er.wat")] {
        let mut running = watching(&workspace, &[name]);
        assert_eq!(running.until_finished().last().unwrap()["outcome"], json!("manifest"));
        workspace.write(file, answering(8));
        assert_eq!(running.outputs_until(&json!(8)).len(), 1, "{name}");
        says_no_more(running);
    }
}

#[test]
fn content_decides_where_size_and_time_are_the_same() {
    let workspace = Workspace::new();
    let module = workspace.write("s.wasm", binary(10));
    let time = std::time::SystemTime::now() - Duration::from_secs(5000);
    let keep_time = |path: &Path| std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    keep_time(&module);
    let mut running = watching_after(&workspace, &["s"], &json!(10));
    for version in [11, 12] {
        std::fs::write(&module, binary(version)).unwrap();
        keep_time(&module);
        assert_eq!(running.outputs_until(&json!(version)).len(), 1);
    }
    says_no_more(running);
}
