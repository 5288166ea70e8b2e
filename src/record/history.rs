//! The records of a workspace, listed by their first and last lines alone.

use super::file_name::RecordName;
use super::lines::{Line, MAX_HEADER_BYTES, parse};
use super::reader::{Lines, header_of};
use super::retention::{self, Listed, pin_path};
use super::{RUNS_DIRECTORY, RecordEnd, RecordError, RecordHeader, running};
use crate::skill::Workspace;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// How much of a record's end is looked at for its last line, in bytes.
const TAIL_BYTES: u64 = 16 << 10;

/// A directory of records.
#[derive(Clone, Debug)]
pub struct History {
    directory: PathBuf,
}

/// A record as a list shows it.
#[derive(Debug)]
pub struct RecordEntry {
    /// Its file.
    pub path: PathBuf,
    /// What its name says.
    pub name: RecordName,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Whether it is kept whatever its age.
    pub is_pinned: bool,
    /// Its first line, or why it cannot be read.
    pub header: Result<RecordHeader, RecordError>,
    /// How its run ended.
    pub state: RecordState,
}

/// How far the run of a record came, as far as its last line tells.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordState {
    /// It ended, and so did its record.
    Ended(Box<RecordEnd>),
    /// It goes on.
    Running,
    /// The program ended before the run did, or the record's end was lost.
    Interrupted,
}

impl History {
    /// The records of a workspace.
    pub fn of(workspace: &Workspace) -> Self {
        Self::in_directory(workspace.state_path().join(RUNS_DIRECTORY))
    }

    /// The records of a directory; it need not be there.
    pub const fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// All records, the newest first. Of each, its first line and its end are read, whatever its size.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn list(&self) -> Result<Vec<RecordEntry>, RecordError> {
        let listing = retention::look_through(&self.directory)
            .map_err(|source| RecordError::Io { path: self.directory.clone(), source })?;
        Ok(listing.records.into_iter().map(RecordEntry::of).collect())
    }

    /// Keeps a record whatever its age and number, or no longer.
    ///
    /// # Errors
    /// Where the file beside it that says so cannot be made or deleted.
    pub fn pin(path: &Path, is_pinned: bool) -> Result<(), RecordError> {
        let pin = pin_path(path);
        let done = if is_pinned { File::create(&pin).map(drop) } else { fs::remove_file(&pin) };
        match done {
            Err(source) if is_pinned || source.kind() != io::ErrorKind::NotFound => Err(RecordError::Io { path: pin, source }),
            _ => Ok(()),
        }
    }

    /// Deletes a record, pinned or not.
    ///
    /// # Errors
    /// Where its run goes on, or the file cannot be deleted.
    pub fn delete(path: &Path) -> Result<(), RecordError> {
        if running::is_held(path) && last_line(path).is_none() {
            return Err(RecordError::Running { path: path.to_owned() });
        }
        fs::remove_file(path).map_err(|source| RecordError::Io { path: path.to_owned(), source })?;
        Self::pin(path, false)
    }
}

impl RecordEntry {
    fn of(listed: Listed) -> Self {
        let Listed { name, path, bytes, is_pinned } = listed;
        let header = first_line(&path);
        let state = match last_line(&path) {
            Some(end) => RecordState::Ended(end),
            None if running::is_held(&path) => RecordState::Running,
            // It may have ended between the two looks.
            None => last_line(&path).map_or(RecordState::Interrupted, RecordState::Ended),
        };
        Self { path, name, bytes, is_pinned, header, state }
    }
}

fn first_line(path: &Path) -> Result<RecordHeader, RecordError> {
    let failed = |source| RecordError::Io { path: path.to_owned(), source };
    let mut lines = Lines::new(BufReader::with_capacity(4096, File::open(path).map_err(failed)?));
    let first = lines.next(MAX_HEADER_BYTES).map_err(failed)?.ok_or_else(|| RecordError::Empty { path: path.to_owned() })?;
    header_of(path, &first, &lines.text)
}

/// The last line, where it is a record's end.
fn last_line(path: &Path) -> Option<Box<RecordEnd>> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail).ok()?;
    let text = tail.strip_suffix(b"\n")?;
    let line = text.rsplit(|byte| *byte == b'\n').next()?;
    match parse(line) {
        Ok(Line::End(end)) => Some(end),
        _ => None,
    }
}
