//! The manifest as a file, and the files that it names: text that is none, modules and directories that lead out, checksums.

use crate::manifest::sha256;
use crate::program::Workspace;
use crate::script::{ended, succeeded, tells};
use crate::workspace::{echo, list, manifest, wat};
use serde_json::{Value, json};

/// Runs the skill in `a`, whose manifest has these bytes.
#[track_caller]
fn run(content: impl AsRef<[u8]>) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("a/m.wat", echo());
    workspace.write("a/skill.toml", content);
    workspace.run_json("a", &[])
}

#[test]
fn a_file_that_is_no_manifest_is_told_with_its_place() {
    for (content, kind, words) in [
        (&b""[..], "missing-key", "skill.toml:1:1: the key `skill` is missing at the top level"),
        (b"# nothing\n", "missing-key", "the key `skill` is missing"),
        (b"[skill]\nname = \"a\"\n", "missing-key", "skill.toml:1:2: the key `module` is missing in [skill]"),
        (b"[skill]\nmodule = \"m.wat\"\n", "missing-key", "skill.toml:1:2: the key `name` is missing in [skill]"),
        (
            b"[skill]\nname = \"a\xff\"\nmodule = \"m.wat\"\n",
            "not-utf8",
            "skill.toml is not UTF-8 text: the byte at offset 17 (line 2) is 0xff",
        ),
        (b"\xff\xfe[\0s\0", "not-utf8", "the byte at offset 0 (line 1) is 0xff"),
        (b"[skill]\nname = \"a\"\nname = \"b\"\nmodule = \"m.wat\"\n", "syntax", "skill.toml:3:1: not valid TOML: duplicate key"),
        (b"[skill]\nname = \"a\"\nmodule = \"m.wat\"\n[skill]\n", "syntax", "skill.toml:4:2: not valid TOML: duplicate key"),
        (b"[skill\nname", "syntax", "skill.toml:1:7: not valid TOML: "),
        (b"name: a\n", "syntax", "skill.toml:1:7: not valid TOML: "),
        (b"[skill]\nname = a\n", "syntax", "skill.toml:2:8: not valid TOML: "),
        (b"{\"skill\": {}}", "syntax", "skill.toml:1:1: not valid TOML: "),
    ] {
        let document = ended(run(content), "manifest", kind, 3);
        tells(&document["error"]["message"], &[words]);
    }
}

#[test]
fn line_ends_and_byte_order_marks_of_other_systems_are_taken() {
    let text = manifest("a", "[limits]\nfuel = 1_000_000\n");
    succeeded(run(text.replace('\n', "\r\n")));
    succeeded(run(format!("\u{feff}{text}")));
    succeeded(run(format!("{}\r\n# \t é 日本\r\n", text.replace('\n', "\r\n"))));
}

#[test]
fn a_huge_manifest_is_refused_unread_and_a_deep_one_is_no_trouble() {
    let document = ended(run("#".repeat((1 << 20) + 1)), "manifest", "too-large", 3);
    tells(&document["error"]["message"], &["skill.toml has 1048577 bytes, more than the limit of 1048576 bytes"]);
    succeeded(run(format!("{}#{}", manifest("a", ""), "x".repeat(1_000_000))));
    ended(run(format!("{}case = {}", manifest("a", ""), "[".repeat(500_000))), "manifest", "syntax", 3);
    let many: String = (0..50_000).map(|key| format!("k{key} = 1\n")).collect();
    let document = ended(run(manifest("a", &many)), "manifest", "unknown-key", 3);
    assert_eq!(document["error"]["message"].as_str().unwrap().matches("unknown key").count(), 20);
    // A sparse file of a terabyte takes no time either.
    let workspace = Workspace::new();
    std::fs::create_dir_all(workspace.path().join("a")).unwrap();
    std::fs::File::create(workspace.path().join("a/skill.toml")).unwrap().set_len(1 << 40).unwrap();
    ended(workspace.run_json("a", &[]), "manifest", "too-large", 3);
}

