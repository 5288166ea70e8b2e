//! How two texts differ, in a few lines: by words where each of them is one line, else by lines.

use super::sanitize_line;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// How long a search for the shortest difference may take, before a longer one has to do.
const PATIENCE: Duration = Duration::from_millis(200);
/// How many lines are shown at most.
const MAX_LINES: usize = 24;
/// Characters of a line that are shown at most.
const MAX_COLUMNS: usize = 400;

/// The difference, each line with its line feed: `-` for what only `before` has, `+` for what only `after` has. Of two lines, one in
/// which `[-this-]` became `{+that+}`. Harmless for terminals; cut where it is long.
pub fn difference(before: &str, after: &str) -> String {
    if before.lines().count() <= 1 && after.lines().count() <= 1 { of_words(before, after) } else { of_lines(before, after) }
}

fn of_words(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_unicode_words(before, after);
    let mut line = String::new();
    let mut open = ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        if change.tag() != open {
            line.push_str(mark(open).1);
            line.push_str(mark(change.tag()).0);
            open = change.tag();
        }
        line.push_str(change.value());
    }
    line.push_str(mark(open).1);
    format!("{}\n", super::figures::cut(&sanitize_line(&line), MAX_COLUMNS))
}

/// What stands before and behind such a piece of a line.
const fn mark(tag: ChangeTag) -> (&'static str, &'static str) {
    match tag {
        ChangeTag::Equal => ("", ""),
        ChangeTag::Delete => ("[-", "-]"),
        ChangeTag::Insert => ("{+", "+}"),
    }
}

fn of_lines(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(1) {
        if !lines.is_empty() {
            lines.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let text = sanitize_line(change.value().trim_end_matches(['\n', '\r'])).into_owned();
            lines.push(format!("{sign} {}", super::figures::cut(&text, MAX_COLUMNS)));
        }
    }
    let left_out = lines.len().saturating_sub(MAX_LINES);
    lines.truncate(MAX_LINES);
    if left_out > 0 {
        lines.push(format!("  … and {left_out} more lines"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_told_apart_by_words() {
        assert_eq!(difference("Buy milk now", "Buy oat milk"), "Buy {+oat +}milk[- now-]\n");
        assert_eq!(difference("", "new"), "{+new+}\n");
    }

    #[test]
    fn longer_texts_are_told_apart_by_lines_with_what_is_round_them() {
        let before: String = (1..=9).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 5", "line five\u{1b}");
        assert_eq!(difference(&before, &after), "  line 4\n- line 5\n+ line five␛\n  line 6\n");
        let long: String = (1..=99).map(|n| format!("{n}\n")).collect();
        assert_eq!(difference("x\ny\n", &long).lines().count(), MAX_LINES + 1);
    }
}
