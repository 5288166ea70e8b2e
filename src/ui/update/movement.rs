//! Moving about: within lists and texts, between panels, into details and back.

use super::{edit, perform, read_back, trace_list};
use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::details_view::DetailsView;
use crate::ui::model::overlay::TermField;
use crate::ui::model::pager::Pager;
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;

/// So many lines up or down.
pub fn by(model: &mut Model, lines: isize) -> Vec<Effect> {
    if model.focus == Focus::Skills {
        return select_skill(model, model.skills.position().saturating_add_signed(lines));
    }
    match model.panel {
        Panel::Trace if !shows_text(model) => return read_back::move_by(model, lines),
        Panel::Output if model.output.shows_tree() => {
            let from_nowhere = if lines < 0 { usize::MAX } else { 0 };
            let to = |here: Option<usize>| here.map_or(from_nowhere, |here| here.saturating_add_signed(lines));
            model.output.tree.get_mut().select_relative(to);
        }
        Panel::History => model.history.select(model.history.selected.saturating_add_signed(lines)),
        Panel::Limits => model.term = model.term.saturating_add_signed(lines).min(TermField::ALL.len() - 1),
        _ => with_pagers(model, |pager| pager.scroll(lines)),
    }
    Vec::new()
}

/// So many pages up or down.
pub fn by_pages(model: &mut Model, pages: isize) -> Vec<Effect> {
    if model.focus == Focus::Panel && shows_text(model) {
        with_pagers(model, |pager| pager.scroll_pages(pages));
        return Vec::new();
    }
    let area = if model.focus == Focus::Skills { model.areas.skills } else { model.areas.panel };
    let page = isize::try_from(area.height.saturating_sub(1).max(1)).unwrap_or(1);
    by(model, pages.saturating_mul(page))
}

/// To the first line.
pub fn first(model: &mut Model) -> Vec<Effect> {
    if model.focus == Focus::Panel && shows_text(model) {
        with_pagers(model, Pager::go_to_first);
        return Vec::new();
    }
    if model.focus == Focus::Panel && model.panel == Panel::Trace {
        return read_back::to_first(model);
    }
    by(model, isize::MIN / 2)
}

/// To the last line; a trace follows again from there.
pub fn last(model: &mut Model) -> Vec<Effect> {
    if model.focus == Focus::Panel && shows_text(model) {
        with_pagers(model, Pager::go_to_last);
        if let (Panel::Logs, Some(run)) = (model.panel, model.shown_run_mut()) {
            run.logs.follow = true;
        }
        return Vec::new();
    }
    if model.focus == Focus::Panel && model.panel == Panel::Trace {
        trace_list::to_newest(model);
        return Vec::new();
    }
    by(model, isize::MAX / 2)
}

/// To the list of skills; folds a node or shows what is further to the left first.
pub fn left(model: &mut Model) -> Vec<Effect> {
    if model.focus == Focus::Panel
        && model.panel == Panel::Output
        && model.output.shows_tree()
        && model.output.tree.get_mut().key_left()
    {
        return Vec::new();
    }
    if model.focus == Focus::Panel && model.panel == Panel::Ai && shift_answers(model, -1) {
        return Vec::new();
    }
    model.focus = Focus::Skills;
    Vec::new()
}

/// Shows answers that have no room; false where there are none on that side.
fn shift_answers(model: &mut Model, by: isize) -> bool {
    let (prompt_rows, count) = (model.ai_view.prompt.position().1, model.ai_view.columns.len());
    let fitting = crate::ui::view::ai::parts(model.areas.panel, prompt_rows, count).1.len();
    model.ai_view.shift(fitting, by)
}

/// To the panel, unfolds a node, or shows what is further to the right.
pub fn right(model: &mut Model) -> Vec<Effect> {
    if model.focus == Focus::Skills {
        model.focus = Focus::Panel;
        return perform::needs(model);
    }
    if model.panel == Panel::Output && model.output.shows_tree() {
        model.output.tree.get_mut().key_right();
    }
    if model.panel == Panel::Ai {
        shift_answers(model, 1);
    }
    Vec::new()
}

/// Details, or what is behind a line.
pub fn open(model: &mut Model) -> Vec<Effect> {
    match model.panel {
        Panel::Trace if model.details.is_none() => open_details(model),
        Panel::Output if model.output.shows_tree() => drop(model.output.tree.get_mut().toggle_selected()),
        Panel::Module => {
            model.module.wat = !model.module.wat;
            model.module.lay_out(&model.theme);
        }
        Panel::History => {
            let path = model.history.selected_run().map(|run| run.path.clone());
            return path.map(|path| vec![Effect::Session(WorkbenchCommand::OpenRecord(path))]).unwrap_or_default();
        }
        Panel::Input | Panel::Limits => return edit::edit(model),
        Panel::Trace | Panel::Ai | Panel::Output | Panel::Logs => {}
    }
    Vec::new()
}

