//! A look back: entries that the screen folded away, read back from the run's record a block at a time.

use super::trace::Trace;
use super::visible::Visible;

/// How many entries are read at once.
pub const BLOCK: u64 = 2_000;

/// One block of a trace that is longer than the screen keeps.
#[derive(Debug)]
pub struct BackView {
    /// Its entries, under the numbers that they have in the whole trace.
    pub trace: Trace,
    /// Which of them are shown.
    pub visible: Visible,
    /// How many entries the record had when it was read.
    pub total: u64,
}

/// Where a block that is awaited will be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entering {
    /// At its first entry: the user goes down.
    First,
    /// At its last entry: the user goes up.
    Last,
}

/// The block that ends before an entry.
pub fn before(number: u64) -> (u64, u64) {
    let first = number.saturating_sub(BLOCK);
    (first, number - first)
}
