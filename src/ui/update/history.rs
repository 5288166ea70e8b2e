//! Recorded runs: marked, compared, kept, deleted.

use crate::event::{Outcome, ReplayReport, ReplayVerdict, RunHeadline, RunId};
use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Overlay, Then};
use crate::ui::model::pager::Pager;
use crate::ui::model::place::Panel;
use crate::ui::model::status::Weight;
use std::path::Path;

/// Marks the selected run as the one that others are compared with, or no longer.
pub fn mark(model: &mut Model) -> Vec<Effect> {
    let path = model.history.selected_run().map(|run| run.path.clone());
    if model.history.marked == path {
        model.history.marked = None;
    } else {
        model.history.marked = path;
        let compare = model.bindings.key_for(crate::ui::Context::History, crate::ui::Action::CompareRuns).unwrap_or_default();
        model.status.tell(Weight::Done, format!("marked; {compare} compares another run with it"));
    }
    Vec::new()
}

/// Compares the selected run with the marked one; without a mark, with the run of the same skill before it.
pub fn compare(model: &mut Model) -> Vec<Effect> {
    let view = &model.history;
    let Some(selected) = view.selected_run() else { return nothing(model) };
    let older = || view.runs.iter().skip(view.selected + 1).find(|run| run.skill == selected.skill).map(|run| run.path.clone());
    let Some(before) = view.marked.clone().filter(|marked| *marked != selected.path).or_else(older) else {
        model
            .status
            .tell(Weight::Notice, "there is no run of this skill before this one; mark another one (m) to compare with it");
        return Vec::new();
    };
    let after = selected.path.clone();
    let told = |path: &Path| view.runs.iter().find(|run| run.path == path).map(told_run).unwrap_or_default();
    let compared = (told(&before), told(&after));
    model.history.compared = compared;
    vec![Effect::Session(WorkbenchCommand::CompareRecords { before, after })]
}

/// A run in a few words.
fn told_run(run: &RunHeadline) -> String {
    let outcome = run.outcome.map_or("ends early", Outcome::word);
    format!(
        "{}, began {} UTC, {outcome}",
        crate::event::sanitize_line(&run.skill),
        crate::ui::view::history::time_of(run.started_ms)
    )
}

/// Makes the selected run again, with the answers of its record; from another panel, the shown run.
pub fn replay(model: &mut Model) -> Vec<Effect> {
    let selected = || model.history.selected_run().map(|run| run.path.clone());
    let shown = || model.shown_run().and_then(|run| run.record.clone());
    let path = if model.panel == Panel::History { selected().or_else(shown) } else { shown().or_else(selected) };
    let Some(path) = path else { return nothing(model) };
    model.runs.opened = None;
    model.status.tell(Weight::Notice, "the record is read, and its run made again");
    vec![Effect::Session(WorkbenchCommand::Replay(path))]
}

/// What came of a replay: shown at once, unless something else is.
pub fn replayed(model: &mut Model, run: RunId, replay: &ReplayReport) {
    let view = model.runs.get_mut(run);
    let failure = view.and_then(|view| {
        view.replays = true;
        view.finished.as_ref().and_then(|finished| finished.error.clone())
    });
    let lines = crate::ui::view::replayed::lines(replay, failure.as_ref(), &model.theme);
    let weight = if replay.verdict == ReplayVerdict::Same { Weight::Done } else { Weight::Error };
    model.status.tell(weight, format!("replay: {}", crate::ui::view::replayed::verdict(replay.verdict)));
    if model.overlay.is_none() {
        model.overlay = Some(Overlay::Text { title: "Replay".into(), pager: Pager::new(lines) });
    }
}

/// Keeps the selected run whatever its age, or no longer.
pub fn pin(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.history.selected_run() else { return nothing(model) };
    let (path, is_pinned) = (run.path.clone(), !run.is_pinned);
    let words = if is_pinned { "this run is kept, however old it gets" } else { "this run may be deleted when it is old" };
    model.status.tell(Weight::Done, words);
    vec![Effect::Session(WorkbenchCommand::PinRecord { path, is_pinned })]
}

/// Asks whether the selected run shall be deleted.
pub fn delete(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.history.selected_run() else { return nothing(model) };
    let kept = if run.is_pinned { " It is pinned." } else { "" };
    let text = format!("Delete the record of this run of {}?{kept}", crate::event::sanitize_line(&run.skill));
    model.overlay = Some(Overlay::Question { text, then: Then::DeleteRecord(run.path.clone()) });
    Vec::new()
}

fn nothing(model: &mut Model) -> Vec<Effect> {
    model.status.tell(Weight::Notice, "there is no recorded run here yet");
    Vec::new()
}
