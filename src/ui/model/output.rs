//! The output panel: a document as a foldable tree and as text, and its difference to the run before.

use super::pager::{Pager, StyledLine, line_of};
use crate::event::{RunId, sanitize_line};
use crate::ui::json_tree;
use crate::ui::theme::Theme;
use ratatui::text::Span;
use similar::{ChangeTag, TextDiff};
use std::cell::RefCell;
use tui_tree_widget::{TreeItem, TreeState};

/// The most bytes of a document that are laid out; what is beyond is told.
pub const MAX_SHOWN_BYTES: usize = 1 << 20;

/// How the document is shown, and what was laid out for that.
#[derive(Debug, Default)]
pub struct OutputView {
    /// As text, not as a tree.
    pub as_text: bool,
    /// As a difference to the run before.
    pub difference: bool,
    /// The text, or the difference.
    pub pager: Pager,
    /// The tree.
    pub items: Vec<TreeItem<'static, usize>>,
    /// What is unfolded, and where the cursor is.
    /// The widget keeps in it what it drew last, so it is changed while drawing too.
    pub tree: RefCell<TreeState<usize>>,
    laid_out: Option<(RunId, bool)>,
}

impl OutputView {
    /// Whether the panel shows a tree.
    pub fn shows_tree(&self) -> bool {
        !self.as_text && !self.difference && !self.items.is_empty()
    }

    /// What is laid out must be made anew.
    pub fn forget(&mut self) {
        self.laid_out = None;
    }

    /// Whether the output of this run is laid out already.
    pub fn is_laid_out_for(&self, run: RunId) -> bool {
        self.laid_out == Some((run, self.difference))
    }

    /// Lays out the output of a run.
    pub fn lay_out(&mut self, run: RunId, document: Option<&str>, instead: Option<&str>, previous: Option<&str>, theme: &Theme) {
        self.laid_out = Some((run, self.difference));
        self.items = document.map(|text| json_tree::items(text, theme)).unwrap_or_default();
        let mut tree = TreeState::default();
        json_tree::unfold(&self.items, &mut tree, 2);
        tree.select(self.items.first().map(|item| vec![*item.identifier()]).unwrap_or_default());
        self.tree = RefCell::new(tree);
        let lines = match (self.difference, document, previous) {
            (true, Some(now), Some(before)) => difference(&json_tree::pretty(before), &json_tree::pretty(now), theme),
            (true, _, None) => vec![line_of("there is no run before this one to compare with", theme.faint)],
            (_, Some(text), _) => json_tree::pretty_lines(text, theme),
            (_, None, _) => instead.map(|text| text_lines(text, theme)).unwrap_or_default(),
        };
        self.pager = Pager::new(lines);
    }
}

/// Lines of a text of strangers, bounded, with a word on what was left out.
pub fn text_lines(text: &str, theme: &Theme) -> Vec<StyledLine> {
    let (shown, left_out) = bounded(text);
    let mut lines: Vec<StyledLine> = shown.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.text)).collect();
    if left_out > 0 {
        let told =
            format!("{} more bytes are not shown", crate::event::figures::count(u64::try_from(left_out).unwrap_or(u64::MAX)));
        lines.push(line_of(told, theme.warning));
    }
    lines
}

/// The part of a text that is laid out, and how many bytes are behind it.
pub fn bounded(text: &str) -> (&str, usize) {
    if text.len() <= MAX_SHOWN_BYTES {
        return (text, 0);
    }
    let end = (0..=MAX_SHOWN_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    (text.get(..end).unwrap_or_default(), text.len() - end)
}

/// Two texts as one, line by line: what went, what came, and what stayed.
pub fn difference(before: &str, now: &str, theme: &Theme) -> Vec<StyledLine> {
    if before == now {
        return vec![line_of("no difference", theme.good)];
    }
    let (before, now) = (bounded(before).0, bounded(now).0);
    let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(200)).diff_lines(before, now);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            lines.push(line_of(theme.symbols.ellipsis, theme.faint));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("- ", theme.removed),
                ChangeTag::Insert => ("+ ", theme.added),
                ChangeTag::Equal => ("  ", theme.faint),
            };
            let text = sanitize_line(change.value().trim_end_matches('\n')).into_owned();
            lines.push(vec![Span::styled(sign, style), Span::styled(text, style)]);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::ThemeName;

    fn texts(lines: &[StyledLine]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|span| span.content.as_ref()).collect()).collect()
    }

    #[test]
    fn a_difference_tells_what_went_and_what_came() {
        let theme = Theme::new(ThemeName::None, false);
        let lines = difference("{\n  \"a\": 1\n}\n", "{\n  \"a\": 2\n}\n", &theme);
        assert_eq!(texts(&lines), ["  {", "-   \"a\": 1", "+   \"a\": 2", "  }"]);
        assert_eq!(texts(&difference("x", "x", &theme)), ["no difference"]);
    }

    #[test]
    fn a_text_that_is_too_long_says_how_much_is_left_out() {
        let theme = Theme::new(ThemeName::None, false);
        let lines = texts(&text_lines(&"é".repeat(MAX_SHOWN_BYTES), &theme));
        assert_eq!(lines.last().unwrap(), "1,048,576 more bytes are not shown");
    }
}
