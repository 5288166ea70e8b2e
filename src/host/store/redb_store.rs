//! The store on disk: an embedded database whose file survives crashes.

use super::{StoreError, ValueStore, byte_count};
use crate::event::{Failure, MAX_STORE_BYTES};
use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Skill and key to value.
const VALUES: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("values");
/// Skill to the bytes of all its values, kept with each write so that nothing is ever added up afresh.
const TOTALS: TableDefinition<'_, &str, u64> = TableDefinition::new("totals");

/// Pages that are kept in memory, in bytes.
const CACHE_BYTES: usize = 16 << 20;

/// Values in an embedded database, each write a transaction of its own that is on disk when it returns.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    limit: u64,
}

/// Why a store cannot be opened. The file is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum StoreOpenError {
    /// Someone else has it open.
    #[error("the store {} is in use by another program", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory, a pipe or a device.
    #[error("the store {} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// It is a file of another kind, or damaged.
    #[error("the store {} is damaged, or not a store: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the database says.
        reason: String,
    },
    /// The system refuses it.
    #[error("cannot open the store {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<StoreOpenError> for Failure {
    fn from(error: StoreOpenError) -> Self {
        let message = error.to_string();
        match error {
            StoreOpenError::InUse { .. } => Self::new("store-in-use", message)
                .with_hint("end the other skillscope that uses this workspace, or name another file with --store"),
            StoreOpenError::NotAFile { .. } => {
                Self::new("store-not-a-file", message).with_hint("name a regular file, or one that is not there yet")
            }
            StoreOpenError::Damaged { .. } => Self::new("store-damaged", message)
                .with_hint("nothing was changed; move the file away to begin with an empty store, or name another with --store"),
            StoreOpenError::Io { .. } => Self::new("store-io", message),
        }
    }
}

impl RedbStore {
    /// Opens a store's file, or makes it where there is none.
    ///
    /// # Errors
    /// See [`StoreOpenError`]; the file is never replaced or deleted.
    pub fn open(path: &Path) -> Result<Self, StoreOpenError> {
        Self::open_with_limit(path, MAX_STORE_BYTES)
    }

    pub(super) fn open_with_limit(path: &Path, limit: u64) -> Result<Self, StoreOpenError> {
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => return Err(StoreOpenError::NotAFile { path: path.to_owned() }),
            _ => {}
        }
        // The check reads the whole file, which is what makes a damaged one an error instead of a panic later.
        let opened =
            shielded(|| builder().set_check_integrity_on_open(true).create(path)).map_err(|reason| damaged(path, reason))?;
        let database = opened.map_err(|error| open_error(path, error))?;
        Self::with_tables(database, limit).map_err(|error| damaged(path, error.to_string()))
    }

    /// Makes the tables where they are not there yet; a file with other tables of these names is refused.
    fn with_tables(database: Database, limit: u64) -> Result<Self, StoreError> {
        let store = Self { database, limit };
        store.attempt(|database| {
            match database.begin_read()?.open_table(VALUES) {
                Ok(_) => return Ok(()),
                Err(TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(error.into()),
            }
            let transaction = database.begin_write()?;
            transaction.open_table(VALUES)?;
            transaction.open_table(TOTALS)?;
            Ok(transaction.commit()?)
        })?;
        Ok(store)
    }

    /// Writes and deletes in one transaction, and keeps the total.
    fn change(&self, skill: &str, changes: &[(&str, Option<&[u8]>)]) -> Result<(), StoreError> {
        let total = self.attempt(|database| {
            let transaction = database.begin_write()?;
            let mut values = transaction.open_table(VALUES)?;
            let mut totals = transaction.open_table(TOTALS)?;
            let mut total = totals.get(skill)?.map_or(0, |total| total.value());
            for (key, value) in changes {
                let before = match value {
                    Some(value) => values.insert((skill, *key), *value)?,
                    None => values.remove((skill, *key))?,
                };
                total = total.saturating_sub(before.map_or(0, |before| byte_count(before.value())));
                total = total.saturating_add(value.map_or(0, byte_count));
            }
            if total <= self.limit {
                totals.insert(skill, total)?;
                drop((values, totals));
                transaction.commit()?;
            }
            Ok(total)
        })?;
        if total > self.limit { Err(StoreError::Full { limit: self.limit }) } else { Ok(()) }
    }

    fn attempt<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        shielded(|| work(&self.database)).map_err(StoreError::Failed)?.map_err(failed)
    }
}

impl ValueStore for RedbStore {
    fn get(&self, skill: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.attempt(|database| {
            let values = database.begin_read()?.open_table(VALUES)?;
            Ok(values.get((skill, key))?.map(|value| value.value().to_vec()))
        })
    }

    fn set(&self, skill: &str, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.change(skill, &[(key, Some(value))])
    }

    fn set_all(&self, skill: &str, entries: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let changes: Vec<_> = entries.iter().map(|(key, value)| (key.as_str(), Some(value.as_slice()))).collect();
        self.change(skill, &changes)
    }

