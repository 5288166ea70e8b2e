//! Who decides on intercepted calls: the user, by a filter of what to hold, and by what was decided for such calls before.

use crate::event::filter::{EntryView, Filter, FilterError};
use crate::event::{CallId, CallRequest, CallStarted, Payload, RunId};
use crate::host::{Decision, Interception, Interceptor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The rules in force, and the calls that wait. Runs look at it from their threads; only the session changes it.
#[derive(Debug, Default)]
pub struct InterceptRules {
    active: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    on: bool,
    text: Option<String>,
    filter: Option<Filter>,
    standing: Vec<Standing>,
    held: HashMap<(RunId, CallId), Held>,
}

/// What is done with such calls from now on.
#[derive(Debug)]
struct Standing {
    call: Likeness,
    decision: Decision,
}

/// What makes two calls such calls: the function, and the first field of the request (the prompt, the key, the URL).
#[derive(Debug, PartialEq, Eq)]
struct Likeness {
    name: Cow<'static, str>,
    first: Option<Payload>,
}

#[derive(Debug)]
struct Held {
    decide: oneshot::Sender<Decision>,
    call: Likeness,
}

impl Likeness {
    fn of(name: &Cow<'static, str>, request: &CallRequest) -> Self {
        Self { name: name.clone(), first: request.0.first().map(|(_, value)| value.clone()) }
    }
}

impl InterceptRules {
    /// Which calls are held from now on. Calls that are held stay so.
    ///
    /// # Errors
    /// Where the filter is none; nothing is changed then.
    pub fn set(&self, text: Option<String>, on: bool) -> Result<(), FilterError> {
        let filter = text.as_deref().map(Filter::parse).transpose()?;
        let mut state = self.lock();
        state.on = on && filter.is_some();
        state.text = text;
        state.filter = filter;
        self.set_active(&state);
        Ok(())
    }

    /// Decides on a held call; with `keep`, on such calls from now on. False where it is held no longer.
    pub fn release(&self, run: RunId, call: CallId, decision: Decision, keep: bool) -> bool {
        let mut state = self.lock();
        let Some(held) = state.held.remove(&(run, call)) else { return false };
        if keep {
            state.standing.retain(|standing| standing.call != held.call);
            state.standing.push(Standing { call: held.call, decision: decision.clone() });
            self.set_active(&state);
        }
        // A run that was cancelled meanwhile needs no decision.
        held.decide.send(decision).is_ok()
    }

    /// Lets every held call go on.
    pub fn release_all(&self) {
        for (_, held) in self.lock().held.drain() {
            // As above.
            let _ = held.decide.send(Decision::Resume(None));
        }
    }

    /// Forgets what is done with calls from now on.
    pub fn forget(&self) {
        let mut state = self.lock();
        state.standing.clear();
        self.set_active(&state);
    }

    /// The filter as it was written, whether calls are held, and how many decisions stand.
    pub fn in_force(&self) -> (Option<String>, bool, usize) {
        let state = self.lock();
        (state.text.clone(), state.on, state.standing.len())
    }

    fn set_active(&self, state: &State) {
        self.active.store(state.on || !state.standing.is_empty(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave the plain fields inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Interceptor for InterceptRules {
    fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    fn consider(&self, run: RunId, call: &CallStarted) -> Interception {
        let likeness = Likeness::of(&call.name, &call.request);
        let mut state = self.lock();
        // Senders of runs that have ended are of no use to anyone.
        state.held.retain(|_, held| !held.decide.is_closed());
        if let Some(standing) = state.standing.iter().find(|standing| standing.call == likeness) {
            return Interception::Decided(standing.decision.clone());
        }
        let view = EntryView::of_started_call(call);
        if !state.on || !state.filter.as_ref().is_some_and(|filter| filter.matches(&view)) {
            return Interception::Pass;
        }
        let (decide, decided) = oneshot::channel();
        state.held.insert((run, call.id), Held { decide, call: likeness });
        Interception::Hold(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: u64, name: &'static str, prompt: &'static str) -> CallStarted {
        CallStarted { id: CallId(id), name: name.into(), request: CallRequest(vec![("prompt".into(), prompt.into())]) }
    }

    #[test]
    fn calls_that_match_are_held_until_they_are_decided_on() {
        let rules = InterceptRules::default();
        assert!(!rules.is_active());
        rules.set(Some("~n ai_prompt".into()), true).unwrap();
        assert!(rules.is_active());
        let Interception::Hold(mut decided) = rules.consider(RunId(1), &call(1, "cis.ai_prompt", "hi")) else { panic!() };
        assert!(matches!(rules.consider(RunId(1), &call(2, "cis.memory_get", "x")), Interception::Pass));
        assert!(decided.try_recv().is_err());
        assert!(rules.release(RunId(1), CallId(1), Decision::Answer("hello".into()), true));
        assert_eq!(decided.try_recv(), Ok(Decision::Answer("hello".into())));
        assert!(!rules.release(RunId(1), CallId(1), Decision::Resume(None), false), "decided once");
        let again = rules.consider(RunId(2), &call(7, "cis.ai_prompt", "hi"));
        assert!(matches!(again, Interception::Decided(Decision::Answer(answer)) if answer == "hello"));
        assert!(matches!(rules.consider(RunId(2), &call(8, "cis.ai_prompt", "other")), Interception::Hold(_)));
        rules.set(None, false).unwrap();
        assert!(rules.is_active(), "what stands is done without a filter too");
        rules.forget();
        assert!(!rules.is_active());
    }

    #[test]
    fn a_wrong_filter_changes_nothing() {
        let rules = InterceptRules::default();
        rules.set(Some("~e".into()), true).unwrap();
        assert!(rules.set(Some("(".into()), true).is_err());
        assert_eq!(rules.in_force(), (Some("~e".into()), true, 0));
    }
}
