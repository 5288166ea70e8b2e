//! How long records are kept, and how many: what is too old or too much is deleted, the oldest first.
//!
//! Never deleted are the newest record, those that were pinned, and those of runs that go on, in this process or another.

use super::file_name::{PIN_ENDING, RECORD_ENDING, RecordName};
use super::{Timestamp, running};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The age over which records are deleted: 30 days.
pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many records are kept of one skill.
pub const DEFAULT_MAX_RUNS: usize = 100;
/// How many bytes all records of a workspace take at most.
pub const DEFAULT_MAX_BYTES: u64 = 1 << 30;

/// The bounds. What is pinned counts for none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The age of the oldest, by the time in its name.
    pub max_age: Duration,
    /// Records of one skill.
    pub max_runs: usize,
    /// All records together, in bytes.
    pub max_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { max_age: DEFAULT_MAX_AGE, max_runs: DEFAULT_MAX_RUNS, max_bytes: DEFAULT_MAX_BYTES }
    }
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Records.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A record as its directory shows it.
pub(super) struct Listed {
    pub(super) name: RecordName,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) is_pinned: bool,
}

/// What a directory has of records.
#[derive(Default)]
pub(super) struct Listing {
    /// The newest first.
    pub(super) records: Vec<Listed>,
    /// Pins whose record is not there.
    pins_of_nothing: Vec<PathBuf>,
}

/// Looks a directory through. Other files are passed over; a directory that is not there has none.
pub(super) fn look_through(directory: &Path) -> io::Result<Listing> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Listing::default()),
        entries => entries?,
    };
    let mut records = Vec::new();
    let mut pins = HashMap::new();
    for entry in entries {
        let entry = entry?;
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else { continue };
        if let Some(name) = RecordName::parse_with(file_name, PIN_ENDING) {
            pins.insert(name, entry.path());
        } else if let Some(name) = RecordName::parse(file_name) {
            // What was deleted meanwhile, by this process or another, is not there.
            let Some(metadata) = entry.metadata().ok().filter(fs::Metadata::is_file) else { continue };
            records.push(Listed { name, bytes: metadata.len(), is_pinned: false, path: entry.path() });
        }
    }
    for record in &mut records {
        record.is_pinned = pins.remove(&record.name).is_some();
    }
    records.sort_by(|a, b| b.name.cmp(&a.name));
    Ok(Listing { records, pins_of_nothing: pins.into_values().collect() })
}

/// The file whose being there pins a record.
pub(super) fn pin_path(record: &Path) -> PathBuf {
    record.with_extension(PIN_ENDING.trim_start_matches('.'))
}

/// Deletes what is over the bounds.
///
/// # Errors
/// Where the directory cannot be read. A record that cannot be deleted stays, and the others are looked at all the same.
pub(super) fn apply(directory: &Path, retention: &Retention) -> io::Result<Removed> {
    let oldest = Timestamp::now().before(retention.max_age);
    let mut removed = Removed::default();
    let mut runs: HashMap<String, usize> = HashMap::new();
    let mut total = 0_u64;
    let mut is_newest = true;
    let Listing { records, pins_of_nothing } = look_through(directory)?;
    for record in records.into_iter().filter(|record| !record.is_pinned) {
        let of_skill = runs.entry(record.name.skill.clone()).or_default();
        let is_over = record.name.started_at < oldest
            || *of_skill >= retention.max_runs
            || total.saturating_add(record.bytes) > retention.max_bytes;
        if is_over && !is_newest && !running::is_held(&record.path) && fs::remove_file(&record.path).is_ok() {
            removed.records += 1;
            removed.bytes = removed.bytes.saturating_add(record.bytes);
        } else {
            *of_skill += 1;
            total = total.saturating_add(record.bytes);
        }
        is_newest = false;
    }
    for pin in pins_of_nothing {
        // Its record may have come since; else it pins nothing, and does no harm where it stays.
        if !pin.with_extension(RECORD_ENDING.trim_start_matches('.')).exists() {
            let _ = fs::remove_file(pin);
        }
    }
    Ok(removed)
}
