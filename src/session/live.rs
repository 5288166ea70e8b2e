//! The runs that are going on, for readers who draw their figures: the one thing that readers look at themselves.

use crate::event::{GaugeSample, Gauges, RunId};
use crate::host::RunControl;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A run that was started, to be looked at; what it is told to do goes by commands. Cheap to clone. It keeps its last figures
/// when the run has ended; the final ones are in `Finished`.
#[derive(Clone, Debug)]
pub struct LiveRun {
    gauges: Arc<Gauges>,
    control: RunControl,
}

impl LiveRun {
    pub(super) const fn new(gauges: Arc<Gauges>, control: RunControl) -> Self {
        Self { gauges, control }
    }

    /// The gauges at this moment. They stand still while the run is paused, and are zero while its module is compiled.
    pub fn sample(&self) -> GaugeSample {
        self.gauges.sample()
    }

    /// The time since the first phase began, paused time left out; zero before it.
    pub fn elapsed(&self) -> Duration {
        self.control.elapsed()
    }

    /// What is left until the deadline.
    pub fn remaining(&self) -> Duration {
        self.control.remaining()
    }

    /// Whether the run is asked to stand still: it does so at its next checkpoint or host call.
    pub fn is_paused(&self) -> bool {
        self.control.is_paused()
    }
}

/// The runs of a session that have not ended; all clones are the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct LiveRuns(Arc<Mutex<BTreeMap<RunId, LiveRun>>>);

/// A run that is among them until this is dropped.
pub(super) struct Entered {
    runs: LiveRuns,
    run: RunId,
}

impl LiveRuns {
    pub(super) fn enter(&self, run: RunId, live: LiveRun) -> Entered {
        self.lock().insert(run, live);
        Entered { runs: self.clone(), run }
    }

    pub(super) fn get(&self, run: RunId) -> Option<LiveRun> {
        self.lock().get(&run).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RunId, LiveRun>> {
        // A panic while the lock was held cannot leave the map inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.runs.lock().remove(&self.run);
    }
}
