//! From which value the counter is subtracted.
//!
//! Payments that follow each other, each from what the last one left, are a chain of subtractions that a compiler folds: it makes another one of
//! each, which subtracts the sum from the value at the chain's beginning, and keeps that. So that value is kept in a local, the base, and the
//! sum subtracted at once. This follows a function's blocks, as they are written, to know what the base is, and how much was subtracted since;
//! where ways meet on which that is not the same, and wherever the counter got another value, the next payment begins with a new base.

use super::instruction::{InstructionReader, index};
use super::mark::{Mark, MarkKind};

/// A chain of payments: from which base, and how much less the counter has by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chain {
    /// Each value that is put into the local has another number.
    number: u32,
    subtracted: i64,
}

/// What is known of the base at a point of the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    /// No way leads there.
    #[default]
    Dead,
    /// The counter has a value of its own.
    Nothing,
    Chain(Chain),
}

impl Known {
    /// What holds on both ways.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Dead, known) | (known, Self::Dead) => known,
            (one, other) if one == other => one,
            _ => Self::Nothing,
        }
    }

    const fn or_nothing(self) -> Self {
        match self {
            Self::Dead => Self::Dead,
            _ => Self::Nothing,
        }
    }
}

struct Frame {
    at_label: Known,
    at_opening: Known,
    is_if: bool,
    is_loop: bool,
}

/// Follows one function after the other.
#[derive(Default)]
pub(super) struct Bases {
    frames: Vec<Frame>,
    here: Known,
    numbers: u32,
}

impl Bases {
    /// Passes the next mark of the function; what comes is the code behind it.
    pub(super) fn pass(&mut self, module: &[u8], mark: &Mark) {
        match mark.kind {
            MarkKind::RefFunc(_) | MarkKind::Local => {}
            MarkKind::Entry => {
                self.frames.clear();
                self.here = Known::Nothing;
                self.open(false, false);
            }
            MarkKind::Block => self.open(false, false),
            MarkKind::If => self.open(true, false),
            MarkKind::Loop => {
                if mark.repeats {
                    self.counter_changes();
                }
                self.open(false, true);
            }
            MarkKind::Else => self.turn_to_else(),
            MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => self.close(),
            MarkKind::BrIf(depth) => self.branch(depth),
            MarkKind::Br(depth) => {
                self.branch(depth);
                self.here = Known::Dead;
            }
            MarkKind::BrTable => {
                for depth in InstructionReader::targets(module, mark.at, mark.next) {
                    self.branch(depth);
                }
                self.here = Known::Dead;
            }
            MarkKind::Return | MarkKind::Unreachable => self.here = Known::Dead,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) | MarkKind::BulkBytes | MarkKind::BulkEntries => {
                self.counter_changes();
            }
        }
    }

    /// The counter gets another value, or may have got one.
    pub(super) const fn counter_changes(&mut self) {
        self.here = self.here.or_nothing();
    }

    /// So much is paid. Returns how much was subtracted from the base since the counter had its value; `None` where the counter's value becomes
    /// the base.
    pub(super) fn pay(&mut self, amount: i64) -> Option<i64> {
        let (chain, since) = match self.here {
            Known::Chain(chain) => (chain, Some(chain.subtracted)),
            Known::Dead | Known::Nothing => {
                self.numbers = self.numbers.wrapping_add(1);
                (Chain { number: self.numbers, subtracted: 0 }, None)
            }
        };
        self.here = Known::Chain(Chain { subtracted: chain.subtracted.saturating_add(amount), ..chain });
        since
    }

    fn open(&mut self, is_if: bool, is_loop: bool) {
        self.frames.push(Frame { at_label: Known::Dead, at_opening: self.here, is_if, is_loop });
    }

    fn turn_to_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at_label = frame.at_label.and(self.here);
            frame.is_if = false;
            self.here = frame.at_opening;
        }
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.here = self.here.and(frame.at_label);
            if frame.is_if {
                self.here = self.here.and(frame.at_opening);
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        if let Some(frame) = target.and_then(|position| self.frames.get_mut(position))
            && !frame.is_loop
        {
            frame.at_label = frame.at_label.and(self.here);
        }
    }
}
