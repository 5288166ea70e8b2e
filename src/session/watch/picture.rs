//! What the watched files were at one moment, and which of them were saved since.

use super::interest::Extent;
use crate::skill::read_bytes;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The largest file whose content is compared; of a larger one the times have to do.
const MAX_DIGESTED_BYTES: u64 = 128 << 20;
/// A file that was changed so shortly ago may be changed again without a sign: times have steps, of seconds on some disks.
const YOUNG: Duration = Duration::from_secs(3);

/// The files that are there, each with what tells one version from another.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture(BTreeMap<PathBuf, Seen>);

#[derive(Clone, Debug)]
struct Seen {
    stamp: Stamp,
    digest: Option<[u8; 32]>,
    /// Whether the stamp could stay the same over another change.
    young: bool,
}

/// What the system says about a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    is_file: bool,
    /// Device and number: another file of the same name is another version.
    identity: (u64, u64),
    /// When anything about it changed, its rights or its names included: no version of its own.
    changed: (i64, i64),
}

impl Picture {
    /// Looks at the files now. Contents of named files are read where they may have changed since `before`; those of `touched`
    /// may have.
    pub(super) fn take(extent: &Extent, before: &Self, touched: &BTreeSet<PathBuf>) -> Self {
        let named = extent.named.iter().map(|file| (file, true));
        let found = extent.found.difference(&extent.named).map(|file| (file, false));
        let seen = named.chain(found).filter_map(|(file, is_named)| {
            let known = before.0.get(file).filter(|_| !touched.contains(file));
            Some((file.clone(), Seen::look(file, is_named, known)?))
        });
        Self(seen.collect())
    }

    /// The files that were saved, that appeared or went away.
    pub(super) fn saved_since(&self, before: &Self) -> BTreeSet<PathBuf> {
        let here =
            self.0.iter().filter(|(file, seen)| before.0.get(*file).is_none_or(|known| seen.is_another_version_than(known)));
        let gone = before.0.keys().filter(|file| !self.0.contains_key(*file));
        here.map(|(file, _)| file).chain(gone).cloned().collect()
    }

    /// Whether a file has the content that it had then, as far as contents were read.
    pub(super) fn has_the_content_of(&self, before: &Self, file: &Path) -> bool {
        let digest = |picture: &Self| picture.0.get(file).and_then(|seen| seen.digest);
        digest(self).is_some() && digest(self) == digest(before)
    }

    /// Takes over from `newer` what is seen of these files.
    pub(super) fn update(&mut self, newer: &Self, files: &BTreeSet<PathBuf>) {
        for file in files {
            match newer.0.get(file) {
                Some(seen) => drop(self.0.insert(file.clone(), seen.clone())),
                None => drop(self.0.remove(file)),
            }
        }
    }

    /// What is known of the files that were asked for by name.
    pub(super) fn of(&self, extent: &Extent) -> Self {
        let known = extent.named.iter().filter_map(|file| Some((file.clone(), self.0.get(file)?.clone())));
        Self(known.collect())
    }

    /// Keeps those of the files that are there.
    pub(super) fn retain_there(&self, files: &mut BTreeSet<PathBuf>) {
        files.retain(|file| self.0.contains_key(file));
    }

    /// Takes over from `other` what is seen of files that are unknown here, and the contents of those whose content mattered to nobody.
    pub(super) fn learn(&mut self, other: Self, known: &Extent) {
        for (file, seen) in other.0 {
            let is_unread = |before: &Seen| before.digest.is_none() && before.stamp == seen.stamp;
            let is_unknown = !known.named.contains(&file) && !known.found.contains(&file);
            if is_unknown || self.0.get(&file).is_some_and(is_unread) {
                self.0.insert(file, seen);
            }
        }
    }

    /// Forgets the files that do not matter any more.
    pub(super) fn keep(&mut self, extent: &Extent) {
        self.0.retain(|file, _| extent.named.contains(file) || extent.found.contains(file));
    }
}

