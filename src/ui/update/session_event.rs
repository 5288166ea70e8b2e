//! What the session tells: skills, modules, runs, answers, settings.

use super::comparison;
use super::history;
use super::perform;
use super::read_back::{self, Block};
use crate::event::{AiState, Event, Outcome, RunEvent, RunId, WorkbenchEvent};
use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::overlay::Overlay;
use crate::ui::model::pager::Pager;
use crate::ui::model::place::Panel;
use crate::ui::model::run_view::RunView;
use crate::ui::model::skills::SkillRow;
use crate::ui::model::status::Weight;
use crate::ui::model::{Intercept, Model};

/// Takes in one event of the session.
pub fn told(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Skills { skills } => {
            model.runs.by_skill.retain(|name, view| {
                skills.iter().any(|skill| skill.name == *name) || view.run.as_ref().is_some_and(RunView::is_running)
            });
            let is_first = !std::mem::replace(&mut model.skills.known, true);
            model.skills.replace(skills);
            if is_first {
                // The panel that is shown from the start may need something, too.
                return perform::needs(model);
            }
        }
        Event::Compiling { skill, .. } => with_row(model, &skill, |row| row.compiling = true),
        Event::Loaded(loaded) => {
            let name = loaded.skill.clone();
            with_row(model, &name, |row| {
                row.compiling = false;
                row.refused = None;
                row.loaded = Some(loaded);
            });
        }
        Event::Rejected { skill, outcome, failure } => {
            let known = model.skills.row(&skill).is_some();
            if !known {
                model.status.tell(Weight::Error, format!("{skill}: {}", failure.message));
            }
            with_row(model, &skill, |row| {
                row.compiling = false;
                row.refused = Some((outcome, failure));
            });
        }
        Event::Run { run, at_us, what } => run_event(model, run, at_us, what),
        // A recorded run has its end now.
        Event::ShadowsDone { .. } if model.panel == Panel::History => {
            return vec![Effect::Session(WorkbenchCommand::ListHistory)];
        }
        Event::ShadowAnswered { run, call, answer } => {
            if let Some(view) = model.runs.get_mut(run) {
                view.apply_answer(call, answer, &model.trace_options);
            }
        }
        Event::Notice { message } => model.status.tell(Weight::Notice, message),
        Event::Suite(_) => {}
        Event::Workbench(event) => return workbench(model, *event),
        Event::Sweep(event) => comparison::told(model, event),
        Event::Replayed { run, replay } => history::replayed(model, run, &replay),
        Event::Changed { .. } | Event::ChecksDone | Event::ShadowsDone { .. } => {}
    }
    Vec::new()
}

/// Takes in what only a workbench asks for.
fn workbench(model: &mut Model, event: WorkbenchEvent) -> Vec<Effect> {
    match event {
        WorkbenchEvent::Refused { failure } => {
            // A block of older entries that cannot be read does not come.
            if let Some(run) = model.shown_run_mut() {
                run.awaited = None;
            }
            let hint = failure.hint.map(|hint| format!("\n{hint}")).unwrap_or_default();
            model.status.tell(Weight::Error, format!("{}{hint}", failure.message));
        }
        WorkbenchEvent::Comparing { cases, .. } => comparison::begun(model, cases),
        WorkbenchEvent::RecordOpened { run, headline } => {
            let mut view = RunView::new(run, headline.skill, model.trace_bounds);
            view.recorded = true;
            view.record = Some(headline.path);
            model.runs.opened = Some(view);
            model.details = None;
            model.output.forget();
            // All panels show that run now: it begins with its host calls.
            if model.panel == Panel::History {
                model.panel = Panel::Trace;
            }
            model.status.tell(Weight::Notice, "every panel shows this earlier run now; esc goes back to the list");
        }
        WorkbenchEvent::Recording { run, path } => {
            if let Some(view) = model.runs.get_mut(run) {
                view.record = Some(path);
            }
        }
        WorkbenchEvent::ReadBack { run, first, total, events, answers } => {
            return read_back::came(model, run, Block { first, total, events, answers });
        }
        WorkbenchEvent::Saved { path, told } => model.status.tell(Weight::Done, format!("saved {told}: {}", path.display())),
        WorkbenchEvent::OnSave { on_save } => model.on_save = on_save,
        WorkbenchEvent::History { runs } => model.history.take(runs),
        WorkbenchEvent::Compared { parts } => {
            let lines = crate::ui::view::compared::lines(&parts, &model.history.compared, &model.theme);
            model.overlay = Some(Overlay::Text { title: "Two runs compared".into(), pager: Pager::new(lines).hanging(2) });
        }
        WorkbenchEvent::Inspected(report) => {
            if model.skills.selected_name() == Some(&report.skill) {
                model.module.take(report, &model.theme);
            }
        }
        WorkbenchEvent::Inputs { skill, inputs, of_cases } => {
            model.runs.by_skill.entry(skill).or_default().input.take(inputs, of_cases, &model.theme);
        }
        WorkbenchEvent::Terms(terms) => {
            let view = model.runs.by_skill.entry(terms.skill.clone()).or_default();
            view.terms = Some(terms);
        }
        WorkbenchEvent::Ai(state) => take_ai(model, state),
        WorkbenchEvent::AutoRun { on } => model.auto_run = on,
        WorkbenchEvent::Intercept { filter, on, standing } => model.intercept = Intercept { filter, on, standing },
        WorkbenchEvent::Watching { how } => model.watching = how,
    }
    Vec::new()
}

