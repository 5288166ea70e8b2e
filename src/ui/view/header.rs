//! The first line: which workspace, who answers prompts, what happens on a save, what is held.

use super::cell_text;
use super::layout::Parts;
use crate::ui::model::Model;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let mut told = states(model);
    let columns = usize::from(parts.header.width);
    let separator = format!(" {} ", theme.symbols.dot);
    let width = |told: &[(String, Style)]| {
        told.iter().map(|(words, _)| cell_text::width(words) + cell_text::width(&separator)).sum::<usize>()
    };
    // What matters least goes first where there is no room.
    let place = cell_text::width(&model.workspace).min(16);
    while width(&told) + 14 + place > columns && told.len() > 1 {
        told.pop();
    }
    let states_width = width(&told);
    let mut spans = Vec::new();
    for (words, style) in told {
        spans.push(Span::styled(words, style));
        spans.push(Span::styled(separator.clone(), theme.faint));
    }
    spans.pop();
    let room = columns.saturating_sub(states_width + 14);
    let place = cell_text::cut_start(&model.workspace, room, theme.symbols.ellipsis);
    let left = Line::from(vec![Span::styled(" skillscope ", theme.strong), Span::styled(format!(" {place}"), theme.faint)]);
    frame.render_widget(left, parts.header);
    let right = Line::from(spans);
    let wide = u16::try_from(right.width()).unwrap_or(u16::MAX).min(parts.header.width);
    let x = parts.header.right().saturating_sub(wide.saturating_add(1));
    frame.render_widget(right, Rect { x, width: wide, ..parts.header });
}

/// A provider's name alone: two of them with their models would leave no room for all else.
fn without_model(provider: &str) -> &str {
    provider.split_once(" (").map_or(provider, |(name, _)| name)
}

/// What is told, the most important first.
fn states(model: &Model) -> Vec<(String, Style)> {
    let theme = &model.theme;
    let mut told = Vec::new();
    let held: usize = model.runs.running().map(|run| run.held.len()).sum();
    if held > 0 {
        told.push((format!("{} {held} held", theme.symbols.paused), theme.warning));
    }
    let mock = model.ai.lead == crate::event::MOCK_PROVIDER;
    let who = match model.ai.mode.as_str() {
        "" => String::new(),
        "both" => {
            let others: Vec<&str> = model.ai.others.iter().map(|other| without_model(other)).collect();
            format!("AI both: {} answers, {} beside", without_model(&model.ai.lead), others.join(", "))
        }
        "mock" => "AI mock".to_owned(),
        "real" => format!("AI real: {}", model.ai.lead),
        _ => format!("AI {}", model.ai.lead),
    };
    if !who.is_empty() {
        told.push((who, if mock { theme.text } else { theme.accent }));
    }
    if model.intercept.on {
        let filter = model.intercept.filter.as_deref().unwrap_or("all");
        told.push((format!("intercept {}", cell_text::cut(filter, 24, theme.symbols.ellipsis)), theme.warning));
    }
    if model.intercept.standing > 0 {
        told.push((format!("{} kept answers", model.intercept.standing), theme.warning));
    }
    let waits = if model.on_save == crate::event::OnSave::Wait { ", waits" } else { "" };
    told.push(if model.auto_run {
        (format!("auto-run on{waits}"), theme.faint)
    } else {
        ("auto-run off".to_owned(), theme.text)
    });
    if !model.watching.is_empty() {
        told.push((model.watching.clone(), theme.faint));
    }
    told
}
