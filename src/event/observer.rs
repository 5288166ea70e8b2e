//! Who is told of each event of a run before its reader is: a recorder.

use super::Event;
use std::fmt::Debug;

/// An observer of a run. It never holds up a thread that draws: only the run itself waits for it, off its own clock.
pub trait EventObserver: Debug + Send + Sync {
    /// Takes in an event, without waiting for anything.
    fn observe(&self, event: &Event);

    /// Whether more was told than it has worked off: whoever can wait should [`Self::catch_up`] before the next event.
    fn is_behind(&self) -> bool;

    /// Waits until it has caught up, or gives up within some seconds.
    fn catch_up(&self);
}
