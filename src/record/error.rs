//! What goes wrong with records: reading one, and writing one.

use super::RECORD_FORMAT;
use crate::event::Failure;
use std::io;
use std::path::PathBuf;

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read.
    #[error("cannot read the record {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("the record {} is empty: whatever made it ended before it wrote a line", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Its first line is no header.
    #[error("{} is no record of a run: its first line {reason}", path.display())]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// What is wrong with the first line.
        reason: String,
    },
    /// Another version of the format.
    #[error(
        "the record {} has format {format}, written by skillscope {skillscope}; this skillscope ({}) reads format {RECORD_FORMAT}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// Who wrote it.
        skillscope: String,
    },
    /// A line that is not there, or no longer what it was.
    #[error("line at byte {byte} of the record {} cannot be read: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Where the line begins.
        byte: u64,
        /// Why.
        reason: String,
    },
    /// It cannot be deleted now.
    #[error("the run of the record {} still goes on", path.display())]
    Running {
        /// The file.
        path: PathBuf,
    },
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        let message = error.to_string();
        match error {
            RecordError::Version { .. } => Self::new("record-version", message)
                .with_hint("read it with the version of skillscope that wrote it, or run the skill again to have a new record"),
            RecordError::Io { .. } => Self::new("io", message),
            RecordError::Empty { .. }
            | RecordError::NotARecord { .. }
            | RecordError::Line { .. }
            | RecordError::Running { .. } => Self::new("record", message),
        }
    }
}

/// Why a run is not recorded, or not to its end. The run itself goes on.
#[derive(Debug, thiserror::Error)]
pub enum RecordTrouble {
    /// The directory cannot be made or written.
    #[error("runs are not recorded: cannot write to {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("this run is not recorded: cannot make {}: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no thread that would write it.
    #[error("this run is not recorded: no thread for it can be started: {0}")]
    Thread(io::Error),
    /// Writing failed; what was written before it stays.
    #[error("the record {} ends here: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk does not keep up.
    #[error("the record {} ends here: the disk took nothing for {seconds} s", path.display())]
    TooSlow {
        /// The file.
        path: PathBuf,
        /// For how long.
        seconds: u64,
    },
}
