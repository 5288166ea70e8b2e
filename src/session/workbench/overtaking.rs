//! Which version of each skill is the newest, so that work for older ones is given up: what was overtaken is never shown, and a compiler
//! that works for it would keep the newest version waiting.

use crate::host::RunControl;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What both threads of a loader and its owner know. All clones are one.
#[derive(Clone, Default)]
pub struct Newest(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    versions: HashMap<String, u64>,
    works: Vec<Work>,
    /// The number of the work that was begun last.
    last: u64,
    /// Whether all is over.
    is_closed: bool,
}

struct Work {
    number: u64,
    skill: String,
    version: u64,
    control: RunControl,
}

/// Work for one version; it is known as long as this lives.
pub struct Working {
    newest: Newest,
    number: u64,
    control: RunControl,
}

impl Newest {
    /// A newer version of a skill has come: work for older ones is cancelled.
    pub fn overtake(&self, skill: &str, version: u64) {
        let mut state = self.lock();
        state.versions.insert(skill.to_owned(), version);
        state.works.iter().filter(|work| work.skill == skill && work.version < version).for_each(|work| work.control.cancel());
    }

    /// All work is cancelled, also what would begin later.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.works.iter().for_each(|work| work.control.cancel());
    }

    /// Begins work for a version; it is cancelled from the start where it is wanted no longer.
    pub fn work(&self, skill: &str, version: u64) -> Working {
        let control = RunControl::new(crate::event::DEFAULT_TIMEOUT);
        let mut state = self.lock();
        if state.is_closed || !state.is_newest(skill, version) {
            control.cancel();
        }
        state.last += 1;
        let number = state.last;
        state.works.push(Work { number, skill: skill.to_owned(), version, control: control.clone() });
        Working { newest: self.clone(), number, control }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave the state inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_newest(&self, skill: &str, version: u64) -> bool {
        self.versions.get(skill).is_none_or(|newest| *newest <= version)
    }
}

impl Working {
    /// By which it is cancelled.
    pub const fn control(&self) -> &RunControl {
        &self.control
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.newest.lock().works.retain(|work| work.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_for_an_older_version_is_cancelled_and_other_work_is_not() {
        let newest = Newest::default();
        newest.overtake("a", 1);
        let (old, other) = (newest.work("a", 1), newest.work("b", 1));
        assert!(!old.control().is_cancelled());
        newest.overtake("a", 2);
        assert!(old.control().is_cancelled() && !other.control().is_cancelled());
        assert!(newest.work("a", 1).control().is_cancelled(), "it was overtaken before it began");
        let new = newest.work("a", 2);
        assert!(!new.control().is_cancelled());
        drop(old);
        assert_eq!(newest.lock().works.len(), 2);
        newest.close();
        assert!(new.control().is_cancelled() && other.control().is_cancelled());
        assert!(newest.work("a", 2).control().is_cancelled());
    }
}
