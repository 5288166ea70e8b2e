//! Text in cells: how wide it is, and how it is cut so that what was cut can be seen. Wide and combining characters keep their columns.

use crate::event::sanitize_line;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The columns that a harmless text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// At most `columns` of a harmless one-line text; where something was cut, the ellipsis stands at its end.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    // A text that is as short in bytes as there are columns fits, and most are.
    if text.len() <= columns || text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = used + grapheme.width();
        if next > room {
            break;
        }
        kept.push_str(grapheme);
        used = next;
    }
    if columns >= ellipsis.width() {
        kept.push_str(ellipsis);
    }
    kept
}

/// The same from the other side: the end of the text is kept. For paths.
pub fn cut_start(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.len() <= columns || text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(ellipsis.width());
    let mut kept = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        let next = used + grapheme.width();
        if next > room {
            break;
        }
        kept.push(grapheme);
        used = next;
    }
    kept.reverse();
    format!("{}{}", if columns >= ellipsis.width() { ellipsis } else { "" }, kept.concat())
}

/// Exactly `columns`: cut, or filled with spaces.
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    let mut fitted = cut(text, columns, ellipsis);
    let missing = columns.saturating_sub(fitted.width());
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// Exactly `columns`, the text at the right.
pub fn fit_right(text: &str, columns: usize, ellipsis: &str) -> String {
    let fitted = cut(text, columns, ellipsis);
    let missing = columns.saturating_sub(fitted.width());
    format!("{}{fitted}", " ".repeat(missing))
}

/// The first `columns` or so of a text of strangers, as one harmless line: there is no need to look at a whole megabyte.
pub fn excerpt(text: &str, columns: usize) -> String {
    // Every column takes a character at least, but a cluster of several characters may take one column.
    let end = text.char_indices().nth(columns.saturating_mul(4).saturating_add(8)).map_or(text.len(), |(at, _)| at);
    sanitize_line(text.get(..end).unwrap_or(text)).into_owned()
}

/// A line of spans cut to a width: spans that do not fit are shortened, and what is behind them is dropped.
pub fn cut_spans(spans: Vec<Span<'static>>, columns: usize, ellipsis: &str) -> Vec<Span<'static>> {
    let total: usize = spans.iter().map(|span| span.content.width()).sum();
    if total <= columns {
        return spans;
    }
    let mut kept = Vec::with_capacity(spans.len());
    let mut room = columns;
    for span in spans {
        let wide = span.content.width();
        if wide < room {
            room -= wide;
            kept.push(span);
            continue;
        }
        // Whether it fits exactly or not, something behind it or of it is cut.
        let style: Style = span.style;
        let marked = format!("{}{ellipsis}", span.content);
        kept.push(Span::styled(cut_marked(&marked, room, ellipsis), style));
        break;
    }
    kept
}

fn cut_marked(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns { text.to_owned() } else { cut(text, columns, ellipsis) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_has_exactly_its_columns_or_one_less_before_a_wide_character() {
        assert_eq!(cut("hello", 5, "…"), "hello");
        assert_eq!(cut("hello!", 5, "…"), "hell…");
        assert_eq!(cut("日本語です", 5, "…"), "日本…");
        assert_eq!(cut("日本語です", 6, "…"), "日本…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}e\u{301}", 3, "…"), "e\u{301}e\u{301}…");
        assert_eq!(cut("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5, "…"), "👩‍👩‍👧👩‍👩‍👧…");
        assert_eq!(cut("abc", 0, "…"), "");
        assert_eq!(cut_start("/home/ada/skills", 7, "…"), "…skills");
    }

    #[test]
    fn fitted_text_fills_its_columns() {
        assert_eq!(fit("日本語", 5, "…"), "日本…");
        assert_eq!(fit("日本語", 4, "…"), "日… ");
        assert_eq!(fit_right("7", 3, "…"), "  7");
    }

    #[test]
    fn spans_are_cut_as_one_line() {
        let spans = vec![Span::raw("abc"), Span::raw("def")];
        let text = |spans: Vec<Span<'_>>| spans.iter().map(|span| span.content.to_string()).collect::<String>();
        assert_eq!(text(cut_spans(spans.clone(), 6, "…")), "abcdef");
        assert_eq!(text(cut_spans(spans.clone(), 5, "…")), "abcd…");
        assert_eq!(text(cut_spans(spans.clone(), 3, "…")), "ab…");
        assert_eq!(text(cut_spans(spans, 1, "…")), "…");
    }

    #[test]
    fn an_excerpt_is_harmless_and_bounded() {
        assert_eq!(excerpt("a\x1b[2J\nb", 10), "a␛[2J␊b");
        assert!(excerpt(&"x".repeat(1 << 20), 10).len() < 100);
    }
}
