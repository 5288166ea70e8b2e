//! Every fault of a manifest's text is told with its kind, its place, and what to do.

use crate::manifest::{run, run_with};
use crate::program::Workspace;
use crate::script::{ended, tells};

/// Holds a table of lines against what is told of each: kind, message behind `skill.toml:`, hint.
#[track_caller]
fn faults(table: &str, cases: &[(&str, &str, &str, &str)]) {
    for (line, kind, message, hint) in cases {
        let lines = if table.is_empty() { (*line).to_owned() } else { format!("{table}\n{line}") };
        let document = ended(run_with(&lines), "manifest", kind, 3);
        let told = document["error"]["message"].as_str().unwrap();
        assert!(
            told.starts_with(&format!("a/skill.toml:{message}")) || told.starts_with(&format!("./a/skill.toml:{message}")),
            "{line}: {told}"
        );
        let excerpt = line.lines().last().unwrap();
        assert!(kind == &"missing-key" || (told.contains(excerpt) && told.contains('^')), "{line}: {told}");
        assert!(document["error"]["hint"].as_str().unwrap_or_default().contains(hint), "{line}: {}", document["error"]["hint"]);
    }
}

#[test]
fn wrong_limits_are_told() {
    faults(
        "[limits]",
        &[
            ("memory = \"64M\"", "bad-value", "5:10: `limits.memory`: unknown unit \"M\"; write B, KiB, MiB", ""),
            ("memory = \"lots\"", "bad-value", "5:10: `limits.memory`: not a size: \"lots\"", ""),
            ("memory = \"\"", "bad-value", "5:10: `limits.memory`: a size is missing", ""),
            ("memory = \"-1MiB\"", "bad-value", "5:10: `limits.memory`: a size cannot be negative", ""),
            ("memory = -1", "bad-value", "5:10: `limits.memory`: a size cannot be negative", ""),
            ("memory = 512", "bad-value", "5:10: `limits.memory`: 512 bytes is less than one page of memory (64 KiB)", ""),
            ("memory = \"5GiB\"", "bad-value", "5:10: `limits.memory`: 5 GiB is more than a wasm32 module can address", ""),
            (
                "memory = \"99999999999999999999 GiB\"",
                "bad-value",
                "5:10: `limits.memory`: \"99999999999999999999 GiB\" is too large",
                "",
            ),
            (
                "memory = 1.5",
                "wrong-type",
                "5:10: expected a string or an integer for `limits.memory`, found a floating-point number",
                "",
            ),
            ("timeout = 30", "bad-value", "5:11: `limits.timeout`: a duration needs a unit: write \"30s\" or \"30ms\"", ""),
            ("timeout = \"soon\"", "bad-value", "5:11: `limits.timeout`: not a duration: \"soon\"", ""),
            ("timeout = \"\"", "bad-value", "5:11: `limits.timeout`: a duration is missing", ""),
            ("timeout = \"0s\"", "bad-value", "5:11: `limits.timeout`: a timeout must be at least 1ms", ""),
            ("timeout = \"-1s\"", "bad-value", "5:11: `limits.timeout`: a duration cannot be negative", ""),
            ("timeout = \"400d\"", "bad-value", "5:11: `limits.timeout`: \"400d\" is too long; at most 366 days", ""),
            ("timeout = \"5M\"", "bad-value", "5:11: `limits.timeout`: not a duration: \"5M\"", ""),
            ("timeout = true", "wrong-type", "5:11: expected a string or an integer for `limits.timeout`, found a boolean", ""),
            ("fuel = 0", "bad-value", "5:8: `limits.fuel`: no skill runs on a fuel of 0", ""),
            ("fuel = -5", "bad-value", "5:8: `limits.fuel`: not an amount of fuel: \"-5\"", ""),
            ("fuel = \"1e9\"", "bad-value", "5:8: `limits.fuel`: not an amount of fuel: \"1e9\"", ""),
            (
                "fuel = 1e9",
                "wrong-type",
                "5:8: expected a string or an integer for `limits.fuel`, found a floating-point number",
                "",
            ),
            ("fuel = \"99999999999999999999\"", "bad-value", "5:8: `limits.fuel`: not an amount of fuel", ""),
        ],
    );
}

