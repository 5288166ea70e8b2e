//! The list of a trace: which entries it shows, in which order, which are marked, and whether it follows the newest.

use super::read_back;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::order::TraceOrder;
use crate::ui::model::overlay::{Choice, ChoicePurpose, Overlay};
use crate::ui::model::run_view::TraceOptions;

/// Follows the newest entry, or not.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    if let Some(run) = model.shown_run_mut() {
        run.visible.follow = read_back::leave(run) || !run.visible.follow;
        if !run.visible.follow {
            run.visible.move_by(0);
        }
    }
    Vec::new()
}

/// To the newest entry, and follows from there.
pub fn to_newest(model: &mut Model) {
    if let Some(run) = model.shown_run_mut() {
        read_back::leave(run);
        run.visible.follow = true;
    }
}

/// Changes which entries are shown.
pub fn options(model: &mut Model, change: impl FnOnce(&mut TraceOptions)) -> Vec<Effect> {
    change(&mut model.trace_options);
    if let Some(run) = model.runs.shown_mut(model.skills.selected_name()) {
        run.choose_visible(&model.trace_options);
    }
    Vec::new()
}

/// Asks for an order.
pub fn choose_order(model: &mut Model) -> Vec<Effect> {
    let selected = TraceOrder::ALL.iter().position(|order| *order == model.trace_options.order).unwrap_or_default();
    let items = TraceOrder::ALL.map(|order| order.word().to_owned()).to_vec();
    let title = "In which order".to_owned();
    model.overlay = Some(Overlay::Choice(Choice { purpose: ChoicePurpose::Order, title, items, selected }));
    Vec::new()
}

/// An order was chosen, by its words.
pub fn order(model: &mut Model, words: &str) -> Vec<Effect> {
    let order = TraceOrder::ALL.into_iter().find(|order| order.word() == words).unwrap_or_default();
    options(model, |options| {
        options.order = order;
        options.reversed = false;
    });
    // What was chosen is looked at from its top.
    if order != TraceOrder::Began
        && let Some(run) = model.runs.shown_mut(model.skills.selected_name())
    {
        run.sort(&model.trace_options);
        run.visible_mut().select(0);
    }
    Vec::new()
}

/// Marks the selected entry, or takes its mark away.
pub fn mark(model: &mut Model) -> Vec<Effect> {
    if let Some(run) = model.shown_run_mut()
        && let Some(number) = run.list().1.selected()
    {
        if !run.marked.remove(&number) {
            run.marked.insert(number);
        }
        // As in a list of mails: mark and go on.
        if !run.list().1.follow {
            run.visible_mut().move_by(1);
        }
    }
    Vec::new()
}

/// Takes all marks away.
pub fn unmark_all(model: &mut Model) -> Vec<Effect> {
    if let Some(run) = model.shown_run_mut() {
        run.marked.clear();
    }
    options(model, |_| {})
}

/// Folds away what is there.
pub fn clear(model: &mut Model) -> Vec<Effect> {
    if let Some(run) = model.shown_run_mut() {
        read_back::leave(run);
        run.trace.clear();
    }
    options(model, |_| {})
}
