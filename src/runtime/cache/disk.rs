//! Compiled modules on disk, a file each, found again by later runs of the program.
//!
//! Files are written whole under another name and renamed, so that processes at the same time never see half a file.

use super::entry::Entry;
use super::key::{FILE_EXTENSION, Key};
use super::{CacheError, trust};
use std::fs::Metadata;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Begins the names of files that are still being written.
const NEW_PREFIX: &str = ".new-";
/// A file that has been written for so long was left behind by a process that is gone.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// A directory of compiled modules.
#[derive(Clone, Debug)]
pub(in crate::runtime) struct DiskCache {
    directory: PathBuf,
    max_bytes: u64,
}

impl DiskCache {
    /// The cache in a directory, which is made when something is first written.
    pub(in crate::runtime) const fn new(directory: PathBuf, max_bytes: u64) -> Self {
        Self { directory, max_bytes }
    }

    /// The entry of a key; `None` where there is none that is whole.
    pub(in crate::runtime) fn load(&self, key: &Key) -> Result<Option<Entry>, CacheError> {
        let path = self.directory.join(key.file_name());
        let mut file = match trust::open(&path) {
            Ok(file) => file,
            // The link or directory that lies there is replaced by the next write.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CacheError::io(&path, source)),
        };
        trust::check_directory(&self.directory)?;
        let metadata = trust::check_file(&path, &file)?;
        let entry = Entry::read(key, metadata.len(), &mut file).ok();
        if entry.is_some() {
            // For the order of eviction alone.
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(entry)
    }

    /// Writes the entry of a key, and makes room where that makes too many bytes.
    pub(in crate::runtime) fn store(&self, key: &Key, entry: &Entry) -> Result<(), CacheError> {
        if u64::try_from(entry.code.len()).unwrap_or(u64::MAX) > self.max_bytes {
            return Ok(());
        }
        trust::make_directory(&self.directory)?;
        trust::check_directory(&self.directory)?;
        self.write(key, entry).map_err(|source| CacheError::io(&self.directory, source))?;
        self.make_room(&key.file_name());
        Ok(())
    }

    fn write(&self, key: &Key, entry: &Entry) -> std::io::Result<()> {
        let new = tempfile::Builder::new().prefix(NEW_PREFIX).tempfile_in(&self.directory)?;
        let mut out = BufWriter::new(new);
        entry.write(key, &mut out)?;
        out.flush()?;
        let new = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        new.persist(self.directory.join(key.file_name())).map_err(|refused| refused.error)?;
        Ok(())
    }

    /// Removes the files that were not used for the longest time, and what was left behind half written.
    fn make_room(&self, kept: &str) {
        let Ok(files) = files(&self.directory) else { return };
        let now = SystemTime::now();
        let age =
            |metadata: &Metadata| metadata.modified().ok().and_then(|time| now.duration_since(time).ok()).unwrap_or_default();
        for (path, metadata) in files.iter().filter(|(path, _)| is_new(path)) {
            if age(metadata) > ABANDONED_AFTER {
                // Another process may have been faster.
                let _ = std::fs::remove_file(path);
            }
        }
        let mut entries: Vec<_> = files.into_iter().filter(|(path, _)| is_entry(path)).collect();
        entries.sort_by_key(|(_, metadata)| std::cmp::Reverse(age(metadata)));
        let mut total: u64 = entries.iter().map(|(_, metadata)| metadata.len()).sum();
        for (path, metadata) in &entries {
            if total <= self.max_bytes {
                return;
            }
            if path.file_name().is_some_and(|name| name != kept) && std::fs::remove_file(path).is_ok() {
                total = total.saturating_sub(metadata.len());
            }
        }
    }
}

/// Removes every compiled module, and what was left behind half written; tells how many modules there were.
pub(super) fn clear(directory: &Path) -> std::io::Result<u64> {
    let mut removed = 0;
    for (path, _) in files(directory)?.iter().filter(|(path, _)| is_entry(path) || is_new(path)) {
        match std::fs::remove_file(path) {
            Ok(()) => removed += u64::from(is_entry(path)),
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

fn files(directory: &Path) -> std::io::Result<Vec<(PathBuf, Metadata)>> {
    let listed = match std::fs::read_dir(directory) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // A file that goes away meanwhile is none of ours any more. Links are not followed.
    let files = listed.flatten().filter_map(|file| Some((file.path(), file.metadata().ok()?)));
    Ok(files.filter(|(_, metadata)| !metadata.is_dir()).collect())
}

fn is_entry(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == FILE_EXTENSION)
}

fn is_new(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(NEW_PREFIX))
}

#[cfg(test)]
mod tests {
    use super::super::entry::AddedExports;
    use super::*;
    use crate::runtime::prepared::Build;

    fn entry(bytes: usize) -> Entry {
        Entry { exports: AddedExports { fuel: "fuel".into(), start: None, counters: None }, code: vec![1; bytes] }
    }

    fn key(number: u8) -> Key {
        Key::new(&[number; 32], Build::Normal, "compiler")
    }

    fn cache(max_bytes: u64) -> (tempfile::TempDir, DiskCache) {
        let home = tempfile::tempdir().unwrap();
        let cache = DiskCache::new(home.path().join("cache/modules"), max_bytes);
        (home, cache)
    }

    #[test]
    fn what_was_stored_is_loaded_and_cleared() {
        let (_home, cache) = cache(1 << 20);
        assert!(cache.load(&key(1)).unwrap().is_none(), "nothing is there yet, not even the directory");
        assert_eq!(clear(&cache.directory).unwrap(), 0);
        cache.store(&key(1), &entry(10)).unwrap();
        assert_eq!(cache.load(&key(1)).unwrap(), Some(entry(10)));
        assert!(cache.load(&key(2)).unwrap().is_none());
        assert_eq!(clear(&cache.directory).unwrap(), 1);
        assert!(cache.load(&key(1)).unwrap().is_none());
    }

    #[test]
    fn a_damaged_file_counts_as_none_and_is_replaced() {
        let (_home, cache) = cache(1 << 20);
        cache.store(&key(1), &entry(10)).unwrap();
        std::fs::write(cache.directory.join(key(1).file_name()), b"skillscope code1 and nonsense").unwrap();
        assert!(cache.load(&key(1)).unwrap().is_none());
        cache.store(&key(1), &entry(10)).unwrap();
        assert_eq!(cache.load(&key(1)).unwrap(), Some(entry(10)));
    }

    #[test]
    fn the_longest_unused_files_make_room() {
        let (_home, cache) = cache(3000);
        for number in 1..=3 {
            cache.store(&key(number), &entry(800)).unwrap();
            let file = std::fs::File::open(cache.directory.join(key(number).file_name())).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(100 - u64::from(number))).unwrap();
        }
        cache.load(&key(1)).unwrap().unwrap();
        cache.store(&key(4), &entry(800)).unwrap();
        let there: Vec<bool> = (1..=4).map(|number| cache.load(&key(number)).unwrap().is_some()).collect();
        assert_eq!(there, [true, false, true, true]);
        cache.store(&key(5), &entry(4000)).unwrap();
        assert!(cache.load(&key(5)).unwrap().is_none(), "larger than the whole cache may be");
    }

    #[test]
    fn files_left_half_written_go_when_they_are_old() {
        let (_home, cache) = cache(1 << 20);
        cache.store(&key(1), &entry(1)).unwrap();
        let (young, old) = (cache.directory.join(".new-young"), cache.directory.join(".new-old"));
        std::fs::write(&young, "x").unwrap();
        std::fs::write(&old, "x").unwrap();
        std::fs::File::open(&old).unwrap().set_modified(SystemTime::now() - 2 * ABANDONED_AFTER).unwrap();
        cache.store(&key(2), &entry(1)).unwrap();
        assert!(young.exists() && !old.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_loaded_where_others_may_write() {
        use std::os::unix::fs::PermissionsExt;
        let (_home, cache) = cache(1 << 20);
        cache.store(&key(1), &entry(10)).unwrap();
        let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        let file = cache.directory.join(key(1).file_name());
        assert_eq!(std::fs::metadata(&cache.directory).unwrap().permissions().mode() & 0o777, 0o700);
        for (path, bad, good) in [(&cache.directory, 0o777, 0o700), (&cache.directory, 0o770, 0o755), (&file, 0o666, 0o600)] {
            mode(path, bad);
            assert!(matches!(cache.load(&key(1)), Err(CacheError::WritableByOthers { .. })), "{bad:o}");
            mode(path, good);
            assert!(cache.load(&key(1)).unwrap().is_some(), "{good:o}");
        }
        mode(&cache.directory, 0o777);
        assert!(cache.store(&key(2), &entry(1)).is_err(), "nothing is written there either");
        mode(&cache.directory, 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_or_a_pipe_in_a_files_place_is_not_read() {
        let (_home, cache) = cache(1 << 20);
        cache.store(&key(1), &entry(10)).unwrap();
        let (one, two) = (cache.directory.join(key(1).file_name()), cache.directory.join(key(2).file_name()));
        std::os::unix::fs::symlink(&one, &two).unwrap();
        assert!(cache.load(&key(2)).is_err());
        cache.store(&key(2), &entry(20)).unwrap();
        assert_eq!(cache.load(&key(2)).unwrap(), Some(entry(20)));
        assert_eq!(cache.load(&key(1)).unwrap(), Some(entry(10)), "the link's target was not written through");
        std::fs::remove_file(&two).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &two, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        assert!(cache.load(&key(2)).is_err());
    }

    #[test]
    fn writers_at_the_same_time_leave_whole_files() {
        let (_home, cache) = cache(1 << 20);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        cache.store(&key(1), &entry(5000)).unwrap();
                        assert_eq!(cache.load(&key(1)).unwrap(), Some(entry(5000)));
                    }
                });
            }
        });
        assert_eq!(clear(&cache.directory).unwrap(), 1);
    }
}
