//! The lines of a record: each is an object whose `event` says what it is.

use super::{RecordEnd, RecordHeader, RunSettings};
use crate::event::{Event, RunEvent, RunId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The longest line, in bytes. What is longer is not written, and when it is met in a file it is passed over and not held in memory.
pub(super) const MAX_LINE_BYTES: usize = 1 << 30;
/// The longest first line: it holds names and digests alone.
pub(super) const MAX_HEADER_BYTES: usize = 64 << 10;

/// A line that is no event.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum OwnLine<'a> {
    Record(&'a RecordHeader),
    Settings(&'a RunSettings),
    End(&'a RecordEnd),
}

/// A line that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Record(Box<RecordHeader>),
    Settings(Box<RunSettings>),
    Event(Box<Event>),
    End(Box<RecordEnd>),
}

/// What a line is, with all but its first words passed over.
#[derive(Deserialize)]
pub(super) struct Peek<'a> {
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Option<Cow<'a, str>>,
    /// The call's number, of the beginning and the end of a host call.
    #[serde(default)]
    pub(super) id: Option<u64>,
    /// The call's number, of an answer for comparison.
    #[serde(default)]
    pub(super) call: Option<u64>,
    #[serde(default)]
    run: Option<RunId>,
    #[serde(default)]
    at_us: Option<u64>,
}

/// Adds a line with its line feed.
pub(super) fn append(buffer: &mut Vec<u8>, line: &impl Serialize) -> Result<(), serde_json::Error> {
    let begin = buffer.len();
    let written = serde_json::to_writer(&mut *buffer, line);
    if written.is_err() {
        buffer.truncate(begin);
        return written;
    }
    buffer.push(b'\n');
    Ok(())
}

/// Reads a line, without its line feed.
pub(super) fn parse(line: &[u8]) -> Result<Line, serde_json::Error> {
    let peek: Peek<'_> = serde_json::from_slice(line)?;
    match &*peek.event {
        "record" => serde_json::from_slice(line).map(Line::Record),
        "settings" => serde_json::from_slice(line).map(Line::Settings),
        "end" => serde_json::from_slice(line).map(Line::End),
        "run" => run_event(line, &peek).map(|event| Line::Event(Box::new(event))),
        _ => serde_json::from_slice(line).map(Line::Event),
    }
}

/// An event of a run. Those of which a run has millions are read straight into their type: told apart by a field among others, as the
/// enum does it, each would be taken to pieces first.
fn run_event(line: &[u8], peek: &Peek<'_>) -> Result<Event, serde_json::Error> {
    let (Some(run), Some(at_us)) = (peek.run, peek.at_us) else { return serde_json::from_slice(line) };
    let what = match peek.kind.as_deref() {
        Some("host_call_started") => RunEvent::HostCallStarted(serde_json::from_slice(line)?),
        Some("host_call_finished") => RunEvent::HostCallFinished(serde_json::from_slice(line)?),
        Some("wasi_call") => RunEvent::WasiCall(serde_json::from_slice(line)?),
        _ => return serde_json::from_slice(line),
    };
    Ok(Event::Run { run, at_us, what })
}