impl Seen {
    fn look(file: &Path, is_named: bool, known: Option<&Self>) -> Option<Self> {
        let stamp = Stamp::of(&std::fs::metadata(file).ok()?);
        if let Some(known) = known.filter(|known| known.stamp == stamp && !known.young) {
            return Some(known.clone());
        }
        let young = stamp.is_young();
        let is_read = is_named && stamp.is_file && stamp.length <= MAX_DIGESTED_BYTES;
        let bytes = is_read.then(|| read_bytes(file, MAX_DIGESTED_BYTES).ok()).flatten();
        Some(Self { stamp, digest: bytes.map(|bytes| Sha256::digest(bytes).into()), young })
    }

    fn is_another_version_than(&self, known: &Self) -> bool {
        let told = |stamp: &Stamp| (stamp.modified, stamp.length, stamp.is_file, stamp.identity);
        let is_other_content = self.digest.zip(known.digest).is_some_and(|(now, before)| now != before);
        told(&self.stamp) != told(&known.stamp) || is_other_content
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let (identity, changed) = unix_stamp(metadata);
        Self { modified: metadata.modified().ok(), length: metadata.len(), is_file: metadata.is_file(), identity, changed }
    }

    fn is_young(&self) -> bool {
        let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) else { return true };
        let since_epoch = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let changed = Duration::from_secs(self.changed.0.unsigned_abs());
        let last = self.modified.map_or(changed, |modified| since_epoch(modified).max(changed));
        now.saturating_sub(last) < YOUNG
    }
}

#[cfg(unix)]
fn unix_stamp(metadata: &Metadata) -> ((u64, u64), (i64, i64)) {
    use std::os::unix::fs::MetadataExt as _;
    ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn unix_stamp(_metadata: &Metadata) -> ((u64, u64), (i64, i64)) {
    ((0, 0), (0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn extent(file: &Path) -> Extent {
        Extent { named: BTreeSet::from([file.to_owned()]), ..Extent::default() }
    }

    fn set_modified(file: &Path, time: SystemTime) {
        fs::File::options().append(true).open(file).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_change_of_content_is_seen_though_size_and_time_stay() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("module.wasm");
        let long_ago = SystemTime::now() - Duration::from_secs(100_000);
        let write = |content: &str| {
            fs::write(&file, content).unwrap();
            set_modified(&file, long_ago);
            Picture::take(&extent(&file), &Picture::default(), &BTreeSet::new())
        };
        let first = write("one");
        fs::write(&file, "two").unwrap();
        set_modified(&file, long_ago);
        let second = Picture::take(&extent(&file), &first, &BTreeSet::new());
        assert_eq!(second.saved_since(&first), BTreeSet::from([file.clone()]));
        assert_eq!(Picture::take(&extent(&file), &second, &BTreeSet::new()).saved_since(&second), BTreeSet::new());
    }

    #[test]
    fn the_content_of_a_file_that_was_named_is_compared_though_it_was_found_too() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("module.wasm");
        let long_ago = SystemTime::now() - Duration::from_secs(100_000);
        let extent = Extent { found: BTreeSet::from([file.clone()]), ..extent(&file) };
        let mut before = Picture::default();
        for (content, saved) in [("one", 1), ("two", 1), ("two", 0)] {
            fs::write(&file, content).unwrap();
            set_modified(&file, long_ago);
            let now = Picture::take(&extent, &before, &BTreeSet::new());
            assert_eq!(now.saved_since(&before).len(), saved, "{content}");
            before = now;
        }
    }

    #[test]
    fn a_save_without_a_change_is_one_and_a_change_of_rights_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("module.wasm");
        fs::write(&file, "same").unwrap();
        let first = Picture::take(&extent(&file), &Picture::default(), &BTreeSet::new());
        let mut rights = fs::metadata(&file).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(&file, rights.clone()).unwrap();
        let second = Picture::take(&extent(&file), &first, &BTreeSet::new());
        assert_eq!(second.saved_since(&first), BTreeSet::new());
        fs::remove_file(&file).unwrap();
        let gone = Picture::take(&extent(&file), &second, &BTreeSet::new());
        assert_eq!(gone.saved_since(&second).len(), 1);
        fs::write(&file, "same").unwrap();
        set_modified(&file, SystemTime::now() + Duration::from_secs(5));
        let third = Picture::take(&extent(&file), &second, &BTreeSet::new());
        assert_eq!(third.saved_since(&second).len(), 1);
    }
}
