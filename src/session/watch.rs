//! From files that matter to word that they were saved: paths in, settled changes out.
//!
//! What counts is the files' state, not the system's notifications: these only say when to look, and where they are not to
//! be had, or one is lost, time does. A look compares what is there with what was known, by content where times may deceive.
//! So a burst of saves, an editor's rename, a file that is written in parts or a directory that is replaced all end the same:
//! with one word about the last version, once nothing more happens.
//!
//! It knows files and time. What the files mean, and what follows when they were saved, is its user's business.

mod follower;
mod interest;
mod picture;
mod places;
mod settling;
#[cfg(test)]
mod tests;

pub use interest::{Below, Interest};

use crossbeam_channel::{Sender, bounded, unbounded};
use follower::{Follower, Happened, Order};
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use places::Notifier;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Something that the watcher has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These files were saved, appeared or went away, and nothing has happened since.
    Saved(BTreeSet<PathBuf>),
    /// Something that the user should know.
    Note(String),
}

/// Whether something is happening to the files that is not told yet, because it has not settled: what they are meanwhile may be
/// of no duration. All clones are of one watcher.
#[derive(Clone, Debug, Default)]
pub struct Unrest(Arc<AtomicBool>);

impl Unrest {
    /// Whether it is so now. What it was about, if it was about anything, is told before it ends.
    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn set(&self, is_there: bool) {
        self.0.store(is_there, Ordering::SeqCst);
    }
}

/// A watcher of files, with a thread of its own; it ends when it is dropped.
pub struct Watcher {
    orders: Option<Sender<Order>>,
    unrest: Unrest,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts a watcher to which nothing matters yet. `tell` must not wait for whoever calls [`Watcher::attend`].
    ///
    /// # Errors
    /// Where the system gives no thread. That it cannot watch is a note: the files are then looked at twice a second.
    pub fn start(tell: impl FnMut(Told) + Send + 'static) -> std::io::Result<Self> {
        Self::start_with(system, tell)
    }

    fn start_with(
        notifier: impl FnOnce(Sender<Happened>) -> Result<Box<dyn Notifier>, String> + Send + 'static,
        tell: impl FnMut(Told) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, inbox) = bounded(0);
        let unrest = Unrest::default();
        let inside = unrest.clone();
        let follow = move || {
            let (sender, happened) = unbounded();
            Follower::new(notifier(sender), happened, inside, Box::new(tell)).follow(&inbox);
        };
        let thread = std::thread::Builder::new().name("skillscope-watch".into()).spawn(follow)?;
        Ok(Self { orders: Some(orders), unrest, thread: Some(thread) })
    }

    /// Whether something is happening to the files.
    pub fn unrest(&self) -> Unrest {
        self.unrest.clone()
    }

    /// Says what matters from now on. When it returns, every later save of a file is noticed; one of a file that mattered
    /// before is noticed though it came meanwhile.
    pub fn attend(&self, interest: Interest) {
        let (done, known) = bounded(1);
        if self.orders.as_ref().is_some_and(|orders| orders.send(Order { interest, done }).is_ok()) {
            // A watcher that ended meanwhile notices nothing any more.
            let _ = known.recv();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by the panic hook; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Happened {
    fn of(event: notify::Result<notify::Event>) -> Option<Self> {
        let Ok(event) = event else { return Some(Self::Lost) };
        if event.need_rescan() {
            return Some(Self::Lost);
        }
        let paths = event.paths;
        Some(match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Self::Closed { paths },
            EventKind::Access(_) => return None,
            // Only here does the system tell of closing too.
            EventKind::Modify(ModifyKind::Data(_)) if cfg!(any(target_os = "linux", target_os = "android")) => {
                Self::Written { paths }
            }
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => Self::To { paths, is_replaced: true },
            _ => Self::To { paths, is_replaced: false },
        })
    }
}

/// The system's own way to watch directories.
fn system(happened: Sender<Happened>) -> Result<Box<dyn Notifier>, String> {
    let take = move |event: notify::Result<notify::Event>| {
        if let Some(told) = Happened::of(event) {
            // A watcher that has ended needs no word.
            let _ = happened.send(told);
        }
    };
    match notify::recommended_watcher(take) {
        Ok(watcher) => Ok(Box::new(System(watcher))),
        Err(error) => Err(words_of(&error)),
    }
}

struct System(RecommendedWatcher);

impl Notifier for System {
    fn watch(&mut self, directory: &Path) -> Result<(), String> {
        self.0.watch(directory, RecursiveMode::NonRecursive).map_err(|error| words_of(&error))
    }

    fn unwatch(&mut self, directory: &Path) {
        // The system has dropped the watch of a directory that has gone by itself.
        let _ = self.0.unwatch(directory);
    }
}

/// The error without the paths, which are told beside it.
fn words_of(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::Io(error) => error.to_string(),
        notify::ErrorKind::MaxFilesWatch => "too many directories are watched already".to_owned(),
        kind => format!("{kind:?}"),
    }
}
