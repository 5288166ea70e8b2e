//! Looking back beyond what the screen keeps of a trace: blocks of older entries are asked for at the ends of the list, and entered
//! when they come.

use crate::event::{CallId, RunEvent, RunId, ShadowAnswer};
use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::back_view::{self, BLOCK, BackView, Entering};
use crate::ui::model::run_view::{RunView, TraceOptions};
use crate::ui::model::trace::Trace;
use crate::ui::model::visible::Visible;

/// Moves the cursor of the trace; beyond the ends of what is kept, older or newer entries are asked for.
pub fn move_by(model: &mut Model, lines: isize) -> Vec<Effect> {
    let options = &model.trace_options;
    let Some(run) = model.runs.shown_mut(model.skills.selected_name()) else { return Vec::new() };
    // In an order of its own, a list has no older or newer end.
    let is_ordered = run.list().1.is_sorted();
    let position = run.list().1.position().unwrap_or_default();
    let last = run.list().1.len().saturating_sub(1);
    if !is_ordered && lines < 0 && position == 0 {
        let first = run.list().0.numbers().start;
        return if first > 0 { ask(run, back_view::before(first), Entering::Last) } else { Vec::new() };
    }
    if !is_ordered && lines > 0 && position == last && run.back.is_some() {
        return newer(run, options);
    }
    run.visible_mut().move_by(lines);
    Vec::new()
}

/// To the very first entry of the run.
pub fn to_first(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.runs.shown_mut(model.skills.selected_name()) else { return Vec::new() };
    if run.list().0.numbers().start > 0 && !run.list().1.is_sorted() {
        return ask(run, (0, BLOCK), Entering::First);
    }
    run.visible_mut().move_by(isize::MIN / 2);
    Vec::new()
}

/// Back to the newest entries. True where older ones were shown, or awaited.
pub fn leave(run: &mut RunView) -> bool {
    let was_awaited = run.awaited.take().is_some();
    run.back.take().is_some() || was_awaited
}

/// What comes behind the shown block: the next one, or the entries that the screen keeps.
fn newer(run: &mut RunView, options: &TraceOptions) -> Vec<Effect> {
    let Some(end) = run.back.as_ref().map(|back| back.trace.numbers().end) else { return Vec::new() };
    if end < run.trace.folded() {
        return ask(run, (end, BLOCK), Entering::First);
    }
    leave(run);
    run.sort(options);
    // The two overlap where entries were folded away since.
    let at = (0..run.visible.len()).find(|at| run.visible.at(*at).is_some_and(|number| number >= end));
    run.visible.select(at.unwrap_or_default());
    Vec::new()
}

fn ask(run: &mut RunView, (first, count): (u64, u64), entering: Entering) -> Vec<Effect> {
    let Some(record) = run.record.clone() else { return Vec::new() };
    // One block at a time: keys that come before it ask for no other.
    if run.awaited.replace(entering).is_some() {
        return Vec::new();
    }
    vec![Effect::Session(WorkbenchCommand::ReadBack { run: run.run, record, first, count })]
}

/// What was read back.
pub struct Block {
    /// The number of its first entry.
    pub first: u64,
    /// How many entries the record has.
    pub total: u64,
    /// What makes the entries.
    pub events: Vec<(u64, RunEvent)>,
    /// What other providers answered to calls among them.
    pub answers: Vec<(CallId, ShadowAnswer)>,
}

/// A block came. One in which nothing is to be shown is passed over: the next one is asked for.
pub fn came(model: &mut Model, run: RunId, block: Block) -> Vec<Effect> {
    let options = &model.trace_options;
    let Some(run) = model.runs.get_mut(run) else { return Vec::new() };
    // Who has gone elsewhere meanwhile is not called back.
    let Some(entering) = run.awaited.take() else { return Vec::new() };
    let mut trace = Trace::starting_at(block.first);
    for (at_us, event) in block.events {
        trace.apply(run.since_it_began(at_us), event);
    }
    for (call, answer) in block.answers {
        trace.apply_answer(call, answer);
    }
    run.back = Some(BackView { trace, visible: Visible::default(), total: block.total });
    run.choose_visible(options);
    run.sort(options);
    let numbers = run.list().0.numbers();
    if run.list().1.is_empty() {
        return match entering {
            Entering::Last if numbers.start > 0 => ask(run, back_view::before(numbers.start), Entering::Last),
            Entering::First if !numbers.is_empty() && numbers.end < run.trace.folded() => {
                ask(run, (numbers.end, BLOCK), Entering::First)
            }
            Entering::First | Entering::Last => {
                leave(run);
                Vec::new()
            }
        };
    }
    let position = if entering == Entering::First { 0 } else { usize::MAX };
    run.visible_mut().select(position);
    Vec::new()
}
