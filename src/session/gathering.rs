//! How the reader of a session's events keeps out of the way of the run that sends them.
//!
//! A reader that takes each event the moment it is there has the two processors hand the same lines of memory to and fro: a host call
//! of a run then costs half as much again, or twice as much. So where events come fast, they are left to gather for a moment, which nobody sees.
//! Where they come one by one, nothing waits.

use crate::event::Event;
use crossbeam_channel::Receiver;
use std::time::{Duration, Instant};

/// How long events gather.
const REST: Duration = Duration::from_micros(100);
/// Events that come closer than this come fast.
const GAP: Duration = Duration::from_micros(2);
/// So many must have come fast before the reader rests.
const ENOUGH: u32 = 32;

/// The pace of one reader of events.
#[derive(Debug)]
pub struct Gathering {
    waits: u32,
    since: Instant,
}

impl Default for Gathering {
    fn default() -> Self {
        Self { waits: 0, since: Instant::now() }
    }
}

impl Gathering {
    /// To be called before each wait for events: where they come fast and none is there now, it sleeps for a tenth of a millisecond.
    pub fn before_wait(&mut self, events: &Receiver<Event>) {
        self.waits += 1;
        if self.waits < ENOUGH || !events.is_empty() {
            return;
        }
        if self.came_fast(Instant::now()) {
            std::thread::sleep(REST);
        }
        *self = Self::default();
    }

    fn came_fast(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < GAP.saturating_mul(self.waits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[test]
    fn only_many_events_close_together_come_fast() {
        let since = Instant::now();
        let gathering = Gathering { waits: 100, since };
        assert!(gathering.came_fast(since + Duration::from_micros(199)));
        assert!(!gathering.came_fast(since + Duration::from_micros(200)));
    }

    #[test]
    fn what_is_there_is_not_waited_for_and_few_events_never_are() {
        let (sender, events) = crossbeam_channel::unbounded();
        let long_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let mut gathering = Gathering { waits: 0, since: long_ago };
        for _ in 1..ENOUGH {
            gathering.before_wait(&events);
        }
        sender.send(Event::ChecksDone).unwrap();
        gathering.before_wait(&events);
        // All that counts towards the next rest.
        assert_eq!((gathering.waits, gathering.since), (ENOUGH, long_ago));
        events.recv().unwrap();
        gathering.before_wait(&events);
        assert_eq!(gathering.waits, 0);
    }
}
