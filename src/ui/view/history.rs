//! Recorded runs, the newest first.

use super::{cell_text, empty};
use crate::event::{RunHeadline, figures, sanitize_line};
use crate::ui::model::Model;
use crate::ui::model::place::Focus;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::time::{Duration, UNIX_EPOCH};

/// Draws it.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let view = &model.history;
    if view.runs.is_empty() {
        let words =
            if view.known { "No run is recorded yet. Every run of this workbench will be." } else { "Reading the records." };
        return empty(&[words], theme.faint, area, frame);
    }
    let columns = usize::from(area.width);
    let names = "   began (UTC)          skill";
    let told = format!("{} of {}", figures::count(view.selected as u64 + 1), figures::count(view.runs.len() as u64));
    let gap = columns.saturating_sub(cell_text::width(names) + cell_text::width(&told) + 1);
    let head = cell_text::cut(&format!("{names}{}{told}", " ".repeat(gap)), columns, theme.symbols.ellipsis);
    frame.render_widget(Line::from(Span::styled(head, theme.faint)), Rect { height: 1, ..area });
    let rows = view.runs.iter().enumerate().skip(model.areas.first_row);
    for ((position, run), y) in rows.zip(area.y + 1..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        frame.render_widget(line(model, run, usize::from(row.width)), row);
        if position == view.selected {
            let style = if model.focus == Focus::Panel { theme.selected } else { theme.selected_elsewhere };
            frame.buffer_mut().set_style(row, style);
        }
    }
}

fn line(model: &Model, run: &RunHeadline, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let mark = if model.history.marked.as_ref() == Some(&run.path) { theme.symbols.mark } else { " " };
    let pin = if run.is_pinned { theme.symbols.pinned } else { " " };
    let (word, style) = match run.outcome {
        Some(outcome) => (outcome.word(), theme.outcome(outcome)),
        None if run.is_running => ("running", theme.accent),
        None => ("ends early", theme.warning),
    };
    let mut told = run.elapsed_ms.map(figures::milliseconds).unwrap_or_default();
    if let Some(fuel) = run.fuel.filter(|_| columns >= 76) {
        told = format!("{} fuel  {told:>9}", figures::count(fuel));
    }
    if columns >= 100 {
        told = format!("{told}  {:>9}", figures::bytes(run.bytes));
    }
    let room = columns.saturating_sub(24 + 12 + cell_text::width(&told) + 1);
    Line::from(vec![
        Span::styled(format!("{pin}{mark} "), theme.warning),
        Span::styled(format!("{}  ", time_of(run.started_ms)), theme.faint),
        Span::styled(cell_text::fit(&sanitize_line(&run.skill), room, theme.symbols.ellipsis), theme.text),
        Span::styled(format!(" {word:<10} "), style),
        Span::styled(told, theme.faint),
    ])
}

/// `2026-11-25 14:03:01`.
fn time_of(ms: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_millis(ms)).unwrap_or(UNIX_EPOCH);
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}
