//! AI answers side by side: the prompt above, a column for each provider.

use super::{cell_text, empty, pager};
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::ai_view::Column;
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// The narrowest column that can be read.
const LEAST_COLUMN: u16 = 24;

/// The parts of the panel: the prompt, and each column that fits, with its title and text.
pub fn parts(area: Rect, prompt_rows: usize, columns: usize) -> (Rect, Vec<(Rect, Rect)>) {
    let third = (area.height / 3).max(1);
    let prompt_height = u16::try_from(prompt_rows).unwrap_or(u16::MAX).clamp(1, third);
    let [_, prompt, _, answers] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(prompt_height), Constraint::Length(1), Constraint::Min(0)])
            .areas(area);
    let fitting = usize::from((area.width / LEAST_COLUMN).max(1)).min(columns.max(1));
    let areas = Layout::horizontal(vec![Constraint::Fill(1); fitting]).spacing(2).split(answers);
    let split = areas.iter().map(|area| {
        let title_rows = 2.min(area.height);
        let title = Rect { height: title_rows, ..*area };
        (title, Rect { y: area.y + title_rows, height: area.height - title_rows, ..*area })
    });
    (prompt, split.collect())
}

/// Draws it.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let view = &model.ai_view;
    if view.call.is_none() {
        let mode = model.bindings.key_for(Context::Ai, Action::AiMode).unwrap_or_default();
        let words = format!("{mode} switches who answers: the mock, a real provider, or both side by side.");
        return empty(&["This run has not asked an AI.", "", &words], theme.faint, area, frame);
    }
    let (prompt, columns) = parts(area, view.prompt.position().1, view.columns.len());
    let call = view.call.map(|(_, call)| call.0).unwrap_or_default();
    let title = Line::from(vec![Span::styled("Prompt", theme.strong), Span::styled(format!("  call {call}"), theme.faint)]);
    frame.render_widget(title, Rect { height: 1, ..area });
    for ((row, _), y) in view.prompt.rows_in_sight().zip(prompt.y..prompt.bottom()) {
        frame.render_widget(Line::from(row), Rect { y, height: 1, ..prompt });
    }
    let rule = Rect { y: prompt.bottom(), height: 1, ..area };
    frame.render_widget(Line::from(Span::styled(theme.symbols.rule.repeat(usize::from(area.width)), theme.border)), rule);
    let in_sight = view.in_sight(columns.len());
    // All of them say it in the long form, or none.
    let shown = in_sight.iter().filter_map(|at| view.columns.get(*at)).zip(&columns);
    let is_short = shown.into_iter().any(|(column, (title, _))| title_width(column, false) > usize::from(title.width));
    for (column, (title, text)) in in_sight.iter().filter_map(|at| view.columns.get(*at)).zip(&columns) {
        draw_title(column, is_short, theme, *title, frame);
        pager::draw(&column.pager, theme, *text, frame);
    }
    let right = view.columns.len().saturating_sub(1 + in_sight.last().copied().unwrap_or_default());
    let left = view.columns.len().saturating_sub(in_sight.len() + right);
    if left + right > 0 {
        let more = |count: usize, action: Action| {
            let key = model.bindings.key_for(Context::Ai, action).unwrap_or_default();
            (count > 0).then(|| format!("{key} shows {count} more"))
        };
        let told = [more(left, Action::FocusLeft), more(right, Action::FocusRight)].into_iter().flatten().collect::<Vec<_>>();
        let told = format!(" {} ", told.join(", "));
        let wide = u16::try_from(cell_text::width(&told)).unwrap_or(u16::MAX).min(area.width);
        let place = Rect { x: area.right() - wide, y: rule.y, width: wide, height: 1 };
        frame.render_widget(Line::from(Span::styled(told, theme.warning)), place);
    }
}

/// What an answer is to the skill.
const fn role(column: &Column, is_short: bool) -> &'static str {
    match (column.leads, &column.text, is_short) {
        (true, Some(_), false) => "  answered the skill",
        (true, Some(_), true) => "  answered",
        (true, None, false) => "  is to answer the skill",
        (true, None, true) => "  to answer",
        (false, _, false) => "  for comparison",
        (false, _, true) => "  beside",
    }
}

fn title_width(column: &Column, is_short: bool) -> usize {
    cell_text::width(&column.provider) + role(column, is_short).len()
}

fn draw_title(column: &Column, is_short: bool, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let columns = usize::from(area.width);
    let ellipsis = theme.symbols.ellipsis;
    // A mock's answer never looks like a real one.
    let style = if column.is_mock { theme.warning } else { theme.accent.patch(theme.strong) };
    let name = vec![Span::styled(column.provider.clone(), style), Span::styled(role(column, is_short), theme.faint)];
    let figures = Span::styled(cell_text::cut(&column.figures, columns, ellipsis), theme.faint);
    frame.render_widget(Line::from(cell_text::cut_spans(name, columns, ellipsis)), Rect { height: 1, ..area });
    if area.height > 1 {
        frame.render_widget(Line::from(figures), Rect { y: area.y + 1, height: 1, ..area });
    }
}
