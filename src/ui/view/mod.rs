//! The model as cells. Everything here only reads: nothing is decided, sent or waited for while a frame is drawn.

pub mod ai;
pub mod cell_text;
pub mod compared;
pub mod comparison;
pub mod details;
mod footer;
mod gauges;
mod header;
pub mod help;
pub mod history;
mod input;
pub mod layout;
mod limits;
mod module;
mod output;
mod overlay;
mod pager;
pub mod replayed;
mod skills;
pub mod status;
mod trace;

use super::model::Model;
use super::model::place::{Focus, Panel};
use super::theme::Theme;
use layout::Parts;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Wrap};

pub use overlay::text_area as overlay_text_area;

/// Draws a frame.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let Some(parts) = layout::parts(area.width, area.height, model.panel) else {
        return too_small(area, frame);
    };
    header::draw(model, &parts, frame);
    skills::draw(model, &parts, frame);
    gauges::draw(model, &parts, frame);
    panel(model, &parts, frame);
    footer::draw(model, &parts, frame);
    status::draw(model, &parts, frame);
    overlay::draw(model, area, frame);
}

fn too_small(area: Rect, frame: &mut Frame<'_>) {
    let text = format!("skillscope needs {} columns and {} rows", layout::LEAST.0, layout::LEAST.1);
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}

fn panel(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    frame.render_widget(bordered(theme, model.focus == Focus::Panel), parts.panel_box);
    for (panel, words, area) in &parts.tabs {
        let style = match (*panel == model.panel, model.focus == Focus::Panel) {
            (true, true) => theme.accent.patch(theme.strong),
            (true, false) => plain().patch(theme.strong),
            (false, _) => theme.faint,
        };
        frame.render_widget(Line::from(Span::styled(words.clone(), style)), *area);
    }
    match model.panel {
        Panel::Trace => trace::draw(model, parts.panel, frame),
        Panel::Ai => ai::draw(model, parts.panel, frame),
        Panel::Output => output::draw(model, parts.panel, frame),
        Panel::Logs => output::draw_logs(model, parts.panel, frame),
        Panel::Input => input::draw(model, parts.panel, frame),
        Panel::Module => module::draw(model, parts.panel, frame),
        Panel::History => history::draw(model, parts.panel, frame),
        Panel::Limits => limits::draw(model, parts.panel, frame),
    }
}

/// An empty box, its border telling whether it has the keys.
fn bordered(theme: &Theme, has_keys: bool) -> Block<'static> {
    let border = if has_keys { theme.border_focused } else { theme.border };
    Block::bordered().border_set(theme.symbols.border).border_style(border).title_style(plain())
}

/// The terminal's own colour. A title that says nothing of its colour would have that of the border, which is there to be overlooked.
const fn plain() -> Style {
    Style::new().fg(Color::Reset)
}

/// Words in the middle of an empty panel: what would be here, and what to do for it.
fn empty(words: &[&str], style: Style, area: Rect, frame: &mut Frame<'_>) {
    let lines: Vec<Line<'_>> = words.iter().map(|line| Line::from(Span::styled((*line).to_owned(), style))).collect();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(height.saturating_mul(2)) / 2;
    let inner = Rect { x: area.x + 1, y: top, width: area.width.saturating_sub(2), height: area.bottom().saturating_sub(top) };
    frame.render_widget(Paragraph::new(lines).centered().wrap(Wrap { trim: true }), inner);
}
