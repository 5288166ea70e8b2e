//! What the next runs of a skill may use and do, and whether its manifest says so.

use super::{cell_text, empty};
use crate::event::Terms;
use crate::ui::model::Model;
use crate::ui::model::overlay::TermField;
use crate::ui::model::place::Focus;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let Some(terms) = model.selected_view().and_then(|view| view.terms.as_ref()) else {
        return empty(&["What this skill may use and do is not known: its manifest cannot be read."], theme.faint, area, frame);
    };
    let ellipsis = theme.symbols.ellipsis;
    let columns = usize::from(area.width);
    let head = match (&terms.manifest, terms.changed) {
        (Some(path), false) => format!("For the next runs, as {} says.", path.display()),
        (Some(_), true) => "For the next runs; changed, and not in the manifest yet.".to_owned(),
        (None, false) => "For the next runs: the defaults of a bare module.".to_owned(),
        (None, true) => "For the next runs; changed, and there is no manifest yet.".to_owned(),
    };
    let style = if terms.changed { theme.warning } else { theme.faint };
    frame.render_widget(Line::from(Span::styled(cell_text::cut(&head, columns, ellipsis), style)), Rect { height: 1, ..area });
    for ((position, field), y) in TermField::ALL.iter().enumerate().zip(area.y + 1..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        let spans =
            vec![Span::styled(format!("  {:<13}", field.title()), theme.accent), Span::styled(value(terms, *field), theme.text)];
        frame.render_widget(Line::from(cell_text::cut_spans(spans, columns, ellipsis)), row);
        if position == model.term {
            let style = if model.focus == Focus::Panel { theme.selected } else { theme.selected_elsewhere };
            frame.buffer_mut().set_style(row, style);
        }
    }
}

fn value(terms: &Terms, field: TermField) -> String {
    let none = |text: String, words: &str| if text.is_empty() { words.to_owned() } else { text };
    let written = crate::ui::update::written(terms, field);
    match field {
        TermField::Memory | TermField::Timeout => written,
        TermField::Fuel => match terms.limits.fuel {
            Some(fuel) => crate::event::figures::count(fuel),
            None => "unlimited".to_owned(),
        },
        TermField::Ai => if terms.permissions.ai { "allowed" } else { "denied" }.to_owned(),
        TermField::Keys => none(written, "none may be read or written"),
        TermField::Hosts => none(written, "none may be reached"),
    }
}
