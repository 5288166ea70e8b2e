//! What a manifest says, and the words in which each of its faults is told.

use super::*;
use std::time::Duration;

const WHOLE: &str = r#"
[skill]
name = "summarize"
version = "0.1.0"
description = "Summarizes a note"
module = "./build/summarize.wasm"
profile = "d04"
sha256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"

[limits]
memory = "512MiB"
timeout = "1m30s"
fuel = 10_000_000_000

[permissions]
ai = true
memory = ["notes/*"]
http = ["API.example.com", "127.0.0.1:8080", "[::1]:9"]

[config]
greeting = "Hello"
"a key" = ""

[wasi]
enabled = false
env = { MODE = "dev" }
dirs = { "/data/" = "fixtures", "/" = ".:rw" }

[[case]]
name = "says hello"
input = 1

[build]
command = "make"
"#;

fn failure(text: &str) -> Failure {
    Manifest::parse(Path::new("skill.toml"), text).unwrap_err().into()
}

/// The message and hint of the one fault of a manifest that is right but for `lines`, which begin at line 4.
#[track_caller]
fn assert_fault(lines: &str, kind: &str, message: &str, hint: Option<&str>) {
    let failure = failure(&format!("[skill]\nname = 'a'\nmodule = 'a.wasm'\n{lines}\n"));
    assert_eq!(failure.message, message);
    assert_eq!((failure.kind.as_ref(), failure.hint.as_deref()), (kind, hint));
}

#[test]
fn a_whole_manifest_is_read() {
    let manifest = Manifest::parse(Path::new("skill.toml"), WHOLE).unwrap();
    let directory = |path: &str, writable| WasiDirectory { path: path.into(), writable };
    let text = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let expected = Manifest {
        cases: manifest.cases.clone(),
        skill: SkillTable {
            name: "summarize".into(),
            version: Some("0.1.0".into()),
            description: Some("Summarizes a note".into()),
            module: "build/summarize.wasm".into(),
            profile: Some(Profile::D04),
            sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
            module_line: 6,
            sha256_line: 8,
        },
        limits: LimitsTable { memory_bytes: Some(512 << 20), timeout_ms: Some(90_000), fuel: Some(10_000_000_000) },
        permissions: Permissions {
            ai: true,
            memory: vec!["notes/*".into()],
            http: vec!["api.example.com".into(), "127.0.0.1:8080".into(), "[::1]:9".into()],
        },
        config: text(&[("greeting", "Hello"), ("a key", "")]),
        wasi: WasiTable {
            enabled: false,
            env: text(&[("MODE", "dev")]),
            dirs: [("/".to_owned(), directory(".", true)), ("/data".to_owned(), directory("fixtures", false))].into(),
        },
    };
    assert_eq!(manifest, expected);
}

#[test]
fn what_is_left_out_has_its_default_and_grants_nothing() {
    let manifest = Manifest::parse(Path::new("x/skill.toml"), "[skill]\nname='a'\nmodule='a.wasm'").unwrap();
    assert_eq!(manifest.permissions, Permissions { ai: false, memory: Vec::new(), http: Vec::new() });
    assert_eq!((&manifest.limits, &manifest.wasi), (&LimitsTable::default(), &WasiTable::default()));
    let skill = manifest.into_skill("x/skill.toml".into());
    assert_eq!(skill.limits(), crate::event::Limits::default());
    assert_eq!(skill.limits().timeout(), Duration::from_secs(30));
    assert!(skill.wasi_is_enabled());
}

#[test]
fn the_keys_that_must_be_there_are_asked_for() {
    let empty = failure("");
    assert_eq!(empty.message, "skill.toml:1:1: the key `skill` is missing at the top level");
    assert_eq!(empty.hint.as_deref(), Some("write it: [skill]"));
    assert_eq!(
        failure("\r\n[skill]\r\n").message,
        "skill.toml:2:2: the key `name` is missing in [skill]\n2 | [skill]\n  |  ^^^^^\n  = write it: name = \"my-skill\"\n\
         skill.toml:2:2: the key `module` is missing in [skill]\n2 | [skill]\n  |  ^^^^^\n  = write it: module = \"my-skill.wasm\""
    );
}

