//! `--record`: where it writes, what it replaces, and what it leaves alone.

use super::{RECORD, recorded};
use crate::program::Workspace;
use crate::script::{Arg::Text, Script};
use skillscope::event::Outcome;
use skillscope::record::ReadRecord;

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write(
        "probe.wat",
        Script::new().call("env.host_log", &[crate::script::Arg::Int(2), Text("hello")]).number("(i32.const 1)").module(),
    );
    workspace
}

#[test]
fn a_record_is_whole_and_has_what_the_report_tells() {
    let workspace = workspace();
    let (document, code) = recorded(&workspace, "probe", &["--input", "[1]", "--seed", "7"]);
    let record = ReadRecord::read(&workspace.path().join(RECORD), 100).unwrap();
    assert!(record.integrity.is_whole(), "{:?}", record.integrity);
    let finished = record.summary.finished.unwrap();
    assert_eq!((code, finished.outcome), (0, Outcome::Ok));
    assert_eq!(finished.output.unwrap().as_str(), document["output"].to_string());
    assert_eq!(document["usage"]["fuel"], finished.usage.fuel);
    let settings = record.settings.unwrap();
    let module = settings.module_path.unwrap();
    assert!(std::path::Path::new(&module).is_absolute() && module.ends_with("probe.wat"), "{module}");
    assert_eq!(record.summary.started.unwrap().seed, Some(7));
}

#[test]
fn a_record_is_replaced_and_nothing_else_is() {
    let workspace = workspace();
    recorded(&workspace, "probe", &["--input", "1"]);
    recorded(&workspace, "probe", &["--input", "2"]);
    let record = ReadRecord::read(&workspace.path().join(RECORD), 100).unwrap();
    assert_eq!(record.summary.started.unwrap().input.as_text(), Some("2"));
    workspace.write("empty", "");
    workspace.skillscope(&["--run", "probe", "--record", "empty"]).expect(0);
    workspace.write("notes.txt", "do not lose me\n");
    let ran = workspace.skillscope(&["--run", "probe", "--record", "notes.txt"]);
    assert!(ran.expect(2).stderr.contains("notes.txt is there and is no record of a run"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(workspace.path().join("notes.txt")).unwrap(), "do not lose me\n");
    let ran = workspace.skillscope(&["--run", "probe", "--record", "no/such/run.jsonl"]);
    assert!(ran.expect(3).stderr.contains("there is no directory no/such"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "nothing was run");
    workspace.skillscope(&["--run", "probe", "--record", "."]).expect(2);
}

#[test]
fn a_refused_run_is_recorded_too() {
    let workspace = Workspace::new();
    workspace.write("bad.wat", "(module (import \"env\" \"nothing\" (func)))");
    workspace.write("wrong/skill.toml", "[skill]\nname = 7\n");
    for (name, code, outcome, kind) in [
        ("bad", 4, Outcome::Invalid, "unknown-imports"),
        ("wrong", 3, Outcome::Manifest, ""),
        ("absent", 3, Outcome::Manifest, "no-such-skill"),
    ] {
        let (document, seen) = recorded(&workspace, name, &["--input", "5"]);
        assert_eq!(seen, code, "{document:#}");
        let record = ReadRecord::read(&workspace.path().join(RECORD), 100).unwrap();
        assert!(record.integrity.is_whole(), "{name}: {:?}", record.integrity);
        let finished = record.summary.finished.unwrap();
        assert_eq!((finished.outcome, record.summary.started.unwrap().input.as_text()), (outcome, Some("5")), "{name}");
        let error = finished.error.unwrap();
        assert_eq!(document["error"]["kind"], error.kind.as_ref());
        assert!(kind.is_empty() || error.kind == kind, "{name}: {}", error.kind);
    }
    // What was refused is refused again, and that is what was recorded; where it was is not known of what was never found.
    for (name, code) in [("bad", 0), ("wrong", 0), ("absent", 2)] {
        recorded(&workspace, name, &[]);
        let ran = workspace.skillscope(&["--replay", RECORD]);
        ran.expect(code);
        assert!(code != 2 || ran.stderr.contains("does not tell where its skill was"), "{}", ran.stderr);
    }
}

#[test]
fn what_is_no_record_and_flags_without_use_are_refused() {
    let workspace = workspace();
    let ran = workspace.skillscope(&["--list", "--record", RECORD]);
    assert!(ran.expect(2).stderr.contains("--record"), "{}", ran.stderr);
    let ran = workspace.skillscope(&["--replay", RECORD, "--input", "5"]);
    assert!(ran.expect(2).stderr.contains("--input"), "{}", ran.stderr);
    let ran = workspace.skillscope(&["--replay", "absent.jsonl"]);
    assert!(ran.expect(2).stderr.contains("cannot read the record absent.jsonl"), "{}", ran.stderr);
    workspace.write("other.jsonl", "{\"event\":\"record\",\"format\":2,\"skillscope\":\"9.0\"}\n");
    let ran = workspace.skillscope(&["--replay", "other.jsonl"]);
    assert!(ran.expect(2).stderr.contains("has format 2, written by skillscope 9.0"), "{}", ran.stderr);
}

#[test]
fn a_large_module_that_is_compiled_again_behind_the_run_has_a_whole_record_and_is_replayed_either_way() {
    let workspace = Workspace::new();
    let padding: String = (0..1_100_000_u32).map(|n| char::from(b'a' + u8::try_from(n % 23).unwrap())).collect();
    let script = Script::new().call("env.host_now", &[]).pages(32).data(0x2_0000, padding);
    workspace.write("probe.wat", script.module());
    for _ in 0..3 {
        let (document, code) = recorded(&workspace, "probe", &["--no-cache"]);
        assert_eq!(code, 0, "{document:#}");
        let record = ReadRecord::read(&workspace.path().join(RECORD), 100).unwrap();
        assert!(record.integrity.is_whole(), "{:?}", record.integrity);
        super::assert_replays(&workspace, &document);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_written_to_nor_waited_for() {
    let workspace = workspace();
    let pipe = workspace.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let ran = workspace.skillscope(&["--run", "probe", "--record", "pipe"]);
    assert!(ran.expect(2).stderr.contains("pipe is there and is no record of a run"), "{}", ran.stderr);
    let ran = workspace.skillscope(&["--replay", "pipe"]);
    assert!(ran.expect(2).stderr.contains("pipe is no file"), "{}", ran.stderr);
}
