//! The JSON Schema of the manifest: the one that is checked in is the one that is printed, it is a schema, and it takes and refuses
//! what the program takes and refuses.

use crate::manifest::whole;
use crate::program::Workspace;
use crate::workspace::manifest;
use serde_json::Value;
use skillscope::skill::Manifest;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn checked_in(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(file)).unwrap()).unwrap()
}

/// What says whether a TOML text is right by a schema.
struct Checker {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Checker {
    /// Of a schema, once it is found to be one.
    fn of(schema: Value) -> Self {
        let mut compiler = boon::Compiler::new();
        compiler.add_resource("schema.json", schema).unwrap();
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("schema.json", &mut schemas).unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    fn takes(&self, text: &str) -> bool {
        let document: Value = toml::from_str(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        self.schemas.validate(&document, self.index).is_ok()
    }
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_checked_in() {
    let printed = Workspace::new().skillscope(&["--manifest-schema"]).expect(0).stdout.clone();
    let text = std::fs::read_to_string(root().join("docs/skill.schema.json")).unwrap().replace("\r\n", "\n");
    assert_eq!(printed, text);
}

#[test]
fn both_schemas_are_schemas_by_their_own_words() {
    for (file, root_key) in [("docs/skill.schema.json", "skill"), ("docs/settings.schema.json", "ai")] {
        let schema = checked_in(file);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#", "{file}");
        assert!(schema["properties"][root_key].is_object(), "{file}");
        Checker::of(schema);
    }
}

#[test]
fn manifests_that_are_taken_pass_the_schema() {
    let checker = Checker::of(checked_in("docs/skill.schema.json"));
    let mut texts = vec![whole(&"0a".repeat(32), "127.0.0.1:8080"), manifest("a", "")];
    for entry in std::fs::read_dir(root().join("sample-skills")).unwrap() {
        texts.extend(std::fs::read_to_string(entry.unwrap().path().join("skill.toml")));
    }
    assert!(texts.len() > 10);
    for lines in [
        "version = \"\"\ndescription = \"\"\nprofile = \"command\"",
        "[limits]\nmemory = 65536\ntimeout = \"1m 30s\"\nfuel = \"20_000\"",
        "[limits]\nmemory = \"1.5 gb\"\ntimeout = \"2d4h\"\nfuel = 1",
        "[limits]\nmemory = 4294967296",
        "[permissions]\nai = false\nmemory = []\nhttp = [\"localhost\", \"[::1]:9\", \"b\u{fc}cher.example:80\"]",
        "[config]\n\"any key\" = \"\"\n[wasi]\nenv = {}\ndirs = { \"/\" = \".:rw\", \"/a/b/\" = \"x/y\" }",
        "[[case]]\nname = \"x\"\ninput = 1\n[build]\ny = [2]",
    ] {
        texts.push(manifest("a", lines));
    }
    for text in texts {
        let parsed = Manifest::parse(Path::new("skill.toml"), &text);
        assert!(parsed.is_ok(), "{text}\n{}", parsed.unwrap_err());
        assert!(checker.takes(&text), "{text}");
    }
}

#[test]
fn manifests_that_are_refused_do_not_pass_the_schema() {
    let checker = Checker::of(checked_in("docs/skill.schema.json"));
    let mut texts: Vec<String> = [
        "",
        "[skill]\nname = \"a\"",
        "[skill]\nmodule = \"a\"",
        "[skill]\nname = \"\"\nmodule = \"a\"",
        "[skill]\nname = \"a/b\"\nmodule = \"a\"",
        "[skill]\nname = \"-a\"\nmodule = \"a\"",
        "[skill]\nname = \"..\"\nmodule = \"a\"",
        "[skill]\nname = \" a\"\nmodule = \"a\"",
        "[skill]\nname = \"a\"\nmodule = \"\"",
        "[skill]\nname = \"a\"\nmodule = \"/a\"",
        "[skill]\nname = \"a\"\nmodule = \"../a\"",
        "[skill]\nname = \"a\"\nmodule = \"a/../b\"",
        "[skill]\nname = 1\nmodule = \"a\"",
    ]
    .map(str::to_owned)
    .into();
    for lines in [
        "modul = 1",
        "version = 1",
        "profile = \"d05\"",
        "sha256 = \"9f86\"",
        "[limits]\nmem = 1",
        "[limits]\nmemory = \"64M\"",
        "[limits]\nmemory = 512",
        "[limits]\nmemory = 4294967297",
        "[limits]\nmemory = 70000.5",
        "[limits]\nmemory = \"\"",
        "[limits]\ntimeout = 30",
        "[limits]\ntimeout = \"30\"",
        "[limits]\ntimeout = \"soon\"",
        "[limits]\ntimeout = \"5M\"",
        "[limits]\nfuel = 0",
        "[limits]\nfuel = -1",
        "[limits]\nfuel = \"1e9\"",
        "[limits]\nfuel = 1.5",
        "[permissions]\nai = \"true\"",
        "[permissions]\nmemory = \"*\"",
        "[permissions]\nmemory = [\"\"]",
        "[permissions]\nhttp = [\"https://a.org\"]",
        "[permissions]\nhttp = [\"*.a.org\"]",
        "[permissions]\nhttp = [\"a.org/x\"]",
        "[permissions]\nhttp = [\"\"]",
        "[config]\nn = 3",
        "[wasi]\nenabled = 1",
        "[wasi]\nenv = { A = 1 }",
        "[wasi]\nenv = { \"A=B\" = \"x\" }",
        "[wasi]\ndirs = { data = \"x\" }",
        "[wasi]\ndirs = { \"/a/../b\" = \"x\" }",
        "[wasi]\ndirs = { \"/a\" = \"/etc\" }",
        "[wasi]\ndirs = { \"/a\" = \"../x\" }",
        "[wasi]\ndirs = { \"/a\" = \"\" }",
        "[cases]",
    ] {
        texts.push(manifest("a", lines));
    }
    for text in texts {
        assert!(Manifest::parse(Path::new("skill.toml"), &text).is_err(), "{text}");
        assert!(!checker.takes(&text), "{text}");
    }
}

#[test]
fn settings_are_held_against_their_schema_too() {
    let checker = Checker::of(checked_in("docs/settings.schema.json"));
    let example = r#"
[ai]
real = "local"
lead = "mock"
[ai.providers.local]
kind = "openai"
base_url = "http://127.0.0.1:11434/v1"
model = "llama3.2"
api_key_env = "LOCAL_KEY"
[[ai.mock]]
contains = "weather"
reply = "Sunny."
[[ai.mock]]
regex = "^a"
error = "no"
delay = "2s"
[limits]
max_module = "10MiB"
"#;
    for text in [example, "", &std::fs::read_to_string(root().join("sample-skills/skillscope.toml")).unwrap()] {
        assert!(checker.takes(text), "{text}");
    }
    for (from, to) in [
        ("real =", "rael ="),
        ("kind = \"openai\"", "kind = \"opnai\""),
        ("http://127", "ftp://127"),
        ("model = \"llama3.2\"\n", ""),
        ("contains = \"weather\"\n", ""),
        ("reply = \"Sunny.\"\n", ""),
        ("reply = \"Sunny.\"", "reply = \"Sunny.\"\nerror = \"x\""),
        ("delay = \"2s\"", "delay = \"soon\""),
        ("\"10MiB\"", "0"),
    ] {
        let text = example.replace(from, to);
        assert_ne!(text, example);
        let workspace = Workspace::new();
        workspace.write("echo.wat", crate::workspace::echo());
        workspace.write("skillscope.toml", &text);
        workspace.skillscope(&["--validate", "echo"]).expect(2);
        assert!(!checker.takes(&text), "{text}");
    }
}
