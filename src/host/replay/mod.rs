//! Answers from a record, in the place of services, clocks, randomness and the system.
//!
//! A replay hands out the recorded answers in their order and holds each against what the guest asks now. It knows records and
//! events; it must not know guest memory, which the callers in `functions` and `wasi` fill, or who compares the ends of runs. What a
//! skill says (log lines, standard output) and what it asks of itself (its allocator) is no question to anyone: that happens anew.

mod calls;
mod divergence;
mod end;
mod recorded;

pub use end::{ReplayEnd, ReplayTally};
pub use recorded::{RecordedRun, ReplayError};

use super::Stop;
use crate::event::{CallFinished, CallId, CallRequest, Failure, GuestRead, Outcome, Payload, WasiCall};
use calls::{RecordedCall, RecordedCalls};
use divergence::{Asked, Divergence};
use std::collections::HashMap;
use std::sync::Arc;

/// The standard stream that a recorded call wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a host call is answered with.
#[derive(Debug)]
pub(super) enum HostAnswer {
    /// What the record has.
    Recorded(Box<CallFinished>),
    /// The response that is held from the call before.
    Held,
}

/// What a call of WASI is answered with.
#[derive(Debug)]
pub(super) struct WasiAnswer {
    /// The recorded call.
    pub(super) call: WasiCall,
    /// What it wrote to the standard streams.
    pub(super) printed: Vec<(Printed, Payload)>,
}

/// The answers of one run. It lives on the run's own thread.
#[derive(Debug)]
pub struct Replay {
    recorded: Arc<RecordedRun>,
    calls: RecordedCalls,
    is_same_module: bool,
    tally: ReplayTally,
    /// How often each function was called whose calls are made anew.
    live: HashMap<String, u64>,
    wasi_calls: u64,
}

impl Replay {
    /// The answers for a run of the recorded module, or of another one in its place.
    ///
    /// # Errors
    /// Where the record can no longer be read.
    pub fn new(recorded: Arc<RecordedRun>, is_same_module: bool, tally: ReplayTally) -> Result<Self, ReplayError> {
        let calls = RecordedCalls::open(&recorded.path)?;
        Ok(Self { recorded, calls, is_same_module, tally, live: HashMap::new(), wasi_calls: 0 })
    }

    /// Whether the module is the recorded one: then a call of WASI is the recorded one down to its addresses.
    pub(super) const fn is_same_module(&self) -> bool {
        self.is_same_module
    }

    /// The answer to a host call; `holds` where a response is held that it may be asking for.
    pub(super) fn host_call(&mut self, id: CallId, name: &str, request: &CallRequest, holds: bool) -> Result<HostAnswer, Stop> {
        loop {
            let (is_same, was_held) = match self.peek()? {
                Some(RecordedCall::Host { started, finished }) => {
                    let is_same = calls::function_of(&started.name) == calls::function_of(name) && started.request == *request;
                    (is_same, finished.as_ref().is_some_and(|finished| finished.held))
                }
                _ => (false, false),
            };
            match (is_same, was_held, holds) {
                (true, true, true) => {
                    self.take();
                    return Ok(HostAnswer::Held);
                }
                // With other buffers than then, other calls are answered by what is held.
                (_, true, _) => drop(self.take()),
                (true, false, _) => return self.recorded_host_call(),
                (false, false, true) => return Ok(HostAnswer::Held),
                (false, false, false) => return Err(self.diverge(&Asked::host(id, name, request))),
            }
        }
    }

    fn recorded_host_call(&mut self) -> Result<HostAnswer, Stop> {
        let Some(RecordedCall::Host { finished: Some(finished), .. }) = self.take() else { return Err(self.record_ends()) };
        self.tally.count_answer();
        // Without a result and with an error, the run ended inside it.
        if finished.result.is_none() && finished.error.is_some() {
            return Err(self.recorded_stop());
        }
        Ok(HostAnswer::Recorded(finished))
    }

    /// What the user of a workbench decided on such a call of a function whose calls are made anew.
    ///
    /// # Errors
    /// The recorded end, where it came while the call was held.
    pub(super) fn decided(&mut self, name: &str, request: &CallRequest) -> Result<Option<CallFinished>, Stop> {
        let count = self.live.entry(calls::function_of(name).to_owned()).or_default();
        *count += 1;
        match self.recorded.decided(calls::function_of(name), *count, request) {
            Some(finished) if recorded::is_stopped_from_outside(&finished) => Err(self.recorded_stop()),
            decided => Ok(decided),
        }
    }

    /// Whether calls of this function are made anew, and not answered from the record.
    pub(super) fn is_live(name: &str) -> bool {
        calls::is_live(name)
    }

