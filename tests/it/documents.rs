//! Documents say what the program does: flags, exit codes, outcomes, fields, and the commands of the README.

use crate::program::Workspace;
use skillscope::event::Outcome;
use std::path::Path;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The long flags in a text.
fn flags(text: &str) -> std::collections::BTreeSet<String> {
    let mut found = std::collections::BTreeSet::new();
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
fn every_flag_is_documented() {
    let help = Workspace::new().skillscope(&["--help"]);
    let documented = flags(&read("docs/running.md"));
    let missing: Vec<_> = flags(&help.expect(0).stdout)
        .into_iter()
        .filter(|flag| !documented.contains(flag) && !matches!(flag.as_str(), "help" | "version"))
        .collect();
    assert!(missing.is_empty(), "docs/running.md does not mention {missing:?}");
}

#[test]
fn every_outcome_is_documented_with_its_exit_code() {
    let outcomes = read("docs/outcomes.md");
    for outcome in Outcome::ALL {
        let row = outcomes.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{outcome}`")));
        let row = row.unwrap_or_else(|| panic!("docs/outcomes.md has no row for `{outcome}`"));
        let code = match outcome {
            Outcome::Ok => "0",
            Outcome::Trap | Outcome::Output | Outcome::Exit | Outcome::Failed => "1",
            Outcome::Manifest => "3",
            Outcome::Invalid => "4",
            Outcome::Timeout | Outcome::Fuel | Outcome::Memory => "5",
            Outcome::Host => "6",
            Outcome::Cancelled => "130",
        };
        assert!(row.split('|').any(|cell| cell.trim().trim_matches('`').starts_with(code)), "{row}");
    }
    for code in ["0", "1", "2", "3", "4", "5", "6", "70", "130"] {
        assert!(
            read("docs/running.md")
                .lines()
                .any(|line| line.starts_with(&format!("| {code} |")) || line.starts_with(&format!("| `{code}` |"))),
            "docs/running.md has no row for exit code {code}"
        );
    }
}

#[test]
fn every_field_of_the_report_is_documented() {
    let workspace = Workspace::new();
    workspace.write("echo.wat", crate::acceptance::d04("", "(local.get $input)"));
    let (report, _) = workspace.run_json("echo", &[]);
    let running = read("docs/running.md");
    let usage = report["usage"].as_object().unwrap().keys();
    let missing: Vec<_> =
        report.as_object().unwrap().keys().chain(usage).filter(|field| !running.contains(&format!("`{field}`"))).collect();
    assert!(missing.is_empty(), "docs/running.md does not mention {missing:?}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for file in [
        "README.md",
        "ARCHITECTURE.md",
        "docs/abi.md",
        "docs/ai.md",
        "docs/fuel.md",
        "docs/limits.md",
        "docs/manifest.md",
        "docs/outcomes.md",
        "docs/running.md",
    ] {
        let text = read(file);
        for (at, _) in text.match_indices("](") {
            let target: String = text[at + 2..].chars().take_while(|c| *c != ')').collect();
            let path = target.split('#').next().unwrap();
            let base = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            if !path.is_empty() && !path.contains("://") && !base.parent().unwrap().join(path).exists() {
                broken.push(format!("{file}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_sample_is_listed_in_the_readme_and_sound_but_the_refused_one() {
    let workspace = Workspace::new();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    let listing = workspace.skillscope(&["--list", "--format", "json", samples.to_str().unwrap()]);
    let rows = listing.expect(0).json();
    let readme = read("README.md");
    assert!(rows.as_array().unwrap().len() >= 11);
    for row in rows.as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        assert!(readme.contains(&format!("`{name}`")), "README.md does not list {name}");
        let wanted = if name == "refused" { "invalid" } else { "ok" };
        assert_eq!(row["outcome"], wanted, "{row}");
    }
}

#[test]
fn the_readmes_first_command_answers_with_the_mock() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    let input = r#"{"note": "Buy milk."}"#;
    let ran = Workspace::new().skillscope(&["--run", "summarize", samples.to_str().unwrap(), "--input", input]);
    assert!(ran.expect(0).stdout.contains("summary"), "{}", ran.stdout);
    assert!(ran.stderr.contains("mock"), "{}", ran.stderr);
}
