//! Every key of a place, drawn from the table of keys.

use crate::ui::action::Action;
use crate::ui::bindings::{Bindings, Context};
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::theme::Theme;
use ratatui::text::Span;

/// The columns of the keys, before what they do.
pub const KEYS: usize = 22;

/// The keys of this place, then those of everywhere, then the filter language.
pub fn lines(bindings: &Bindings, context: Context, theme: &Theme) -> Vec<StyledLine> {
    let mut lines = Vec::new();
    let places = if context == Context::Anywhere { vec![context] } else { vec![context, Context::Anywhere] };
    for place in places {
        let title = if place == Context::Anywhere { "Everywhere".to_owned() } else { format!("Here: {}", place.word()) };
        lines.push(line_of(title, theme.strong));
        for (action, keys) in by_action(bindings, place) {
            lines.push(vec![Span::styled(key_column(&keys.join(" ")), theme.accent), Span::styled(action.doc(), theme.text)]);
        }
        lines.push(StyledLine::new());
    }
    lines.push(line_of("In an editor", theme.strong));
    for (keys, words) in [
        ("ctrl-r", "Run with this input"),
        ("ctrl-s", "Take the text"),
        ("ctrl-l", "Empty it"),
        ("alt-up alt-down", "Earlier inputs, and back"),
        ("ctrl-t", "The type of the event (cis-sdk)"),
        ("ctrl-u ctrl-y", "Undo, paste"),
        ("esc", "Leave it as it was"),
    ] {
        lines.push(vec![Span::styled(key_column(keys), theme.accent), Span::styled(words, theme.text)]);
    }
    lines.push(StyledLine::new());
    lines.push(line_of("Filters", theme.strong));
    for operator in crate::event::filter::OPERATORS {
        let written = format!("{} {}", operator.name, operator.argument.word());
        lines.push(vec![Span::styled(key_column(written.trim_end()), theme.accent), Span::styled(operator.doc, theme.text)]);
    }
    lines
}

fn key_column(keys: &str) -> String {
    format!("{:<KEYS$}", format!("  {keys} "))
}

/// Each action once, with all its keys.
fn by_action(bindings: &Bindings, place: Context) -> Vec<(Action, Vec<String>)> {
    let mut found: Vec<(Action, Vec<String>)> = Vec::new();
    for row in bindings.of(place) {
        match found.iter_mut().find(|(action, _)| *action == row.action) {
            Some((_, keys)) => keys.push(row.key.to_string()),
            None => found.push((row.action, vec![row.key.to_string()])),
        }
    }
    found
}
