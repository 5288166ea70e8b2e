//! Recorded runs, the newest first.

use super::{cell_text, empty};
use crate::event::{RunHeadline, figures, sanitize_line};
use crate::ui::model::Model;
use crate::ui::model::place::Focus;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::time::{Duration, UNIX_EPOCH};

/// Below so many columns the year and the fuel are left out.
const ROOMY: usize = 76;

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
    let widths = Widths::of(&view.runs, columns);
    let names = format!("   {:<1$}  skill", "began (UTC)", widths.time);
    let told = format!("{} of {}", figures::count(view.selected as u64 + 1), figures::count(view.runs.len() as u64));
    let gap = columns.saturating_sub(cell_text::width(&names) + cell_text::width(&told) + 1);
    let head = cell_text::cut(&format!("{names}{}{told}", " ".repeat(gap)), columns, theme.symbols.ellipsis);
    frame.render_widget(Line::from(Span::styled(head, theme.faint)), Rect { height: 1, ..area });
    let rows = view.runs.iter().enumerate().skip(model.areas.first_row);
    for ((position, run), y) in rows.zip(area.y + 1..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        frame.render_widget(line(model, run, columns, widths), row);
        if position == view.selected {
            let style = if model.focus == Focus::Panel { theme.selected } else { theme.selected_elsewhere };
            frame.buffer_mut().set_style(row, style);
        }
    }
}

/// How wide the columns are.
#[derive(Clone, Copy)]
struct Widths {
    /// Of the time: without the year where there is little room.
    time: usize,
    /// Of the widest fuel; 0 where it is not shown.
    fuel: usize,
    /// Whether the size of the record is shown.
    size: bool,
}

impl Widths {
    fn of(runs: &[RunHeadline], columns: usize) -> Self {
        let widest = || runs.iter().filter_map(|run| run.fuel).max().map_or(0, |fuel| figures::count(fuel).len());
        Self {
            time: if columns < ROOMY { 14 } else { 19 },
            fuel: if columns < ROOMY { 0 } else { widest() },
            size: columns >= 100,
        }
    }
}

fn line(model: &Model, run: &RunHeadline, columns: usize, widths: Widths) -> Line<'static> {
    let theme = &model.theme;
    let mark = if model.history.marked.as_ref() == Some(&run.path) { theme.symbols.mark } else { " " };
    let pin = if run.is_pinned { theme.symbols.pinned } else { " " };
    let (word, style) = match run.outcome {
        Some(outcome) => (outcome.word(), theme.outcome(outcome)),
        None if run.is_running => ("running", theme.accent),
        None => ("ends early", theme.warning),
    };
    let mut told = format!("{:>9}", run.elapsed_ms.map(figures::milliseconds).unwrap_or_default());
    if widths.fuel > 0 {
        let fuel = run.fuel.map(|fuel| format!("{} fuel", figures::count(fuel))).unwrap_or_default();
        told = format!("{fuel:>0$}  {told}", widths.fuel + 5);
    }
    if widths.size {
        told = format!("{told}  {:>9}", figures::bytes(run.bytes));
    }
    let time = time_of(run.started_ms);
    let time = time.get(time.len().saturating_sub(widths.time)..).unwrap_or_default();
    let room = columns.saturating_sub(3 + widths.time + 2 + 12 + cell_text::width(&told) + 1);
    Line::from(vec![
        Span::styled(format!("{pin}{mark} "), theme.warning),
        Span::styled(format!("{time}  "), theme.faint),
        Span::styled(cell_text::fit(&sanitize_line(&run.skill), room, theme.symbols.ellipsis), theme.text),
        Span::styled(format!(" {word:<10} "), style),
        Span::styled(told, theme.faint),
    ])
}

/// `2026-11-25 14:03:01`.
pub fn time_of(ms: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_millis(ms)).unwrap_or(UNIX_EPOCH);
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}
