//! Entries of a trace, read back from the record of a run that may go on: on a thread of its own, which keeps the index of the last
//! record, so that only what was written since is looked at.

use super::records::failure_of;
use crate::event::{CallStarted, Event, RunEvent, RunId, ShadowAnswer, WorkbenchEvent};
use crate::record::{RecordError, RecordIndex, RecordedEntry};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::path::PathBuf;

/// The most bytes of requests and responses that are told at once; fewer entries are told where they are longer.
const MAX_BYTES: usize = 8 << 20;

/// Entries that are wanted.
#[derive(Debug)]
pub struct Wanted {
    /// The run.
    pub run: RunId,
    /// Its record.
    pub record: PathBuf,
    /// The position of the first entry, from 0.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// The thread, once it was needed. It ends with this.
#[derive(Debug, Default)]
pub struct ReadBack(Option<Sender<(Wanted, Sender<Event>)>>);

impl ReadBack {
    /// Reads, and tells it as `ReadBack`.
    pub fn ask(&mut self, wanted: Wanted, events: &Sender<Event>) {
        if self.0.is_none() {
            let (send, receive) = unbounded();
            // Without a thread nothing is read, and what is shown stays.
            if std::thread::Builder::new().name("skillscope-readback".into()).spawn(move || serve(&receive)).is_ok() {
                self.0 = Some(send);
            }
        }
        if let Some(inbox) = &self.0 {
            // The thread lives as long as this does.
            let _ = inbox.send((wanted, events.clone()));
        }
    }
}

fn serve(inbox: &Receiver<(Wanted, Sender<Event>)>) {
    let mut last: Option<(PathBuf, RecordIndex)> = None;
    for (wanted, events) in inbox {
        let event = match read(&mut last, &wanted) {
            Ok(event) => event,
            Err(error) => {
                last = None;
                WorkbenchEvent::Refused { failure: failure_of(&error) }
            }
        };
        if events.send(Event::Workbench(Box::new(event))).is_err() {
            return;
        }
    }
}

fn read(last: &mut Option<(PathBuf, RecordIndex)>, wanted: &Wanted) -> Result<WorkbenchEvent, RecordError> {
    let known = last.take().filter(|(path, _)| *path == wanted.record);
    let mut index = match known {
        Some((_, mut index)) => {
            index.refresh()?;
            index
        }
        None => RecordIndex::open_trace(&wanted.record)?,
    };
    let total = index.len();
    let first = usize::try_from(wanted.first).unwrap_or(usize::MAX).min(total);
    let end = first.saturating_add(usize::try_from(wanted.count).unwrap_or(usize::MAX)).min(total);
    let (mut events, mut answers, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
    for at in first..end {
        let Some(entry) = index.entry(at)? else { break };
        bytes = bytes.saturating_add(told(entry, &mut events, &mut answers));
        if bytes > MAX_BYTES {
            break;
        }
    }
    *last = Some((wanted.record.clone(), index));
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(WorkbenchEvent::ReadBack { run: wanted.run, first: count(first), total: count(total), events, answers })
}

/// Adds the events that make an entry; tells about how many bytes they have.
fn told(
    entry: RecordedEntry,
    events: &mut Vec<(u64, RunEvent)>,
    answers: &mut Vec<(crate::event::CallId, ShadowAnswer)>,
) -> usize {
    match entry {
        RecordedEntry::Call(call) => {
            let asked: usize = call.request.0.iter().map(|(_, value)| value.len()).sum();
            let response = call.finished.as_ref().and_then(|finished| finished.response.as_ref());
            let bytes = asked + response.map_or(0, |response| response.len());
            let started = CallStarted { id: call.id, name: call.name.into(), request: call.request };
            events.push((call.at_us, RunEvent::HostCallStarted(started)));
            events.extend(call.finished.map(|finished| (call.at_us, RunEvent::HostCallFinished(finished))));
            answers.extend(call.others.into_iter().map(|other| (call.id, other)));
            bytes
        }
        RecordedEntry::Wasi { at_us, call } => {
            events.push((at_us, RunEvent::WasiCall(call)));
            0
        }
        RecordedEntry::Log { at_us, level, message } => {
            let bytes = message.len();
            events.push((at_us, RunEvent::Log { level, message: message.into() }));
            bytes
        }
        RecordedEntry::Warning { at_us, message } => {
            let bytes = message.len();
            events.push((at_us, RunEvent::Warning { message }));
            bytes
        }
        // An index of the trace alone has none of these.
        RecordedEntry::Stdout { .. } | RecordedEntry::Stderr { .. } => 0,
    }
}