    fn delete(&self, skill: &str, key: &str) -> Result<(), StoreError> {
        // Nothing is written, and the disk not waited for, where there is nothing to delete.
        if self.get(skill, key)?.is_some() { self.change(skill, &[(key, None)]) } else { Ok(()) }
    }

    fn clear(&self, skill: &str) -> Result<(), StoreError> {
        let entries = self.entries(skill)?;
        let changes: Vec<_> = entries.iter().map(|(key, _)| (key.as_str(), None)).collect();
        if changes.is_empty() { Ok(()) } else { self.change(skill, &changes) }
    }

    fn entries(&self, skill: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.attempt(|database| {
            let values = database.begin_read()?.open_table(VALUES)?;
            let mut entries = Vec::new();
            for entry in values.range((skill, "")..)? {
                let (name, value) = entry?;
                let (of, key) = name.value();
                if of != skill {
                    break;
                }
                entries.push((key.to_owned(), value.value().to_vec()));
            }
            Ok(entries)
        })
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Runs database code such that a panic over a damaged file is an error.
fn shielded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| "the database stopped at damaged data".to_owned())
}

fn failed(error: impl Into<redb::Error>) -> StoreError {
    StoreError::Failed(error.into().to_string())
}

fn damaged(path: &Path, reason: String) -> StoreOpenError {
    StoreOpenError::Damaged { path: path.to_owned(), reason }
}

fn open_error(path: &Path, error: DatabaseError) -> StoreOpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreOpenError::InUse { path: path.to_owned() },
        DatabaseError::Storage(StorageError::Io(source))
            if !matches!(source.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof) =>
        {
            StoreOpenError::Io { path: path.to_owned(), source }
        }
        other => damaged(path, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_after_opening_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb");
        {
            let store = RedbStore::open(&path).unwrap();
            store.set("a", "k", b"\xff\x00").unwrap();
            store.set("a", "gone", b"x").unwrap();
            store.delete("a", "gone").unwrap();
        }
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(store.get("a", "k").unwrap().as_deref(), Some(&b"\xff\x00"[..]));
        assert_eq!(store.get("a", "gone").unwrap(), None);
        assert_eq!(store.get("b", "k").unwrap(), None);
    }

    #[test]
    fn what_a_crash_leaves_has_every_write_that_returned() {
        let directory = tempfile::tempdir().unwrap();
        let (path, left) = (directory.path().join("store.redb"), directory.path().join("left.redb"));
        let store = RedbStore::open(&path).unwrap();
        for n in 0..5 {
            store.set("a", &n.to_string(), &[n; 3000]).unwrap();
            // The file as it lies there now, not closed, is what a killed program leaves.
            std::fs::copy(&path, &left).unwrap();
            let after = RedbStore::open(&left).unwrap();
            assert_eq!(after.entries("a").unwrap().len(), usize::from(n) + 1);
            assert_eq!(after.get("a", &n.to_string()).unwrap().unwrap(), [n; 3000]);
        }
    }

    #[test]
    fn a_store_that_is_open_elsewhere_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb");
        let _first = RedbStore::open(&path).unwrap();
        let failure = Failure::from(RedbStore::open(&path).unwrap_err());
        assert_eq!(failure.kind, "store-in-use");
        assert!(failure.message.contains("store.redb"));
    }

    #[test]
    fn a_damaged_file_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb");
        {
            let store = RedbStore::open(&path).unwrap();
            for n in 0..200 {
                store.set_all("a", &[(format!("key {n}"), vec![b'v'; 500])]).unwrap();
            }
        }
        let whole = std::fs::read(&path).unwrap();
        for at in [0, 16, 64, 200, 5000, 20_000, 60_000] {
            let mut bytes = whole.clone();
            bytes[at..at + 16].fill(0x5a);
            std::fs::write(&path, &bytes).unwrap();
            // Bytes that nothing refers to may be damaged without harm.
            if let Err(error) = RedbStore::open(&path) {
                assert!(matches!(error, StoreOpenError::Damaged { .. }), "{at}: {error:?}");
            }
            assert!(path.exists());
        }
        std::fs::write(&path, b"{\"key\": \"this is JSON\"}").unwrap();
        assert!(matches!(RedbStore::open(&path), Err(StoreOpenError::Damaged { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"{\"key\": \"this is JSON\"}");
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(RedbStore::open(&path).is_err());
        assert!(matches!(RedbStore::open(directory.path()), Err(StoreOpenError::NotAFile { .. })));
        assert!(matches!(RedbStore::open(&directory.path().join("no/such/store")), Err(StoreOpenError::Io { .. })));
    }

    #[test]
    fn a_file_with_other_tables_is_not_a_store() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("other.redb");
        {
            let other = Database::create(&path).unwrap();
            let transaction = other.begin_write().unwrap();
            transaction.open_table(TableDefinition::<u64, u64>::new("values")).unwrap().insert(1, 2).unwrap();
            transaction.commit().unwrap();
        }
        assert!(matches!(RedbStore::open(&path), Err(StoreOpenError::Damaged { .. })));
    }
}
