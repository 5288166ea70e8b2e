//! A run on disk: its events written as they come, read back later, kept within bounds.
//!
//! The format is `docs/record.md`: lines of JSON, each complete in itself, so that what a killed program leaves can be read
//! up to its last whole line. It knows `event`, `skill` and `module`; it must not know an engine, who starts a run, or who
//! shows it. Nothing here waits on the threads that draw: see [`RunRecorder`].

mod end;
mod error;
mod export;
mod file_name;
mod header;
mod history;
mod index;
mod integrity;
mod lines;
mod queue;
mod reader;
mod recorder;
mod retention;
mod running;
mod timestamp;
mod writer;

#[cfg(test)]
mod tests;

pub use end::RecordEnd;
pub use error::{RecordError, RecordTrouble};
pub use export::{ExportError, ExportFormat, export};
pub use file_name::RecordName;
pub use header::{RecordHeader, RecordedAi, RecordedDirectory, RecordedWasi, RunSettings};
pub use history::{History, RecordEntry, RecordState};
pub use index::{RecordIndex, RecordedEntry};
pub use integrity::{Damage, DamageKind, Integrity};
pub use reader::{Place, ReadRecord, RecordReader};
pub use recorder::{Recorder, RunRecorder};
pub use retention::{DEFAULT_MAX_AGE, DEFAULT_MAX_BYTES, DEFAULT_MAX_RUNS, Removed, Retention};
pub use running::is_held;
pub use timestamp::Timestamp;
pub use writer::FLUSH_EVERY;

/// The version of the format. It changes with anything that a reader of this version would misread.
pub const RECORD_FORMAT: u32 = 1;
/// The directory of records, in the workspace's state directory.
pub const RUNS_DIRECTORY: &str = "runs";