#[test]
fn a_module_may_not_lead_out_of_its_directory() {
    let workspace = Workspace::new();
    workspace.write("outside.wat", echo());
    workspace.write("a/b/inside.wat", echo());
    let absolute = workspace.path().join("a/b/inside.wat").display().to_string();
    let run = |module: &str| {
        workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"{module}\"\n"));
        workspace.run_json("a", &[])
    };
    for module in ["b/inside.wat", "./b/./inside.wat", "b//inside.wat"] {
        succeeded(run(module));
    }
    for (module, words) in [
        ("../outside.wat", "the path leads out of the skill's directory by \"..\""),
        ("b/../../outside.wat", "by \"..\""),
        ("b/../b/inside.wat", "by \"..\""),
        (&absolute, "the path is absolute"),
        ("/etc/passwd", "the path is absolute"),
        ("", "the path is empty"),
        (".", "a module is a file, not a directory"),
        ("m\\u0000.wat", "the path contains a NUL character"),
    ] {
        let document = ended(run(module), "manifest", "bad-value", 3);
        tells(&document["error"]["message"], &["skill.toml:3:10: `skill.module`: ", words]);
    }
    let document = ended(run("gone.wasm"), "manifest", "no-such-file", 3);
    tells(&document["error"]["message"], &["a/skill.toml:3: the module cannot be taken: cannot read a/gone.wasm: "]);
    tells(&document["error"]["hint"], &["build the skill first, or correct `module`"]);
    let document = ended(run("b"), "manifest", "not-a-file", 3);
    tells(&document["error"]["message"], &["a/b is not a regular file"]);
}

#[cfg(unix)]
#[test]
fn a_module_may_not_lead_out_of_its_directory_by_a_link() {
    use std::os::unix::fs::symlink;
    let workspace = Workspace::new();
    workspace.write("outside/m.wat", echo());
    workspace.write("a/real/m.wat", echo());
    let link = |target: &str, name: &str| symlink(target, workspace.path().join(name)).unwrap();
    link("../outside/m.wat", "a/file.wat");
    link("../outside", "a/directory");
    link("real/m.wat", "a/inside.wat");
    link("round.wat", "a/round.wat");
    let run = |module: &str| {
        workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"{module}\"\n"));
        workspace.run_json("a", &[])
    };
    for module in ["file.wat", "directory/m.wat"] {
        let document = ended(run(module), "manifest", "module-outside", 3);
        let target = workspace.path().canonicalize().unwrap().join("outside/m.wat").display().to_string();
        tells(
            &document["error"]["message"],
            &["a/skill.toml:3: `skill.module` leads out of the skill's directory by a link", module, &target],
        );
    }
    succeeded(run("inside.wat"));
    ended(run("round.wat"), "manifest", "io", 3);
    // The skill's own directory may be reached by a link.
    link("a", "linked");
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodule = \"real/m.wat\"\n");
    succeeded(workspace.run_json("./linked", &[]));
}

#[test]
fn a_checksum_is_verified_at_every_load() {
    let workspace = Workspace::new();
    let module = wat(&echo());
    let digest = sha256(&module);
    let write = |digest: &str| {
        workspace.write("a/skill.toml", format!("[skill]\nname = \"a\"\nmodule = \"m.wasm\"\nsha256 = \"{digest}\"\n"))
    };
    workspace.write("a/m.wasm", &module);
    write(&digest);
    succeeded(workspace.run_json("a", &[]));
    write(&digest.to_uppercase());
    assert_eq!(succeeded(workspace.run_json("a", &[]))["module_sha256"], digest);
    // The module changes, the compiled one is still in the cache.
    let mut other = module.clone();
    other.extend(b"\0\x02\x01x");
    workspace.write("a/m.wasm", &other);
    let found = sha256(&other);
    for mode in ["--run", "--validate"] {
        let ran = workspace.skillscope(&[mode, "a"]);
        let told = format!("{}{}", ran.expect(3).stdout, ran.stderr);
        for words in [
            "a/skill.toml:4: the checksum of a/m.wasm differs",
            &format!("expected {digest}"),
            &format!("found    {found}"),
            &format!("sha256 = \"{found}\""),
        ] {
            assert!(told.contains(words), "{words:?} is not in\n{told}");
        }
    }
    ended(workspace.run_json("a", &[]), "manifest", "checksum", 3);
    assert_eq!(list(&workspace, &[])[0]["error"]["kind"], "checksum");
    // The digest is that of the file, also where that is text.
    workspace.write("a/m.wasm", echo());
    write(&sha256(echo().as_bytes()));
    succeeded(workspace.run_json("a", &[]));
    for (malformed, words) in [
        ("9f86", "a SHA-256 digest is 64 hexadecimal digits, this one has 4"),
        (&"g".repeat(64), "a SHA-256 digest is 64 hexadecimal digits, and 'g' is none"),
        (&format!("{digest}0"), "this one has 65"),
        (&format!("sha256:{digest}"), "'s' is none"),
        ("", "this one has 0"),
    ] {
        write(malformed);
        let document = ended(workspace.run_json("a", &[]), "manifest", "bad-value", 3);
        tells(&document["error"]["message"], &["skill.toml:4:10: `skill.sha256`: ", words]);
        tells(&document["error"]["hint"], &["sha256sum"]);
    }
}

