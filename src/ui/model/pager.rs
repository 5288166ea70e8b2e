//! A text that is read: wrapped to its width, scrolled, searched. Details, output, logs, WAT and help are all shown by it.

use ratatui::style::Style;
use ratatui::text::Span;
use regex::{Regex, RegexBuilder};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A line before it is wrapped: pieces of harmless text with their styles.
pub type StyledLine = Vec<Span<'static>>;

/// Lines, and where the reader is.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    lines: Vec<StyledLine>,
    /// Rows as they are wrapped for `wrapped_for` columns: a line, and the range of its text's bytes.
    rows: Vec<(usize, Range<usize>)>,
    wrapped_for: usize,
    top: usize,
    height: usize,
    /// Whether the last line stays in sight when lines are added.
    pub follow: bool,
    search: Option<Regex>,
    /// The line of the match that the reader was led to.
    found: Option<usize>,
}

impl Pager {
    /// A pager at its first line.
    pub fn new(lines: Vec<StyledLine>) -> Self {
        Self { lines, ..Self::default() }
    }

    /// An empty pager that keeps its last line in sight.
    pub fn following() -> Self {
        Self { follow: true, ..Self::default() }
    }

    /// Shows other lines; the reader stays where they are, where that line is still there.
    pub fn set_lines(&mut self, lines: Vec<StyledLine>) {
        self.lines = lines;
        self.wrapped_for = 0;
        self.found = None;
    }

    /// Adds lines at the end.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = StyledLine>) {
        let first = self.lines.len();
        self.lines.extend(lines);
        if self.wrapped_for > 0 {
            let columns = self.wrapped_for;
            for (number, line) in self.lines.iter().enumerate().skip(first) {
                self.rows.extend(wrap(line, columns).into_iter().map(|range| (number, range)));
            }
        }
    }

    /// Drops the oldest lines, so that at most `keep` are left.
    pub fn keep_last(&mut self, keep: usize) {
        if let Some(surplus) = self.lines.len().checked_sub(keep).filter(|surplus| *surplus > 0) {
            self.lines.drain(..surplus);
            self.wrapped_for = 0;
        }
    }

    /// The lines, unwrapped.
    pub fn lines(&self) -> &[StyledLine] {
        &self.lines
    }

    /// The text, for the clipboard.
    pub fn text(&self) -> String {
        let line = |line: &StyledLine| line.iter().map(|span| span.content.as_ref()).collect::<String>();
        self.lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Wraps for a panel of this size; cheap where nothing changed.
    pub fn lay_out(&mut self, columns: usize, height: usize) {
        self.height = height;
        let columns = columns.max(1);
        if self.wrapped_for != columns {
            // The line at the top stays there.
            let top_line = self.rows.get(self.top).map(|(line, _)| *line);
            let wrapped = self.lines.iter().enumerate();
            self.rows =
                wrapped.flat_map(|(number, line)| wrap(line, columns).into_iter().map(move |range| (number, range))).collect();
            self.wrapped_for = columns;
            if let Some(line) = top_line {
                self.top = self.rows.partition_point(|(number, _)| *number < line);
            }
        }
        self.top = if self.follow { self.last_top() } else { self.top.min(self.last_top()) };
    }

    /// The rows in sight, matches of the search told by ranges of the row's bytes.
    pub fn rows_in_sight(&self) -> impl Iterator<Item = (StyledLine, Vec<Range<usize>>)> {
        self.rows.iter().skip(self.top).take(self.height).filter_map(|(number, range)| {
            let row = slice(self.lines.get(*number)?, range);
            let matches = self.search.as_ref().map(|search| {
                let text: String = row.iter().map(|span| span.content.as_ref()).collect();
                search.find_iter(&text).map(|found| found.range()).filter(|range| !range.is_empty()).collect()
            });
            Some((row, matches.unwrap_or_default()))
        })
    }

    /// The first row in sight, and how many there are in all.
    pub fn position(&self) -> (usize, usize) {
        (self.top, self.rows.len())
    }

    /// Scrolls by so many rows.
    pub fn scroll(&mut self, by: isize) {
        self.follow = false;
        self.top = self.top.saturating_add_signed(by).min(self.last_top());
    }

    /// Scrolls by pages.
    pub fn scroll_pages(&mut self, pages: isize) {
        let page = isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
        self.scroll(pages.saturating_mul(page));
    }

    /// To the first row.
    pub fn to_first(&mut self) {
        self.follow = false;
        self.top = 0;
    }

    /// To the last row.
    pub fn to_last(&mut self) {
        self.top = self.last_top();
    }

    /// Searches for a regular expression from here on, or for nothing any more. Letters match in both cases where all are small.
    ///
    /// # Errors
    /// Where it is none.
    pub fn search_for(&mut self, pattern: &str) -> Result<bool, regex::Error> {
        if pattern.is_empty() {
            self.search = None;
            return Ok(true);
        }
        let small = !pattern.chars().any(char::is_uppercase);
        self.search = Some(RegexBuilder::new(pattern).case_insensitive(small).size_limit(1 << 20).build()?);
        self.found = None;
        Ok(self.next_match(true))
    }

    /// Goes to the next or the previous match, round the end. False where there is none.
    pub fn next_match(&mut self, forward: bool) -> bool {
        let Some(search) = &self.search else { return false };
        let count = self.lines.len();
        let here = self.found.or_else(|| self.rows.get(self.top).map(|(line, _)| *line)).unwrap_or_default();
        let first = if self.found.is_some() { 1 } else { 0 };
        let matches = |line: &usize| self.lines.get(*line).is_some_and(|line| search.is_match(&joined(line)));
        let found = (first..first + count)
            .map(|step| if forward { (here + step) % count } else { (here + 2 * count - step) % count })
            .find(matches);
        if let Some(line) = found {
            self.found = Some(line);
            self.follow = false;
            let row = self.rows.partition_point(|(number, _)| *number < line);
            self.top = row.saturating_sub(self.height / 3).min(self.last_top());
        }
        found.is_some()
    }

    fn last_top(&self) -> usize {
        self.rows.len().saturating_sub(self.height.max(1))
    }
}

