//! Reading a record from its first line to its last whole one, an event at a time.

use super::integrity::{Damage, DamageKind, Integrity};
use super::lines::{Line, MAX_HEADER_BYTES, MAX_LINE_BYTES, parse};
use super::writer::hex;
use super::{RECORD_FORMAT, RecordEnd, RecordError, RecordHeader, RunSettings};
use crate::event::{Event, RunId, RunSummary};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where a line of a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub line: u64,
    /// Where it begins, in bytes from the file's start.
    pub byte: u64,
    /// Its length, in bytes, its line feed included.
    pub length: u64,
}

/// Reads a record. Its items are the events; a damaged line is left out and told in [`Self::integrity`]. Holds one line at a time.
#[derive(Debug)]
pub struct RecordReader {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    header: RecordHeader,
    settings: Option<RunSettings>,
    /// The line that followed the header, where it was not the settings.
    waiting: Option<(Place, Line)>,
    digest: Sha256,
    /// What the last line should say of the events up to here.
    counted: RecordEnd,
    integrity: Integrity,
}

/// A whole record, without its events.
#[derive(Debug)]
pub struct ReadRecord {
    /// Its first line.
    pub header: RecordHeader,
    /// Its second line, where it can be read.
    pub settings: Option<RunSettings>,
    /// The run, as all its events tell it.
    pub summary: RunSummary,
    /// What is wrong with it, if anything is.
    pub integrity: Integrity,
}

impl ReadRecord {
    /// Reads a record to its end and keeps the picture that its events make, with at most `max_trace` calls and log lines.
    ///
    /// # Errors
    /// As [`RecordReader::open`], and where the system fails while it is read.
    pub fn read(path: &Path, max_trace: usize) -> Result<Self, RecordError> {
        let mut reader = RecordReader::open(path)?;
        let mut summary = RunSummary::new(max_trace);
        for event in &mut reader {
            let (_, event) = event?;
            // All events of a record are of its one run.
            if let Some(run) = run_of(&event) {
                summary.apply_session_event(run, &event);
            }
        }
        let RecordReader { header, settings, integrity, .. } = reader;
        Ok(Self { header, settings, summary, integrity })
    }
}

impl RecordReader {
    /// Opens a record and reads its first two lines.
    ///
    /// # Errors
    /// Where it cannot be read, is no record, or has another format.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let failed = |source| RecordError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let mut lines = Lines::new(BufReader::with_capacity(1 << 16, file));
        let mut digest = Sha256::new();
        let first = lines.next(MAX_HEADER_BYTES).map_err(failed)?.ok_or_else(|| RecordError::Empty { path: path.to_owned() })?;
        let header = header_of(path, &first, &lines.text)?;
        digest.update(&lines.text);
        let integrity = Integrity { lines: 1, bytes: first.place.length, ..Integrity::default() };
        let mut reader = Self {
            path: path.to_owned(),
            lines,
            header,
            settings: None,
            waiting: None,
            digest,
            counted: RecordEnd::default(),
            integrity,
        };
        match reader.next_line()? {
            Some((_, Line::Settings(settings))) => reader.settings = Some(*settings),
            other => reader.waiting = other,
        }
        Ok(reader)
    }

    /// The first line.
    pub const fn header(&self) -> &RecordHeader {
        &self.header
    }

    /// The second line; `None` where it is damaged or was never written.
    pub const fn settings(&self) -> Option<&RunSettings> {
        self.settings.as_ref()
    }

    /// What was found wrong up to here; after the last event: with the whole record.
    pub const fn integrity(&self) -> &Integrity {
        &self.integrity
    }

    /// The last line, once it was read.
    pub const fn end(&self) -> Option<&RecordEnd> {
        self.integrity.end.as_ref()
    }

    /// The next line that can be read.
    fn next_line(&mut self) -> Result<Option<(Place, Line)>, RecordError> {
        loop {
            let raw = self.lines.next(MAX_LINE_BYTES);
            let Some(raw) = raw.map_err(|source| RecordError::Io { path: self.path.clone(), source })? else { return Ok(None) };
            self.integrity.lines += 1;
            self.integrity.bytes = self.integrity.bytes.saturating_add(raw.place.length);
            let parsed = raw.parse(&self.lines.text);
            if let Ok(Line::End(end)) = parsed {
                self.take_end(*end, raw.place);
                continue;
            }
            self.digest.update(&self.lines.text);
            match parsed {
                Ok(line) => {
                    if let Line::Event(event) = &line {
                        self.counted.count(event);
                    }
                    return Ok(Some((raw.place, line)));
                }
                Err(kind) => self.damage(raw.place, kind),
            }
        }
    }

    fn take_end(&mut self, end: RecordEnd, place: Place) {
        if self.integrity.end.is_some() {
            return self.damage(place, DamageKind::OutOfPlace);
        }
        let counted = self.counted.clone();
        let as_written = RecordEnd { lines: place.line - 1, bytes: place.byte, sha256: hex(&self.digest), ..counted };
        // Where damage was told already, it is why they differ.
        if end != as_written && self.integrity.damage_count == 0 {
            self.damage(place, DamageKind::Digest);
        }
        self.integrity.end = Some(end);
    }

    fn damage(&mut self, place: Place, kind: DamageKind) {
        let Place { line, byte, length } = place;
        self.integrity.add(Damage { line, byte, length, kind });
    }

    fn is_in_place(&self, event: &Event) -> bool {
        self.integrity.end.is_none() && run_of(event).is_some()
    }
}

