//! Compiled modules kept for later: on disk for later programs, in memory for later runs of this one.
//!
//! What is loaded is native code, so it comes from a directory that only the user may write, and is verified when read.
//! The digest finds damage, not forgery. It knows files and the form of compiled code; it must not know how it is made or run.

mod disk;
mod entry;
mod held;
mod key;
mod trust;

pub(super) use disk::DiskCache;
pub(super) use entry::{AddedExports, Entry};
pub(super) use held::HeldCode;
pub(super) use key::Key;

use crate::event::Failure;
use std::path::{Path, PathBuf};

/// Why the cache on disk is not used, or cannot be cleared.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// There is something else in the directory's place.
    #[error("the module cache {} is not a directory", path.display())]
    NotADirectory {
        /// Its path.
        path: PathBuf,
    },
    /// Somebody else owns the directory or the file.
    #[error("{} in the module cache belongs to somebody else (user {owner})", path.display())]
    ForeignOwner {
        /// Its path.
        path: PathBuf,
        /// The owner's number.
        owner: u32,
    },
    /// Others may write the directory or the file.
    #[error("others may write {} (mode {mode:o}), so no compiled module is loaded from there", path.display())]
    WritableByOthers {
        /// Its path.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The system refused.
    #[error("the module cache {} cannot be used: {source}", path.display())]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl CacheError {
    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        let failure = Self::new("cache", error.to_string());
        match error {
            CacheError::WritableByOthers { path, .. } => failure.with_hint(format!("chmod go-w '{}'", path.display())),
            CacheError::ForeignOwner { .. } | CacheError::NotADirectory { .. } | CacheError::Io { .. } => failure,
        }
    }
}

/// Removes every compiled module from a cache directory, and tells how many there were.
///
/// # Errors
/// Where the directory cannot be read or a file not removed.
pub fn clear_cache(directory: &Path) -> std::io::Result<u64> {
    disk::clear(directory)
}

/// The user's own place for compiled modules, where the system names one.
pub fn default_cache_dir() -> Option<PathBuf> {
    dirs::cache_dir().map(|cache| cache.join("skillscope").join("modules"))
}
