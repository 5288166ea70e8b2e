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
    /// How far rows behind a line's first are indented.
    hang: usize,
    top: usize,
    height: usize,
    /// Bytes of text in the lines.
    bytes: usize,
    /// How many lines were dropped at the front.
    dropped: u64,
    /// Whether the last line stays in sight when lines are added.
    pub follow: bool,
    search: Option<Regex>,
    /// The line of the match that the reader was led to.
    found: Option<usize>,
}

impl Pager {
    /// A pager at its first line.
    pub fn new(lines: Vec<StyledLine>) -> Self {
        let bytes = lines.iter().map(length).sum();
        Self { lines, bytes, ..Self::default() }
    }

    /// The same with the rows behind a line's first indented, where there is room: under the text beside a word that stands before it.
    #[must_use]
    pub fn hanging(self, hang: usize) -> Self {
        Self { hang, ..self }
    }

    /// An empty pager that keeps its last line in sight.
    pub fn following() -> Self {
        Self { follow: true, ..Self::default() }
    }

    /// Shows other lines; the reader stays where they are, where that line is still there.
    pub fn set_lines(&mut self, lines: Vec<StyledLine>) {
        self.bytes = lines.iter().map(length).sum();
        self.lines = lines;
        self.wrapped_for = 0;
        self.found = None;
    }

    /// Adds lines at the end.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = StyledLine>) {
        let first = self.lines.len();
        self.lines.extend(lines);
        let added = self.lines.get(first..).unwrap_or_default();
        self.bytes += added.iter().map(length).sum::<usize>();
        if self.wrapped_for > 0 {
            let (columns, hang) = (self.wrapped_for, self.indent());
            for (number, line) in (first..).zip(added) {
                self.rows.extend(wrap(line, columns, hang).into_iter().map(|range| (number, range)));
            }
        }
    }

    /// Drops the oldest lines, so that at most so many are left, with so many bytes of text. Who reads stays where they are, where that is
    /// still there. To be called now and then, not for each line: it looks at all that is left.
    pub fn keep_last(&mut self, lines: usize, bytes: usize) {
        let mut surplus = self.lines.len().saturating_sub(lines);
        let mut left = self.bytes - self.lines.iter().take(surplus).map(length).sum::<usize>();
        while left > bytes && surplus + 1 < self.lines.len() {
            left -= self.lines.get(surplus).map_or(0, length);
            surplus += 1;
        }
        self.bytes = left;
        self.dropped += u64::try_from(surplus).unwrap_or(u64::MAX);
        self.lines.drain(..surplus);
        let gone = self.rows.partition_point(|(line, _)| *line < surplus);
        self.rows.drain(..gone);
        self.rows.iter_mut().for_each(|(line, _)| *line -= surplus);
        self.top = self.top.saturating_sub(gone);
        self.found = self.found.and_then(|found| found.checked_sub(surplus));
    }

    /// How many lines were dropped at the front.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Bytes of text in the lines.
    pub const fn bytes(&self) -> usize {
        self.bytes
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
            self.wrapped_for = columns;
            let hang = self.indent();
            let wrapped = self.lines.iter().enumerate();
            self.rows = wrapped
                .flat_map(|(number, line)| wrap(line, columns, hang).into_iter().map(move |range| (number, range)))
                .collect();
            if let Some(line) = top_line {
                self.top = self.rows.partition_point(|(number, _)| *number < line);
            }
        }
        self.top = if self.follow { self.last_top() } else { self.top.min(self.last_top()) };
    }

    /// The rows in sight, matches of the search told by ranges of the row's bytes.
    pub fn rows_in_sight(&self) -> impl Iterator<Item = (StyledLine, Vec<Range<usize>>)> {
        self.rows.iter().skip(self.top).take(self.height).filter_map(|(number, range)| {
            let mut row = slice(self.lines.get(*number)?, range);
            if range.start > 0 && self.indent() > 0 {
                row.insert(0, Span::raw(" ".repeat(self.indent())));
            }
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
    pub fn go_to_first(&mut self) {
        self.follow = false;
        self.top = 0;
    }

    /// To the last row.
    pub fn go_to_last(&mut self) {
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

    /// How far rows behind the first are indented: not at all where that would leave them little room.
    const fn indent(&self) -> usize {
        if self.hang * 2 > self.wrapped_for { 0 } else { self.hang }
    }

    fn last_top(&self) -> usize {
        self.rows.len().saturating_sub(self.height.max(1))
    }
}

fn length(line: &StyledLine) -> usize {
    line.iter().map(|span| span.content.len()).sum()
}

fn joined(line: &StyledLine) -> String {
    line.iter().map(|span| span.content.as_ref()).collect()
}

/// The ranges of a line's bytes that make its rows: broken behind a space where there is one, else anywhere between characters. Rows behind
/// the first have `hang` columns less.
fn wrap(line: &StyledLine, columns: usize, hang: usize) -> Vec<Range<usize>> {
    let bytes = length(line);
    if bytes <= columns {
        let whole = 0..bytes;
        return vec![whole];
    }
    let text = joined(line);
    if text.width() <= columns {
        let whole = 0..bytes;
        return vec![whole];
    }
    let mut rows = Vec::new();
    let (mut start, mut used, mut break_at) = (0, 0, None);
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = grapheme.width();
        let columns = if start == 0 { columns } else { columns - hang };
        if used + wide > columns && at > start && grapheme == " " {
            // A space that does not fit is not at the start of the next row either.
            rows.push(start..at);
            (start, used, break_at) = (at + grapheme.len(), 0, None);
            continue;
        }
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
    if start < text.len() {
        rows.push(start..text.len());
    }
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
        assert_eq!(in_sight(&pager), ["t", "o", "b"]);
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
        pager.go_to_last();
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
        let matches = pager.rows_in_sight().next().unwrap().1;
        assert_eq!((matches.len(), &matches[0]), (1, &(0..3)));
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
        pager.keep_last(1, 9);
        pager.lay_out(9, 2);
        assert_eq!(in_sight(&pager), ["4"]);
    }

    #[test]
    fn who_reads_stays_where_they_are_when_the_oldest_lines_are_dropped() {
        let mut pager = pager("one\ntwo\nto be or not\nto be");
        pager.lay_out(6, 2);
        pager.scroll(3);
        assert_eq!(in_sight(&pager), ["or not", "to be"]);
        pager.keep_last(2, 100);
        pager.extend([line_of("that", Style::new())]);
        pager.lay_out(6, 2);
        assert_eq!((in_sight(&pager), pager.dropped(), pager.bytes()), (vec!["or not".into(), "to be".into()], 2, 21));
        pager.keep_last(9, 10);
        pager.lay_out(6, 2);
        assert_eq!((in_sight(&pager), pager.dropped(), pager.bytes()), (vec!["to be".into(), "that".into()], 3, 9));
        pager.keep_last(9, 0);
        assert_eq!(pager.lines().len(), 1, "the last one stays");
    }

    #[test]
    fn rows_behind_the_first_are_indented_where_there_is_room() {
        let mut pager = pager("key to be or not to be").hanging(4);
        pager.lay_out(10, 9);
        assert_eq!(in_sight(&pager), ["key to be ", "    or not", "    to be"]);
        pager.lay_out(7, 9);
        assert_eq!(in_sight(&pager), ["key to ", "be or ", "not to ", "be"]);
    }
}
