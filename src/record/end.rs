//! The last line of a record, for lists: how the run ended, and how much there is of what.

use crate::event::{Event, Outcome, RunEvent, RunFinished, Usage};
use serde::{Deserialize, Serialize};

/// How much of an error's message the last line repeats, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// The last line. A record without one is that of a run that goes on, or of a program that was killed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordEnd {
    /// How the run ended; `None` where recording ended before the run.
    pub outcome: Option<Outcome>,
    /// `kind` of what went wrong.
    pub error_kind: Option<String>,
    /// The beginning of its message.
    pub error_message: Option<String>,
    /// What the run used.
    pub usage: Option<Usage>,
    /// Host calls.
    pub host_calls: u64,
    /// Host calls that failed or returned a negative code.
    pub failed_calls: u64,
    /// Calls of functions of WASI.
    pub wasi_calls: u64,
    /// Log lines.
    pub log_lines: u64,
    /// Answers of providers that were asked for comparison.
    pub shadow_answers: u64,
    /// Lines before this one.
    pub lines: u64,
    /// Bytes before this line.
    pub bytes: u64,
    /// SHA-256 of these bytes in lower-case hex.
    pub sha256: String,
}

impl RecordEnd {
    /// Takes in one event of the run.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Run { what, .. } => self.count_run_event(what),
            Event::ShadowAnswered { .. } => self.shadow_answers += 1,
            _ => {}
        }
    }

    fn count_run_event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::HostCallStarted(_) => self.host_calls += 1,
            RunEvent::HostCallFinished(call) => {
                let failed = call.error.is_some() || call.result.is_some_and(|result| result < 0);
                self.failed_calls += u64::from(failed);
            }
            RunEvent::WasiCall(_) => self.wasi_calls += 1,
            RunEvent::Log { .. } => self.log_lines += 1,
            RunEvent::Finished(finished) => self.finish(finished),
            RunEvent::Started(_)
            | RunEvent::PhaseStarted { .. }
            | RunEvent::HostCallHeld { .. }
            | RunEvent::HostCallReleased { .. }
            | RunEvent::FaultInjected { .. }
            | RunEvent::Stdout { .. }
            | RunEvent::Stderr { .. }
            | RunEvent::Warning { .. }
            | RunEvent::Sample(_) => {}
        }
    }

    fn finish(&mut self, finished: &RunFinished) {
        self.outcome = Some(finished.outcome);
        self.usage = Some(finished.usage.clone());
        if let Some(error) = &finished.error {
            self.error_kind = Some(error.kind.clone().into_owned());
            self.error_message = Some(error.message.chars().take(MAX_MESSAGE_CHARS).collect());
        }
    }
}
