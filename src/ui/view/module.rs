//! What the selected skill's module is made of.

use super::{empty, pager};
use crate::ui::model::Model;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    match (&model.module.report, model.skills.selected()) {
        (Some(_), _) => pager::draw(&model.module.pager, theme, area, frame),
        (None, Some(_)) => empty(&["Reading the module."], theme.faint, area, frame),
        (None, None) => empty(&["There is no skill whose module could be shown."], theme.faint, area, frame),
    }
}
