//! Which skills are found under the directories given, which are passed over, and what is told of those that cannot be taken.

use crate::acceptance::d04;
use crate::program::{Ran, Workspace};
use crate::script::{ended, succeeded, tells};
use serde_json::{Value, json};

/// A skill that answers with its input.
pub fn echo() -> String {
    d04("", "(local.get $input)")
}

/// The text of a manifest with the module `m.wat`, and more lines.
pub fn manifest(name: &str, more: &str) -> String {
    format!("[skill]\nname = \"{name}\"\nmodule = \"m.wat\"\n{more}")
}

/// Writes a skill with a manifest into a directory.
pub fn write_skill(workspace: &Workspace, directory: &str, name: &str) {
    workspace.write(&format!("{directory}/m.wat"), echo());
    workspace.write(&format!("{directory}/skill.toml"), manifest(name, ""));
}

/// The rows of `--list` as JSON.
pub fn list(workspace: &Workspace, directories: &[&str]) -> Vec<Value> {
    let listed = workspace.skillscope(&[&["--list", "--format", "json"], directories].concat());
    listed.expect(0).json().as_array().unwrap().clone()
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn several_directories_are_looked_in_and_the_current_one_by_default() {
    let workspace = Workspace::new();
    write_skill(&workspace, "one/deep/er", "alpha");
    workspace.write("two/beta.wat", echo());
    workspace.write("two/GAMMA.WAT", echo());
    workspace.write("three/delta.wasm", wat(&echo()));
    assert_eq!(names(&list(&workspace, &[])), ["GAMMA", "alpha", "beta", "delta"]);
    assert_eq!(names(&list(&workspace, &["one", "three"])), ["alpha", "delta"]);
    assert_eq!(names(&list(&workspace, &["one", ".", "one/deep", "three/delta.wasm"])), ["GAMMA", "alpha", "beta", "delta"]);
    for name in ["alpha", "beta", "GAMMA", "delta"] {
        succeeded(workspace.run_json(name, &["one", "two", "three"]));
    }
    ended(workspace.run_json("beta", &["one", "three"]), "manifest", "no-such-skill", 3);
}

pub fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[test]
fn what_lies_in_hidden_and_build_directories_is_passed_over_unless_it_is_named_itself() {
    let workspace = Workspace::new();
    workspace.write("echo.wat", echo());
    for directory in [".hidden", "target", "node_modules", "deep/target/debug", "deep/.git"] {
        write_skill(&workspace, &format!("{directory}/inner"), "inner");
        workspace.write(&format!("{directory}/bare.wat"), echo());
    }
    workspace.write(".dot.wat", echo());
    write_skill(&workspace, "targets", "a-target");
    assert_eq!(names(&list(&workspace, &[])), ["a-target", "echo"]);
    for directory in [".hidden", "target", "node_modules"] {
        assert_eq!(names(&list(&workspace, &[directory])), ["bare", "inner"], "{directory}");
    }
}

#[test]
fn what_lies_in_a_skills_directory_belongs_to_that_skill() {
    let workspace = Workspace::new();
    write_skill(&workspace, "a", "alpha");
    workspace.write("a/other.wat", echo());
    write_skill(&workspace, "a/examples/b", "not-found");
    assert_eq!(names(&list(&workspace, &[])), ["alpha"]);
    // By its path each can be run.
    assert_eq!(succeeded(workspace.run_json("a/other.wat", &[]))["skill"], "other");
    assert_eq!(succeeded(workspace.run_json("a/m.wat", &[]))["skill"], "alpha");
    assert_eq!(succeeded(workspace.run_json("a/examples/b", &[]))["skill"], "not-found");
}

#[test]
fn skills_of_one_name_are_refused_with_every_path_and_others_are_not() {
    let workspace = Workspace::new();
    write_skill(&workspace, "x", "twin");
    workspace.write("y/twin.wat", echo());
    workspace.write("z/twin.wasm", "\0asm");
    workspace.write("other.wat", echo());
    for name in ["--run", "--validate"] {
        let ran = workspace.skillscope(&[name, "twin", "--format", "json"]);
        let document = ran.expect(3).json();
        let error = if name == "--run" { &document["error"] } else { &document[0]["error"] };
        assert_eq!(error["kind"], "duplicate-name");
        tells(&error["message"], &["3 skills are named \"twin\"", "\n  x", "\n  y/twin.wat", "\n  z/twin.wasm"]);
    }
    let rows = list(&workspace, &[]);
    assert_eq!(
        (names(&rows), &rows[0]["outcome"], &rows[1]["outcome"]),
        (vec!["other", "twin"], &json!("ok"), &json!("manifest"))
    );
    succeeded(workspace.run_json("other", &[]));
    // Where only one of them is looked at, and by its path, it is a skill like any other.
    succeeded(workspace.run_json("twin", &["x"]));
    succeeded(workspace.run_json("./x", &[]));
    succeeded(workspace.run_json("y/twin.wat", &[]));
}

#[test]
fn a_list_tells_of_each_skill_what_it_is_or_why_it_is_refused() {
    let workspace = refusals();
    let rows = list(&workspace, &[]);
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["outcome"].as_str().unwrap(), row["error"]["kind"].as_str().unwrap_or("")))
        .collect();
    let expected = [
        ("echo", "ok", ""),
        ("gone", "manifest", "no-such-file"),
        ("nameless", "manifest", "missing-key"),
        ("text", "invalid", "wat"),
        ("whole", "ok", ""),
        ("zip", "invalid", "not-wasm"),
    ];
    assert_eq!(seen, expected);
    let whole = &rows[4];
    assert_eq!((&whole["version"], &whole["description"]), (&json!("1.2.3"), &json!("All of it")));
    assert_eq!((&whole["path"], &whole["module"]), (&json!("whole"), &json!("whole/m.wat")));
    assert_eq!((&whole["loaded"]["profile"], whole["loaded"]["sha256"].as_str().unwrap().len()), (&json!("d04"), 64));
    assert_eq!(whole["loaded"]["module_bytes"], wat(&echo()).len());
    let shown = workspace.skillscope(&["--list"]).expect(0).stdout.clone();
    for words in [
        "echo      d04",
        "nameless  refused",
        "  All of it\n",
        "\n    manifest (missing-key): nameless/skill.toml:1:2: the key `name` is missing in [skill]",
        "\n    invalid (not-wasm): zip.wasm: not a WebAssembly module: the file is a zip archive",
        "\n      hint: unpack it first",
        "\n    invalid (wat): text.wat:1:9: ",
    ] {
        assert!(shown.contains(words), "{words:?} is not in\n{shown}");
    }
}

