//! Where the global gets the count that a function keeps in its local: where someone could look at it, and it may lag behind.
//!
//! Whether it lags is followed through the function's blocks: it does from its entry and behind calls, where the count came by parameter or
//! result, and behind each payment, up to the next store. A loop's header is taken to be passed with both the same, until a branch back
//! shows that it is not so; then the function is followed once more.

use super::instruction::{InstructionReader, index};
use super::mark::{Counter, Mark, MarkKind};
use super::payment::Payment;

/// How often a function is followed before its headers are taken as they come.
const MAX_ROUNDS: usize = 8;

/// Decides at which of a function's segments the global is stored to, where it is known what they pay.
pub(super) fn place_stores(module: &[u8], marks: &[Mark], payments: &mut [Payment]) {
    let mut lagging = Vec::new();
    for round in 0.. {
        let mut stores = Stores { module, lagging: &mut lagging, found: false, frames: Vec::new(), in_step: None };
        if round == MAX_ROUNDS {
            stores.lagging.extend(0..marks.len());
        }
        stores.follow(marks, payments);
        if !stores.found {
            return;
        }
        lagging.sort_unstable();
    }
}

struct Frame {
    /// Whether both are the same on all branches to its end; `None` where there is no branch.
    at_label: Option<bool>,
    at_opening: Option<bool>,
    is_if: bool,
    /// The position of a loop's mark.
    header: Option<usize>,
}

struct Stores<'s> {
    module: &'s [u8],
    /// The positions of the loops at whose header the global may lag, ascending; those found in this round come behind.
    lagging: &'s mut Vec<usize>,
    /// Whether this round found one.
    found: bool,
    frames: Vec<Frame>,
    /// Whether global and local have the same count, on all ways to here; `None` in dead code.
    in_step: Option<bool>,
}

impl Stores<'_> {
    fn follow(&mut self, marks: &[Mark], payments: &mut [Payment]) {
        let known = self.lagging.len();
        for (position, (mark, payment)) in marks.iter().zip(payments).enumerate() {
            self.pass(position, mark, known);
            if mark.opens_segment {
                self.begin_segment(mark, payment);
            }
        }
    }

    fn pass(&mut self, position: usize, mark: &Mark, known: usize) {
        match mark.kind {
            MarkKind::RefFunc(_) | MarkKind::Local => {}
            MarkKind::Entry => {
                self.in_step = Some(mark.counter() == Counter::Global);
                self.open(false, None);
            }
            MarkKind::Block => self.open(false, None),
            MarkKind::If => self.open(true, None),
            MarkKind::Loop => {
                let lags = self.lagging.get(..known).is_some_and(|lagging| lagging.binary_search(&position).is_ok());
                self.in_step = self.in_step.map(|in_step| in_step && !lags);
                self.open(false, Some(position));
            }
            MarkKind::Else => self.turn_to_else(),
            MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => self.close(),
            MarkKind::Br(depth) => {
                self.branch(depth, known);
                self.in_step = None;
            }
            MarkKind::BrIf(depth) => self.branch(depth, known),
            MarkKind::BrTable => {
                for depth in InstructionReader::targets(self.module, mark.at, mark.next) {
                    self.branch(depth, known);
                }
                self.in_step = None;
            }
            MarkKind::Return | MarkKind::Unreachable => self.in_step = None,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) => {
                self.in_step = self.in_step.map(|_| mark.counter() == Counter::Global);
            }
            // What it costs is paid in both.
            MarkKind::BulkBytes | MarkKind::BulkEntries => self.in_step = self.in_step.map(|_| true),
        }
    }

    fn begin_segment(&mut self, mark: &Mark, payment: &mut Payment) {
        let in_step = self.in_step.unwrap_or(false) && payment.pays == 0;
        // A block that does nothing but trap may be made a part of the branch to it, whose segment is another.
        let is_held = mark.gives_up && mark.cost > 0;
        payment.stores = ((mark.exact || mark.traps) && !in_step) || is_held;
        self.in_step = Some(in_step || payment.stores);
    }

    fn open(&mut self, is_if: bool, header: Option<usize>) {
        self.frames.push(Frame { at_label: None, at_opening: self.in_step, is_if, header });
    }

    fn turn_to_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at_label = both(frame.at_label, self.in_step);
            frame.is_if = false;
            self.in_step = frame.at_opening;
        }
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.in_step = both(self.in_step, frame.at_label);
            if frame.is_if {
                self.in_step = both(self.in_step, frame.at_opening);
            }
        }
    }

    fn branch(&mut self, depth: u32, known: usize) {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        let Some(frame) = target.and_then(|position| self.frames.get_mut(position)) else { return };
        match frame.header {
            None => frame.at_label = both(frame.at_label, self.in_step),
            Some(header) if self.in_step == Some(false) && frame.at_opening == Some(true) => {
                let new = self.lagging.get(known..).is_none_or(|found| !found.contains(&header));
                if new {
                    self.lagging.push(header);
                    self.found = true;
                }
            }
            Some(_) => {}
        }
    }
}

/// What holds on both ways, where there are two.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}