    /// The same for a function of WASI, with these arguments.
    pub(super) fn is_live_wasi(&self, name: &str, arguments: &[i64]) -> bool {
        self.calls.is_live_wasi(name, arguments)
    }

    /// The answer to a call of WASI; `differs` tells in words how it differs from a recorded one of the same function.
    pub(super) fn wasi_call(
        &mut self,
        name: &str,
        arguments: &[i64],
        reads: &[GuestRead],
        differs: impl FnOnce(&WasiCall) -> Option<String>,
    ) -> Result<WasiAnswer, Stop> {
        self.wasi_calls += 1;
        let number = self.wasi_calls;
        let asked = |how| Asked::Wasi { number, name, arguments, reads, how };
        let unlike = asked(String::new());
        let how = match self.peek()? {
            Some(RecordedCall::Wasi { call, .. }) if call.name == name => differs(call),
            _ => return Err(self.diverge(&unlike)),
        };
        if let Some(how) = how {
            return Err(self.diverge(&asked(how)));
        }
        let Some(RecordedCall::Wasi { call, printed }) = self.take() else { return Err(self.record_ends()) };
        self.tally.count_answer();
        if call.errno.is_none() {
            return Err(self.recorded_stop());
        }
        if call.incomplete {
            let message = format!("{name} gave the skill more than a record keeps: from here on the run cannot be replayed");
            return Err(self.end(ReplayEnd::RecordEnds, Failure::new("record-ends", message)));
        }
        Ok(WasiAnswer { call: *call, printed })
    }

    /// A recorded answer has no room in what the guest offers now.
    pub(super) fn no_room(&self, recorded: WasiCall, arguments: &[i64], reads: &[GuestRead]) -> Stop {
        let how = "the skill offers less room than the recorded answer takes".to_owned();
        let name = recorded.name.clone();
        let asked = Asked::Wasi { number: self.wasi_calls, name: &name, arguments, reads, how };
        self.diverge_from(&asked, Some(&RecordedCall::Wasi { call: Box::new(recorded), printed: Vec::new() }))
    }

    /// Whether the recorded run was ended here, by its deadline or its user: at this much fuel, with no further call.
    ///
    /// # Errors
    /// The recorded end.
    pub fn check(&mut self, fuel_used: u64) -> Result<(), Stop> {
        let Some((fuel, stop)) = self.recorded.stopped_at().filter(|_| self.is_same_module) else { return Ok(()) };
        if fuel_used < fuel || self.peek()?.is_some() {
            return Ok(());
        }
        Err(stop)
    }

    fn peek(&mut self) -> Result<Option<&RecordedCall>, Stop> {
        self.calls.peek().map_err(|error| Stop::Host(error.into()))
    }

    fn take(&mut self) -> Option<RecordedCall> {
        self.calls.take()
    }

    fn diverge(&mut self, asked: &Asked<'_>) -> Stop {
        // What was looked at last is there still.
        let next = self.calls.take();
        if next.is_none() && self.recorded.is_cut() {
            return self.record_ends();
        }
        self.diverge_from(asked, next.as_ref())
    }

    fn diverge_from(&self, asked: &Asked<'_>, recorded: Option<&RecordedCall>) -> Stop {
        let divergence = Divergence { asked, recorded, recorded_run: &self.recorded, is_same_module: self.is_same_module };
        self.end(ReplayEnd::Diverged, divergence.failure())
    }

    fn record_ends(&self) -> Stop {
        let message = format!(
            "the record {} ends here, before the recorded run did; up to here all was as recorded",
            self.recorded.path.display()
        );
        let hint = "the program that wrote it was killed, or the run still goes on";
        self.end(ReplayEnd::RecordEnds, Failure::new("record-ends", message).with_hint(hint))
    }

    fn end(&self, how: ReplayEnd, failure: Failure) -> Stop {
        self.tally.end(how);
        Stop::Host(failure)
    }

    /// What ended the recorded run inside the call that was just taken.
    fn recorded_stop(&self) -> Stop {
        let Some(finished) = &self.recorded.finished else { return self.record_ends() };
        let failure = || {
            let error = finished.error.clone().unwrap_or_else(|| Failure::new("host", "the recorded run ended here"));
            Failure { phase: None, backtrace: Vec::new(), ..error }
        };
        match finished.outcome {
            Outcome::Timeout => Stop::Timeout,
            Outcome::Cancelled => Stop::Cancelled,
            Outcome::Trap => Stop::Trap(failure()),
            Outcome::Memory => Stop::OutputLimit(failure()),
            _ => Stop::Host(failure()),
        }
    }
}
