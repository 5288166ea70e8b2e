//! The mouse: a click selects, a second one opens, the wheel scrolls.

use super::{movement, perform};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Overlay, TermField};
use crate::ui::model::place::{Focus, Panel};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Rows that a turn of the wheel scrolls.
const WHEEL: isize = 3;

/// The mouse did something.
pub fn moved(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let at = Position { x: event.column, y: event.row };
    let wheel = match event.kind {
        MouseEventKind::ScrollDown => WHEEL,
        MouseEventKind::ScrollUp => -WHEEL,
        MouseEventKind::Down(MouseButton::Left) => return clicked(model, at),
        _ => return Vec::new(),
    };
    if let Some(overlay) = &mut model.overlay {
        if let Overlay::Text { pager, .. } = overlay {
            pager.scroll(wheel);
        }
        return Vec::new();
    }
    // The wheel scrolls what it is over, and the keys stay where they are.
    let focus = model.focus;
    model.focus = if model.areas.skills.contains(at) { Focus::Skills } else { Focus::Panel };
    let effects = movement::by(model, if model.focus == Focus::Skills { wheel.signum() } else { wheel });
    model.focus = focus;
    effects
}

fn clicked(model: &mut Model, at: Position) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    if let Some((panel, _)) = model.areas.tabs.iter().find(|(_, area)| area.contains(at)) {
        return perform::show(model, *panel);
    }
    if model.areas.skills.contains(at) {
        model.focus = Focus::Skills;
        let row = usize::from(at.y - model.areas.skills.y) + model.areas.first_skill;
        return if row < model.skills.rows().len() { movement::select_skill(model, row) } else { Vec::new() };
    }
    if model.areas.panel.contains(at) {
        let had_keys = model.focus == Focus::Panel;
        model.focus = Focus::Panel;
        let row = usize::from(at.y - model.areas.panel.y);
        return clicked_row(model, row, at, had_keys);
    }
    Vec::new()
}

fn clicked_row(model: &mut Model, row: usize, at: Position, had_keys: bool) -> Vec<Effect> {
    match model.panel {
        Panel::Trace if model.details.is_none() => {
            // The first row holds the names of the columns.
            let Some(position) = row.checked_sub(1).map(|row| row + model.areas.first_row) else { return Vec::new() };
            let Some(run) = model.shown_run_mut().filter(|run| position < run.list().1.len()) else { return Vec::new() };
            let again = run.list().1.position() == Some(position) && !run.list().1.follow;
            run.visible_mut().select(position);
            if again && had_keys { movement::open(model) } else { Vec::new() }
        }
        Panel::Output if model.output.shows_tree() => {
            model.output.tree.get_mut().click_at(at);
            Vec::new()
        }
        Panel::History => {
            let Some(position) = row.checked_sub(1).map(|row| row + model.areas.first_row) else { return Vec::new() };
            let again = model.history.selected == position;
            model.history.select(position);
            if again && had_keys { movement::open(model) } else { Vec::new() }
        }
        Panel::Limits => {
            model.term = row.saturating_sub(1).min(TermField::ALL.len() - 1);
            Vec::new()
        }
        Panel::Trace | Panel::Ai | Panel::Output | Panel::Logs | Panel::Input | Panel::Module => Vec::new(),
    }
}