#[test]
fn directories_stay_below_the_manifest_and_are_absolute_in_the_guest() {
    for (dirs, words) in [
        ("\"data\" = \"x\"", "`wasi.dirs.data`: a path in the guest is absolute; write \"/data\""),
        ("\"\" = \"x\"", "a path in the guest is absolute"),
        ("\"/a/../b\" = \"x\"", "a path in the guest has no \".\", \"..\" or NUL in it"),
        ("\"/a\" = \"/etc\"", "`wasi.dirs./a`: the path is absolute"),
        ("\"/a\" = \"..\"", "the path leads out of the skill's directory by \"..\""),
        ("\"/a\" = \"x/../..:rw\"", "the path leads out of the skill's directory by \"..\""),
        ("\"/a\" = \"\"", "the path is empty"),
        ("\"/a\" = \":rw\"", "the path is empty"),
        ("\"/a\" = \"x\", \"/a/\" = \"y\"", "the guest path /a is given twice"),
    ] {
        let document = ended(run(manifest("a", &format!("[wasi]\ndirs = {{ {dirs} }}\n"))), "manifest", "bad-value", 3);
        tells(&document["error"]["message"], &["skill.toml:5:", words]);
    }
}

#[test]
fn a_directory_that_is_not_there_or_leads_out_is_refused_before_anything_runs() {
    let workspace = Workspace::new();
    workspace.write("a/m.wat", echo());
    workspace.write("a/file", "");
    workspace.write("outside/note.txt", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../outside", workspace.path().join("a/link")).unwrap();
    let cases: &[(&str, &str, &str)] = &[
        ("gone", "directory", "the directory a/gone (in the guest /data) cannot be taken: "),
        ("file", "directory", "the directory a/file (in the guest /data) cannot be taken: "),
        #[cfg(unix)]
        ("link", "module-outside", "`wasi.dirs` leads out of the skill's directory by a link: a/link -> "),
    ];
    for (path, kind, words) in cases {
        workspace.write("a/skill.toml", manifest("a", &format!("[wasi]\ndirs = {{ \"/data\" = \"{path}\" }}\n")));
        let document = ended(workspace.run_json("a", &[]), "manifest", kind, 3);
        tells(&document["error"]["message"], &[words]);
        assert_eq!(document["module_sha256"], Value::Null, "{path}: it was loaded");
        assert_eq!(workspace.skillscope(&["--validate", "a", "--format", "json"]).expect(3).json()[0]["error"]["kind"], *kind);
        assert_eq!(list(&workspace, &[])[0]["error"]["kind"], *kind);
        // A flag that gives the guest another directory there wins; and without WASI no directory is asked for.
        succeeded(workspace.run_json("a", &["--dir", "outside::/data"]));
        succeeded(workspace.run_json("a", &["--no-wasi"]));
    }
    workspace.write("a/skill.toml", manifest("a", "[wasi]\ndirs = { \"/\" = \".\" }\n"));
    succeeded(workspace.run_json("a", &[]));
}

#[test]
fn reserved_tables_may_hold_anything() {
    for lines in ["[build]\ncommand = [\"make\", \"all\"]\nwatch = [\"src\"]\n", "[build.deep.er]\nx = 2024-01-01\n"] {
        assert_eq!(succeeded(run(manifest("a", lines)))["output"], json!(null), "{lines}");
    }
}
