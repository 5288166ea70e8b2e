//! What a run that never began reports all the same: the limits in force, the module's digest, its profile.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::script::ended;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const FLAGS: [&str; 6] = ["--timeout", "1s", "--max-memory", "2MiB", "--fuel", "77"];

fn digest(bytes: impl AsRef<[u8]>) -> Value {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// A skill of these manifest lines and this module, run; the document and the exit code.
#[track_caller]
fn run(manifest: &str, module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe/probe.wasm", module);
    workspace.write("probe/skill.toml", format!("[skill]\nname = \"probe\"\nmodule = \"probe.wasm\"\n{manifest}"));
    workspace.run_json("probe", arguments)
}

fn limits(document: &Value) -> [Value; 3] {
    ["memory_bytes", "timeout_ms", "fuel"].map(|limit| document["limits"][limit].clone())
}

#[test]
fn the_limits_are_those_of_the_manifest_under_those_of_the_flags() {
    let manifest = "[limits]\nmemory = \"4MiB\"\ntimeout = \"2s\"\nfuel = 9\n";
    let refused = ended(run(manifest, "(module)", &[]), "invalid", "profile", 4);
    assert_eq!(limits(&refused), [json!(4 << 20), json!(2000), json!(9)]);
    let refused = ended(run(manifest, "(module)", &["--timeout", "1s"]), "invalid", "profile", 4);
    assert_eq!(limits(&refused), [json!(4 << 20), json!(1000), json!(9)]);
    let refused = ended(run("", "(module)", &FLAGS), "invalid", "profile", 4);
    assert_eq!(limits(&refused), [json!(2 << 20), json!(1000), json!(77)]);
}

#[test]
fn of_a_wrong_manifest_what_can_be_read_counts() {
    let manifest = "profile = \"cis-sdk\"\nnam = 1\n[limits]\nmemory = \"lots\"\ntimeout = \"2s\"\n";
    let document = ended(run(manifest, "(module)", &["--fuel", "5"]), "manifest", "unknown-key", 3);
    assert_eq!(limits(&document), [json!(512 << 20), json!(2000), json!(5)]);
    assert_eq!((&document["profile"], &document["module_sha256"]), (&json!("cis-sdk"), &Value::Null));
    let document = ended(run("[limits\ntimeout = \"2s\"", "(module)", &FLAGS), "manifest", "syntax", 3);
    assert_eq!(limits(&document), [json!(2 << 20), json!(1000), json!(77)]);
    let document = ended(Workspace::new().run_json("nobody", &FLAGS), "manifest", "no-such-skill", 3);
    assert_eq!(limits(&document), [json!(2 << 20), json!(1000), json!(77)]);
}

#[test]
fn a_refused_module_is_known_by_the_digest_of_its_binary() {
    let text = "(module (import \"env\" \"nothing\" (func)))";
    let binary = wat::parse_str(text).unwrap();
    for module in [text.as_bytes(), &binary] {
        let document = ended(run("", module, &[]), "invalid", "unknown-imports", 4);
        assert_eq!(document["module_sha256"], digest(&binary));
    }
    for (file, kind) in
        [(&b"\0asm\x01\0\0\0\xff"[..], "malformed"), (b"\x7fELF", "not-wasm"), (b"\0asm\x0d\0\x01\0", "component")]
    {
        let document = ended(run("", file, &[]), "invalid", kind, 4);
        assert_eq!(document["module_sha256"], digest(file), "{kind}");
    }
    assert_eq!(ended(run("", "(module (func", &[]), "invalid", "wat", 4)["module_sha256"], Value::Null);
    assert_eq!(ended(run("", "12345", &["--max-module", "4"]), "invalid", "too-large", 4)["module_sha256"], Value::Null);
}

#[test]
fn a_module_that_is_not_the_manifests_is_known_by_its_own_digest() {
    let manifest = format!("sha256 = \"{}\"\n[limits]\nfuel = 9\n", "0".repeat(64));
    let text = d04("", "(local.get $input)");
    let document = ended(run(&manifest, &text, &[]), "manifest", "checksum", 3);
    assert_eq!(document["module_sha256"], digest(wat::parse_str(&text).unwrap()));
    assert_eq!(document["limits"]["fuel"], json!(9));
}

#[test]
fn the_profile_is_told_where_the_manifest_or_the_exports_tell_it() {
    let unserved = d04("(import \"env\" \"nothing\" (func))", "(local.get $input)");
    assert_eq!(ended(run("", &unserved, &[]), "invalid", "unknown-imports", 4)["profile"], json!("d04"));
    let halved = "(module (func (export \"execute\") (param i32) (result i32) (local.get 0)))";
    assert_eq!(ended(run("", halved, &[]), "invalid", "missing-export", 4)["profile"], json!("d04"));
    assert_eq!(ended(run("profile = \"command\"\n", b"\0asm", &[]), "invalid", "malformed", 4)["profile"], json!("command"));
    assert_eq!(ended(run("", "(module)", &[]), "invalid", "profile", 4)["profile"], Value::Null);
}
