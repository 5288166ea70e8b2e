//! A run that nobody else looks at, made to its end where it is asked for: what suites and sweeps are made of.
//!
//! It knows how a run is performed, and nothing of cases or sweeps.

use super::command::RunRequest;
use super::config::SettingsInForce;
use super::gathering::Gathering;
use super::live::{LiveRun, LiveRuns};
use super::perform::{Occasion, Performance, Prepared};
use super::services::Shared;
use crate::event::{DEFAULT_TIMEOUT, Event, Gauges, RunEvent, RunSummary};
use crate::host::RunControl;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::sync::Arc;
use std::time::Duration;

/// How often a cancel is looked for while a run says nothing.
const PATIENCE: Duration = Duration::from_millis(20);

/// Where such runs are made.
pub struct RunsApart<'a> {
    /// What the session's threads share.
    pub shared: &'a Arc<Shared>,
    /// Where each run can be looked at while it goes on.
    pub live: &'a LiveRuns,
    /// The handle of whoever asks for runs: its cancel is each run's.
    pub control: &'a RunControl,
}

impl RunsApart<'_> {
    /// Makes a run, of which at most `max_calls` host calls are kept.
    pub fn perform(
        &self,
        request: RunRequest,
        settings: Arc<SettingsInForce>,
        prepared: Prepared,
        max_calls: usize,
    ) -> RunSummary {
        let (events, queue) = crossbeam_channel::bounded(super::EVENT_QUEUE);
        let run = self.shared.next_run();
        let (control, gauges) = (RunControl::new(DEFAULT_TIMEOUT), Arc::new(Gauges::default()));
        let performance = Performance {
            shared: Arc::clone(self.shared),
            settings,
            occasion: Occasion::Asked,
            superseded: Arc::default(),
            gauges: Arc::clone(&gauges),
            prepared,
            entered: self.live.enter(run, LiveRun::new(gauges, control.clone())),
            run,
            request,
            control: control.clone(),
            events,
        };
        std::thread::scope(|scope| {
            scope.spawn(move || performance.perform());
            self.follow(&queue, &control, RunSummary::new(max_calls))
        })
    }

    /// Reads a run's events to their end, and hands a cancel on to it.
    fn follow(&self, queue: &Receiver<Event>, control: &RunControl, mut summary: RunSummary) -> RunSummary {
        let mut gathering = Gathering::default();
        loop {
            gathering.before_wait(queue);
            let event = queue.recv_timeout(PATIENCE);
            if self.control.is_cancelled() {
                control.cancel();
            }
            match event {
                Ok(Event::Run { what: RunEvent::Sample(_), .. }) => {}
                Ok(Event::Run { at_us, what, .. }) => summary.apply(at_us, &what),
                // The last of all.
                Ok(Event::ShadowsDone { .. }) | Err(RecvTimeoutError::Disconnected) => return summary,
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
