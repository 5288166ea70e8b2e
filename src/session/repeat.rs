//! The run that is repeated when files are saved, with the watcher of those files.

use super::command::{Command, RunRequest};
use super::config::SessionConfig;
use super::watch::{Interest, Told, Unrest, Watcher};
use super::watched::{Watched, read_and_watch};
use crossbeam_channel::Sender;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long wrong settings must stay wrong before it is told: they may be half written.
const PATIENCE_WITH_WRONG_SETTINGS: Duration = Duration::from_millis(500);

/// The last run that was asked for, ready to be made again.
pub struct Repeat {
    request: RunRequest,
    watcher: Watcher,
    interest: Interest,
    settings: Interest,
    wrong_settings: Option<WrongSettings>,
}

/// Settings that were saved and cannot be taken.
struct WrongSettings {
    files: BTreeSet<PathBuf>,
    /// When to read them once more.
    retry: Instant,
}

impl Repeat {
    /// Watches the files that a run depends on; what the watcher says goes to the session as commands.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(config: &SessionConfig, request: &RunRequest, commands: Sender<Command>) -> std::io::Result<Self> {
        let watcher = Watcher::start(move |told| {
            // A session that has ended needs no word.
            let _ = commands.send(match told {
                Told::Saved(files) => Command::FilesSaved(files),
                Told::Note(message) => Command::Note(message),
            });
        })?;
        let mut repeat = Self {
            request: request.clone(),
            watcher,
            interest: Interest::default(),
            settings: Interest::default(),
            wrong_settings: None,
        };
        repeat.watch_again(config);
        Ok(repeat)
    }

    /// Finds out anew which files matter: a manifest may name others now. While there is no such skill, those before matter too.
    pub fn watch_again(&mut self, config: &SessionConfig) {
        let Self { request, watcher, interest: watched, settings, .. } = self;
        let before = watched.clone();
        let read = || {
            let Watched { mut interest, settings, is_there } = Watched::of(config, request);
            if !is_there {
                interest.extend(&before);
            }
            (settings, interest)
        };
        *settings = read_and_watch(watched, read, |interest| watcher.attend(interest));
    }

    /// Whether something is happening to the files.
    pub fn unrest(&self) -> Unrest {
        self.watcher.unrest()
    }

    /// The run.
    pub const fn request(&self) -> &RunRequest {
        &self.request
    }

    /// Those of the files that are, or were, the workspace's settings.
    pub fn settings_among(&self, files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        files.iter().filter(|file| self.settings.names(file)).cloned().collect()
    }

    /// When wrong settings are to be read once more, if they are wrong.
    pub fn settings_retry(&self) -> Option<Instant> {
        self.wrong_settings.as_ref().map(|wrong| wrong.retry)
    }

    /// The settings that were saved are wrong for the moment.
    pub fn settings_are_wrong(&mut self, files: BTreeSet<PathBuf>) {
        self.wrong_settings = Some(WrongSettings { files, retry: Instant::now() + PATIENCE_WITH_WRONG_SETTINGS });
    }

    /// Nothing is to be read once more; gives the files that were.
    pub fn settings_are_done(&mut self) -> BTreeSet<PathBuf> {
        self.wrong_settings.take().map(|wrong| wrong.files).unwrap_or_default()
    }
}
