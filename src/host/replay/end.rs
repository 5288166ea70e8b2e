//! What is known of a replay when its run is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why a replay ended its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayEnd {
    /// A call differs from the recorded one.
    Diverged,
    /// The record has no more.
    RecordEnds,
}

/// What a replay counts; all clones are the same one, so that whoever started the run can look at it afterwards.
#[derive(Clone, Debug, Default)]
pub struct ReplayTally(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    answered: u64,
    end: Option<ReplayEnd>,
}

impl ReplayTally {
    /// How many calls were answered from the record.
    pub fn answered(&self) -> u64 {
        self.lock().answered
    }

    /// Why the replay ended the run, where it did.
    pub fn ended(&self) -> Option<ReplayEnd> {
        self.lock().end
    }

    pub(super) fn count_answer(&self) {
        self.lock().answered += 1;
    }

    pub(super) fn end(&self, how: ReplayEnd) {
        self.lock().end.get_or_insert(how);
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        // A panic while the lock was held cannot leave the plain fields inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