#[test]
fn unknown_keys_are_told_in_every_table_with_the_nearest_known_one() {
    faults(
        "",
        &[
            ("modul = 1", "unknown-key", "4:1: unknown key `modul` in [skill]", "did you mean `module`?"),
            (
                "qqq = 1",
                "unknown-key",
                "4:1: unknown key `qqq` in [skill]",
                "known here: name, version, description, module, profile, sha256",
            ),
            ("[limits]\nmem = 1", "unknown-key", "5:1: unknown key `mem` in [limits]", "did you mean `memory`?"),
            ("[permissions]\nhtpp = []", "unknown-key", "5:1: unknown key `htpp` in [permissions]", "did you mean `http`?"),
            ("[wasi]\nenable = true", "unknown-key", "5:1: unknown key `enable` in [wasi]", "did you mean `enabled`?"),
            ("[limtis]", "unknown-key", "4:2: unknown key `limtis` at the top level", "did you mean `limits`?"),
            ("[cases]", "unknown-key", "4:2: unknown key `cases` at the top level", "did you mean `case`?"),
            ("[skill.limits]", "unknown-key", "4:8: unknown key `limits` in [skill]", "known here: "),
        ],
    );
}

#[test]
fn values_of_the_wrong_type_are_told_in_every_table() {
    let fault = |line: usize, column: usize, key: &str, expected: &str, found: &str| {
        format!("{line}:{column}: expected {expected} for `{key}`, found {found}")
    };
    let cases = [
        ("version = 1", fault(4, 11, "skill.version", "a string", "an integer"), "write it in quotes: \"1\""),
        ("description = [\"a\"]", fault(4, 15, "skill.description", "a string", "an array"), ""),
        ("profile = true", fault(4, 11, "skill.profile", "a string", "a boolean"), ""),
        ("sha256 = 2024-01-01", fault(4, 10, "skill.sha256", "a string", "a date or time"), ""),
        (
            "[permissions]\nai = \"true\"",
            fault(5, 6, "permissions.ai", "true or false", "a string"),
            "write it without quotes: true",
        ),
        ("[permissions]\nai = 1", fault(5, 6, "permissions.ai", "true or false", "an integer"), ""),
        (
            "[permissions]\nmemory = \"*\"",
            fault(5, 10, "permissions.memory", "an array", "a string"),
            "write it in brackets: [\"*\"]",
        ),
        ("[permissions]\nmemory = true", fault(5, 10, "permissions.memory", "an array", "a boolean"), ""),
        ("[permissions]\nhttp = [1]", fault(5, 9, "permissions.http", "a string", "an integer"), ""),
        ("[config]\nretries = 3", fault(5, 11, "config.retries", "a string", "an integer"), "write it in quotes: \"3\""),
        ("[config]\na.b = \"x\"", fault(5, 1, "config.a", "a string", "a table"), ""),
        ("[wasi]\nenabled = 0", fault(5, 11, "wasi.enabled", "true or false", "an integer"), ""),
        ("[wasi]\nenv = [\"A=B\"]", fault(5, 7, "wasi.env", "a table", "an array"), ""),
        ("[wasi]\nenv = { A = 1 }", fault(5, 13, "wasi.env.A", "a string", "an integer"), ""),
        ("[wasi]\ndirs = \"x\"", fault(5, 8, "wasi.dirs", "a table", "a string"), ""),
    ];
    for (lines, message, hint) in &cases {
        faults("", &[(lines, "wrong-type", message, hint)]);
    }
    for (text, message) in [
        ("limits = 3\n[skill]\nname = \"a\"\nmodule = \"m.wat\"\n", "1:10: expected a table for `limits`, found an integer"),
        ("skill = \"a\"\n", "1:9: expected a table for `skill`, found a string"),
        ("[skill]\nname = 1\nmodule = \"m.wat\"\n", "2:8: expected a string for `skill.name`, found an integer"),
        ("[skill]\nname = \"a\"\nmodule = []\n", "3:10: expected a string for `skill.module`, found an array"),
        ("[[skill]]\nname = \"a\"\nmodule = \"m.wat\"\n", "1:1: expected a table for `skill`, found an array"),
    ] {
        let document = ended(run(text), "manifest", "wrong-type", 3);
        tells(&document["error"]["message"], &[message]);
    }
}

