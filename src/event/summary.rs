//! The one fold from a run's events to a picture of the run.

use super::{
    CallFinished, CallId, CallRequest, Event, LogLevel, Payload, Phase, ReplayReport, RunEvent, RunFinished, RunId, RunStarted,
    ShadowAnswer,
};
use serde::Serialize;
use std::collections::HashMap;

/// One host call, as far as it is known.
#[derive(Clone, Debug, Serialize)]
pub struct CallRecord {
    /// Its number.
    pub id: CallId,
    /// The import as module and name.
    pub name: String,
    /// Microseconds from the run's start to the call's.
    pub at_us: u64,
    /// What was asked.
    pub request: CallRequest,
    /// How it ended; `None` while it goes on.
    pub finished: Option<CallFinished>,
    /// What shadow providers answered.
    pub others: Vec<ShadowAnswer>,
}

/// One log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogRecord {
    /// Its level.
    pub level: LogLevel,
    /// Its text, raw: see [`super::sanitize_line`].
    pub message: String,
}

/// A run as its events so far tell it.
///
/// Calls, log lines and captured bytes beyond `max_trace` entries (and [`super::MAX_OUTPUT_BYTES`] bytes a stream) are counted, not kept.
#[derive(Clone, Debug, Default)]
pub struct RunSummary {
    max_trace: usize,
    open_calls: HashMap<CallId, usize>,
    /// What it began with.
    pub started: Option<RunStarted>,
    /// The phase it is in.
    pub phase: Option<Phase>,
    /// The first calls, in order.
    pub calls: Vec<CallRecord>,
    /// All calls, those not kept included.
    pub call_count: u64,
    /// The first log lines, in order.
    pub logs: Vec<LogRecord>,
    /// All log lines, those not kept included.
    pub log_count: u64,
    /// WASI calls, of which the summary only keeps the number.
    pub wasi_call_count: u64,
    /// The start of what went to stdout.
    pub stdout: Vec<u8>,
    /// All bytes that went to stdout.
    pub stdout_bytes: u64,
    /// The start of what went to stderr.
    pub stderr: Vec<u8>,
    /// All bytes that went to stderr.
    pub stderr_bytes: u64,
    /// Warnings, in order.
    pub warnings: Vec<String>,
    /// How it ended; `None` while it runs.
    pub finished: Option<RunFinished>,
    /// What came of it, where it was answered from a record.
    pub replay: Option<ReplayReport>,
}

impl RunSummary {
    /// An empty picture that keeps at most `max_trace` calls and as many log lines and warnings.
    pub fn new(max_trace: usize) -> Self {
        Self { max_trace, ..Self::default() }
    }

    /// Takes in one session event, where it belongs to `run`.
    pub fn apply_session_event(&mut self, run: RunId, event: &Event) {
        match event {
            Event::Run { run: of, at_us, what } if *of == run => self.apply(*at_us, what),
            Event::ShadowAnswered { run: of, call, answer } if *of == run => self.apply_shadow(*call, answer),
            Event::Replayed { run: of, replay } if *of == run => self.replay = Some((**replay).clone()),
            _ => {}
        }
    }

    /// Takes in one event of the run.
    pub fn apply(&mut self, at_us: u64, event: &RunEvent) {
        match event {
            RunEvent::Started(started) => self.started = Some((**started).clone()),
            RunEvent::PhaseStarted { phase } => self.phase = Some(*phase),
            RunEvent::HostCallStarted(call) => {
                self.call_count += 1;
                if self.calls.len() < self.max_trace {
                    self.open_calls.insert(call.id, self.calls.len());
                    self.calls.push(CallRecord {
                        id: call.id,
                        name: call.name.clone().into_owned(),
                        at_us,
                        request: call.request.clone(),
                        finished: None,
                        others: Vec::new(),
                    });
                }
            }
            RunEvent::HostCallFinished(call) => {
                if let Some(record) = self.open_calls.remove(&call.id).and_then(|index| self.calls.get_mut(index)) {
                    record.finished = Some(call.clone());
                }
            }
            RunEvent::WasiCall(_) => self.wasi_call_count += 1,
            RunEvent::Log { level, message } => {
                self.log_count += 1;
                if self.logs.len() < self.max_trace {
                    self.logs.push(LogRecord { level: *level, message: message.clone().into_owned() });
                }
            }
            RunEvent::Stdout { bytes } => keep(&mut self.stdout, &mut self.stdout_bytes, bytes),
            RunEvent::Stderr { bytes } => keep(&mut self.stderr, &mut self.stderr_bytes, bytes),
            RunEvent::Warning { message } => {
                if self.warnings.len() < self.max_trace.max(100) {
                    self.warnings.push(message.clone());
                }
            }
            RunEvent::HostCallHeld { .. } | RunEvent::HostCallReleased { .. } | RunEvent::Sample(_) => {}
            RunEvent::Finished(finished) => self.finished = Some((**finished).clone()),
        }
    }

    fn apply_shadow(&mut self, call: CallId, answer: &ShadowAnswer) {
        // Calls are numbered in order, so the search is short; a call beyond `max_trace` is not kept.
        if let Ok(index) = self.calls.binary_search_by_key(&call, |record| record.id)
            && let Some(record) = self.calls.get_mut(index)
        {
            record.others.push(answer.clone());
        }
    }
}

fn keep(kept: &mut Vec<u8>, count: &mut u64, bytes: &Payload) {
    let bytes = bytes.as_bytes();
    *count = count.saturating_add(bytes.len() as u64);
    let room = usize::try_from(super::MAX_OUTPUT_BYTES).unwrap_or(usize::MAX).saturating_sub(kept.len());
    kept.extend(bytes.iter().take(room));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::CallStarted;

    fn call(id: u64) -> RunEvent {
        RunEvent::HostCallStarted(CallStarted { id: CallId(id), name: "cis.ai_prompt".into(), request: CallRequest::default() })
    }

    #[test]
    fn calls_beyond_the_bound_are_counted_and_not_kept() {
        let mut summary = RunSummary::new(2);
        (1..=5).for_each(|id| summary.apply(id, &call(id)));
        assert_eq!((summary.calls.len(), summary.call_count), (2, 5));
    }

    #[test]
    fn a_shadow_answer_joins_its_call_also_after_the_end() {
        let mut summary = RunSummary::new(9);
        (1..=3).for_each(|id| summary.apply(id, &call(id)));
        let answer = ShadowAnswer { provider: "p".into(), response: Some("hi".into()), error: None, elapsed_us: 1, tokens: None };
        summary.apply_session_event(RunId(1), &Event::ShadowAnswered { run: RunId(1), call: CallId(2), answer: answer.clone() });
        summary.apply_session_event(RunId(1), &Event::ShadowAnswered { run: RunId(2), call: CallId(3), answer });
        assert_eq!(summary.calls.iter().map(|call| call.others.len()).collect::<Vec<_>>(), [0, 1, 0]);
    }
}
