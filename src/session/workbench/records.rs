//! Records of earlier runs: listed, and opened as a run of their own. On threads of their own, since disks take their time.

use crate::event::{Event, Failure, RunHeadline, RunId, WorkbenchEvent};
use crate::record::{History, RecordEntry, RecordError, RecordReader, RecordState};
use crate::session::services::Shared;
use crate::skill::Workspace;
use crossbeam_channel::Sender;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

/// How long the list waits for the ends of records that are just being written.
const PATIENCE: Duration = Duration::from_millis(300);

/// What is done to a record before the list is told.
pub enum Change {
    /// Nothing.
    None,
    /// It is kept whatever its age, or no longer.
    Pin(PathBuf, bool),
    /// It is deleted.
    Delete(PathBuf),
}

impl Change {
    fn make(self) -> Result<(), RecordError> {
        match self {
            Self::None => Ok(()),
            Self::Pin(path, is_pinned) => History::pin(&path, is_pinned),
            Self::Delete(path) => History::delete(&path),
        }
    }
}

/// Makes a change, and tells the records of a workspace as `History`.
pub fn list(shared: &Arc<Shared>, workspace: &Workspace, events: &Sender<Event>, change: Change) {
    let (shared, history, events) = (Arc::clone(shared), History::of(workspace), events.clone());
    let work = move || {
        // A run that has just ended is shown as one that has.
        if let Some(recorder) = shared.recorder() {
            recorder.wait(PATIENCE);
        }
        if let Err(error) = change.make() {
            tell(&events, WorkbenchEvent::Refused { failure: failure_of(&error) });
        }
        match history.list() {
            Ok(entries) => {
                let runs = entries.iter().filter_map(headline).collect();
                tell(&events, WorkbenchEvent::History { runs });
            }
            Err(error) => tell(&events, WorkbenchEvent::Refused { failure: failure_of(&error) }),
        }
    };
    // Without a thread there is no list, and the panel says that it waits.
    drop(Builder::new().name("skillscope-history".into()).spawn(work));
}

/// A record in a line; `None` where its first line cannot be read.
fn headline(entry: &RecordEntry) -> Option<RunHeadline> {
    let header = entry.header.as_ref().ok()?;
    let end = match &entry.state {
        RecordState::Ended(end) => Some(end),
        RecordState::Running | RecordState::Interrupted => None,
    };
    let usage = end.and_then(|end| end.usage.as_ref());
    Some(RunHeadline {
        path: entry.path.clone(),
        skill: header.skill.clone(),
        started_ms: header.started_at.unix_ms(),
        outcome: end.and_then(|end| end.outcome),
        elapsed_ms: usage.map(|usage| usage.elapsed_ms),
        fuel: usage.map(|usage| usage.fuel),
        bytes: entry.bytes,
        is_pinned: entry.is_pinned,
        is_running: entry.state == RecordState::Running,
    })
}

/// Opens a record: `RecordOpened`, then its events under this number, then a word on what is damaged.
pub fn open(path: PathBuf, run: RunId, events: &Sender<Event>) {
    let events = events.clone();
    let work = move || {
        if let Err(error) = read(&path, run, &events) {
            tell(&events, WorkbenchEvent::Refused { failure: failure_of(&error) });
        }
    };
    // Without a thread nothing is opened, and nothing changes.
    drop(Builder::new().name("skillscope-open".into()).spawn(work));
}

fn read(path: &Path, run: RunId, events: &Sender<Event>) -> Result<(), RecordError> {
    let mut reader = RecordReader::open(path)?;
    let header = reader.header();
    let headline = RunHeadline {
        path: path.to_owned(),
        skill: header.skill.clone(),
        started_ms: header.started_at.unix_ms(),
        outcome: None,
        elapsed_ms: None,
        fuel: None,
        bytes: 0,
        is_pinned: false,
        is_running: false,
    };
    tell(events, WorkbenchEvent::RecordOpened { run, headline });
    for event in &mut reader {
        let (_, event) = event?;
        let renumbered = match event {
            Event::Run { at_us, what, .. } => Event::Run { run, at_us, what },
            Event::ShadowAnswered { call, answer, .. } => Event::ShadowAnswered { run, call, answer },
            _ => continue,
        };
        if events.send(renumbered).is_err() {
            return Ok(());
        }
    }
    let integrity = reader.integrity();
    let damage = integrity.damage.first().map(ToString::to_string);
    let ends_early = || integrity.end.is_none().then(|| "the record ends before the run does".to_owned());
    if let Some(told) = damage.or_else(ends_early) {
        // A reader that has gone needs no events.
        let _ = events.send(Event::Notice { message: format!("{}: {told}", path.display()) });
    }
    Ok(())
}

/// The failure of a record that cannot be read.
pub fn failure_of(error: &RecordError) -> Failure {
    Failure::new("record", error.to_string())
}

/// Tells a workbench something.
pub(super) fn tell(events: &Sender<Event>, event: WorkbenchEvent) {
    // A reader that has gone needs no events.
    let _ = events.send(Event::Workbench(Box::new(event)));
}