#[test]
fn wrong_names_profiles_and_grants_are_told() {
    faults(
        "",
        &[
            (
                "profile = \"cis_sdk\"",
                "bad-value",
                "4:11: `skill.profile`: \"cis_sdk\" is no profile; profiles are d04, cis-sdk, command",
                "did you mean \"cis-sdk\"?",
            ),
            ("profile = \"\"", "bad-value", "4:11: `skill.profile`: \"\" is no profile", ""),
            (
                "[permissions]\nmemory = [\"\"]",
                "bad-value",
                "5:11: `permissions.memory`: an empty pattern matches no key; write \"*\"",
                "",
            ),
            ("[wasi]\nenv = { \"A=B\" = \"x\" }", "bad-value", "5:9: `wasi.env.A=B`: a variable's name may not be empty", ""),
            ("[wasi]\nenv = { \"\" = \"x\" }", "bad-value", "5:9: `wasi.env.`: a variable's name may not be empty", ""),
            ("[wasi]\nenv = { A = \"\\u0000\" }", "bad-value", "5:13: `wasi.env.A`: a variable's value may not contain NUL", ""),
        ],
    );
    let long = format!("[permissions]\nmemory = [\"{}\"]", "k".repeat(8193));
    tells(&ended(run_with(&long), "manifest", "bad-value", 3)["error"]["message"], &["a pattern has at most 8192 bytes"]);
    for (host, words) in [
        ("", "a host is missing"),
        ("*", "\"*\" is a pattern, and hosts are granted exactly"),
        ("*.example.com", "is a pattern"),
        ("https://api.example.com", "is a URL, and hosts are granted; write \\\"api.example.com\\\""),
        ("http://api.example.com:8080/v1?x#y", "is a URL, and hosts are granted; write \\\"api.example.com:8080\\\""),
        ("api.example.com/v1", "is a URL, and hosts are granted; write \\\"api.example.com\\\""),
        ("//api.example.com", "write \\\"api.example.com\\\""),
        ("a.org:0", "is not a port"),
        ("a.org:99999", "is not a port"),
        ("a.org:http", "is not a port"),
        ("::1", "an IPv6 address stands in brackets; write \\\"[::1]\\\""),
        ("user@a.org", "is not a host name"),
        ("a b", "is not a host name"),
    ] {
        let document = ended(run_with(&format!("[permissions]\nhttp = [\"ok.org\", \"{host}\"]")), "manifest", "bad-value", 3);
        let place = "skill.toml:5:19: `permissions.http`: ";
        tells(&document["error"]["message"], &[place, &words.replace("\\\"", "\"")]);
    }
    let hundred_and_one = "x".repeat(101);
    for (name, words) in [
        ("", "a name is missing"),
        ("a/b", "a name is no path: it may not contain '/'"),
        ("..", "\"..\" is a directory, not a name"),
        ("-x", "a name may not begin with \"-\""),
        (" a", "a name may not begin or end with a blank"),
        ("a\\u001b[2J", "a name may not contain control characters: a␛[2J"),
        (&hundred_and_one, "a name has at most 100 bytes, this one has 101"),
    ] {
        let document = ended(run(&format!("[skill]\nname = \"{name}\"\nmodule = \"m.wat\"\n")), "manifest", "bad-value", 3);
        tells(&document["error"]["message"], &["skill.toml:2:8: `skill.name`: ", words]);
    }
}

#[test]
fn all_faults_of_a_manifest_are_told_at_once_for_people_too() {
    let workspace = Workspace::new();
    workspace.write("a/skill.toml", "[skill]\nname = \"a\"\nmodul = \"m.wat\"\n\n[limits]\nmemory = \"64M\"\ntimeout = 1\n");
    let ran = workspace.skillscope(&["--run", "a"]);
    let told = &ran.expect(3).stderr;
    for words in [
        "skill.toml:1:2: the key `module` is missing in [skill]",
        "skill.toml:3:1: unknown key `modul`",
        "skill.toml:6:10: ",
        "skill.toml:7:11: ",
    ] {
        assert!(told.contains(words), "{words:?} is not in\n{told}");
    }
    assert!(ran.stdout.is_empty() && told.contains("  |          ^^^^^\n"), "{told}");
}