fn refusals() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("echo.wat", echo());
    workspace.write("zip.wasm", "PK\x03\x04rest");
    workspace.write("text.wat", "(module oops)");
    workspace.write("nameless/skill.toml", "[skill]\nmodule = \"m.wat\"\n");
    workspace.write("gone/skill.toml", manifest("gone", ""));
    workspace.write("whole/m.wat", echo());
    workspace.write("whole/skill.toml", manifest("whole", "version = \"1.2.3\"\ndescription = \"All of it\"\n"));
    workspace
}

#[test]
fn validating_ends_with_the_code_of_the_first_refusal() {
    let workspace = refusals();
    workspace.skillscope(&["--validate", "echo"]).expect(0);
    workspace.skillscope(&["--validate", "zip"]).expect(4);
    workspace.skillscope(&["--validate", "./nameless"]).expect(3);
    let all = workspace.skillscope(&["--validate", ".", "--format", "json"]);
    assert_eq!(all.expect(3).json().as_array().unwrap().len(), 6);
    let jsonl = workspace.skillscope(&["--validate", ".", "--format", "jsonl"]);
    let events: Vec<Value> = jsonl.expect(3).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert_eq!((count("skills"), count("loaded"), count("rejected"), count("checks_done")), (1, 2, 4, 1));
}

#[test]
fn where_there_are_no_skills_that_is_said() {
    let workspace = Workspace::new();
    workspace.write("notes.txt", "");
    assert!(
        workspace.skillscope(&["--list"]).expect(0).stderr.contains("no skills found: a skill is a directory with a skill.toml")
    );
    assert_eq!(workspace.skillscope(&["--list", "--format", "json"]).expect(0).stdout.trim(), "[]");
    let ran = workspace.skillscope(&["--run", "any"]);
    assert!(ran.expect(3).stderr.contains("no skills were found there"), "{}", ran.stderr);
}

#[test]
fn a_directory_that_is_not_there_is_told_by_every_command() {
    let workspace = Workspace::new();
    workspace.write("echo.wat", echo());
    let told = |ran: &Ran| format!("{}{}", ran.stdout, ran.stderr).contains("cannot look for skills in nowhere: ");
    for arguments in [&["--list", ".", "nowhere"][..], &["--run", "echo", ".", "nowhere"], &["--validate", "echo", "nowhere"]] {
        let ran = workspace.skillscope(arguments);
        assert!(told(ran.expect(3)), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    }
    let (document, code) = workspace.run_json("echo", &["nowhere"]);
    ended((document, code), "manifest", "no-such-directory", 3);
}

#[test]
fn a_name_that_is_not_there_is_told_with_the_nearest_ones_or_with_all() {
    let workspace = Workspace::new();
    for name in ["summarize", "summarizer", "title"] {
        workspace.write(&format!("{name}.wat"), echo());
    }
    for (name, hint) in [
        ("sumarize", "did you mean \"summarize\", \"summarizer\"?"),
        ("Title", "did you mean \"title\"?"),
        ("qqqqqq", "there are \"summarize\", \"summarizer\", \"title\""),
        ("sumarize.wasm", ""),
    ] {
        let document = ended(workspace.run_json(name, &[]), "manifest", "no-such-skill", 3);
        assert!(document["error"]["hint"].as_str().unwrap_or_default().starts_with(hint), "{name}: {document:#}");
    }
    let document = ended(workspace.run_json("qqqqqq", &[".", "../"]), "manifest", "no-such-skill", 3);
    tells(&document["error"]["message"], &["no skill is named \"qqqqqq\" in ., ../"]);
}
