//! Notices when the files of a skill were saved, and waits until they have settled.
//!
//! What counts is the files' state, not the notifications: a notification (or a look twice a second, where watching is
//! not to be had) only makes it compare fingerprints. So a burst of saves, an editor's rename, a half-written file or a
//! directory that is replaced all end the same: one report for the last version, once it stopped changing.

use super::command::{Command, Overrides, Target};
use super::prepare;
use super::services::Shared;
use crate::event::Event;
use crossbeam_channel::{Receiver, Sender, bounded};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

/// How long the files must not have changed before they count as saved.
const SETTLED: Duration = Duration::from_millis(60);
/// How often the files are looked at whatever the notifications say.
const LOOK: Duration = Duration::from_millis(500);

/// A watcher of one skill's files; it ends when it is dropped.
pub struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches the skill that `target` means now and after each change. Where the system cannot watch, it polls, and says so.
    pub fn start(shared: Arc<Shared>, target: Target, commands: Sender<Command>, events: &Sender<Event>) -> Option<Self> {
        let (stop, stopped) = bounded(0);
        let events = events.clone();
        let follow = move || Follower::new(shared, target, commands, &events).follow(&stopped);
        let thread = std::thread::Builder::new().name("skillscope-watch".into()).spawn(follow).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by the panic hook; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// What a file was when it was looked at; `None` where there is none.
type Fingerprint = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

struct Follower {
    shared: Arc<Shared>,
    target: Target,
    commands: Sender<Command>,
    watcher: Option<RecommendedWatcher>,
    notified: Receiver<()>,
    watched: BTreeSet<PathBuf>,
    known: Fingerprint,
}

impl Follower {
    fn new(shared: Arc<Shared>, target: Target, commands: Sender<Command>, events: &Sender<Event>) -> Self {
        let (notify, notified) = bounded(1);
        let watcher = notify::recommended_watcher(move |_: notify::Result<notify::Event>| {
            // A full channel already says that something happened.
            let _ = notify.try_send(());
        });
        if let Err(error) = &watcher {
            let message = format!("this system cannot watch files ({error}); looking twice a second instead");
            let _ = events.send(Event::Notice { message });
        }
        let mut follower = Self {
            shared,
            target,
            commands,
            watcher: watcher.ok(),
            notified,
            watched: BTreeSet::new(),
            known: Fingerprint::new(),
        };
        follower.known = follower.look();
        follower
    }

    fn follow(mut self, stopped: &Receiver<()>) {
        loop {
            match wait(&self.notified, stopped, LOOK) {
                Woken::Stopped => return,
                Woken::Notified | Woken::Nothing => {}
            }
            let mut seen = self.look();
            if seen == self.known {
                continue;
            }
            loop {
                if let Woken::Stopped = wait(&crossbeam_channel::never(), stopped, SETTLED) {
                    return;
                }
                let again = self.look();
                if again == seen {
                    break;
                }
                seen = again;
            }
            self.known = seen;
            // A skill that is not there for the moment (a directory being replaced) is no version of it.
            if self.known.iter().any(|(_, file)| file.is_some()) && self.commands.send(Command::FilesChanged).is_err() {
                return;
            }
        }
    }

    /// The state of the skill's files now; directories that appeared are watched from now on.
    fn look(&mut self) -> Fingerprint {
        let files = self.files();
        for directory in files.iter().flat_map(|file| file.parent().into_iter().chain(file.parent().and_then(Path::parent))) {
            let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
            if !self.watched.contains(directory)
                && let Some(watcher) = &mut self.watcher
                && watcher.watch(directory, RecursiveMode::NonRecursive).is_ok()
            {
                self.watched.insert(directory.to_owned());
            }
        }
        // A directory that was replaced is another one under the same name: watch it anew.
        self.watched.retain(|directory| directory.exists());
        files
            .into_iter()
            .map(|file| {
                let state = state_of(&file);
                (file, state)
            })
            .collect()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: BTreeSet<PathBuf> = self.known.iter().map(|(file, _)| file.clone()).collect();
        if let Ok(skill) = prepare::find(&self.shared, &self.target, &Overrides::default()) {
            files = BTreeSet::from([skill.module_path]);
            files.extend(skill.manifest_path);
        } else if let Target::Path(path) = &self.target {
            files.insert(path.clone());
        }
        files.into_iter().collect()
    }
}

fn state_of(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

enum Woken {
    Stopped,
    Notified,
    Nothing,
}

fn wait(notified: &Receiver<()>, stopped: &Receiver<()>, at_most: Duration) -> Woken {
    crossbeam_channel::select! {
        recv(stopped) -> _ => Woken::Stopped,
        recv(notified) -> _ => Woken::Notified,
        default(at_most) => Woken::Nothing,
    }
}
