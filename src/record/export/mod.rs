//! A record in other formats. Those of other tools are written while the record is read, an event at a time.
//!
//! What a format cannot say is left out, and what a record does not know is not made up: see `docs/replay.md`.

mod case;
mod chrome;
mod har;
mod otlp;
mod writer;

use super::{Integrity, RecordError, RecordHeader, RecordReader};
use crate::event::{CallFinished, CallStarted, Event};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use writer::Elements;

/// A format of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// The trace event format of Chrome and Perfetto.
    Chrome,
    /// HTTP Archive 1.2: HTTP calls alone.
    Har,
    /// Traces of OpenTelemetry, in the JSON encoding of its protocol.
    Otlp,
    /// A test case of skillscope's own, as TOML.
    Case,
}

/// Why a record cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The record cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A test case cannot be made of it.
    #[error("no case can be made of the record {}: {reason}", path.display())]
    NoCase {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// What comes out cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// What makes one format of a record's events.
trait Exporter {
    /// What stands before the first element.
    fn prefix(&self) -> String;
    /// Takes in an event; what it comes to is written.
    fn event(&mut self, event: &Event, out: &mut Elements<'_>) -> io::Result<()>;
    /// The record has no more.
    fn end(&mut self, out: &mut Elements<'_>) -> io::Result<()>;
    /// What stands behind the last element.
    fn suffix(&self) -> &'static str;
}

/// Writes a record in another format, and tells what is wrong with the record, if anything is. What was cut off is left out.
///
/// # Errors
/// Where the record cannot be read, or the writer fails.
pub fn export(record: &Path, format: ExportFormat, out: &mut dyn Write) -> Result<Integrity, ExportError> {
    let mut reader = RecordReader::open(record)?;
    let header = reader.header().clone();
    let mut exporter: Box<dyn Exporter> = match format {
        ExportFormat::Chrome => Box::new(chrome::Chrome::new(&header)),
        ExportFormat::Har => Box::new(har::Har::new(&header)),
        ExportFormat::Otlp => Box::new(otlp::Otlp::new(&header)),
        ExportFormat::Case => {
            let (text, integrity) = case::case(record)?;
            out.write_all(text.as_bytes())?;
            return Ok(integrity);
        }
    };
    out.write_all(exporter.prefix().as_bytes())?;
    let mut elements = Elements::new(out);
    for event in &mut reader {
        exporter.event(&event?.1, &mut elements)?;
    }
    exporter.end(&mut elements)?;
    out.write_all(exporter.suffix().as_bytes())?;
    out.flush()?;
    Ok(reader.integrity().clone())
}

/// Nanoseconds since the Unix epoch of a moment in a run.
fn unix_ns(header: &RecordHeader, at_us: u64) -> u64 {
    header.started_at.unix_ms().saturating_mul(1_000_000).saturating_add(at_us.saturating_mul(1_000))
}

/// A host call that has begun.
#[derive(Debug)]
struct OpenCall {
    at_us: u64,
    call: CallStarted,
}

/// The calls that have begun, innermost last.
#[derive(Debug, Default)]
struct OpenCalls(Vec<OpenCall>);

impl OpenCalls {
    fn begin(&mut self, at_us: u64, call: &CallStarted) {
        self.0.push(OpenCall { at_us, call: call.clone() });
    }

    fn end(&mut self, finished: &CallFinished) -> Option<OpenCall> {
        let at = self.0.iter().rposition(|open| open.call.id == finished.id)?;
        Some(self.0.remove(at))
    }
}

/// The function that was called, without the module from which it was imported.
fn function_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, function)| function)
}

fn asks_an_ai(name: &str) -> bool {
    matches!(function_of(name), "ai_prompt" | "host_ai_chat")
}

fn asks_by_http(name: &str) -> bool {
    matches!(function_of(name), "http_request" | "host_http_post")
}

/// The status of an HTTP response, where it is known: a record has the length of a body that came with any status of success.
fn http_status(finished: &CallFinished) -> Option<i64> {
    finished.result.map(|result| -result).filter(|status| (100..=599).contains(status))
}
