//! The store in memory: for runs that keep nothing. It takes no time to make, and a write none to speak of.

use super::{StoreError, ValueStore, byte_count};
use crate::event::MAX_STORE_BYTES;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values that are gone with the program.
#[derive(Debug)]
pub struct MemoryStore {
    skills: Mutex<BTreeMap<String, Namespace>>,
    limit: u64,
}

/// The values of one skill.
#[derive(Debug, Default)]
struct Namespace {
    values: BTreeMap<String, Vec<u8>>,
    /// Bytes of all values, kept with each write.
    total: u64,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_limit(MAX_STORE_BYTES)
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn with_limit(limit: u64) -> Self {
        Self { skills: Mutex::default(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Namespace>> {
        // Nothing below panics between two changes that belong together.
        self.skills.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Namespace {
    /// The total after a write, which has not happened yet.
    fn total_with(&self, total: u64, key: &str, value: &[u8]) -> u64 {
        let before = self.values.get(key).map_or(0, |before| byte_count(before));
        total.saturating_sub(before).saturating_add(byte_count(value))
    }
}

impl ValueStore for MemoryStore {
    fn get(&self, skill: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().get(skill).and_then(|namespace| namespace.values.get(key).cloned()))
    }

    fn set(&self, skill: &str, key: &str, value: &[u8]) -> Result<(), StoreError> {
        let mut skills = self.lock();
        let namespace = skills.entry(skill.to_owned()).or_default();
        let total = namespace.total_with(namespace.total, key, value);
        if total > self.limit {
            return Err(StoreError::Full { limit: self.limit });
        }
        namespace.total = total;
        namespace.values.insert(key.to_owned(), value.to_vec());
        Ok(())
    }

    fn set_all(&self, skill: &str, entries: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        // The last of several values of one key is the one that stays and counts.
        let entries: BTreeMap<_, _> = entries.iter().cloned().collect();
        let mut skills = self.lock();
        let namespace = skills.entry(skill.to_owned()).or_default();
        let total = entries.iter().fold(namespace.total, |total, (key, value)| namespace.total_with(total, key, value));
        if total > self.limit {
            return Err(StoreError::Full { limit: self.limit });
        }
        namespace.total = total;
        namespace.values.extend(entries);
        Ok(())
    }

    fn delete(&self, skill: &str, key: &str) -> Result<(), StoreError> {
        if let Some(namespace) = self.lock().get_mut(skill)
            && let Some(before) = namespace.values.remove(key)
        {
            namespace.total = namespace.total.saturating_sub(byte_count(&before));
        }
        Ok(())
    }

    fn clear(&self, skill: &str) -> Result<(), StoreError> {
        self.lock().remove(skill);
        Ok(())
    }

    fn entries(&self, skill: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let skills = self.lock();
        let entries = skills.get(skill).into_iter().flat_map(|namespace| &namespace.values);
        Ok(entries.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
