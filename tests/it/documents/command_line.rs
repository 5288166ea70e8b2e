//! Flags, exit codes, and the commands that the README and the help show.

use super::{Words, help, in_backticks, read, root, set, table};
use crate::program::{Workspace, finish};
use skillscope::event::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// The long flags in a text.
fn flags(text: &str) -> Words {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("--") {
        let before = text[..at].chars().next_back();
        let name: String = text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        if name.len() > 1 && !name.starts_with('-') && !before.is_some_and(|c| c.is_alphanumeric() || c == '-') {
            found.insert(name.trim_end_matches('-').to_owned());
        }
    }
    found
}

#[test]
fn every_flag_is_documented_and_every_documented_flag_is_there() {
    let (known, running) = (flags(&help()), read("docs/running.md"));
    assert_eq!(flags(&running), known, "docs/running.md and --help");
    for page in ["limits", "manifest", "outcomes", "abi", "ai"] {
        // What a page tells of other programs stands in lines of its own.
        let text = read(&format!("docs/{page}.md"));
        let own: String = text.lines().filter(|line| !line.contains("cargo ")).collect();
        let unknown: Vec<_> = flags(&own).into_iter().filter(|flag| !known.contains(flag)).collect();
        assert!(unknown.is_empty(), "docs/{page}.md: {unknown:?}");
    }
}

#[test]
fn every_flags_value_default_and_choices_are_documented() {
    let (help, running) = (help(), read("docs/running.md").replace("10,000", "10000"));
    let mut looked_at = 0;
    for entry in help.split("\n      --").skip(1) {
        let (flag, about) = entry.split_once([' ', '\n']).unwrap();
        let rows: Vec<&str> = running
            .lines()
            .filter(|line| line.contains(&format!("`--{flag}")) || line.contains(&format!(" --{flag} ")))
            .collect();
        assert!(!rows.is_empty(), "docs/running.md does not explain --{flag}");
        let rows = rows.join("\n");
        let mut wanted: Vec<&str> =
            about.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split_once(':')).map(|choice| choice.0).collect();
        // A default in the middle of a sentence tells of something that is no value.
        wanted.extend(about.lines().filter_map(|line| line.trim().strip_prefix("[default: ")?.strip_suffix(']')));
        for word in wanted {
            looked_at += 1;
            assert!(rows.contains(word), "docs/running.md does not say {word} of --{flag}:\n{rows}");
        }
        if let Some((value, _)) = about
            .strip_prefix('<')
            .and_then(|value| value.split_once('>'))
            .filter(|(value, _)| *value != "FORMAT" && *value != "COMPILER")
        {
            assert!(running.contains(&format!("--{flag} {value}")), "docs/running.md does not show --{flag} {value}");
        }
    }
    assert!(looked_at >= 9, "only {looked_at} defaults and choices were found in --help");
}

#[test]
fn exit_codes_are_the_same_in_the_help_the_table_and_the_outcomes() {
    let told = help().split_once("Exit codes:").unwrap().1.to_owned();
    let in_help = set(told.split_whitespace().filter(|word| word.parse::<u8>().is_ok()));
    let running: BTreeMap<String, String> =
        table(&read("docs/running.md"), "| code | meaning |").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(running.keys().cloned().collect::<Words>(), in_help);
    let outcomes = table(&read("docs/outcomes.md"), "| word | meaning | exit code |");
    let documented: Vec<&str> = outcomes.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(documented, Outcome::ALL.map(Outcome::word), "the words of docs/outcomes.md");
    for row in &outcomes {
        let meaning = running.get(&row[2]).unwrap_or_else(|| panic!("docs/running.md has no exit code {}", row[2]));
        assert!(meaning.contains(&row[0]), "exit code {} of docs/running.md does not name {}", row[2], row[0]);
    }
    let named: usize =
        running.values().map(|meaning| in_backticks(meaning).iter().filter(|word| documented.contains(word)).count()).sum();
    assert_eq!(named, documented.len(), "docs/running.md names an outcome under two codes");
}

/// The commands in a page's blocks of shell.
fn shell_blocks(page: &str) -> Vec<String> {
    page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().trim().to_owned()).collect()
}

#[test]
fn the_readmes_commands_work_as_they_stand() {
    let readme = read("README.md");
    let blocks = shell_blocks(&readme);
    let [first, second, third, ..] = blocks.as_slice() else { panic!("{blocks:?}") };
    assert_eq!(first, "cargo run --quiet -- sample-skills", "the first command opens the workbench");
    assert_eq!(second, "cargo test");
    assert_eq!(read(".ci/run").lines().last(), Some("cargo test"), "what CI runs last is the README's second command");
    let line = third.strip_prefix("cargo run --quiet -- ").unwrap_or_else(|| panic!("{third}"));
    let (words, input) = line.split_once(" --input '").unwrap();
    let mut arguments: Vec<&str> = words.split(' ').collect();
    arguments.extend(["--input", input.strip_suffix('\'').unwrap()]);
    let mut command = Workspace::new().command(&arguments);
    let ran = finish(command.current_dir(root()).spawn().unwrap(), b"");
    let output: serde_json::Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
    assert_eq!(output["summary"], "There is shopping to be done.");
    assert!(ran.stderr.contains("(mock"), "{}", ran.stderr);
    let rust = read("Cargo.toml")
        .lines()
        .find_map(|line| Some(line.strip_prefix("rust-version = \"")?.trim_end_matches('"').to_owned()));
    assert!(readme.contains(&format!("Rust {} or newer", rust.unwrap())), "README.md names another version of Rust");
}

#[test]
fn the_commands_of_the_help_are_commands() {
    let help = help();
    let examples = help.split_once("Examples:\n").unwrap().1.split("\n\n").next().unwrap();
    for line in examples.lines().map(str::trim).filter(|line| line.contains("sample-skills")) {
        let words = line.strip_prefix("skillscope ").unwrap().replace('\'', "\u{1}");
        let mut arguments = Vec::new();
        for (at, part) in words.split('\u{1}').enumerate() {
            if at % 2 == 1 { arguments.push(part) } else { arguments.extend(part.split_whitespace()) }
        }
        let mut command = Workspace::new().command(&arguments);
        finish(command.current_dir(root()).spawn().unwrap(), b"").expect(0);
    }
}