impl Iterator for RecordReader {
    type Item = Result<(Place, Event), RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.waiting.take().map_or_else(|| self.next_line().transpose(), |line| Some(Ok(line)))?;
            match line {
                Ok((place, Line::Event(event))) if self.is_in_place(&event) => return Some(Ok((place, *event))),
                Ok((place, _)) => self.damage(place, DamageKind::OutOfPlace),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The run of an event that a record can have.
const fn run_of(event: &Event) -> Option<RunId> {
    match event {
        Event::Run { run, .. } | Event::ShadowAnswered { run, .. } => Some(*run),
        _ => None,
    }
}

/// The header of a record whose first line was just read.
pub(super) fn header_of(path: &Path, first: &RawLine, text: &[u8]) -> Result<RecordHeader, RecordError> {
    #[derive(Deserialize)]
    struct Version {
        event: String,
        format: u64,
        #[serde(default)]
        skillscope: String,
    }
    let no_record = |reason: String| RecordError::NotARecord { path: path.to_owned(), reason };
    if first.is_too_long {
        return Err(no_record(format!("is longer than the {MAX_HEADER_BYTES} bytes that it can have")));
    }
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let version = match serde_json::from_slice::<Version>(line) {
        Ok(version) if version.event == "record" => version,
        Ok(version) => return Err(no_record(format!("is of another kind: {}", crate::event::sanitize_line(&version.event)))),
        Err(_) if !first.has_feed => return Err(no_record(format!("is cut off after {} bytes", first.place.length))),
        Err(error) => return Err(no_record(format!("is not what a record begins with: {error}"))),
    };
    if version.format != u64::from(RECORD_FORMAT) {
        let skillscope = crate::event::sanitize_line(&version.skillscope).into_owned();
        return Err(RecordError::Version { path: path.to_owned(), format: version.format, skillscope });
    }
    serde_json::from_slice(line).map_err(|error| no_record(format!("is damaged: {error}")))
}

/// A line as it stands in the file; its text is in [`Lines::text`].
pub(super) struct RawLine {
    pub(super) place: Place,
    pub(super) has_feed: bool,
    is_too_long: bool,
}

impl RawLine {
    fn parse(&self, text: &[u8]) -> Result<Line, DamageKind> {
        if self.is_too_long {
            return Err(DamageKind::TooLong);
        }
        let parsed = parse(text.strip_suffix(b"\n").unwrap_or(text));
        parsed.map_err(|error| if self.has_feed { DamageKind::NotALine(error.to_string()) } else { DamageKind::Cut })
    }
}

impl<R: Read + Seek> Lines<BufReader<R>> {
    /// Goes to the beginning of a line; lines are counted on from where they were. What is near is not read again.
    pub(super) fn seek(&mut self, byte: u64) -> io::Result<()> {
        match (i64::try_from(byte), i64::try_from(self.byte)) {
            (Ok(to), Ok(from)) => self.source.seek_relative(to.saturating_sub(from))?,
            _ => drop(self.source.seek(SeekFrom::Start(byte))?),
        }
        self.byte = byte;
        Ok(())
    }
}

/// The lines of a file, each in one buffer. A line over the bound is passed over, with its beginning alone in the buffer.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: R,
    pub(super) text: Vec<u8>,
    line: u64,
    byte: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(source: R) -> Self {
        Self { source, text: Vec::new(), line: 0, byte: 0 }
    }

    /// The next line; `None` at the end of the file.
    pub(super) fn next(&mut self, bound: usize) -> io::Result<Option<RawLine>> {
        self.text.clear();
        let begin = self.byte;
        let mut has_feed = false;
        while !has_feed {
            let chunk = match self.source.fill_buf() {
                Ok([]) => break,
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = end.and_then(|end| chunk.get(..=end)).unwrap_or(chunk);
            has_feed = end.is_some();
            if self.text.len() <= bound {
                self.text.extend_from_slice(piece);
            }
            let taken = piece.len();
            self.byte = self.byte.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
            self.source.consume(taken);
        }
        let length = self.byte - begin;
        if length == 0 {
            return Ok(None);
        }
        self.line += 1;
        let place = Place { line: self.line, byte: begin, length };
        Ok(Some(RawLine { place, has_feed, is_too_long: self.text.len() > bound }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_passed_over_and_not_held() {
        let text = format!("first\n{}\nlast", "x".repeat(100_000));
        let mut lines = Lines::new(BufReader::with_capacity(64, text.as_bytes()));
        let mut seen = Vec::new();
        while let Some(raw) = lines.next(1000).unwrap() {
            assert!(lines.text.len() <= 1100, "{}", lines.text.len());
            seen.push((raw.place.line, raw.place.byte, raw.place.length, raw.has_feed, raw.is_too_long));
        }
        assert_eq!(seen, [(1, 0, 6, true, false), (2, 6, 100_001, true, true), (3, 100_007, 4, false, false)]);
    }
}
