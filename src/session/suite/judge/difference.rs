//! Differences of texts for people: lines that were expected begin with `-`, lines that were found with `+`.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// Lines round a change that are shown.
const CONTEXT: usize = 3;
/// The most lines that are shown.
const MAX_LINES: usize = 60;
/// The longest line that is shown, in characters.
const MAX_CHARACTERS: usize = 500;
/// How long a difference is looked for before a coarser one has to do.
const PATIENCE: Duration = Duration::from_millis(500);

/// What changed from what was expected to what was found.
pub fn difference(expected: &str, found: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(expected, found);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let text = change.value();
            let text = text.strip_suffix('\n').unwrap_or(text);
            let end = if change.missing_newline() && expected.ends_with('\n') != found.ends_with('\n') {
                " (no line feed at the end)"
            } else {
                ""
            };
            lines.push(format!("{sign} {}{end}", cut(text)));
        }
    }
    shortened(lines)
}

/// The same of two documents, printed alike.
pub fn difference_of_json(expected: &Value, found: &Value) -> String {
    difference(&format!("{:#}", sorted(expected)), &format!("{:#}", sorted(found)))
}

/// What was found, where what was expected is no text to compare with.
pub fn found_only(found: &str) -> String {
    shortened(found.lines().map(|line| format!("+ {}", cut(line))).collect())
}

fn shortened(mut lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(MAX_LINES);
    lines.truncate(MAX_LINES);
    if more > 0 {
        lines.push(format!("  … {more} lines more"));
    }
    lines.join("\n")
}

fn cut(line: &str) -> String {
    let mut characters = line.chars();
    let kept: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_none() { kept } else { kept + "…" }
}

/// The order of keys does not count, so it shall not show.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
