//! The house's rules: who may use whom, and how long a file may be.

use std::path::{Path, PathBuf};

/// Each floor with those that it may use.
const FLOORS: &[(&str, &[&str])] = &[
    ("event", &[]),
    ("skill", &["event"]),
    ("module", &["event"]),
    ("record", &["event", "skill", "module"]),
    ("host", &["event", "skill", "module", "record"]),
    ("runtime", &["event", "skill", "module", "record", "host"]),
    ("session", &["event", "skill", "module", "record", "host", "runtime"]),
    ("ui", &["event", "skill", "module", "record", "session"]),
    ("report", &["event", "skill", "module", "record", "session"]),
];

/// Crates that are known in some places only.
const CRATES: &[(&str, &[&str])] = &[
    ("wasmer", &["src/host/", "src/runtime/"]),
    ("genai", &["src/host/ai/"]),
    ("notify", &["src/session/watch.rs"]),
    ("redb", &["src/host/store/"]),
    ("wasi_common", &["src/host/wasi/"]),
    ("ratatui", &["src/ui/"]),
    ("crossterm", &["src/ui/"]),
    ("clap", &["src/cli.rs", "src/cli/", "src/main.rs"]),
];

const MAX_LINES: usize = 500;

/// The Rust files below a directory, each with its text.
pub fn sources(directory: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open = vec![root.join(directory)];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources under {directory}");
    found
}

fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

#[test]
fn every_floor_uses_only_the_floors_below_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        let Some((floor, allowed)) = FLOORS.iter().find(|(floor, _)| file.starts_with(&format!("src/{floor}/"))) else {
            continue;
        };
        for line in code_lines(&text) {
            for (other, _) in FLOORS.iter().filter(|(other, _)| other != floor && !allowed.contains(other)) {
                if line.contains(&format!("crate::{other}::")) || line.contains(&format!("use crate::{other};")) {
                    wrong.push(format!("{file}: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_are_known_only_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, text) in sources("src") {
        for (name, places) in CRATES {
            let known = places.iter().any(|place| file.starts_with(place));
            let uses = |line: &str| {
                line.contains(&format!("use {name}::"))
                    || line.contains(&format!(" {name}::"))
                    || line.contains(&format!("({name}::"))
            };
            if !known && let Some(line) = code_lines(&text).find(|line| uses(line)) {
                wrong.push(format!("{file}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<_> = ["src", "tests"]
        .iter()
        .flat_map(|directory| sources(directory))
        .filter(|(_, text)| text.lines().count() > MAX_LINES)
        .map(|(file, text)| format!("{file}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = ["src", "tests/it"]
        .iter()
        .flat_map(|directory| sources(directory))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "without a doc comment at the top: {}", silent.join(", "));
}
