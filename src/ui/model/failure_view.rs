//! What went wrong, in full, where a trace has no entry to show: a text that is scrolled, searched and copied like others.

use super::pager::{Pager, StyledLine};
use crate::event::{Failure, Outcome};

/// How far rows behind a line's first are indented.
const HANG: usize = 4;

/// The failure that is shown, if any.
#[derive(Debug, Default)]
pub struct FailureView {
    /// The text; empty where there is none.
    pub pager: Pager,
    shown: Option<(Outcome, Failure)>,
}

impl FailureView {
    /// Whether there is one.
    pub const fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// Shows this one, or none; the reader stays where they are in one that is shown already.
    pub fn show(&mut self, failure: Option<(Outcome, &Failure)>, lines: impl FnOnce(Outcome, &Failure) -> Vec<StyledLine>) {
        if self.shown.as_ref().map(|(outcome, failure)| (*outcome, failure)) == failure {
            return;
        }
        let text = failure.map(|(outcome, failure)| lines(outcome, failure)).unwrap_or_default();
        self.pager = Pager::new(text).hanging(HANG);
        self.shown = failure.map(|(outcome, failure)| (outcome, failure.clone()));
    }
}
