//! Documents say what the program does. Here: how a document is read.

mod command_line;
mod faults;
mod filters;
mod keys;
mod languages;
mod pages;
mod records;
mod report;
mod sweeps;
mod words;

use crate::program::Workspace;
use std::collections::BTreeSet;
use std::path::PathBuf;

type Words = BTreeSet<String>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> Words {
    words.into_iter().map(str::to_owned).collect()
}

/// The cells of the table whose header begins with these words.
fn table(text: &str, header: &str) -> Vec<Vec<String>> {
    let rows = text.lines().skip_while(|line| !line.starts_with(header)).skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "there is no table {header}");
    rows
}

fn in_backticks(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn help() -> String {
    Workspace::new().skillscope(&["--help"]).expect(0).stdout.clone()
}
