//! The orders in which a trace can be listed.

use super::trace::{Entry, Trace, What};
use std::cmp::{Ordering, Reverse};

/// By what the entries of a trace are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceOrder {
    /// As they came.
    #[default]
    Began,
    /// How long they took, the longest first.
    Duration,
    /// How much was asked and answered, the most first.
    Size,
    /// By the function's name; log lines and warnings behind.
    Name,
    /// Those that failed first.
    Failed,
}

impl TraceOrder {
    /// Every order, as the choice lists them.
    pub const ALL: [Self; 5] = [Self::Began, Self::Duration, Self::Size, Self::Name, Self::Failed];

    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Began => "as they came",
            Self::Duration => "longest first",
            Self::Size => "largest first",
            Self::Name => "by name",
            Self::Failed => "failed first",
        }
    }

    /// How two entries stand to each other, by their numbers. Equals stay as they came.
    pub fn compare(self, trace: &Trace, a: u64, b: u64) -> Ordering {
        let (Some(first), Some(second)) = (trace.get(a), trace.get(b)) else { return a.cmp(&b) };
        let by_this = match self {
            Self::Began => Ordering::Equal,
            Self::Duration => Reverse(elapsed(first)).cmp(&Reverse(elapsed(second))),
            Self::Size => Reverse(first.bytes()).cmp(&Reverse(second.bytes())),
            Self::Name => name(first).cmp(&name(second)),
            Self::Failed => Reverse(has_failed(first)).cmp(&Reverse(has_failed(second))),
        };
        by_this.then(a.cmp(&b))
    }
}

fn elapsed(entry: &Entry) -> Option<u64> {
    match &entry.what {
        What::Call(call) => call.record.finished.as_ref().map(|finished| finished.elapsed_us),
        What::Wasi(call) => Some(call.elapsed_us),
        What::Log(..) | What::Warning(_) => None,
    }
}

fn name(entry: &Entry) -> (bool, &str) {
    match &entry.what {
        What::Call(call) => (false, &call.record.name),
        What::Wasi(call) => (false, &call.name),
        What::Log(..) | What::Warning(_) => (true, ""),
    }
}

fn has_failed(entry: &Entry) -> bool {
    match &entry.what {
        What::Call(call) => call.record.finished.as_ref().is_some_and(|finished| finished.error.is_some()),
        What::Wasi(call) => call.errno != Some(0),
        What::Log(level, _) => *level == crate::event::LogLevel::Error,
        What::Warning(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{LogLevel, RunEvent, WasiCall};

    fn wasi(name: &'static str, elapsed_us: u64, errno: i32) -> RunEvent {
        RunEvent::WasiCall(WasiCall {
            name: name.into(),
            arguments: vec![],
            errno: Some(errno),
            elapsed_us,
            writes: vec![],
            reads: vec![],
            incomplete: false,
        })
    }

    #[test]
    fn entries_stand_by_what_was_chosen_and_equals_as_they_came() {
        let mut trace = Trace::default();
        trace.apply(1, wasi("b", 5, 0));
        trace.apply(2, RunEvent::Log { level: LogLevel::Info, message: "xy".into() });
        trace.apply(3, wasi("a", 9, 0));
        trace.apply(4, wasi("b", 1, 8));
        let in_order = |order: TraceOrder| {
            let mut numbers: Vec<u64> = trace.numbers().collect();
            numbers.sort_by(|a, b| order.compare(&trace, *a, *b));
            numbers
        };
        assert_eq!(in_order(TraceOrder::Began), [0, 1, 2, 3]);
        assert_eq!(in_order(TraceOrder::Duration), [2, 0, 3, 1]);
        assert_eq!(in_order(TraceOrder::Size), [1, 0, 2, 3]);
        assert_eq!(in_order(TraceOrder::Name), [2, 0, 3, 1]);
        assert_eq!(in_order(TraceOrder::Failed), [3, 0, 1, 2]);
    }
}
