//! JSON documents for the screen: as a tree that folds, and as indented text. Numbers and strings stay as the skill wrote them.

use super::model::output::bounded;
use super::model::pager::{StyledLine, line_of};
use super::theme::Theme;
use crate::event::sanitize_line;
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use tui_tree_widget::{TreeItem, TreeState};

/// The most nodes of a tree; documents with more are better read as text.
const MAX_NODES: usize = 20_000;
/// How deep a tree goes; what lies deeper stands as text in its last node.
const MAX_DEPTH: usize = 64;
/// The longest value that stands beside its name.
const MAX_VALUE: usize = 400;

/// The nodes of a document; none where it is no JSON, or not an object or an array.
pub fn items(document: &str, theme: &Theme) -> Vec<TreeItem<'static, usize>> {
    let mut builder = Builder { theme, left: MAX_NODES };
    builder.children(document, 0)
}

/// Unfolds a tree's first levels.
pub fn unfold(items: &[TreeItem<'static, usize>], state: &mut TreeState<usize>, levels: usize) {
    let mut open: Vec<(Vec<usize>, &TreeItem<'static, usize>)> =
        items.iter().map(|item| (vec![*item.identifier()], item)).collect();
    while let Some((path, item)) = open.pop() {
        if path.len() >= levels && levels > 0 || item.children().is_empty() {
            continue;
        }
        open.extend(item.children().iter().map(|child| {
            let mut below = path.clone();
            below.push(*child.identifier());
            (below, child)
        }));
        state.open(path);
    }
}

struct Builder<'t> {
    theme: &'t Theme,
    left: usize,
}

impl Builder<'_> {
    fn children(&mut self, text: &str, depth: usize) -> Vec<TreeItem<'static, usize>> {
        let Some(parts) = parts(text) else { return Vec::new() };
        let mut items = Vec::new();
        for (number, (name, value)) in parts.into_iter().enumerate() {
            if self.left == 0 {
                let told = Line::from(Span::styled("more is shown as text", self.theme.warning));
                items.extend(TreeItem::new(number, Text::from(told), Vec::new()));
                break;
            }
            self.left -= 1;
            items.extend(self.item(number, name.as_deref(), value.get(), depth));
        }
        items
    }

    fn item(
        &mut self,
        number: usize,
        name: Option<&str>,
        value: &str,
        depth: usize,
    ) -> std::io::Result<TreeItem<'static, usize>> {
        let label = match name {
            Some(name) => Span::styled(sanitize_line(name).into_owned(), self.theme.accent),
            None => Span::styled(number.to_string(), self.theme.faint),
        };
        let children = if depth < MAX_DEPTH { self.children(value, depth + 1) } else { Vec::new() };
        let shown = if children.is_empty() {
            let cut = super::view::cell_text::cut(&sanitize_line(excerpt(value)), MAX_VALUE, self.theme.symbols.ellipsis);
            Span::styled(cut, value_style(value, self.theme))
        } else {
            let (count, noun) = (children.len(), if value.starts_with('{') { "key" } else { "item" });
            Span::styled(format!("{count} {noun}{}", if count == 1 { "" } else { "s" }), self.theme.faint)
        };
        TreeItem::new(number, Text::from(Line::from(vec![label, Span::raw("  "), shown])), children)
    }
}

/// So much of a value as may be shown beside its name.
fn excerpt(value: &str) -> &str {
    let end = value.char_indices().nth(MAX_VALUE * 4).map_or(value.len(), |(at, _)| at);
    value.get(..end).unwrap_or(value)
}

fn value_style(value: &str, theme: &Theme) -> Style {
    match value.as_bytes().first() {
        Some(b'"') => theme.good,
        Some(b't' | b'f' | b'n') => theme.host,
        Some(b'{' | b'[') => theme.faint,
        _ => theme.warning,
    }
}

type Parts = Vec<(Option<String>, Box<RawValue>)>;

