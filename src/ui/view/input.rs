//! The input of the selected skill's next run.

use super::{cell_text, empty, pager};
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::input::InputView;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    if model.skills.selected().is_none() {
        return empty(&["There is no skill to give an input to."], theme.faint, area, frame);
    }
    let none = InputView::default();
    let input = model.selected_view().map_or(&none, |view| &view.input);
    let edit = model.bindings.key_for(Context::Input, Action::Edit).unwrap_or_default();
    let event = input.now.event.as_ref().map(|event| format!("event {event}"));
    let case = input.case().map(|case| format!("case {case:?}"));
    let others = match input.others().count() {
        0 => String::new(),
        count => format!(", {count} other{} there", if count == 1 { "" } else { "s" }),
    };
    let from = [event, case].into_iter().flatten().map(|words| format!("; {words}")).collect::<String>();
    let told = format!("{edit} edits it{others}{from}");
    let told = cell_text::cut(&told, usize::from(area.width), theme.symbols.ellipsis);
    frame.render_widget(Line::from(Span::styled(told, theme.faint)), Rect { height: 1, ..area });
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if input.pager.lines().is_empty() {
        frame.render_widget(Line::from(Span::styled(input.now.document.clone(), theme.host)), Rect { height: 1, ..below });
        return;
    }
    pager::draw(&input.pager, theme, below, frame);
}
