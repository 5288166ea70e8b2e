//! The loop of a watcher: waits until things have settled, looks, and tells what was saved.

use super::interest::{Extent, Interest, MAX_BELOW};
use super::picture::Picture;
use super::places::{Notifier, Places};
use super::settling::Settling;
use super::{Told, Unrest};
use crossbeam_channel::{Receiver, Sender};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often files are looked at where the system tells of changes: it may lose one.
const LOOK_ANYWAY: Duration = Duration::from_secs(2);
/// How often they are looked at where it does not.
const POLL: Duration = Duration::from_millis(400);
/// Looks that take long are made less often: the time between two is at least so many times that of one.
const REST: u32 = 20;

/// What the system told.
#[derive(Debug)]
pub(super) enum Happened {
    /// Something happened to these.
    To {
        paths: Vec<PathBuf>,
        /// Whether another file, or none, is in their place now.
        is_replaced: bool,
    },
    /// These were written, and will be closed.
    Written { paths: Vec<PathBuf> },
    /// Whoever wrote these has closed them.
    Closed { paths: Vec<PathBuf> },
    /// Something was lost: anything may have happened.
    Lost,
}

/// What matters from now on; answered when it is known what the files are now.
pub(super) struct Order {
    pub interest: Interest,
    pub done: Sender<()>,
}

/// Who follows what happens to the files, on the watcher's thread.
pub(super) struct Follower {
    /// `None` where the system cannot watch.
    places: Option<Places>,
    /// Whether every directory that matters is watched.
    is_watching: bool,
    happened: Receiver<Happened>,
    unrest: Unrest,
    tell: Box<dyn FnMut(Told) + Send>,
    interest: Interest,
    known: Picture,
    settling: Settling,
    /// Files of which the system said that something happened to them since the last look.
    touched: BTreeSet<PathBuf>,
    /// Files that were told of before all has settled.
    told_early: BTreeSet<PathBuf>,
    /// A difference that was found without a word of the system's: it counts when the next look sees the same.
    doubtful: Option<Picture>,
    next_look: Instant,
    /// The directories of which it was told that they hold more than can be watched.
    told_cut: BTreeSet<PathBuf>,
}

impl Follower {
    pub(super) fn new(
        notifier: Result<Box<dyn Notifier>, String>,
        happened: Receiver<Happened>,
        unrest: Unrest,
        tell: Box<dyn FnMut(Told) + Send>,
    ) -> Self {
        let mut follower = Self {
            places: None,
            is_watching: true,
            happened,
            unrest,
            tell,
            interest: Interest::default(),
            known: Picture::default(),
            settling: Settling::default(),
            touched: BTreeSet::new(),
            told_early: BTreeSet::new(),
            doubtful: None,
            next_look: Instant::now() + LOOK_ANYWAY,
            told_cut: BTreeSet::new(),
        };
        match notifier {
            Ok(notifier) => follower.places = Some(Places::new(notifier)),
            Err(why) => follower.cannot_watch(&why),
        }
        follower
    }

    /// Follows until nobody can give an order any more.
    pub(super) fn follow(mut self, orders: &Receiver<Order>) {
        loop {
            let due = self.settling.due();
            self.unrest.set(due.is_some());
            let wake = due.unwrap_or(self.next_look);
            crossbeam_channel::select! {
                recv(orders) -> order => match order {
                    Ok(Order { interest, done }) => {
                        self.attend(interest);
                        // Whoever asked may have gone.
                        let _ = done.send(());
                    }
                    Err(_) => return,
                },
                recv(self.happened) -> happened => match happened {
                    Ok(happened) => self.take_in(&happened),
                    Err(_) => self.happened = crossbeam_channel::never(),
                },
                recv(crossbeam_channel::at(wake)) -> _ => self.look_or_wait_on(),
            }
        }
    }

    fn attend(&mut self, interest: Interest) {
        let before = self.interest.extent();
        self.interest = interest;
        let extent = self.interest.extent();
        self.follow_directories(&extent);
        let now = Picture::take(&extent, &self.known, &self.touched);
        self.known.learn(now, &before);
        self.known.keep(&extent);
    }

