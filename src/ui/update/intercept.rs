//! Held host calls: let go, answered, failed, delayed, in mitmproxy's manner.

use crate::event::{CallId, RunId};
use crate::session::{Decision, WorkbenchCommand};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Editor, EditorPurpose, Overlay, Prompt, PromptPurpose};
use crate::ui::model::status::Weight;
use crate::ui::model::trace::TracedCall;
use std::time::Duration;

/// Holds the calls that match, or lets all pass.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    let filter = model.intercept.filter.clone();
    if filter.is_none() && !model.intercept.on {
        return super::prompt::ask(model, PromptPurpose::Intercept, "~k ai");
    }
    vec![Effect::Session(WorkbenchCommand::SetIntercept { filter, on: !model.intercept.on })]
}

/// The held call that a key is for: the selected one, else the oldest of the shown run.
pub fn held(model: &Model) -> Option<(RunId, &TracedCall)> {
    let run = model.shown_run().filter(|run| run.is_running())?;
    let selected = run.selected().and_then(|(_, entry)| entry.call()).filter(|call| call.held);
    let oldest = || run.held.first().and_then(|id| run.trace.get(run.trace.number_of(*id)?)?.call());
    Some((run.run, selected.or_else(oldest)?))
}

fn with_held(model: &mut Model, act: impl FnOnce(RunId, CallId, &TracedCall) -> Overlay) -> Vec<Effect> {
    match held(model).map(|(run, call)| act(run, call.record.id, call)) {
        Some(overlay) => model.overlay = Some(overlay),
        None => none(model),
    }
    Vec::new()
}

/// Says that nothing is held, and how something would be.
pub fn none(model: &mut Model) {
    model.status.tell(Weight::Notice, "no host call is held here; i chooses which calls to hold");
}

/// Lets it go on.
pub fn resume(model: &mut Model) -> Vec<Effect> {
    match held(model).map(|(run, call)| (run, call.record.id)) {
        Some((run, call)) => release(run, call, Decision::Resume(None), false),
        None => {
            none(model);
            Vec::new()
        }
    }
}

/// Asks for an answer; with `keep`, such calls are answered so from now on.
pub fn answer(model: &mut Model, keep: bool) -> Vec<Effect> {
    with_held(model, |run, call, _| {
        Overlay::Editor(Editor::of(EditorPurpose::Answer { run, call, keep }, super::edit::area_with("")))
    })
}

/// Asks for a code to fail with.
pub fn fail(model: &mut Model) -> Vec<Effect> {
    with_held(model, |run, call, _| Overlay::Prompt(Prompt::of(PromptPurpose::FailCode(run, call), "-4")))
}

/// Asks for a delay.
pub fn delay(model: &mut Model) -> Vec<Effect> {
    with_held(model, |run, call, _| Overlay::Prompt(Prompt::of(PromptPurpose::Delay(run, call), "2s")))
}

/// The code as typed.
pub fn fail_with(run: RunId, call: CallId, text: &str) -> Result<Vec<Effect>, String> {
    let code = text.parse::<i32>().ok().filter(|code| matches!(code, -5..=-1 | -599..=-100));
    let code = code.ok_or("a code of the contract is -1 to -5, or -100 to -599 for a status of HTTP")?;
    Ok(release(run, call, Decision::Fail(code), false))
}

/// The delay as typed.
pub fn delay_by(run: RunId, call: CallId, text: &str) -> Result<Vec<Effect>, String> {
    let delay = crate::skill::parse_duration(text).map_err(|error| error.to_string())?;
    if delay > Duration::from_secs(3600) {
        return Err("an hour is the longest delay".into());
    }
    Ok(release(run, call, Decision::Delay(delay), false))
}

/// Tells the session.
pub fn release(run: RunId, call: CallId, decision: Decision, keep: bool) -> Vec<Effect> {
    vec![Effect::Session(WorkbenchCommand::Release { run, call, decision, keep })]
}