fn open_details(model: &mut Model) {
    let Some(run) = model.runs.shown_mut(model.skills.selected_name()) else { return };
    // What is looked at stays, whatever comes.
    run.visible_mut().move_by(0);
    let Some((number, entry)) = run.selected() else { return };
    let lines = crate::ui::view::details::lines(entry, &model.theme);
    model.details = Some(DetailsView::new(number, entry, lines));
}

/// To the details of the next entry, or the one before.
pub fn neighbour(model: &mut Model, by: isize) -> Vec<Effect> {
    if model.panel != Panel::Trace {
        return Vec::new();
    }
    read_back::move_by(model, by)
}

/// One step back: out of details, of an opened run, of the panel.
pub fn back(model: &mut Model) -> Vec<Effect> {
    model.status.dismiss();
    if step_back(model) {
        return Vec::new();
    }
    if model.trace_options.filter.is_some() && model.panel == Panel::Trace && model.focus == Focus::Panel {
        model.trace_options.filter = None;
        if let Some(run) = model.runs.shown_mut(model.skills.selected_name()) {
            run.choose_visible(&model.trace_options);
        }
        return Vec::new();
    }
    model.focus = Focus::Skills;
    Vec::new()
}

/// Out of details, of older entries, of an opened run. False where there was nothing to leave.
pub fn step_back(model: &mut Model) -> bool {
    if model.details.take().is_some() {
        return true;
    }
    if model.panel == Panel::Trace && model.shown_run_mut().is_some_and(read_back::leave) {
        return true;
    }
    if model.runs.opened.take().is_some() {
        model.output.forget();
        model.panel = Panel::History;
        return true;
    }
    false
}

/// Selects a skill: its panels are shown from now on.
pub fn select_skill(model: &mut Model, position: usize) -> Vec<Effect> {
    if !model.skills.select(position) {
        return Vec::new();
    }
    model.details = None;
    model.runs.opened = None;
    model.output.forget();
    model.ai_view.clear();
    if let Some(run) = model.runs.shown_mut(model.skills.selected_name()) {
        run.choose_visible(&model.trace_options);
    }
    if model.panel == Panel::Module { perform::needs(model) } else { Vec::new() }
}

/// To the next or previous match of the search.
pub fn next_match(model: &mut Model, forward: bool) -> Vec<Effect> {
    if model.focus == Focus::Skills {
        return next_skill(model, forward);
    }
    if model.focus == Focus::Panel && model.panel == Panel::Trace && !shows_text(model) {
        super::prompt::next_entry(model, forward);
        return Vec::new();
    }
    let mut found = false;
    with_pagers(model, |pager| found |= pager.next_match(forward));
    if !found {
        model.status.tell(Weight::Notice, "no match; / searches");
    }
    Vec::new()
}

/// To the next or previous skill whose name the search fits, round the end.
pub fn next_skill(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(search) = model.skill_search.clone() else {
        model.status.tell(Weight::Notice, "nothing is searched for; / searches");
        return Vec::new();
    };
    let (count, here) = (model.skills.rows().len(), model.skills.position());
    let found = (1..=count)
        .map(|step| if forward { (here + step) % count } else { (here + count - step) % count })
        .find(|position| model.skills.rows().get(*position).is_some_and(|row| search.is_match(&row.info.name)));
    match found {
        Some(position) => select_skill(model, position),
        None => {
            model.status.tell(Weight::Notice, format!("no skill's name has {search}"));
            Vec::new()
        }
    }
}

/// Whether the panel shows a text that scrolls.
pub fn shows_text(model: &Model) -> bool {
    match model.panel {
        Panel::Trace => model.details.is_some() || model.failure.is_shown(),
        Panel::Output => !model.output.shows_tree(),
        Panel::Ai | Panel::Logs | Panel::Input | Panel::Module => true,
        Panel::History | Panel::Limits => false,
    }
}

/// Does something with each text that the panel shows.
pub fn with_pagers(model: &mut Model, mut act: impl FnMut(&mut Pager)) {
    match model.panel {
        Panel::Trace => act(model.details.as_mut().map_or(&mut model.failure.pager, |details| &mut details.pager)),
        Panel::Ai => model.ai_view.columns.iter_mut().for_each(|column| act(&mut column.pager)),
        Panel::Output => act(&mut model.output.pager),
        Panel::Logs => {
            if let Some(run) = model.shown_run_mut() {
                act(&mut run.logs);
            }
        }
        Panel::Input => {
            if let Some(name) = model.skills.selected_name().map(str::to_owned) {
                act(&mut model.runs.skill_mut(&name).input.pager);
            }
        }
        Panel::Module => act(&mut model.module.pager),
        Panel::History | Panel::Limits => {}
    }
}
