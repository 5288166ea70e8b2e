//! The output document as a tree or as text, and the log lines with what went to stdout and stderr.

use super::{empty, pager, status};
use crate::ui::model::Model;
use crate::ui::model::run_view::RunView;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, StatefulWidget, Wrap};
use tui_tree_widget::Tree;

/// Draws the output.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let Some(run) = model.shown_run() else {
        return empty(&["No output yet: this skill was not run."], theme.faint, area, frame);
    };
    let Some(finished) = &run.finished else {
        return empty(&["The run goes on; its output appears when it ends."], theme.faint, area, frame);
    };
    let area = match &finished.error {
        Some(error) => {
            let mut lines = status::failure_lines(error, finished.outcome.word(), theme);
            let has_text = finished.output.is_some() || finished.output_text.is_some();
            if has_text {
                lines.truncate(usize::from(area.height / 2).max(1));
            }
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
            let text: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
            let top = if has_text { Rect { height, ..area } } else { area };
            frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: false }), top);
            if !has_text {
                return;
            }
            let used = height.saturating_add(1).min(area.height);
            Rect { y: area.y + used, height: area.height - used, ..area }
        }
        None => area,
    };
    if !model.output.shows_tree() {
        return pager::draw(&model.output.pager, theme, area, frame);
    }
    let symbols = &theme.symbols;
    if let Ok(tree) = Tree::new(&model.output.items) {
        let tree = tree
            .highlight_style(if model.focus == crate::ui::model::place::Focus::Panel {
                theme.selected
            } else {
                theme.selected_elsewhere
            })
            .node_closed_symbol(if symbols.ascii { "+ " } else { "▸ " })
            .node_open_symbol(if symbols.ascii { "- " } else { "▾ " })
            .node_no_children_symbol("  ");
        tree.render(area, frame.buffer_mut(), &mut model.output.tree.borrow_mut());
    }
}

/// Draws the log lines.
pub fn draw_logs(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    match model.shown_run() {
        Some(RunView { logs, .. }) if !logs.lines().is_empty() => pager::draw(logs, theme, area, frame),
        Some(run) if run.is_running() => empty(&["Nothing logged yet."], theme.faint, area, frame),
        Some(_) => empty(&["This run logged nothing, and wrote nothing to stdout or stderr."], theme.faint, area, frame),
        None => empty(&["Log lines, stdout and stderr of a run appear here."], theme.faint, area, frame),
    }
}