fn joined(line: &StyledLine) -> String {
    line.iter().map(|span| span.content.as_ref()).collect()
}

/// The ranges of a line's bytes that make its rows: broken behind a space where there is one, else anywhere between characters.
fn wrap(line: &StyledLine, columns: usize) -> Vec<Range<usize>> {
    let text = joined(line);
    if text.len() <= columns || text.width() <= columns {
        return vec![0..text.len()];
    }
    let mut rows = Vec::new();
    let (mut start, mut used, mut break_at) = (0, 0, None);
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = grapheme.width();
        if used + wide > columns && at > start {
            // A break far back would leave the row mostly empty.
            let end = break_at.filter(|end| *end > start && at - *end < columns / 2).unwrap_or(at);
            rows.push(start..end);
            start = end;
            used = text.get(start..at).map_or(0, UnicodeWidthStr::width);
            break_at = None;
        }
        used += wide;
        if grapheme == " " {
            break_at = Some(at + grapheme.len());
        }
    }
    rows.push(start..text.len());
    rows
}

/// The part of a line within a range of its bytes.
fn slice(line: &StyledLine, range: &Range<usize>) -> StyledLine {
    let mut at = 0;
    let mut kept = Vec::new();
    for span in line {
        let (begin, end) = (at, at + span.content.len());
        at = end;
        let (from, to) = (range.start.max(begin), range.end.min(end));
        if let Some(text) = (from < to).then(|| span.content.get(from - begin..to - begin)).flatten() {
            kept.push(Span::styled(text.to_owned(), span.style));
        }
    }
    kept
}

/// A line of one style.
pub fn line_of(text: impl Into<String>, style: Style) -> StyledLine {
    vec![Span::styled(text.into(), style)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pager(text: &str) -> Pager {
        Pager::new(text.lines().map(|line| line_of(line, Style::new())).collect())
    }

    fn in_sight(pager: &Pager) -> Vec<String> {
        pager.rows_in_sight().map(|(row, _)| joined(&row)).collect()
    }

    #[test]
    fn long_lines_break_behind_words_and_wide_characters_keep_their_columns() {
        let mut pager = pager("to be or not to be\n日本語の長い行");
        pager.lay_out(9, 20);
        assert_eq!(in_sight(&pager), ["to be or ", "not to be", "日本語の", "長い行"]);
        pager.lay_out(1, 3);
        assert_eq!(in_sight(&pager), ["t", "o", " "]);
    }

    #[test]
    fn styles_survive_the_wrapping() {
        let bold = Style::new().bold();
        let mut pager = Pager::new(vec![vec![Span::raw("abc"), Span::styled("def", bold)]]);
        pager.lay_out(4, 9);
        let rows: Vec<_> = pager.rows_in_sight().map(|(row, _)| row).collect();
        assert_eq!(rows, [vec![Span::raw("abc"), Span::styled("d", bold)], vec![Span::styled("ef", bold)]]);
    }

    #[test]
    fn scrolling_stops_at_both_ends() {
        let mut pager = pager("1\n2\n3\n4\n5");
        pager.lay_out(9, 3);
        pager.scroll(100);
        assert_eq!(in_sight(&pager), ["3", "4", "5"]);
        pager.scroll_pages(-1);
        assert_eq!(in_sight(&pager), ["1", "2", "3"]);
        pager.scroll(isize::MIN);
        pager.to_last();
        assert_eq!(pager.position(), (2, 5));
    }

    #[test]
    fn a_search_goes_from_match_to_match_round_the_end() {
        let mut pager = pager("one\ntwo\nthree\ntwo\nfive");
        pager.lay_out(9, 1);
        assert!(pager.search_for("TWO").is_ok_and(|found| !found));
        assert!(pager.search_for("two").unwrap());
        assert_eq!(pager.position().0, 1);
        assert!(pager.next_match(true));
        assert_eq!(pager.position().0, 3);
        assert!(pager.next_match(true));
        assert_eq!(pager.position().0, 1);
        assert!(pager.next_match(false));
        assert_eq!(pager.position().0, 3);
        assert_eq!(pager.rows_in_sight().next().unwrap().1, [0..3]);
        assert!(pager.search_for("(").is_err());
    }

    #[test]
    fn a_pager_that_follows_shows_what_is_added() {
        let mut pager = pager("1\n2\n3");
        pager.follow = true;
        pager.lay_out(9, 2);
        pager.extend([line_of("4", Style::new())]);
        pager.lay_out(9, 2);
        assert_eq!(in_sight(&pager), ["3", "4"]);
        pager.keep_last(1);
        pager.lay_out(9, 2);
        assert_eq!(in_sight(&pager), ["4"]);
    }
}
