//! What a record says of its run as a whole, read through once before the run is made again.

use super::calls::{RecordedCall, RecordedCalls, function_of, is_live, runs_guest_code};
use super::divergence::described;
use crate::event::{CallFinished, CallRequest, CallStarted, Failure, Outcome, RunEvent, RunFinished, RunStarted};
use crate::host::{Stop, USER};
use crate::record::{Integrity, RecordError, RecordHeader, RunSettings};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A recorded run, without its calls.
#[derive(Debug)]
pub struct RecordedRun {
    /// The record's file.
    pub path: PathBuf,
    /// Its first line.
    pub header: RecordHeader,
    /// Its second line.
    pub settings: RunSettings,
    /// What the run began with.
    pub started: RunStarted,
    /// How it ended; `None` where the record ends before the run did.
    pub finished: Option<RunFinished>,
    /// What is wrong with the record, if anything is.
    pub integrity: Integrity,
    /// How many calls a replay answers from it.
    pub answers: u64,
    /// Whether the run ended inside a call.
    ends_in_a_call: bool,
    decided: HashMap<(String, u64), (CallRequest, CallFinished)>,
}

/// Why a record cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It is read twice, which only a file can be.
    #[error("{} is no file: a record that is replayed must be one", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// What a run is set up with is not in it.
    #[error("the record {} ends before it tells what the run was given: there is nothing to replay", path.display())]
    NotBegun {
        /// The file.
        path: PathBuf,
    },
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Record(error) => error.into(),
            ReplayError::NotBegun { .. } | ReplayError::NotAFile { .. } => Self::new("record", error.to_string()),
        }
    }
}

impl RecordedRun {
    /// Reads a record through.
    ///
    /// # Errors
    /// Where it cannot be read, or does not come to the beginning of its run.
    pub fn read(path: &Path) -> Result<Self, ReplayError> {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(ReplayError::NotAFile { path: path.to_owned() });
        }
        let mut calls = RecordedCalls::open(path)?;
        let mut told = Told::default();
        let (mut answers, mut ends_in_a_call) = (0, false);
        while let Some(call) = calls.next_beside(&mut |event| told.take(event))? {
            let (is_answer, is_the_end) = match &call {
                RecordedCall::Host { finished: Some(finished), .. } => {
                    (!finished.held, finished.result.is_none() && finished.error.is_some())
                }
                RecordedCall::Wasi { call, .. } => (true, call.errno.is_none()),
                RecordedCall::Host { finished: None, .. } => (false, true),
            };
            answers += u64::from(is_answer);
            ends_in_a_call = is_the_end;
        }
        let reader = calls.reader();
        let not_begun = || ReplayError::NotBegun { path: path.to_owned() };
        Ok(Self {
            path: path.to_owned(),
            header: reader.header().clone(),
            settings: reader.settings().ok_or_else(not_begun)?.clone(),
            started: told.started.ok_or_else(not_begun)?,
            finished: told.finished,
            integrity: reader.integrity().clone(),
            answers,
            ends_in_a_call: ends_in_a_call || told.ends_in_a_live_call,
            decided: told.decided,
        })
    }

    /// Whether the record ends before its run did.
    pub const fn is_cut(&self) -> bool {
        self.finished.is_none()
    }

    /// The first calls, at most `count`, behind those that were answered, in words.
    ///
    /// # Errors
    /// Where the record can no longer be read.
    pub fn calls_after(&self, answered: u64, count: usize) -> Result<Vec<String>, RecordError> {
        let mut calls = RecordedCalls::open(&self.path)?;
        let (mut seen, mut words) = (0, Vec::new());
        while words.len() < count && calls.peek()?.is_some() {
            let Some(call) = calls.take() else { break };
            if matches!(&call, RecordedCall::Host { finished: Some(finished), .. } if finished.held) {
                continue;
            }
            seen += 1;
            if seen > answered {
                words.push(described(&call));
            }
        }
        Ok(words)
    }

    /// At how much fuel the run was ended by its deadline or its user, outside any call.
    pub(super) fn stopped_at(&self) -> Option<(u64, Stop)> {
        let finished = self.finished.as_ref().filter(|finished| finished.usage.fuel_exact && !self.ends_in_a_call)?;
        let stop = match finished.outcome {
            Outcome::Timeout => Stop::Timeout,
            Outcome::Cancelled => Stop::Cancelled,
            _ => return None,
        };
        Some((finished.usage.fuel, stop))
    }

    /// What the user decided on the `count`th call of a function whose calls are made anew.
    pub(super) fn decided(&self, function: &str, count: u64, request: &CallRequest) -> Option<CallFinished> {
        if self.decided.is_empty() {
            return None;
        }
        let (recorded, finished) = self.decided.get(&(function.to_owned(), count))?;
        (recorded == request).then(|| finished.clone())
    }
}

/// Whether the deadline or a cancel ended the run inside this call.
pub(super) fn is_stopped_from_outside(finished: &CallFinished) -> bool {
    let by = |stop: Stop| finished.error.as_deref() == Some(stop.to_string().as_str());
    finished.result.is_none() && (by(Stop::Timeout) || by(Stop::Cancelled))
}

/// What was read so far.
#[derive(Default)]
struct Told {
    started: Option<RunStarted>,
    finished: Option<RunFinished>,
    live: HashMap<String, u64>,
    open: Vec<(CallStarted, u64)>,
    decided: HashMap<(String, u64), (CallRequest, CallFinished)>,
    ends_in_a_live_call: bool,
}

impl Told {
    fn take(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Started(started) => self.started = Some((**started).clone()),
            RunEvent::Finished(finished) => self.finished = Some((**finished).clone()),
            RunEvent::HostCallStarted(started) if is_live(&started.name) => {
                let count = self.live.entry(function_of(&started.name).to_owned()).or_default();
                *count += 1;
                self.open.push((started.clone(), *count));
            }
            RunEvent::HostCallFinished(finished) => self.finish(finished),
            _ => {}
        }
    }

    fn finish(&mut self, finished: &CallFinished) {
        let Some(at) = self.open.iter().rposition(|(started, _)| started.id == finished.id) else { return };
        let (started, count) = self.open.swap_remove(at);
        // The allocator is the guest's own code: what ends a run there is no matter of the call.
        let is_stopped = is_stopped_from_outside(finished) && !runs_guest_code(&started.name);
        self.ends_in_a_live_call |= is_stopped;
        if finished.provider.as_deref() == Some(USER) || is_stopped {
            self.decided.insert((function_of(&started.name).to_owned(), count), (started.request, finished.clone()));
        }
    }
}
