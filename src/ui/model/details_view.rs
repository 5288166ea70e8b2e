//! One entry of a trace in full, laid out anew as the call goes on.

use super::pager::{Pager, StyledLine};
use super::trace::{Entry, What};

/// The details that are shown.
#[derive(Debug)]
pub struct DetailsView {
    /// The text.
    pub pager: Pager,
    /// Which entry of the trace it is.
    number: u64,
    stage: Stage,
}

/// What can change of a call that is shown: where it differs, the text does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stage {
    is_held: bool,
    is_released: bool,
    has_ended: bool,
    answers: usize,
    faults: usize,
}

impl Stage {
    fn of(entry: &Entry) -> Self {
        let What::Call(call) = &entry.what else { return Self::default() };
        Self {
            is_held: call.held,
            is_released: call.released.is_some(),
            has_ended: call.record.finished.is_some(),
            answers: call.record.others.len(),
            faults: call.record.faults.len(),
        }
    }
}

impl DetailsView {
    /// The details of an entry.
    pub fn new(number: u64, entry: &Entry, lines: Vec<StyledLine>) -> Self {
        Self { pager: Pager::new(lines), number, stage: Stage::of(entry) }
    }

    /// Takes new lines where the entry is another, or no longer as it was; then the reader stays where they are in the text.
    pub fn follow(&mut self, number: u64, entry: &Entry, lines: impl FnOnce() -> Vec<StyledLine>) {
        let stage = Stage::of(entry);
        if number != self.number {
            *self = Self::new(number, entry, lines());
        } else if stage != self.stage {
            self.stage = stage;
            self.pager.set_lines(lines());
        }
    }
}
