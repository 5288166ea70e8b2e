//! Whether the run of a record still goes on, in this process or another: its writer holds a lock on the file, which the system takes back
//! from a process that ends, however it ends.
//!
//! Where files cannot be locked, a record that was written to within the last day and has no end counts as running.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// How long a record that cannot be locked counts as running after it was last written to.
const UNSURE_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Someone may be looking just now whether the file is locked.
const ATTEMPTS: u32 = 20;

/// Marks a record as one that is being written, until the file is closed.
pub(super) fn hold(file: &File) {
    if cfg!(unix) {
        for _ in 0..ATTEMPTS {
            match file.try_lock() {
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                // A file system without locks: then the time of the last write tells.
                Ok(()) | Err(std::fs::TryLockError::Error(_)) => return,
            }
        }
    }
}

/// Whether a record that has no end is being written.
pub fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    if cfg!(unix) {
        match file.try_lock_shared() {
            Ok(()) => return false,
            Err(std::fs::TryLockError::WouldBlock) => return true,
            Err(std::fs::TryLockError::Error(_)) => {}
        }
    }
    // Elsewhere a lock would keep readers away.
    let age = file.metadata().and_then(|metadata| metadata.modified()).map(|modified| modified.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age < UNSURE_FOR)
}
