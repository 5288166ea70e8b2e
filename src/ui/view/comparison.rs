//! Providers beside each other: a column for each, a row for each figure, and what failed below.

use super::cell_text;
use crate::event::{COMPARISON_COLUMNS, ProviderResult, sanitize_line};
use crate::ui::model::comparison::{Comparison, End};
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::theme::Theme;
use ratatui::text::Span;

/// How wide the names of the figures are.
const NAMES: usize = 12;

/// All of it, as lines.
pub fn lines(comparison: &Comparison, theme: &Theme) -> Vec<StyledLine> {
    let times = if comparison.repeat == 1 { "once".to_owned() } else { format!("{} times", comparison.repeat) };
    let on = match comparison.cases {
        None => "with the newest input".to_owned(),
        Some(1) => "on the skill's one case (\"input\" at the end of the line: on the newest input)".to_owned(),
        Some(cases) => format!("on the skill's {cases} cases (\"input\" at the end of the line: on the newest input)"),
    };
    let mut lines = vec![line_of(format!("each provider is tried {times}, {on}"), theme.faint)];
    match &comparison.end {
        None => lines.push(line_of("goes on; ctrl-c, where nothing else runs, cancels it", theme.accent)),
        Some(End::Done) => {}
        Some(End::Cancelled) => lines.push(line_of("cancelled: this is what was known by then", theme.warning)),
        Some(End::Refused(why)) => lines.extend(why.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.bad))),
    }
    lines.extend(comparison.skipped.iter().map(|told| line_of(format!("not run: {}", sanitize_line(told)), theme.warning)));
    let results = ProviderResult::overall(&comparison.results);
    if results.is_empty() {
        return lines;
    }
    lines.push(StyledLine::new());
    let columns: Vec<Vec<String>> = results.iter().map(column).collect();
    let widths: Vec<usize> =
        columns.iter().map(|cells| cells.iter().map(|cell| cell_text::width(cell)).max().unwrap_or_default()).collect();
    for (row, name) in [""].iter().chain(&COMPARISON_COLUMNS).enumerate() {
        let mut line = vec![Span::styled(format!("{name:<NAMES$}"), theme.faint)];
        for (cells, width) in columns.iter().zip(&widths) {
            let cell = cells.get(row).map_or("", String::as_str);
            let blanks = " ".repeat(width.saturating_sub(cell_text::width(cell)) + 2);
            line.push(Span::styled(format!("{cell}{blanks}"), if row == 0 { theme.strong } else { theme.text }));
        }
        lines.push(line);
    }
    for result in results.iter().filter(|result| result.failure.is_some()) {
        let failure = result.failure.as_deref().unwrap_or_default();
        lines.push(StyledLine::new());
        lines.push(line_of(format!("{}: the first that did not pass", sanitize_line(&result.label)), theme.bad));
        lines.extend(failure.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.text)));
    }
    lines.push(StyledLine::new());
    lines.push(line_of("times are measured, and are those of calls that were answered", theme.faint));
    lines
}

/// A provider's name and its figures.
fn column(result: &ProviderResult) -> Vec<String> {
    [sanitize_line(&result.label).into_owned()].into_iter().chain(result.cells()).collect()
}
