//! When a change counts as complete: after a moment in which nothing more happened, and with no writer at work.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What belongs to one save comes within this time.
const ONE_SAVE: Duration = Duration::from_millis(8);
/// How long nothing must happen after one save.
const QUIET: Duration = Duration::from_millis(30);
/// The same, once more than one save came in a row.
const QUIET_IN_A_BURST: Duration = Duration::from_millis(80);
/// Something that goes on for longer than this is not waited for: it may never end.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a file that somebody still has open for writing is waited for, from its last change on.
const PATIENCE_WITH_WRITERS: Duration = Duration::from_secs(5);

/// What is going on.
#[derive(Debug, Default)]
pub(super) struct Settling {
    stirred: Option<Stirred>,
    /// Files that were written and not closed yet, with the time of the last write.
    writers: BTreeMap<PathBuf, Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Stirred {
    first: Instant,
    last: Instant,
}

impl Settling {
    /// Something happened.
    pub(super) fn stir(&mut self, now: Instant) {
        let first = self.stirred.map_or(now, |stirred| stirred.first);
        self.stirred = Some(Stirred { first, last: now });
    }

    /// Something has happened that nobody was told of, so that nobody knows for how long it has been going on.
    pub(super) fn stir_unseen(&mut self, now: Instant) {
        self.stirred = Some(Stirred { first: now.checked_sub(ONE_SAVE * 2).unwrap_or(now), last: now });
    }

    /// A file was written, and its writer has not closed it.
    pub(super) fn written(&mut self, file: &Path, now: Instant) {
        self.writers.insert(file.to_owned(), now);
    }

    /// A file was closed, or has gone: nobody writes it any more.
    pub(super) fn closed(&mut self, file: &Path) {
        self.writers.remove(file);
    }

    /// Whether somebody has written this file and not closed it.
    pub(super) fn is_being_written(&self, file: &Path) -> bool {
        self.writers.contains_key(file)
    }

    /// When all is settled, unless something more happens; `None` where nothing happened.
    pub(super) fn due(&self) -> Option<Instant> {
        let Stirred { first, last } = self.stirred?;
        let quiet = if last.saturating_duration_since(first) <= ONE_SAVE { QUIET } else { QUIET_IN_A_BURST };
        let writers = self.writers.values().max().map(|written| *written + PATIENCE_WITH_WRITERS);
        Some((last + quiet).max(writers.unwrap_or(last)).min(first + LONGEST))
    }

    /// All is settled.
    pub(super) fn settled(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn one_save_settles_soon_and_a_burst_only_when_it_is_over() {
        let now = Instant::now();
        let mut settling = Settling::default();
        assert_eq!(settling.due(), None);
        settling.stir(now);
        settling.stir(now + ms(5));
        assert_eq!(settling.due(), Some(now + ms(5) + QUIET));
        for save in 1..100 {
            settling.stir(now + ms(10 * save));
            assert_eq!(settling.due(), Some(now + ms(10 * save) + QUIET_IN_A_BURST));
        }
        settling.settled();
        assert_eq!(settling.due(), None);
    }

    #[test]
    fn what_never_ends_is_looked_at_all_the_same() {
        let now = Instant::now();
        let mut settling = Settling::default();
        for line in 0..10_000 {
            settling.stir(now + ms(10 * line));
            settling.written(Path::new("log"), now + ms(10 * line));
        }
        assert_eq!(settling.due(), Some(now + LONGEST));
    }

    #[test]
    fn a_writer_is_waited_for_but_not_for_ever() {
        let now = Instant::now();
        let mut settling = Settling::default();
        settling.stir(now);
        settling.written(Path::new("a"), now);
        settling.written(Path::new("b"), now);
        assert_eq!(settling.due(), Some(now + PATIENCE_WITH_WRITERS));
        settling.closed(Path::new("a"));
        assert_eq!(settling.due(), Some(now + PATIENCE_WITH_WRITERS));
        settling.stir(now + ms(400));
        settling.closed(Path::new("b"));
        assert_eq!(settling.due(), Some(now + ms(400) + QUIET_IN_A_BURST));
    }
}