#[test]
fn unknown_keys_are_named_in_every_table() {
    assert_fault(
        "modul = 'b'",
        "unknown-key",
        "skill.toml:4:1: unknown key `modul` in [skill]\n4 | modul = 'b'\n  | ^^^^^",
        Some("did you mean `module`?"),
    );
    assert_fault(
        "[limits]\nmax_time = '1s'",
        "unknown-key",
        "skill.toml:5:1: unknown key `max_time` in [limits]\n5 | max_time = '1s'\n  | ^^^^^^^^",
        Some("known here: memory, timeout, fuel"),
    );
    assert_fault(
        "[permission]\nai = true",
        "unknown-key",
        "skill.toml:4:2: unknown key `permission` at the top level\n4 | [permission]\n  |  ^^^^^^^^^^",
        Some("did you mean `permissions`?"),
    );
    for (line, hint) in [
        ("[permissions]\nhtpp = []", "did you mean `http`?"),
        ("[wasi]\nenable = true", "did you mean `enabled`?"),
        ("[limtis]", "did you mean `limits`?"),
    ] {
        assert_eq!(failure(&format!("[skill]\nname='a'\nmodule='a'\n{line}")).hint.as_deref(), Some(hint));
    }
}

#[test]
fn limits_out_of_range_are_told() {
    for (line, fault) in [
        ("memory = '5GiB'", "`limits.memory`: 5 GiB is more than a wasm32 module can address (4 GiB)"),
        (
            "memory = 512",
            "`limits.memory`: 512 bytes is less than one page of memory (64 KiB); is the unit missing? write for example 64MiB",
        ),
        ("memory = 1.5", "expected a string or an integer for `limits.memory`, found a floating-point number"),
        ("timeout = '0s'", "`limits.timeout`: a timeout must be at least 1ms"),
        ("timeout = 30", "`limits.timeout`: a duration needs a unit: write \"30s\" or \"30ms\""),
        ("timeout = '-1s'", "`limits.timeout`: a duration cannot be negative: \"-1s\""),
        ("fuel = 0", "`limits.fuel`: no skill runs on a fuel of 0; leave the limit out to have none"),
        ("fuel = -5", "`limits.fuel`: not an amount of fuel: \"-5\"; write a whole number, for example 10_000_000_000"),
    ] {
        let message = failure(&format!("[skill]\nname='a'\nmodule='a'\n[limits]\n{line}")).message;
        let column = line.find("= ").unwrap() + 3;
        assert_eq!(message.lines().next(), Some(format!("skill.toml:5:{column}: {fault}").as_str()), "{line}");
    }
}

#[test]
fn a_module_may_not_lead_out_of_its_directory() {
    for (module, fault) in [
        ("../x.wasm", "the path leads out of the skill's directory by \"..\""),
        ("a/../../x.wasm", "the path leads out of the skill's directory by \"..\""),
        ("/etc/passwd", "the path is absolute"),
        ("", "the path is empty"),
    ] {
        let failure = failure(&format!("[skill]\nname='a'\nmodule = '{module}'"));
        assert_eq!(failure.message.lines().next(), Some(format!("skill.toml:3:10: `skill.module`: {fault}").as_str()));
        assert_eq!(failure.kind, "bad-value");
    }
    assert!(failure("[skill]\nname='a'\nmodule='./'").message.contains("a module is a file, not a directory"));
}

#[test]
fn a_wrong_name_profile_or_digest_is_told() {
    assert_fault(
        "profile = 'cis_sdk'",
        "bad-value",
        "skill.toml:4:11: `skill.profile`: \"cis_sdk\" is no profile; profiles are d04, cis-sdk, command\n4 | profile = 'cis_sdk'\n  |           ^^^^^^^^^",
        Some("did you mean \"cis-sdk\"?"),
    );
    assert_fault(
        "sha256 = '9f86'",
        "bad-value",
        "skill.toml:4:10: `skill.sha256`: a SHA-256 digest is 64 hexadecimal digits, this one has 4\n4 | sha256 = '9f86'\n  |          ^^^^^^",
        Some("`sha256sum FILE` prints it"),
    );
    assert!(
        failure("[skill]\nname='a/b'\nmodule='a'").message.contains("`skill.name`: a name is no path: it may not contain '/'")
    );
    assert!(failure(&format!("[skill]\nname='a'\nmodule='a'\nsha256='{}'", "g".repeat(64))).message.contains("'g' is none"));
}

