//! The trace of one run as the screen keeps it: bounded, the newest kept, with a count of what was folded away.

use crate::event::{CallId, CallRecord, CallRequest, LogLevel, Release, RunEvent, ShadowAnswer, WasiCall};
use crate::skill::{DEFAULT_TRACE_BYTES, DEFAULT_TRACE_ENTRIES};
use std::collections::{HashMap, VecDeque};

/// One line of a trace.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Microseconds since the run's first phase began.
    pub at_us: u64,
    /// What it is.
    pub what: What,
}

/// What a line of a trace is about.
#[derive(Clone, Debug)]
pub enum What {
    /// A host call.
    Call(Box<TracedCall>),
    /// A call of a WASI function.
    Wasi(WasiCall),
    /// A log line.
    Log(LogLevel, String),
    /// A warning of the host's.
    Warning(String),
}

/// A host call, with what became of it while it was held.
#[derive(Clone, Debug)]
pub struct TracedCall {
    /// The call.
    pub record: CallRecord,
    /// Whether it is held now.
    pub held: bool,
    /// How it was let go, where it was held.
    pub released: Option<Release>,
    /// The request as the user changed it.
    pub edited: Option<CallRequest>,
}

impl Entry {
    /// The host call of this line, where it is one.
    pub fn call(&self) -> Option<&TracedCall> {
        match &self.what {
            What::Call(call) => Some(call),
            What::Wasi(_) | What::Log(..) | What::Warning(_) => None,
        }
    }

    /// Bytes of what was asked and answered.
    pub fn bytes(&self) -> usize {
        let fields = |request: &CallRequest| request.0.iter().map(|(_, value)| value.len()).sum::<usize>();
        match &self.what {
            What::Call(call) => {
                let response = call.record.finished.as_ref().and_then(|finished| finished.response.as_ref());
                let others = call.record.others.iter().filter_map(|other| other.response.as_ref()).map(String::len);
                fields(&call.record.request) + response.map_or(0, |response| response.len()) + others.sum::<usize>()
            }
            What::Wasi(_) => 0,
            What::Log(_, text) | What::Warning(text) => text.len(),
        }
    }
}

/// The entries of one run. Each has a number that stays the same when older ones are folded away.
#[derive(Clone, Debug)]
pub struct Trace {
    entries: VecDeque<Entry>,
    /// How many entries were folded away: the number of the first one that is kept.
    folded: u64,
    bytes: usize,
    calls: HashMap<CallId, u64>,
    max_entries: usize,
    max_bytes: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self::bounded(DEFAULT_TRACE_ENTRIES, DEFAULT_TRACE_BYTES)
    }
}

impl Trace {
    /// An empty trace with bounds of its own.
    pub fn bounded(max_entries: usize, max_bytes: usize) -> Self {
        Self { entries: VecDeque::new(), folded: 0, bytes: 0, calls: HashMap::new(), max_entries: max_entries.max(1), max_bytes }
    }

    /// An empty trace whose first entry will have this number, without bounds: for a part of a trace whose size is bounded already.
    pub fn starting_at(number: u64) -> Self {
        Self { folded: number, ..Self::bounded(usize::MAX, usize::MAX) }
    }

    /// Takes in one event of the run; the numbers of the entries that it added or changed.
    pub fn apply(&mut self, at_us: u64, event: RunEvent) -> Option<u64> {
        let what = match event {
            RunEvent::HostCallStarted(call) => {
                let record = CallRecord {
                    id: call.id,
                    name: call.name.into_owned(),
                    at_us,
                    request: call.request,
                    finished: None,
                    others: Vec::new(),
                    faults: Vec::new(),
                };
                self.calls.insert(record.id, self.next());
                What::Call(Box::new(TracedCall { record, held: false, released: None, edited: None }))
            }
            RunEvent::HostCallFinished(finished) => {
                return self.change_call(finished.id, |call| {
                    call.held = false;
                    call.record.finished = Some(finished);
                });
            }
            RunEvent::HostCallHeld { id } => return self.change_call(id, |call| call.held = true),
            RunEvent::HostCallReleased { id, how, request } => {
                return self.change_call(id, |call| {
                    call.held = false;
                    call.released = Some(how);
                    call.edited = request;
                });
            }
            RunEvent::FaultInjected { fault, call: Some(id) } => {
                return self.change_call(id, |call| call.record.faults.push(fault));
            }
            RunEvent::FaultInjected { fault, call: None } => What::Warning(format!("the fault {fault}: memory was not to grow")),
            // What it wrote into the guest's memory is for replays, and would not be bounded here.
            RunEvent::WasiCall(call) => What::Wasi(WasiCall { writes: Vec::new(), reads: Vec::new(), ..call }),
            RunEvent::Log { level, message } => What::Log(level, message.into_owned()),
            RunEvent::Warning { message } => What::Warning(message),
            RunEvent::Started(_)
            | RunEvent::PhaseStarted { .. }
            | RunEvent::Stdout { .. }
            | RunEvent::Stderr { .. }
            | RunEvent::Sample(_)
            | RunEvent::Finished(_) => return None,
        };
        Some(self.push(Entry { at_us, what }))
    }

