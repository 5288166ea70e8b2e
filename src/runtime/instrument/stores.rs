//! Where the global gets the count that a function keeps in its local: where someone could look at it, and it is not known how far it lags behind.
//!
//! By how much the global is above the local is followed through the function's blocks. It is not known at its entry and behind calls, where
//! the count came by parameter or result, where ways meet on which it is not the same, and at the header of a loop that repeats, each turn of which
//! costs something. Behind a store it is nothing, and behind a payment as much more as was paid. Where the engine tells the place of a trap,
//! that is enough: what is owed there is then known too. Where it does not, or the host looks at the global itself, nothing may be between them.

use super::instruction::{InstructionReader, index};
use super::mark::{Counter, Mark, MarkKind};
use super::payment::Payment;

/// Decides at which of a function's segments the global is stored to, and with that how far it lags in each, where it is known what they pay.
pub(super) fn place_stores(module: &[u8], marks: &[Mark], payments: &mut [Payment]) {
    let mut stores = Stores { module, frames: Vec::new(), lag: None };
    for (mark, payment) in marks.iter().zip(payments) {
        stores.pass(mark);
        if mark.opens_segment {
            stores.begin_segment(mark, payment);
        }
    }
}

/// How much more the global has than the local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lag {
    Known(i64),
    Unknown,
}

const IN_STEP: Lag = Lag::Known(0);

struct Frame {
    /// On all branches to its end; `None` where there is no branch.
    at_label: Option<Lag>,
    at_opening: Option<Lag>,
    is_if: bool,
    is_loop: bool,
}

struct Stores<'m> {
    module: &'m [u8],
    frames: Vec<Frame>,
    /// On all ways to here; `None` in dead code.
    lag: Option<Lag>,
}

impl Stores<'_> {
    fn pass(&mut self, mark: &Mark) {
        match mark.kind {
            MarkKind::RefFunc(_) | MarkKind::Local => {}
            MarkKind::Entry => {
                self.lag = Some(behind_code_of_others(mark));
                self.open(false, false);
            }
            MarkKind::Block => self.open(false, false),
            MarkKind::If => self.open(true, false),
            MarkKind::Loop => {
                if mark.repeats {
                    self.lag = self.lag.map(|_| Lag::Unknown);
                }
                self.open(false, true);
            }
            MarkKind::Else => self.turn_to_else(),
            MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => self.close(),
            MarkKind::Br(depth) => {
                self.branch(depth);
                self.lag = None;
            }
            MarkKind::BrIf(depth) => self.branch(depth),
            MarkKind::BrTable => {
                for depth in InstructionReader::targets(self.module, mark.at, mark.next) {
                    self.branch(depth);
                }
                self.lag = None;
            }
            MarkKind::Return | MarkKind::Unreachable => self.lag = None,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) => self.lag = self.lag.map(|_| behind_code_of_others(mark)),
            // What it costs is paid in both.
            MarkKind::BulkBytes | MarkKind::BulkEntries => self.lag = self.lag.map(|_| IN_STEP),
        }
    }

    fn begin_segment(&mut self, mark: &Mark, payment: &mut Payment) {
        let lag = match self.lag {
            Some(Lag::Known(before)) => Lag::Known(before.saturating_add(payment.pays)),
            Some(Lag::Unknown) | None => Lag::Unknown,
        };
        // A block that does nothing but trap may be made a part of the branch to it, whose segment is another.
        let is_held = mark.gives_up && mark.cost > 0;
        payment.stores = is_held || (mark.exact && lag != IN_STEP) || (mark.traps && lag == Lag::Unknown);
        let lag = if payment.stores { IN_STEP } else { lag };
        payment.lag = match lag {
            Lag::Known(lag) => lag,
            Lag::Unknown => 0,
        };
        self.lag = Some(lag);
    }

    fn open(&mut self, is_if: bool, is_loop: bool) {
        self.frames.push(Frame { at_label: None, at_opening: self.lag, is_if, is_loop });
    }

    fn turn_to_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at_label = both(frame.at_label, self.lag);
            frame.is_if = false;
            self.lag = frame.at_opening;
        }
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.lag = both(self.lag, frame.at_label);
            if frame.is_if {
                self.lag = both(self.lag, frame.at_opening);
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        if let Some(frame) = target.and_then(|position| self.frames.get_mut(position))
            && !frame.is_loop
        {
            frame.at_label = both(frame.at_label, self.lag);
        }
    }
}

/// What is known where other code comes back, or hands over.
fn behind_code_of_others(mark: &Mark) -> Lag {
    if mark.counter() == Counter::Global { IN_STEP } else { Lag::Unknown }
}

/// What holds on both ways, where there are two.
fn both(one: Option<Lag>, other: Option<Lag>) -> Option<Lag> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one == other { one } else { Lag::Unknown }),
        (one, other) => one.or(other),
    }
}
