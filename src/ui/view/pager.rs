//! A text that is read: its rows in sight, matches of the search, and how far down it is.

use super::cell_text;
use crate::event::figures;
use crate::ui::model::pager::{Pager, StyledLine};
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::ops::Range;

/// Draws the rows; the pager was laid out for this area before.
pub fn draw(pager: &Pager, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    for ((row, matches), y) in pager.rows_in_sight().zip(area.y..area.bottom()) {
        frame.render_widget(Line::from(highlighted(row, &matches, theme)), Rect { y, height: 1, ..area });
    }
    position(pager, theme, area, frame);
}

/// How far down the text is, on the border below it, where not all of it is in sight.
fn position(pager: &Pager, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let (top, count) = pager.position();
    let height = usize::from(area.height);
    if count <= height || area.bottom() >= frame.area().bottom() {
        return;
    }
    let older = match pager.dropped() {
        0 => String::new(),
        dropped => format!("{} older lines are in the record, ", figures::count(dropped)),
    };
    let told = format!(" {older}{}-{} of {count} ", top + 1, (top + height).min(count));
    let wide = u16::try_from(cell_text::width(&told)).unwrap_or(u16::MAX);
    if wide + 2 < area.width {
        let place = Rect { x: area.right() - wide - 1, y: area.bottom(), width: wide, height: 1 };
        frame.render_widget(Line::from(Span::styled(told, theme.faint)), place);
    }
}

/// A row with its matches marked.
fn highlighted(row: StyledLine, matches: &[Range<usize>], theme: &Theme) -> Vec<Span<'static>> {
    if matches.is_empty() {
        return row;
    }
    let mut spans = Vec::new();
    let mut at = 0;
    for span in row {
        let (begin, end) = (at, at + span.content.len());
        at = end;
        let mut from = begin;
        for found in matches.iter().filter(|found| found.start < end && found.end > begin) {
            let (start, stop) = (found.start.max(begin), found.end.min(end));
            let part =
                |range: Range<usize>| span.content.get(range.start - begin..range.end - begin).unwrap_or_default().to_owned();
            spans.push(Span::styled(part(from..start.max(from)), span.style));
            spans.push(Span::styled(part(start..stop), span.style.patch(theme.found)));
            from = stop;
        }
        spans.push(Span::styled(span.content.get(from - begin..).unwrap_or_default().to_owned(), span.style));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::ThemeName;

    #[test]
    fn a_match_may_go_across_spans() {
        let theme = Theme::new(ThemeName::None, false);
        let row = vec![Span::raw("abc"), Span::raw("def")];
        let spans = highlighted(row, std::slice::from_ref(&(2..4)), &theme);
        let told: Vec<(String, bool)> = spans
            .iter()
            .map(|span| (span.content.to_string(), span.style == theme.found))
            .filter(|(text, _)| !text.is_empty())
            .collect();
        assert_eq!(told, [("ab".into(), false), ("c".into(), true), ("d".into(), true), ("ef".into(), false)]);
    }
}