/// The members of an object in their order, also of the same name, or the items of an array.
fn parts(text: &str) -> Option<Parts> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Parts;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or an array")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
            let mut parts = Parts::new();
            while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                parts.push((Some(name), value));
            }
            Ok(parts)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Parts, A::Error> {
            let mut parts = Parts::new();
            while let Some(value) = sequence.next_element::<Box<RawValue>>()? {
                parts.push((None, value));
            }
            Ok(parts)
        }
    }
    let first = text.trim_start().as_bytes().first().copied();
    if !matches!(first, Some(b'{' | b'[')) {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.deserialize_any(Members).ok().filter(|parts| !parts.is_empty())
}

/// A document with line breaks and indentation, all else as it was written.
pub fn pretty(document: &str) -> String {
    let mut text = String::with_capacity(document.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut letters = document.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            text.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            ' ' | '\t' | '\n' | '\r' => {}
            '"' => {
                in_string = true;
                text.push(letter);
            }
            '{' | '[' => {
                text.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(close) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    break_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut text, depth);
                text.push(letter);
            }
            ',' => {
                text.push(letter);
                break_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ => text.push(letter),
        }
    }
    text
}

/// Deep documents are not indented without end.
fn break_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth.min(MAX_DEPTH)));
}

/// The same as lines, names and values told apart by colour; bounded.
pub fn pretty_lines(document: &str, theme: &Theme) -> Vec<StyledLine> {
    let (shown, left_out) = bounded(document);
    let mut lines: Vec<StyledLine> = pretty(shown).lines().map(|line| coloured(line, theme)).collect();
    if left_out > 0 {
        let told =
            format!("{} more bytes are not shown", crate::event::figures::count(u64::try_from(left_out).unwrap_or(u64::MAX)));
        lines.push(line_of(told, theme.warning));
    }
    lines
}

/// A line of an indented document: `  "name": value,`.
fn coloured(line: &str, theme: &Theme) -> StyledLine {
    let line = sanitize_line(line);
    let content = line.trim_start();
    let indent = line.len() - content.len();
    let mut spans = vec![Span::raw(line.get(..indent).unwrap_or_default().to_owned())];
    let value = match end_of_string(content).filter(|end| content.get(*end..).is_some_and(|rest| rest.starts_with(": "))) {
        Some(end) => {
            let (name, rest) = content.split_at_checked(end).unwrap_or((content, ""));
            spans.push(Span::styled(name.to_owned(), theme.accent));
            spans.push(Span::raw(": "));
            rest.get(2..).unwrap_or_default()
        }
        None => content,
    };
    spans.push(Span::styled(value.to_owned(), value_style(value, theme)));
    spans
}

/// Where the string ends that this text begins with.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return text.starts_with('"').then_some(at + 1),
            _ => escaped = !escaped && letter == '\\',
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::ThemeName;

    #[test]
    fn numbers_order_and_equal_keys_stay_as_they_were_written() {
        let text = r#"{"b":1.10,"a":[123456789012345678901,{}],"b":"x\"}","c":[ ]}"#;
        assert_eq!(
            pretty(text),
            "{\n  \"b\": 1.10,\n  \"a\": [\n    123456789012345678901,\n    {}\n  ],\n  \"b\": \"x\\\"}\",\n  \"c\": []\n}"
        );
        let items = items(text, &Theme::new(ThemeName::None, false));
        assert_eq!(items.iter().map(|item| item.children().len()).collect::<Vec<_>>(), [0, 2, 0, 0]);
    }

    #[test]
    fn a_plain_value_has_no_tree_and_deep_nesting_does_no_harm() {
        let theme = Theme::new(ThemeName::None, false);
        assert!(items("\"text\"", &theme).is_empty() && items("{", &theme).is_empty());
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        assert_eq!(items(&deep, &theme).len(), 1);
        assert!(pretty(&deep).len() < 2_000_000);
    }

    #[test]
    fn names_and_values_are_told_apart() {
        let theme = Theme::new(ThemeName::Dark, false);
        let line = coloured("  \"a\\\": b\": \"v: w\",", &theme);
        assert_eq!(line.iter().map(|span| span.content.as_ref()).collect::<Vec<_>>(), ["  ", "\"a\\\": b\"", ": ", "\"v: w\","]);
    }
}
