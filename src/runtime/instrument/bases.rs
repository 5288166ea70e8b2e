//! From which value the counter is subtracted.
//!
//! Payments that follow each other, each from what the last one left, are a chain of subtractions that a compiler folds: it makes another one of
//! each, which subtracts the sum from the value at the chain's beginning, and keeps that. So that value is kept in a local, the base, and the
//! sum subtracted at once. Where ways meet on which the base or what was subtracted since is not the same, and wherever the counter got another
//! value, the next payment begins with a new base.

use super::mark::{Mark, MarkKind};
use super::ways::{Known, Ways};

/// A chain of payments: from which base, and how much less the counter has by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chain {
    /// Each value that is put into the local has another number.
    number: u32,
    subtracted: i64,
}

/// What the counter is subtracted from; `None` where it has a value of its own.
type OfChain = Option<Chain>;

impl Known for OfChain {
    fn and(self, other: Self) -> Self {
        self.filter(|chain| Some(*chain) == other)
    }
}

/// Follows one function after the other.
pub(super) struct Bases {
    ways: Ways<OfChain>,
    numbers: u32,
}

impl Bases {
    pub(super) const fn new() -> Self {
        Self { ways: Ways::new(), numbers: 0 }
    }

    /// Passes the next mark of the function; what comes is the code behind it.
    pub(super) fn pass(&mut self, module: &[u8], mark: &Mark) {
        self.ways.pass(module, mark);
        match mark.kind {
            MarkKind::Entry => self.ways.begin(None),
            MarkKind::Loop if mark.repeats => self.counter_changes(),
            MarkKind::Call(_) | MarkKind::CallIndirect(_) | MarkKind::BulkBytes | MarkKind::BulkEntries => {
                self.counter_changes();
            }
            _ => {}
        }
    }

    /// The counter gets another value, or may have got one.
    pub(super) fn counter_changes(&mut self) {
        self.ways.change(|_| None);
    }

    /// So much is paid. Returns how much was subtracted from the base since the counter had its value; `None` where the counter's value becomes
    /// the base.
    pub(super) fn pay(&mut self, amount: i64) -> Option<i64> {
        let before = self.ways.here().flatten();
        let chain = before.unwrap_or_else(|| {
            self.numbers = self.numbers.wrapping_add(1);
            Chain { number: self.numbers, subtracted: 0 }
        });
        self.ways.set(Some(Chain { subtracted: chain.subtracted.saturating_add(amount), ..chain }));
        before.map(|chain| chain.subtracted)
    }
}
