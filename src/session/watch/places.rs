//! The directories that the system watches for us: kept to those that matter now, and watched anew where one was replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Someone who tells what happens in directories.
pub(super) trait Notifier: Send {
    /// Watches one directory, not what lies in the directories below it.
    ///
    /// # Errors
    /// In words, why it cannot.
    fn watch(&mut self, directory: &Path) -> Result<(), String>;

    /// Does so no longer. A directory that has gone is none.
    fn unwatch(&mut self, directory: &Path);
}

/// The directories that are watched.
pub(super) struct Places {
    notifier: Box<dyn Notifier>,
    watched: BTreeMap<PathBuf, Identity>,
}

/// What tells a directory from another one in its place: device, number, and the time when it was made, since numbers are used again.
type Identity = (u64, u64, Option<SystemTime>);

impl Places {
    pub(super) fn new(notifier: Box<dyn Notifier>) -> Self {
        Self { notifier, watched: BTreeMap::new() }
    }

    /// Watches these directories and no others.
    ///
    /// # Errors
    /// Why one of them cannot be watched; the others are.
    pub(super) fn follow(&mut self, directories: &BTreeSet<PathBuf>) -> Result<(), String> {
        let mut there = BTreeMap::new();
        for directory in directories {
            if let Some(identity) = identity_of(directory) {
                there.insert(directory.clone(), identity);
            }
        }
        let Self { notifier, watched } = self;
        watched.retain(|directory, identity| {
            let is_same = there.get(directory) == Some(identity);
            if !is_same {
                notifier.unwatch(directory);
            }
            is_same
        });
        let mut refused = Ok(());
        for (directory, identity) in there {
            if watched.contains_key(&directory) {
                continue;
            }
            match notifier.watch(&directory) {
                Ok(()) => drop(watched.insert(directory, identity)),
                // One that has just gone needs no watching.
                Err(_) if !directory.is_dir() => {}
                Err(why) => refused = Err(format!("{}: {why}", directory.display())),
            }
        }
        refused
    }

    /// A directory was removed or moved: whatever is in its place must be watched anew.
    pub(super) fn lost(&mut self, directory: &Path) {
        if self.watched.remove(directory).is_some() {
            self.notifier.unwatch(directory);
        }
    }
}

fn identity_of(directory: &Path) -> Option<Identity> {
    let metadata = std::fs::metadata(directory).ok().filter(std::fs::Metadata::is_dir)?;
    let created = metadata.created().ok();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some((metadata.dev(), metadata.ino(), created))
    }
    #[cfg(not(unix))]
    Some((0, 0, created))
}