#[test]
fn hosts_are_exact_and_every_wrong_one_is_told() {
    assert_fault(
        "[permissions]\nhttp = ['*.example.com', 'ok.org', 'https://x.org/']",
        "bad-value",
        "skill.toml:5:9: `permissions.http`: \"*.example.com\" is a pattern, and hosts are granted exactly; name each host, for example api.example.com\n\
         5 | http = ['*.example.com', 'ok.org', 'https://x.org/']\n  |         ^^^^^^^^^^^^^^^\n\
         skill.toml:5:36: `permissions.http`: \"https://x.org/\" is a URL, and hosts are granted; write \"x.org\"\n\
         5 | http = ['*.example.com', 'ok.org', 'https://x.org/']\n  |                                    ^^^^^^^^^^^^^^^^",
        None,
    );
    assert_fault(
        "[permissions]\nmemory = ['']",
        "bad-value",
        "skill.toml:5:11: `permissions.memory`: an empty pattern matches no key; write \"*\" for all keys\n5 | memory = ['']\n  |           ^^",
        None,
    );
}

#[test]
fn config_values_are_strings() {
    assert_fault(
        "[config]\nretries = 3",
        "wrong-type",
        "skill.toml:5:11: expected a string for `config.retries`, found an integer\n5 | retries = 3\n  |           ^",
        Some("write it in quotes: \"3\""),
    );
}

#[test]
fn directories_are_absolute_in_the_guest_and_below_the_manifest_on_the_host() {
    for (dirs, fault) in [
        ("'data' = 'x'", "`wasi.dirs.data`: a path in the guest is absolute; write \"/data\""),
        ("'/a/../b' = 'x'", "`wasi.dirs./a/../b`: a path in the guest has no \".\", \"..\" or NUL in it"),
        ("'/a' = '/etc'", "`wasi.dirs./a`: the path is absolute"),
        ("'/a' = '../..:rw'", "`wasi.dirs./a`: the path leads out of the skill's directory by \"..\""),
        ("'/a' = ':rw'", "`wasi.dirs./a`: the path is empty"),
        ("'/a' = 'x', '/a/' = 'y'", "`wasi.dirs./a/`: the guest path /a is given twice"),
        ("'/a' = 1", "expected a string for `wasi.dirs./a`, found an integer"),
    ] {
        let message = failure(&format!("[skill]\nname='a'\nmodule='a'\n[wasi]\ndirs = {{ {dirs} }}")).message;
        assert!(message.lines().next().unwrap().ends_with(fault), "{message}");
    }
    let env = failure("[skill]\nname='a'\nmodule='a'\n[wasi.env]\n'A=B' = 'x'\nC = \"\\u0000\"").message;
    assert!(env.contains("`wasi.env.A=B`: a variable's name may not be empty, nor contain \"=\" or NUL"), "{env}");
    assert!(env.contains("`wasi.env.C`: a variable's value may not contain NUL"), "{env}");
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(MANIFEST_FILE);
    assert_eq!(Failure::from(Manifest::read(&path).unwrap_err()).kind, "no-such-file");
    std::fs::write(&path, "#".repeat(1 << 20)).unwrap();
    assert_eq!(Failure::from(Manifest::read(&path).unwrap_err()).kind, "missing-key");
    std::fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    let failure = Failure::from(Manifest::read(&path).unwrap_err());
    assert_eq!(failure.message, format!("{} has 1048577 bytes, more than the limit of 1048576 bytes", path.display()));
}

#[test]
fn a_megabyte_of_faults_is_told_in_no_time() {
    let text: String = (0..80_000).map(|number| format!("k{number}=1\n")).collect();
    let started = std::time::Instant::now();
    let failure = failure(&text);
    assert!(failure.message.matches("unknown key").count() <= 20);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
