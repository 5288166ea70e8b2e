//! One run of a skill as the subject of a sweep: it passes where it ends with `ok`, and with the output that it had at first. Other
//! providers say other things: where they are compared, `ok` is enough.

use super::{Attempt, Cancelled, Change, Subject};
use crate::event::{CaseId, JsonDocument, RunFinished, RunSummary};
use crate::host::RunControl;
use crate::host::store::MemoryStore;
use crate::session::command::RunRequest;
use crate::session::config::SettingsInForce;
use crate::session::live::LiveRuns;
use crate::session::perform::{Prepared, StandIns};
use crate::session::run_apart::RunsApart;
use crate::session::services::Shared;
use std::sync::{Arc, OnceLock};

/// The host calls that are kept of a run.
const MAX_CALLS: usize = 10_000;

/// A run that was asked for, to be made many times.
pub struct RunSubject {
    shared: Arc<Shared>,
    settings: Arc<SettingsInForce>,
    live: LiveRuns,
    request: RunRequest,
    control: RunControl,
    /// The output of the first attempt.
    expected: OnceLock<Option<JsonDocument>>,
}

impl Subject for RunSubject {
    fn name(&self) -> CaseId {
        CaseId { skill: self.request.target.to_string(), case: "run".to_owned() }
    }

    fn attempt(&self, change: &Change) -> Result<Attempt, Cancelled> {
        let mut request = self.request.clone();
        request.overrides.faults.extend(change.faults.iter().cloned());
        request.overrides.memory_bytes = change.memory_bytes.or(request.overrides.memory_bytes);
        request.overrides.fuel = change.fuel.map(Some).or(request.overrides.fuel);
        let settings = change.settings.clone().unwrap_or_else(|| Arc::clone(&self.settings));
        let summary = self.run(request, settings);
        if self.control.is_cancelled() {
            return Err(Cancelled);
        }
        // A run always begins and ends: what has no end was cancelled.
        let (Some(started), Some(finished)) = (summary.started, summary.finished) else { return Err(Cancelled) };
        let failure = self.failure(&finished, change.settings.is_some());
        Ok(Attempt {
            limits: started.limits,
            passed: failure.is_none(),
            finished,
            calls: summary.calls,
            faults: summary.faults,
            failure,
        })
    }
}

impl RunSubject {
    /// A run under these settings, which can be looked at among the `live` ones; `control` is the sweep's own handle, whose cancel is
    /// each run's.
    pub const fn new(
        shared: Arc<Shared>,
        settings: Arc<SettingsInForce>,
        live: LiveRuns,
        request: RunRequest,
        control: RunControl,
    ) -> Self {
        Self { shared, settings, live, request, control, expected: OnceLock::new() }
    }

    /// Why an attempt did not pass.
    fn failure(&self, finished: &RunFinished, may_differ: bool) -> Option<String> {
        if let Some(error) = &finished.error {
            return Some(format!("{}: {}", finished.outcome, error.message));
        }
        let is_as_expected = may_differ || *self.expected.get_or_init(|| finished.output.clone()) == finished.output;
        (!is_as_expected).then(|| "its output is another one than at first".to_owned())
    }

    /// Nothing is kept from one run to the next, and nothing of the session's own is touched.
    fn run(&self, request: RunRequest, settings: Arc<SettingsInForce>) -> RunSummary {
        let stand_ins = StandIns { ai: settings.ai.clone(), store: Arc::new(MemoryStore::new()), http: None };
        let prepared = Prepared { stand_ins: Some(stand_ins), ..Prepared::default() };
        let runs = RunsApart { shared: &self.shared, live: &self.live, control: &self.control };
        runs.perform(request, settings, prepared, MAX_CALLS)
    }
}
