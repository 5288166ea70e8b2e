//! What is written to a file for the user: a text, a trace as lines of JSON, a record. On a thread of its own, since disks take their time.

use crate::event::filter::{Filter, FilterError};
use crate::event::{CallRecord, Event, Failure, LogLevel, WasiCall, WorkbenchEvent, figures};
use crate::record::{RecordError, RecordIndex, RecordedEntry};
use crate::session::workbench_command::Saveable;
use crossbeam_channel::Sender;
use serde::Serialize;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Why nothing was written, or not all.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// There is a file of this name.
    #[error("{} is there already; nothing was written", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system failed.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The record cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The filter is none.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Self {
        let failure = Self::new("save", error.to_string());
        match error {
            SaveError::Exists { .. } => failure.with_hint("give another name, or end the name in ! to overwrite it"),
            SaveError::Io { .. } | SaveError::Record(_) | SaveError::Filter(_) => failure,
        }
    }
}

/// A line of a saved trace.
#[derive(Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum SavedEntry<'e> {
    HostCall(&'e CallRecord),
    WasiCall {
        at_us: u64,
        #[serde(flatten)]
        call: &'e WasiCall,
    },
    Log {
        at_us: u64,
        level: LogLevel,
        message: &'e str,
    },
    Warning {
        at_us: u64,
        message: &'e str,
    },
}

/// Writes it, and tells `Saved`, or why not.
pub fn save(what: Saveable, to: PathBuf, overwrite: bool, events: &Sender<Event>) {
    let events = events.clone();
    let work = move || {
        let to = at_home(&to);
        let event = match write(&what, &to, overwrite) {
            Ok(told) => WorkbenchEvent::Saved { path: to, told },
            Err(error) => WorkbenchEvent::Refused { failure: error.into() },
        };
        // A reader that has gone needs no events.
        let _ = events.send(Event::Workbench(Box::new(event)));
    };
    // Without a thread nothing is written, and nothing is said to be.
    drop(std::thread::Builder::new().name("skillscope-save".into()).spawn(work));
}

/// `~/` is the user's home, as in a shell.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), dirs::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

fn write(what: &Saveable, to: &Path, overwrite: bool) -> Result<String, SaveError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => SaveError::Exists { path: to.to_owned() },
        _ => SaveError::Io { path: to.to_owned(), source },
    };
    // What cannot be read leaves no empty file.
    let index = match what {
        Saveable::Trace { record, .. } => Some(RecordIndex::open_trace(record)?),
        Saveable::Record(record) => {
            RecordIndex::open(record)?;
            None
        }
        Saveable::Text(_) | Saveable::Bytes(_) => None,
    };
    let mut options = OpenOptions::new();
    let options = if overwrite { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) };
    let file = options.open(to).map_err(failed)?;
    match what {
        Saveable::Text(text) => write_bytes(file, text.as_bytes()).map_err(failed),
        Saveable::Bytes(bytes) => write_bytes(file, bytes).map_err(failed),
        Saveable::Record(record) => {
            let copied = File::open(record).and_then(|mut from| {
                let mut file = file;
                io::copy(&mut from, &mut file)
            });
            Ok(figures::bytes(copied.map_err(failed)?))
        }
        Saveable::Trace { filter, wasi, logs, marked, .. } => {
            let Some(mut index) = index else { return Ok(String::new()) };
            let filter = filter.as_deref().map(Filter::parse).transpose()?;
            let marked: HashSet<u64> = marked.iter().copied().collect();
            let mut file = BufWriter::new(file);
            let mut written = 0_u64;
            for at in 0..index.len() {
                let Some(entry) = index.entry(at)? else { break };
                let is_marked = marked.contains(&(at as u64));
                let by_kind = match &entry {
                    RecordedEntry::Wasi { .. } => *wasi,
                    RecordedEntry::Log { .. } => *logs,
                    _ => true,
                };
                if by_kind && filter.as_ref().is_none_or(|filter| filter.matches(&entry.view().marked(is_marked))) {
                    written += u64::from(write_entry(&entry, &mut file).map_err(failed)?);
                }
            }
            file.flush().map_err(failed)?;
            Ok(format!("{} entries", figures::count(written)))
        }
    }
}

fn write_bytes(mut file: File, bytes: &[u8]) -> io::Result<String> {
    file.write_all(bytes)?;
    Ok(format!("{} bytes", figures::count(bytes.len() as u64)))
}

/// Writes an entry as a line; false where it is none of a trace.
fn write_entry(entry: &RecordedEntry, file: &mut impl io::Write) -> io::Result<bool> {
    let line = match entry {
        RecordedEntry::Call(call) => SavedEntry::HostCall(call),
        RecordedEntry::Wasi { at_us, call } => SavedEntry::WasiCall { at_us: *at_us, call },
        RecordedEntry::Log { at_us, level, message } => SavedEntry::Log { at_us: *at_us, level: *level, message },
        RecordedEntry::Warning { at_us, message } => SavedEntry::Warning { at_us: *at_us, message },
        RecordedEntry::Stdout { .. } | RecordedEntry::Stderr { .. } => return Ok(false),
    };
    serde_json::to_writer(&mut *file, &line)?;
    file.write_all(b"\n")?;
    Ok(true)
}
