//! Where in a record the entries of its trace stand, so that a screen holds only those that it shows. It can follow a record that is
//! being written.

use super::lines::{Line, MAX_LINE_BYTES, Peek, parse};
use super::reader::Lines;
use super::{RecordError, RecordHeader, RecordReader};
use crate::event::filter::EntryView;
use crate::event::{CallFinished, CallRecord, Event, LogLevel, Payload, RunEvent, ShadowAnswer, WasiCall};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// The entries of a record's trace, by where they stand: 16 bytes for each, whatever its size.
#[derive(Debug)]
pub struct RecordIndex {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    header: RecordHeader,
    entries: Vec<Entry>,
    /// The calls that have not ended, by their numbers: which entry each is.
    open: HashMap<u64, usize>,
    /// Where the answers of others stand, by the call's number.
    shadows: HashMap<u64, Vec<u64>>,
    next_byte: u64,
    has_streams: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    byte: u64,
    /// Where the end of a host call stands; 0, which is the header's place, where there is none.
    finished: u64,
}

/// One entry of a trace, read back.
#[derive(Clone, Debug)]
pub enum RecordedEntry {
    /// A host call.
    Call(Box<CallRecord>),
    /// A call of a function of WASI.
    Wasi {
        /// Microseconds from the run's start.
        at_us: u64,
        /// The call.
        call: WasiCall,
    },
    /// A log line.
    Log {
        /// Microseconds from the run's start.
        at_us: u64,
        /// Its level.
        level: LogLevel,
        /// Its text.
        message: String,
    },
    /// A piece of standard output.
    Stdout {
        /// Microseconds from the run's start.
        at_us: u64,
        /// What was written.
        bytes: Payload,
    },
    /// A piece of standard error.
    Stderr {
        /// Microseconds from the run's start.
        at_us: u64,
        /// What was written.
        bytes: Payload,
    },
    /// A warning.
    Warning {
        /// Microseconds from the run's start.
        at_us: u64,
        /// Its text.
        message: String,
    },
}

impl RecordedEntry {
    /// The entry as a filter sees it.
    pub fn view(&self) -> EntryView<'_> {
        match self {
            Self::Call(call) => EntryView::of_call(call),
            Self::Wasi { call, .. } => EntryView::of_wasi_call(call),
            Self::Log { level, message, .. } => EntryView::of_log_line(*level, message),
            Self::Stdout { bytes, .. } => EntryView::of_stdout(bytes.as_bytes()),
            Self::Stderr { bytes, .. } => EntryView::of_stderr(bytes.as_bytes()),
            Self::Warning { message, .. } => EntryView::of_warning(message),
        }
    }
}

