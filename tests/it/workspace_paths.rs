//! Paths in place of names, links, files that cannot be read, and the workspace's root.

use crate::acceptance::asking;
use crate::program::Workspace;
use crate::script::{ended, succeeded, tells};
use crate::workspace::{echo, list, manifest, wat, write_skill};
use serde_json::{Value, json};

#[test]
fn a_path_to_a_module_a_directory_or_a_manifest_serves_as_a_name() {
    let workspace = Workspace::new();
    write_skill(&workspace, "a/b", "alpha");
    workspace.write("a/b/bare.wat", echo());
    workspace.write("a/module.bin", wat(&echo()));
    let absolute = workspace.path().join("a/b").display().to_string();
    for (path, name) in [
        ("a/b", "alpha"),
        ("a/b/", "alpha"),
        ("./a/../a/b", "alpha"),
        ("a/b/skill.toml", "alpha"),
        ("a/b/m.wat", "alpha"),
        (&absolute, "alpha"),
        ("a/b/bare.wat", "bare"),
        ("a/module.bin", "module"),
    ] {
        assert_eq!(succeeded(workspace.run_json(path, &[]))["skill"], name, "{path}");
        workspace.skillscope(&["--validate", path]).expect(0);
    }
    for (path, words) in [
        ("a/c", "cannot open the skill a/c: "),
        ("a/c.wat", "cannot open the skill a/c.wat: "),
        ("a", "a is a directory without a skill.toml, so it is no skill"),
        (".", ". is a directory without a skill.toml, so it is no skill"),
    ] {
        let document = ended(workspace.run_json(path, &[]), "manifest", "no-such-skill", 3);
        tells(&document["error"]["message"], &[words]);
    }
}

#[test]
fn a_skills_name_comes_before_a_path_and_a_path_with_a_slash_before_a_name() {
    let workspace = Workspace::new();
    // A directory and a file that have the names of skills that lie elsewhere.
    write_skill(&workspace, "beta", "alpha");
    write_skill(&workspace, "elsewhere", "beta");
    write_skill(&workspace, "other", "odd.wasm");
    for mode in ["--run", "--validate"] {
        let skill = |word: &str| -> Value {
            let ran = workspace.skillscope(&[mode, word, "--format", "json"]);
            let document = ran.expect(0).json();
            if mode == "--run" { document["skill"].clone() } else { document[0]["name"].clone() }
        };
        assert_eq!(skill("beta"), "beta", "{mode}");
        assert_eq!(skill("./beta"), "alpha", "{mode}");
        // What no skill is named by, and is there, is a path.
        assert_eq!(skill("elsewhere"), "beta", "{mode}");
        // A name may look like a file, as long as none is there.
        assert_eq!(skill("odd.wasm"), "odd.wasm", "{mode}");
    }
    workspace.write("odd.wasm", wat(&echo()));
    assert_eq!(succeeded(workspace.run_json("odd.wasm", &["other"]))["skill"], "odd");
}

