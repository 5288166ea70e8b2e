//! The memory service: values by key, namespaced by skill.
//!
//! It knows `event`'s limits and the embedded database; grants, guest memory and who asks are its callers' business.

mod json;
mod memory_store;
mod redb_store;

pub use json::{StoreJsonError, load_json, parse_json, to_json};
pub use memory_store::MemoryStore;
pub use redb_store::{RedbStore, StoreOpenError};

/// Why a value cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// All values of the skill together would be larger than the limit, in bytes.
    #[error("the skill's values would take more than {limit} bytes together")]
    Full {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The store's file failed.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Values by key, in a namespace per skill. A write happens whole or not at all; where the store has a file, one that returned is on disk.
pub trait ValueStore: Send + Sync {
    /// The value, if there is one.
    ///
    /// # Errors
    /// Where the store's file fails.
    fn get(&self, skill: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a value.
    ///
    /// # Errors
    /// Where the skill's values would be too large together, or the store's file fails.
    fn set(&self, skill: &str, key: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Writes many values: all of them, or none.
    ///
    /// # Errors
    /// Where the skill's values would be too large together, or the store's file fails.
    fn set_all(&self, skill: &str, entries: &[(String, Vec<u8>)]) -> Result<(), StoreError>;

    /// Deletes a value; nothing happens where there is none.
    ///
    /// # Errors
    /// Where the store's file fails.
    fn delete(&self, skill: &str, key: &str) -> Result<(), StoreError>;

    /// Deletes all values of a skill.
    ///
    /// # Errors
    /// Where the store's file fails.
    fn clear(&self, skill: &str) -> Result<(), StoreError>;

    /// All keys and values of a skill, in the order of the keys.
    ///
    /// # Errors
    /// Where the store's file fails.
    fn entries(&self, skill: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
}

fn byte_count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same must hold for every store.
    fn with_each_store(limit: u64, test: impl Fn(&dyn ValueStore)) {
        let directory = tempfile::tempdir().unwrap();
        test(&MemoryStore::with_limit(limit));
        test(&RedbStore::open_with_limit(&directory.path().join("store.redb"), limit).unwrap());
    }

    #[test]
    fn skills_do_not_see_each_other_even_with_names_that_run_together() {
        with_each_store(1000, |store| {
            for (skill, key) in [("a", "bc"), ("ab", "c"), ("a", ""), ("a", "z"), ("", "abc")] {
                store.set(skill, key, format!("{skill}|{key}").as_bytes()).unwrap();
            }
            let of = |skill| store.entries(skill).unwrap().into_iter().map(|(key, _)| key).collect::<Vec<_>>();
            assert_eq!(of("a"), ["", "bc", "z"]);
            assert_eq!(of("ab"), ["c"]);
            assert_eq!(of("b"), Vec::<String>::new());
            assert_eq!(store.get("ab", "c").unwrap().unwrap(), b"ab|c");
            assert_eq!(store.get("ab", "bc").unwrap(), None);
        });
    }

    #[test]
    fn the_limit_counts_values_that_are_there_now_and_a_refused_write_changes_nothing() {
        with_each_store(10, |store| {
            store.set("a", "x", b"123456").unwrap();
            store.set("a", "x", b"12345678").unwrap();
            assert!(matches!(store.set("a", "y", b"123"), Err(StoreError::Full { limit: 10 })));
            assert_eq!(store.get("a", "y").unwrap(), None);
            store.set("b", "y", b"1234567890").unwrap();
            store.set("a", "y", b"12").unwrap();
            assert!(store.set_all("a", &[("p".into(), vec![1]), ("x".into(), vec![0; 9])]).is_err());
            assert_eq!(store.get("a", "p").unwrap(), None);
            store.set_all("a", &[("x".into(), vec![0; 9]), ("x".into(), vec![0; 8]), ("y".into(), vec![0; 2])]).unwrap();
            store.delete("a", "x").unwrap();
            store.delete("a", "x").unwrap();
            store.set("a", "z", b"12345678").unwrap();
            assert!(store.set("a", "w", b"1").is_err());
        });
    }

    #[test]
    fn a_skill_whose_values_are_cleared_has_all_its_room_again_and_others_keep_theirs() {
        with_each_store(10, |store| {
            store.set_all("a", &[("x".into(), vec![0; 4]), ("y".into(), vec![0; 6])]).unwrap();
            store.set("ab", "x", b"other").unwrap();
            for _ in 0..2 {
                store.clear("a").unwrap();
                assert!(store.entries("a").unwrap().is_empty());
            }
            store.set("a", "z", &[0; 10]).unwrap();
            assert_eq!(store.get("ab", "x").unwrap().unwrap(), b"other");
        });
    }
}
