//! The memory service: values by key, namespaced by skill.
//!
//! It knows `event`'s limits and the embedded database; grants, guest memory and who asks are its callers' business.

mod json;
mod redb_store;

pub use json::{StoreJsonError, load_json, parse_json, to_json};
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

/// Values by key, in a namespace per skill. A write that returned is on disk, whole, whatever happens after.
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

    /// All keys and values of a skill, in the order of the keys.
    ///
    /// # Errors
    /// Where the store's file fails.
    fn entries(&self, skill: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
}