impl RecordIndex {
    /// Reads a record through once, as far as it is written.
    ///
    /// # Errors
    /// As [`RecordReader::open`].
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        Self::read_through(path, true)
    }

    /// The same without the pieces of stdout and stderr: host calls, WASI calls, log lines and warnings alone.
    ///
    /// # Errors
    /// As [`RecordReader::open`].
    pub fn open_trace(path: &Path) -> Result<Self, RecordError> {
        Self::read_through(path, false)
    }

    fn read_through(path: &Path, has_streams: bool) -> Result<Self, RecordError> {
        let header = RecordReader::open(path)?.header().clone();
        let file = File::open(path).map_err(|source| RecordError::Io { path: path.to_owned(), source })?;
        let mut index = Self {
            path: path.to_owned(),
            lines: Lines::new(BufReader::with_capacity(1 << 16, file)),
            header,
            entries: Vec::new(),
            open: HashMap::new(),
            shadows: HashMap::new(),
            next_byte: 0,
            has_streams,
        };
        index.refresh()?;
        Ok(index)
    }

    /// The record's first line.
    pub const fn header(&self) -> &RecordHeader {
        &self.header
    }

    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes in the whole lines that were written since the last look; damaged ones are passed over. Tells how many entries came.
    ///
    /// # Errors
    /// Where the system fails.
    pub fn refresh(&mut self) -> Result<usize, RecordError> {
        let before = self.entries.len();
        self.seek(self.next_byte)?;
        while let Some(raw) = self.lines.next(MAX_LINE_BYTES).map_err(|source| self.failed(source))? {
            // A line without its feed may still be in the making.
            if !raw.has_feed {
                break;
            }
            let byte = self.next_byte;
            self.next_byte = byte.saturating_add(raw.place.length);
            if let Ok(peek) = serde_json::from_slice::<Peek<'_>>(&self.lines.text) {
                let entry = EntryLine::of(&peek);
                self.take(entry, byte);
            }
        }
        Ok(self.entries.len() - before)
    }

    /// Reads an entry back, by its number from 0; `None` where there are fewer.
    ///
    /// # Errors
    /// Where its lines are no longer what they were, or the system fails.
    pub fn entry(&mut self, at: usize) -> Result<Option<RecordedEntry>, RecordError> {
        let Some(Entry { byte, finished }) = self.entries.get(at).copied() else { return Ok(None) };
        let entry = match self.event(byte)? {
            Event::Run { at_us, what, .. } => self.entry_of(at_us, what, finished)?,
            _ => None,
        };
        entry.map_or_else(|| Err(self.changed(byte, "it is another line now")), |entry| Ok(Some(entry)))
    }

    fn take(&mut self, line: EntryLine, byte: u64) {
        match line {
            EntryLine::CallStarted(id) => {
                self.open.insert(id, self.entries.len());
                self.entries.push(Entry { byte, finished: 0 });
            }
            EntryLine::CallFinished(id) => {
                let entry = self.open.remove(&id).and_then(|at| self.entries.get_mut(at));
                if let Some(entry) = entry {
                    entry.finished = byte;
                }
            }
            EntryLine::Shadow(id) => self.shadows.entry(id).or_default().push(byte),
            EntryLine::Stream if !self.has_streams => {}
            EntryLine::Other | EntryLine::Stream => self.entries.push(Entry { byte, finished: 0 }),
            EntryLine::None => {}
        }
    }

    fn entry_of(&mut self, at_us: u64, what: RunEvent, finished: u64) -> Result<Option<RecordedEntry>, RecordError> {
        Ok(Some(match what {
            RunEvent::HostCallStarted(call) => {
                let finished = if finished == 0 { None } else { self.finished_call(finished)? };
                let others = self.answers(call.id.0)?;
                let name = call.name.into_owned();
                RecordedEntry::Call(Box::new(CallRecord {
                    id: call.id,
                    name,
                    at_us,
                    request: call.request,
                    finished,
                    others,
                    faults: Vec::new(),
                }))
            }
            RunEvent::WasiCall(call) => RecordedEntry::Wasi { at_us, call },
            RunEvent::Log { level, message } => RecordedEntry::Log { at_us, level, message: message.into_owned() },
            RunEvent::Stdout { bytes } => RecordedEntry::Stdout { at_us, bytes },
            RunEvent::Stderr { bytes } => RecordedEntry::Stderr { at_us, bytes },
            RunEvent::Warning { message } => RecordedEntry::Warning { at_us, message },
            RunEvent::Started(_)
            | RunEvent::PhaseStarted { .. }
            | RunEvent::HostCallFinished(_)
            | RunEvent::HostCallHeld { .. }
            | RunEvent::HostCallReleased { .. }
            | RunEvent::FaultInjected { .. }
            | RunEvent::Sample(_)
            | RunEvent::Finished(_) => return Ok(None),
        }))
    }

    fn finished_call(&mut self, byte: u64) -> Result<Option<CallFinished>, RecordError> {
        match self.event(byte)? {
            Event::Run { what: RunEvent::HostCallFinished(finished), .. } => Ok(Some(finished)),
            _ => Err(self.changed(byte, "it is not the end of a host call")),
        }
    }

    fn answers(&mut self, call: u64) -> Result<Vec<ShadowAnswer>, RecordError> {
        let places = self.shadows.get(&call).cloned().unwrap_or_default();
        let mut answers = Vec::with_capacity(places.len());
        for byte in places {
            if let Event::ShadowAnswered { answer, .. } = self.event(byte)? {
                answers.push(answer);
            }
        }
        Ok(answers)
    }

    /// The event whose line begins there.
    fn event(&mut self, byte: u64) -> Result<Event, RecordError> {
        self.seek(byte)?;
        self.lines.next(MAX_LINE_BYTES).map_err(|source| self.failed(source))?;
        match parse(&self.lines.text) {
            Ok(Line::Event(event)) => Ok(*event),
            Ok(_) => Err(self.changed(byte, "it is no event")),
            Err(error) => Err(self.changed(byte, error)),
        }
    }

    fn seek(&mut self, byte: u64) -> Result<(), RecordError> {
        self.lines.seek(byte).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> RecordError {
        RecordError::Io { path: self.path.clone(), source }
    }

    fn changed(&self, byte: u64, reason: impl ToString) -> RecordError {
        RecordError::Line { path: self.path.clone(), byte, reason: reason.to_string() }
    }
}

/// What a line is for the index.
#[derive(Clone, Copy, Debug)]
enum EntryLine {
    CallStarted(u64),
    CallFinished(u64),
    Shadow(u64),
    /// An entry of one line.
    Other,
    /// A piece of stdout or stderr.
    Stream,
    /// No entry.
    None,
}

impl EntryLine {
    fn of(line: &Peek<'_>) -> Self {
        match (&*line.event, line.kind.as_deref(), line.id, line.call) {
            ("run", Some("host_call_started"), Some(id), _) => Self::CallStarted(id),
            ("run", Some("host_call_finished"), Some(id), _) => Self::CallFinished(id),
            ("run", Some("wasi_call" | "log" | "warning"), ..) => Self::Other,
            ("run", Some("stdout" | "stderr"), ..) => Self::Stream,
            ("shadow_answered", _, _, Some(call)) => Self::Shadow(call),
            _ => Self::None,
        }
    }
}
