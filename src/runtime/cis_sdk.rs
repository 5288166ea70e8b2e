//! The journey of profile `cis-sdk`: `skill_init`, `skill_on_event`, `skill_shutdown`.

use super::buffer;
use super::ending::{Ending, Step};
use super::instance::Live;
use super::skill_event::SkillEvent;
use crate::event::{JsonDocument, Outcome, Phase};

const INIT: &str = "skill_init";
const ON_EVENT: &str = "skill_on_event";
const SHUTDOWN: &str = "skill_shutdown";

/// Runs the journey with an event; gives the document `{"code": n}`.
pub(super) fn run(live: &mut Live<'_>, event: &SkillEvent<'_>) -> Step<JsonDocument> {
    let Handled { document, failed, in_order } = handle(live, event)?;
    let shut_down = if in_order { shut_down(live) } else { Ok(()) };
    match (failed, shut_down) {
        (None, Ok(())) => Ok(document),
        (None, Err(ended)) => Err(ended.with_output(Some(document))),
        (Some(failed), Ok(())) => Err(failed),
        (Some(failed), Err(second)) => Err(told(live, failed, second)),
    }
}

struct Handled {
    document: JsonDocument,
    /// The failure that the skill told.
    failed: Option<Box<Ending>>,
    /// Whether nothing trapped: `skill_shutdown` is not called after a trap.
    in_order: bool,
}

fn handle(live: &mut Live<'_>, event: &SkillEvent<'_>) -> Step<Handled> {
    let Some(allocator) = live.module().allocator else {
        let message = "the module exports neither `malloc` and `free` nor `alloc` and `dealloc`";
        return Err(live.ending(Outcome::Invalid, "missing-export", message));
    };
    if live.module().has_skill_init {
        live.enter(Phase::SkillInit);
        let code = live.call(INIT, &[])?.unwrap_or(0);
        if let Err(failed) = check(live, INIT, code) {
            return Ok(Handled { document: JsonDocument::code(code), failed: Some(failed), in_order: true });
        }
    }
    live.enter(Phase::Alloc);
    let kind = buffer::place(live, allocator, event.kind.as_bytes())?;
    let data = buffer::place(live, allocator, event.data)?;
    live.enter(Phase::SkillOnEvent);
    let code = live.call(ON_EVENT, &[kind.ptr, kind.len, data.ptr, data.len])?.unwrap_or(0);
    let failed = check(live, ON_EVENT, code).err();
    let document = JsonDocument::code(code);
    let in_order =
        buffer::release(live, allocator, &[data, kind]).map_err(|ending| ending.with_output(Some(document.clone())))?;
    Ok(Handled { document, failed, in_order })
}

/// A negative result is a failure, with its document kept.
fn check(live: &Live<'_>, export: &str, code: i32) -> Step<()> {
    if code >= 0 {
        return Ok(());
    }
    let ending = live.ending(Outcome::Failed, "failed", format!("`{export}` returned {code}"));
    Err(ending.with_output(Some(JsonDocument::code(code))))
}

fn shut_down(live: &mut Live<'_>) -> Step<()> {
    if live.module().has_skill_shutdown {
        live.enter(Phase::SkillShutdown);
        let code = live.call(SHUTDOWN, &[])?.unwrap_or(0);
        check(live, SHUTDOWN, code)?;
    }
    Ok(())
}

/// The first failure is the one that is told, unless a limit or the host ends the run while it is shut down.
fn told(live: &Live<'_>, failed: Box<Ending>, second: Box<Ending>) -> Box<Ending> {
    if matches!(second.outcome, Outcome::Failed | Outcome::Trap | Outcome::Exit) {
        live.warn(format!("after the failure, {SHUTDOWN} failed too: {}", second.failure.message));
        return failed;
    }
    second.with_output(failed.output)
}
