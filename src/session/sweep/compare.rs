//! The same case with several providers, repeated: how often it passes, how long their answers take, what they count.

use super::{Attempt, Cancelled, Change, Subject};
use crate::event::{CallRecord, ProviderResult, SweepEvent, Tokens};
use crate::session::config::{SessionConfig, SessionError, SettingsInForce};
use crate::skill::CallClass;
use std::sync::Arc;

/// Providers that are compared, and how often each case is run with each of them.
pub struct Comparison {
    providers: Vec<(String, Arc<SettingsInForce>)>,
    repeat: u32,
}

impl Comparison {
    /// Of these providers, by the names that `--ai` takes.
    ///
    /// # Errors
    /// Where one of them cannot be asked.
    pub fn new(config: &SessionConfig, providers: &[String], repeat: u32) -> Result<Self, SessionError> {
        let mut chosen: Vec<(String, Arc<SettingsInForce>)> = Vec::with_capacity(providers.len());
        for name in providers {
            // One that is named twice is still one.
            if !chosen.iter().any(|(known, _)| known == name) {
                chosen.push((name.clone(), Arc::new(SettingsInForce::read_as(config, name, None)?)));
            }
        }
        Ok(Self { providers: chosen, repeat: repeat.max(1) })
    }

    /// Compares them on one case. They take turns, so that what changes with time meets all of them.
    pub(super) fn compare(&self, subject: &dyn Subject, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
        let mut results: Vec<ProviderResult> =
            self.providers.iter().map(|(name, settings)| ProviderResult::untried(name, settings.ai.lead.label())).collect();
        let ended = self.take_turns(subject, &mut results);
        for result in results.into_iter().filter(|result| result.runs > 0) {
            emit(SweepEvent::Compared { case: subject.name(), result });
        }
        ended
    }

    fn take_turns(&self, subject: &dyn Subject, results: &mut [ProviderResult]) -> Result<(), Cancelled> {
        for _ in 0..self.repeat {
            for ((_, settings), result) in self.providers.iter().zip(results.iter_mut()) {
                let attempt = subject.attempt(&Change { settings: Some(Arc::clone(settings)), ..Change::default() })?;
                take(result, &attempt);
            }
        }
        Ok(())
    }
}

fn take(result: &mut ProviderResult, attempt: &Attempt) {
    result.runs += 1;
    result.passed += u64::from(attempt.passed);
    if !attempt.passed && result.failure.is_none() {
        result.failure = attempt.failure.clone().or_else(|| Some(attempt.finished.outcome.to_string()));
    }
    for finished in attempt.calls.iter().filter(|call| is_asked(call, &result.label)).filter_map(|call| call.finished.as_ref()) {
        result.tokens = Tokens::sum(result.tokens, finished.tokens);
        if finished.error.is_some() { result.failed_calls += 1 } else { result.call_us.push(finished.elapsed_us) }
    }
}

/// Whether the provider was asked: not what was handed over again, nor what failed before anybody was.
fn is_asked(call: &CallRecord, label: &str) -> bool {
    let finished = call.finished.as_ref();
    CallClass::of(&call.name) == Some(CallClass::Ai)
        && finished.is_some_and(|finished| !finished.held && finished.provider.as_deref() == Some(label))
}