/// Who answers now. Where that was asked for and is granted, it is told.
fn take_ai(model: &mut Model, state: AiState) {
    let is_granted = state.mode == model.ai.mode && (&state.lead, &state.others) != (&model.ai.lead, &model.ai.others);
    if is_granted {
        let beside =
            if state.others.is_empty() { String::new() } else { format!("; {} is asked beside", state.others.join(", ")) };
        model.status.tell(Weight::Done, format!("from the next run on {} answers the skill{beside}", state.lead));
    }
    model.ai = state;
}

fn with_row(model: &mut Model, skill: &str, change: impl FnOnce(&mut SkillRow)) {
    if let Some(row) = model.skills.row_mut(skill) {
        change(row);
    }
}

fn run_event(model: &mut Model, run: RunId, at_us: u64, what: RunEvent) {
    if let RunEvent::Started(started) = &what
        && model.runs.opened.as_ref().is_none_or(|opened| opened.run != run)
    {
        begin(model, run, started.skill.clone());
    }
    let held = match &what {
        RunEvent::HostCallHeld { id } => Some(*id),
        _ => None,
    };
    let ended = match &what {
        RunEvent::Finished(finished) => Some((finished.outcome, finished.usage.elapsed_ms)),
        _ => None,
    };
    let Some(view) = model.runs.get_mut(run) else { return };
    view.apply(at_us, what, &model.trace_options, &model.theme);
    // What waits for the user is what is selected, unless they read something else in full; a call that they let go is not that.
    let has_let_go = || view.selected().and_then(|(_, entry)| entry.call()).is_some_and(|call| call.released.is_some());
    let moves_on = held.is_some() && (model.details.is_none() || has_let_go());
    if let Some(number) = held.filter(|_| moves_on).and_then(|id| view.trace.number_of(id)) {
        view.select_entry(number);
    }
    if let (false, Some(ended)) = (view.recorded, ended) {
        let skill = view.skill.clone();
        finished(model, &skill, ended);
    }
}

/// A run of a skill begins: its panels are the run's from now on, and the output before is kept to compare with.
fn begin(model: &mut Model, run: RunId, skill: String) {
    with_row(model, &skill, |row| row.run = Some(run));
    let is_shown = model.runs.opened.is_none() && model.skills.selected_name() == Some(&skill);
    let view = model.runs.by_skill.entry(skill.clone()).or_default();
    let follow = view.run.as_ref().is_none_or(|before| before.visible.follow);
    if let Some(before) = view.run.take().and_then(|before| before.finished).and_then(|finished| finished.output) {
        view.previous_output = Some(before.to_string());
    }
    let mut fresh = RunView::new(run, skill, model.trace_bounds);
    fresh.visible.follow = follow || !is_shown;
    view.run = Some(fresh);
    if is_shown {
        model.details = None;
        model.output.forget();
        // What was said before it is over.
        if model.status.shown().is_some_and(|message| message.weight == Weight::Done) {
            model.status.dismiss();
        }
    }
}

fn finished(model: &mut Model, skill: &str, (outcome, elapsed_ms): (Outcome, f64)) {
    with_row(model, skill, |row| {
        row.compiling = false;
        row.last = Some((outcome, elapsed_ms));
    });
    model.output.forget();
}