    fn take_in(&mut self, happened: &Happened) {
        let now = Instant::now();
        let (Happened::To { paths, .. } | Happened::Written { paths } | Happened::Closed { paths }) = happened else {
            self.settling.stir(now);
            return;
        };
        let mut is_put = false;
        for path in paths.iter().filter(|path| self.interest.concerns(path)) {
            match happened {
                Happened::Written { .. } => self.settling.written(path, now),
                Happened::Closed { .. } => self.settling.closed(path),
                Happened::To { is_replaced: true, .. } => {
                    self.settling.closed(path);
                    self.places.iter_mut().for_each(|places| places.lost(path));
                }
                Happened::To { .. } | Happened::Lost => {}
            }
            // One that was only made is still to be written.
            let is_whole = matches!(happened, Happened::Closed { .. } | Happened::To { is_replaced: true, .. });
            is_put |= is_whole && self.interest.is_prompt(path);
            self.touched.insert(path.clone());
            self.settling.stir(now);
        }
        if is_put {
            self.tell_early();
        }
    }

    /// Tells of files that have just been put there, before it is known whether that was all: once for all that happens without a pause,
    /// so that of a burst the first version and the last are told of, and none between. What they become is told when it has settled.
    fn tell_early(&mut self) {
        if !self.told_early.is_empty() || self.doubtful.is_some() {
            return;
        }
        let extent = self.interest.named();
        let is_prompt = |file: &PathBuf| self.interest.is_prompt(file);
        // The content is read before it is told of, so that a change after that is noticed.
        let seen = Picture::take(&extent, &self.known, &self.touched);
        let named = self.known.of(&extent);
        let mut saved: BTreeSet<PathBuf> = seen.saved_since(&named).into_iter().filter(is_prompt).collect();
        saved.retain(|file| !self.settling.is_being_written(file));
        seen.retain_there(&mut saved);
        if !saved.is_empty() {
            self.known.update(&seen, &saved);
            self.told_early.clone_from(&saved);
            (self.tell)(Told::Saved(saved));
        }
    }

    fn look_or_wait_on(&mut self) {
        let now = Instant::now();
        let is_due = self.settling.due().is_some_and(|due| due <= now);
        if is_due {
            self.look_after_a_stir();
        } else if self.next_look <= now && self.settling.due().is_none() {
            let seen = self.look();
            if !seen.saved_since(&self.known).is_empty() {
                self.doubtful = Some(seen);
                self.settling.stir_unseen(Instant::now());
            }
        }
    }

    fn look_after_a_stir(&mut self) {
        self.settling.settled();
        let seen = self.look();
        if let Some(doubtful) = self.doubtful.take()
            && !seen.saved_since(&doubtful).is_empty()
        {
            self.doubtful = Some(seen);
            self.settling.stir_unseen(Instant::now());
            return;
        }
        let mut saved = seen.saved_since(&self.known);
        let told_early = std::mem::take(&mut self.told_early);
        saved.retain(|file| !(told_early.contains(file) && seen.has_the_content_of(&self.known, file)));
        self.known = seen;
        if !saved.is_empty() {
            (self.tell)(Told::Saved(saved));
        }
    }

    fn look(&mut self) -> Picture {
        let began = Instant::now();
        let extent = self.interest.extent();
        self.follow_directories(&extent);
        let seen = Picture::take(&extent, &self.known, &std::mem::take(&mut self.touched));
        let pause = if self.is_watching { LOOK_ANYWAY } else { POLL };
        self.next_look = Instant::now() + pause.max(began.elapsed() * REST);
        seen
    }

    fn follow_directories(&mut self, extent: &Extent) {
        for directory in &extent.cut {
            if self.told_cut.insert(directory.clone()) {
                let shown = directory.display();
                (self.tell)(Told::Note(format!("there are too many files below {shown}: {MAX_BELOW} of them are watched")));
            }
        }
        let followed = self.places.as_mut().map(|places| places.follow(&extent.directories));
        match followed {
            Some(Err(why)) => self.cannot_watch(&why),
            Some(Ok(())) => self.is_watching = true,
            None => {}
        }
    }

    fn cannot_watch(&mut self, why: &str) {
        if std::mem::replace(&mut self.is_watching, false) {
            self.next_look = Instant::now() + POLL;
            (self.tell)(Told::Note(format!("the system cannot watch files ({why}); they are looked at twice a second instead")));
        }
    }
}
