//! The port where a host call is intercepted: somebody outside the run may hold it, change its request, answer it, or let it fail.
//!
//! Who decides is not known here. While a call is held the run's clock stands still, and a cancel ends the wait.

use super::{HostState, RunControl, Stop};
use crate::event::{CallId, CallRequest, CallStarted, Release, RunEvent, RunId};
use std::time::Duration;
use tokio::sync::oneshot;

/// Who answers in the trace where the user did.
pub const USER: &str = crate::event::USER_PROVIDER;

/// Somebody who looks at each host call before it is made.
pub trait Interceptor: Send + Sync + std::fmt::Debug {
    /// Whether any call is of interest at the moment; asked at each call, so it must cost next to nothing.
    fn is_active(&self) -> bool;

    /// What becomes of this call.
    fn consider(&self, run: RunId, call: &CallStarted) -> Interception;
}

/// What becomes of a call.
#[derive(Debug)]
pub enum Interception {
    /// Nothing special.
    Pass,
    /// It was decided before.
    Decided(Decision),
    /// It waits for a decision; where that never comes, since its sender has gone, the call goes on.
    Hold(oneshot::Receiver<Decision>),
}

/// What becomes of a held call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on, with another request where there is one.
    Resume(Option<CallRequest>),
    /// It is answered with this, and nobody is asked.
    Answer(String),
    /// It fails with this code of the contract.
    Fail(i32),
    /// It goes on after a while.
    Delay(Duration),
}

/// How a call goes on after it was looked at.
pub(super) enum Consulted {
    /// As it is, or with another request.
    Goes(CallRequest),
    /// Answered with this text.
    Answered(CallRequest, String),
    /// Failed with this code.
    Failed(i32),
}

/// Lets the run's interceptor, where there is one, decide on a call that has begun.
pub(super) fn consult(state: &HostState, id: CallId, name: &str, request: CallRequest) -> Result<Consulted, Stop> {
    let Some(interceptor) = state.interceptor.as_ref().filter(|interceptor| interceptor.is_active()) else {
        return Ok(Consulted::Goes(request));
    };
    let call = CallStarted { id, name: name.to_owned().into(), request };
    let decision = match interceptor.consider(state.sink.run(), &call) {
        Interception::Pass => return Ok(Consulted::Goes(call.request)),
        Interception::Decided(decision) => decision,
        Interception::Hold(decided) => {
            state.sink.emit(RunEvent::HostCallHeld { id });
            hold(state, decided)?
        }
    };
    let tell = |how, request| state.sink.emit(RunEvent::HostCallReleased { id, how, request });
    Ok(match decision {
        Decision::Resume(edited) => {
            tell(Release::Resumed, edited.clone());
            Consulted::Goes(edited.unwrap_or(call.request))
        }
        Decision::Answer(text) => {
            tell(Release::Answered, None);
            Consulted::Answered(call.request, text)
        }
        Decision::Fail(code) => {
            tell(Release::Failed, None);
            Consulted::Failed(code)
        }
        Decision::Delay(delay) => {
            tell(Release::Delayed, None);
            state.control.sleep(delay)?;
            Consulted::Goes(call.request)
        }
    })
}

/// Waits with the clock standing still; a pause that is asked for meanwhile holds on afterwards.
fn hold(state: &HostState, decided: oneshot::Receiver<Decision>) -> Result<Decision, Stop> {
    let control: RunControl = state.control.clone();
    let bridge = state.services.bridge.clone();
    let waited = state.control.off_the_clock(|| bridge.wait(&control, decided));
    Ok(waited?.unwrap_or(Decision::Resume(None)))
}
