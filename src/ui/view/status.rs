//! The line that tells what happened; failures in full.

use super::cell_text;
use super::layout::Parts;
use crate::event::{Failure, sanitize_line};
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::model::status::{Status, Weight};
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

/// Draws the line, where there is something to tell.
pub fn draw(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let Some(message) = model.status.shown() else { return };
    let mut lines = message.text.lines();
    let first = sanitize_line(lines.next().unwrap_or_default()).into_owned();
    let columns = usize::from(parts.status.width);
    let longer = lines.next().is_some() || cell_text::width(&first) + 2 > columns;
    let key = model.bindings.key_for(Context::Anywhere, Action::Errors).unwrap_or_default();
    let more = if longer { format!("  {key} shows all") } else { String::new() };
    let room = columns.saturating_sub(cell_text::width(&more) + 2);
    frame.render_widget(Clear, parts.status);
    let line = Line::from(vec![
        Span::styled(format!(" {}", cell_text::cut(&first, room, theme.symbols.ellipsis)), style(message.weight, theme)),
        Span::styled(more, theme.faint),
    ]);
    frame.render_widget(line, parts.status);
}

const fn style(weight: Weight, theme: &Theme) -> Style {
    match weight {
        Weight::Done => theme.good,
        Weight::Notice => theme.warning,
        Weight::Error => theme.bad,
    }
}

/// All messages in full, the newest first.
pub fn history(status: &Status, theme: &Theme) -> Vec<StyledLine> {
    let mut lines = Vec::new();
    for message in status.messages() {
        lines.extend(message.text.lines().map(|line| line_of(sanitize_line(line).into_owned(), style(message.weight, theme))));
        lines.push(StyledLine::new());
    }
    if lines.is_empty() {
        lines.push(line_of("nothing was told yet", theme.faint));
    }
    lines
}

/// A failure in full, in the words of `--run`: message, frames, hint.
pub fn failure_lines(failure: &Failure, word: &str, theme: &Theme) -> Vec<StyledLine> {
    let kind = if failure.kind == word { String::new() } else { format!(" ({})", failure.kind) };
    let mut message = failure.message.lines();
    let first = sanitize_line(message.next().unwrap_or_default()).into_owned();
    let mut lines = vec![vec![Span::styled(format!("{word}{kind}: "), theme.bad), Span::styled(first, theme.text)]];
    lines.extend(message.map(|line| line_of(sanitize_line(line).into_owned(), theme.text)));
    for frame in &failure.backtrace {
        lines.push(vec![
            Span::styled("    at ", theme.faint),
            Span::styled(sanitize_line(&frame.to_string()).into_owned(), theme.text),
        ]);
    }
    for (index, line) in failure.hint.iter().flat_map(|hint| hint.lines()).enumerate() {
        let label = if index == 0 { "  hint: " } else { "        " };
        lines.push(vec![Span::styled(label, theme.accent), Span::styled(sanitize_line(line).into_owned(), theme.text)]);
    }
    lines
}