    /// Joins what another provider said to its call.
    pub fn apply_answer(&mut self, call: CallId, answer: ShadowAnswer) -> Option<u64> {
        self.change_call(call, |call| call.record.others.push(answer))
    }

    /// The entry of a number, where it is still kept.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        let index = usize::try_from(number.checked_sub(self.folded)?).ok()?;
        self.entries.get(index)
    }

    /// The number of a call's entry.
    pub fn number_of(&self, call: CallId) -> Option<u64> {
        self.calls.get(&call).copied().filter(|number| *number >= self.folded)
    }

    /// The numbers of all entries that are kept, the oldest first.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        self.folded..self.next()
    }

    /// How many entries were folded away.
    pub const fn folded(&self) -> u64 {
        self.folded
    }

    /// The calls that are held now, the oldest first.
    pub fn held(&self) -> impl Iterator<Item = &TracedCall> {
        self.entries.iter().filter_map(Entry::call).filter(|call| call.held)
    }

    /// Folds away all that is there, but for calls that go on.
    pub fn clear(&mut self) {
        while self.entries.front().is_some_and(|entry| entry.call().is_none_or(|call| call.record.finished.is_some())) {
            self.fold_oldest();
        }
    }

    fn next(&self) -> u64 {
        self.folded + u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    fn push(&mut self, entry: Entry) -> u64 {
        let number = self.next();
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        self.fold();
        number
    }

    fn change_call(&mut self, id: CallId, change: impl FnOnce(&mut TracedCall)) -> Option<u64> {
        let number = self.number_of(id)?;
        let index = usize::try_from(number.checked_sub(self.folded)?).ok()?;
        let entry = self.entries.get_mut(index)?;
        let before = entry.bytes();
        if let What::Call(call) = &mut entry.what {
            change(call);
        }
        self.bytes = (self.bytes + entry.bytes()).saturating_sub(before);
        self.fold();
        Some(number)
    }

    fn fold(&mut self) {
        while self.entries.len() > self.max_entries || (self.bytes > self.max_bytes && self.entries.len() > 1) {
            self.fold_oldest();
        }
    }

    fn fold_oldest(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        self.bytes = self.bytes.saturating_sub(entry.bytes());
        if let Some(call) = entry.call() {
            self.calls.remove(&call.record.id);
        }
        self.folded += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CallFinished, CallStarted};

    fn started(id: u64) -> RunEvent {
        RunEvent::HostCallStarted(CallStarted { id: CallId(id), name: "cis.ai_prompt".into(), request: CallRequest::default() })
    }

    fn finished(id: u64, response: &str) -> RunEvent {
        RunEvent::HostCallFinished(CallFinished {
            id: CallId(id),
            result: Some(1),
            response: Some(response.into()),
            truncated: false,
            held: false,
            elapsed_us: 5,
            provider: None,
            tokens: None,
            error: None,
        })
    }

    #[test]
    fn the_newest_entries_stay_under_their_numbers_and_the_rest_is_counted() {
        let mut trace = Trace::bounded(10, 1 << 20);
        for id in 1..=25 {
            assert_eq!(trace.apply(id, started(id)), Some(id - 1));
        }
        assert_eq!((trace.folded(), trace.numbers()), (15, 15..25));
        assert_eq!(trace.get(15).unwrap().call().unwrap().record.id, CallId(16));
        assert!(trace.get(14).is_none());
        assert_eq!(trace.apply(30, finished(20, "x")), Some(19));
        assert_eq!(trace.apply(31, finished(1, "x")), None, "its entry was folded away");
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut trace = Trace::bounded(1_000, 100);
        for id in 1..=30 {
            trace.apply(id, started(id));
            trace.apply(id, finished(id, "0123456789"));
        }
        assert_eq!(trace.numbers(), 20..30);
    }

    #[test]
    fn clearing_keeps_what_goes_on() {
        let mut trace = Trace::default();
        trace.apply(1, started(1));
        trace.apply(2, finished(1, "x"));
        trace.apply(3, started(2));
        trace.clear();
        assert_eq!(trace.numbers(), 1..2);
    }
}