#[test]
fn a_directory_of_skills_is_validated_whole_unless_a_skill_has_its_name() {
    let workspace = Workspace::new();
    write_skill(&workspace, "skills/a", "alpha");
    workspace.write("skills/b.wat", "(module");
    let names = |arguments: &[&str], code| -> Vec<Value> {
        let ran = workspace.skillscope(&[&["--format", "json", "--validate"], arguments].concat());
        ran.expect(code).json().as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(names(&["skills"], 4), ["alpha", "b"]);
    write_skill(&workspace, "elsewhere", "skills");
    assert_eq!(names(&["skills"], 0), ["skills"]);
    assert_eq!(names(&["./skills"], 4), ["alpha", "b"]);
}

#[cfg(unix)]
#[test]
fn links_lead_to_skills_and_never_in_circles() {
    use std::os::unix::fs::symlink;
    let workspace = Workspace::new();
    let elsewhere = Workspace::new();
    write_skill(&elsewhere, "far", "far");
    write_skill(&elsewhere, "plain/below", "unseen");
    elsewhere.write("module.wat", echo());
    write_skill(&workspace, "skills/a", "alpha");
    let link = |target: &std::path::Path, name: &str| symlink(target, workspace.path().join(name)).unwrap();
    link(&elsewhere.path().join("far"), "skills/linked");
    link(&elsewhere.path().join("plain"), "skills/plain");
    link(&elsewhere.path().join("module.wat"), "skills/bare.wat");
    link(workspace.path(), "skills/up");
    link(std::path::Path::new("self"), "skills/self");
    link(std::path::Path::new("round.wasm"), "skills/round.wasm");
    link(std::path::Path::new("a"), "skills/again");
    link(std::path::Path::new("nothing"), "skills/dangling.wasm");
    let rows = list(&workspace, &[]);
    let seen: Vec<_> = rows.iter().map(|row| (row["name"].as_str().unwrap(), row["outcome"].as_str().unwrap())).collect();
    let expected = [("alpha", "ok"), ("bare", "ok"), ("dangling", "invalid"), ("far", "ok"), ("round", "invalid")];
    assert_eq!(seen, expected, "{rows:#?}");
    assert_eq!(rows[3]["path"], "skills/linked");
    for name in ["far", "bare", "skills/linked", "skills/again", "skills/up/skills/a"] {
        succeeded(workspace.run_json(name, &[]));
    }
    let document = ended(workspace.run_json("skills/round.wasm", &[]), "manifest", "no-such-skill", 3);
    tells(&document["error"]["message"], &["skills/round.wasm"]);
    // A link may be the directory that is given, and is then looked into.
    assert_eq!(list(&workspace, &["skills/plain"])[0]["name"], "unseen");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_told_and_so_is_one_that_is_no_file() {
    use std::os::unix::fs::symlink;
    let workspace = Workspace::new();
    let at = |name: &str| workspace.path().join(name);
    // A regular file that gives an error when it is read, whoever reads.
    symlink("/proc/self/mem", at("mem.wasm")).unwrap();
    symlink("/dev/zero", at("zero.wasm")).unwrap();
    std::fs::create_dir_all(at("piped")).unwrap();
    for pipe in ["pipe.wasm", "piped/skill.toml"] {
        rustix::fs::mkfifoat(rustix::fs::CWD, at(pipe), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    }
    std::fs::create_dir_all(at("folder.wasm")).unwrap();
    let rows = list(&workspace, &[]);
    let seen: Vec<_> = rows.iter().map(|row| (row["name"].as_str().unwrap(), row["error"]["kind"].as_str().unwrap())).collect();
    assert_eq!(seen, [("mem", "io"), ("pipe", "not-a-file"), ("piped", "not-a-file"), ("zero", "not-a-file")]);
    for (path, words, code) in [
        ("mem.wasm", "cannot read mem.wasm: ", 4),
        ("pipe.wasm", "pipe.wasm is not a regular file", 4),
        ("zero.wasm", "zero.wasm is not a regular file", 4),
        ("./piped", "piped/skill.toml is not a regular file", 3),
        ("folder.wasm", "folder.wasm is a directory without a skill.toml", 3),
        ("/dev/null", "/dev/null is not a regular file", 4),
    ] {
        let (document, seen) = workspace.run_json(path, &[]);
        tells(&document["error"]["message"], &[words]);
        assert_eq!(seen, code, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_or_a_directory_without_permission_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::new();
    workspace.write("closed/inner.wat", echo());
    let file = workspace.write("secret.wat", echo());
    let allow = |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let closed = workspace.path().join("closed");
    allow(&file, 0o000);
    allow(&closed, 0o000);
    // Whoever may read everything has nothing to see here.
    if std::fs::File::open(&file).is_err() {
        let ran = workspace.skillscope(&["--list", "--format", "json"]);
        assert_eq!(ran.expect(0).json()[0]["error"]["kind"], "io");
        assert!(ran.stderr.contains("note: cannot read the directory closed: "), "{}", ran.stderr);
        assert!(workspace.skillscope(&["--list"]).expect(0).stderr.contains("note: cannot read the directory closed: "));
        let document = ended(workspace.run_json("inner", &[]), "manifest", "no-such-skill", 3);
        tells(&document["error"]["hint"], &["note: cannot read the directory closed: "]);
    }
    allow(&closed, 0o700);
}

#[test]
fn what_is_too_deep_to_be_looked_at_is_noted() {
    let workspace = Workspace::new();
    workspace.write(&format!("{}deep.wat", "d/".repeat(40)), echo());
    for format in ["human", "json"] {
        let ran = workspace.skillscope(&["--list", "--format", format]);
        assert!(ran.expect(0).stderr.contains("note: did not look into d/d"), "{}", ran.stderr);
    }
    let document = ended(workspace.run_json("deep", &[]), "manifest", "no-such-skill", 3);
    tells(&document["error"]["hint"], &["no skills were found there", "note: did not look into"]);
}

/// Whose settings apply: what the mock answers by them.
fn answer(workspace: &Workspace, arguments: &[&str]) -> Value {
    let ran = workspace.skillscope(&[arguments, &["--format", "json", "--input", "\"whose?\""]].concat());
    ran.expect(0).json()["output"].clone()
}

fn settings(reply: &str) -> String {
    format!("[[ai.mock]]\ncontains = \"\"\nreply = \"{reply}\"\n")
}

#[test]
fn the_root_is_the_nearest_directory_upwards_with_settings() {
    let workspace = Workspace::new();
    workspace.write("top/skillscope.toml", settings("top"));
    workspace.write("top/middle/skillscope.toml", settings("middle"));
    for directory in ["top/middle/low/ask", "top/beside/ask"] {
        workspace.write(&format!("{directory}/m.wat"), asking());
        workspace.write(&format!("{directory}/skill.toml"), manifest("ask", "[permissions]\nai = true\n"));
    }
    workspace.write("top/middle/low/bare.wat", asking());
    for (arguments, reply) in [
        (&["--run", "ask", "top/middle/low"][..], "middle"),
        (&["--run", "ask", "top/beside"], "top"),
        // The first directory decides, also where the skill lies in the second.
        (&["--run", "bare", "top/beside", "top/middle/low"], "top"),
        (&["--run", "bare", "top/middle/low", "top/beside"], "middle"),
        // A path decides by its own directory.
        (&["--run", "top/middle/low/bare.wat"], "middle"),
        (&["--run", "top/middle/low/ask"], "middle"),
        (&["--run", "top/beside/ask/skill.toml"], "top"),
        (&["--run", "top/beside/ask/m.wat"], "top"),
    ] {
        assert_eq!(answer(&workspace, arguments), reply, "{arguments:?}");
    }
    // Run from within, without a directory.
    let mut command = workspace.command(&["--run", "ask", "--format", "json"]);
    let ran = crate::program::finish(command.current_dir(workspace.path().join("top/middle/low/ask")).spawn().unwrap(), b"");
    assert_eq!(ran.expect(0).json()["output"], "middle");
}

#[test]
fn a_word_without_a_slash_that_is_a_path_has_its_own_root() {
    let workspace = Workspace::new();
    workspace.write("skillscope.toml", settings("here"));
    workspace.write("sub/skillscope.toml", settings("sub"));
    workspace.write("sub/m.wat", asking());
    workspace.write("sub/skill.toml", manifest("ask", "[permissions]\nai = true\n"));
    assert_eq!(answer(&workspace, &["--run", "./sub"]), "sub");
    assert_eq!(answer(&workspace, &["--run", "sub"]), "sub");
    assert_eq!(answer(&workspace, &["--run", "ask"]), "here");
}

#[test]
fn without_settings_nothing_is_written_and_the_mock_names_itself() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", asking());
    let (document, _) = workspace.run_json("ask", &["--input", "5"]);
    tells(&document["output"], &["[mock]"]);
    let left: Vec<_> = std::fs::read_dir(workspace.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ask.wat"]);
}

#[test]
fn the_settings_of_the_root_set_the_size_of_modules_and_a_flag_wins() {
    let workspace = Workspace::new();
    workspace.write("skillscope.toml", "[limits]\nmax_module = \"100 B\"\n");
    let module = wat(&echo());
    assert!(module.len() > 100);
    workspace.write("deep/er/echo.wasm", &module);
    let size = module.len().to_string();
    for name in ["deep/er/echo.wasm", "echo"] {
        let document = ended(workspace.run_json(name, &[]), "invalid", "too-large", 4);
        tells(&document["error"]["message"], &[&size, "100 bytes"]);
    }
    succeeded(workspace.run_json("echo", &["--max-module", "1KiB"]));
    let document = ended(workspace.run_json("echo", &["--max-module", "101"]), "invalid", "too-large", 4);
    tells(&document["error"]["message"], &["101 bytes"]);
    assert_eq!(list(&workspace, &[])[0]["error"]["kind"], json!("too-large"));
}
