//! Where segments are paid for: as few and as cold places as can be, so that the count is right wherever someone may look.
//!
//! A segment need not pay its own cost when it begins. It may leave a debt to the segments behind it, or have been paid by those before it,
//! as long as all ways that meet at a point owe the same there, and nothing is owed in segments that are `exact`, at calls, and when the
//! function returns. So each segment ties the debt behind it to the debt before it, and those that pay nothing form no circle: they
//! are chosen as a spanning forest of greatest weight, the weight being how often a segment is likely to be run.

use super::debts::{Debts, PAID_UP, Point};
use super::instruction::{InstructionReader, index};
use super::mark::{FunctionBody, Mark, MarkKind};
use super::stores::place_stores;
use std::cmp::Reverse;

/// What is put in where a segment begins, so that the count is right.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Payment {
    /// What is subtracted from the counter.
    pub(super) pays: i64,
    /// What is owed then: used, and not yet subtracted; below 0 where it was subtracted before it is used.
    pub(super) owes: i64,
    /// Whether the global gets the local's count.
    pub(super) stores: bool,
    /// How much more the global then has than the local, where that is known; 0 where it is not.
    pub(super) lag: i64,
}

/// Decides what each segment of these functions pays, and with that what is owed in it. `marks` are all of the module's; `payments` are
/// those of these functions alone, one for each mark.
pub(super) fn place_payments(module: &[u8], bodies: &[FunctionBody], marks: &[Mark], payments: &mut [Payment]) {
    let mut places =
        Payments { module, debts: Debts::default(), frames: Vec::new(), segments: Vec::new(), here: None, weight: 0 };
    let mut rest = payments;
    for body in bodies {
        let marks = body.of_its_marks(marks);
        let (own, behind) = rest.split_at_mut_checked(marks.len()).unwrap_or_default();
        rest = behind;
        if body.counter_local.is_some() {
            places.follow(marks);
            places.decide(marks, own);
            place_stores(module, marks, own);
        } else {
            own.iter_mut().zip(marks).for_each(|(payment, mark)| payment.pays = i64::from(mark.cost));
        }
    }
}

/// A frequency on a logarithmic scale.
type Weight = usize;
const HEAVIEST: Weight = 63;
const ENTRY: Weight = 24;
const LOOP: Weight = 8;
const ARM: Weight = 2;
const BEHIND_A_BRANCH: Weight = 1;
const BEHIND_A_LOOPS_BRANCH: Weight = 6;

struct Frame {
    label: Point,
    /// Where it was opened.
    opening: Option<Point>,
    weight: Weight,
    is_if: bool,
    is_loop: bool,
}

struct Segment {
    mark: usize,
    before: Point,
    behind: Point,
    weight: Weight,
}

struct Payments<'m> {
    module: &'m [u8],
    debts: Debts,
    frames: Vec<Frame>,
    segments: Vec<Segment>,
    /// The point at which the code stands; `None` in dead code.
    here: Option<Point>,
    weight: Weight,
}

impl Payments<'_> {
    /// Ties the points at which ways meet, or someone looks, and collects the segments between them.
    fn follow(&mut self, marks: &[Mark]) {
        self.debts.clear();
        self.frames.clear();
        self.segments.clear();
        self.here = Some(PAID_UP);
        self.weight = ENTRY;
        for (position, mark) in marks.iter().enumerate() {
            self.pass(mark);
            if mark.opens_segment {
                let before = self.here.unwrap_or(PAID_UP);
                let behind = if mark.exact { PAID_UP } else { self.debts.point() };
                self.segments.push(Segment { mark: position, before, behind, weight: self.weight.min(HEAVIEST) });
                self.here = Some(behind);
            }
        }
    }

    fn pass(&mut self, mark: &Mark) {
        match mark.kind {
            MarkKind::RefFunc(_) | MarkKind::Local | MarkKind::BulkBytes | MarkKind::BulkEntries | MarkKind::EndLoop => {}
            MarkKind::Entry => self.open(PAID_UP, false, false),
            MarkKind::Block => self.open_block(false),
            MarkKind::If => {
                self.open_block(true);
                self.weight = self.weight.saturating_sub(ARM);
            }
            MarkKind::Loop => {
                let header = self.debts.point();
                self.meet(header);
                self.open(header, false, true);
                self.here = self.here.map(|_| header);
                self.weight = self.weight.saturating_add(LOOP);
            }
            MarkKind::Else => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.is_if = false;
                    let (label, opening, weight) = (frame.label, frame.opening, frame.weight);
                    self.meet(label);
                    self.here = opening;
                    self.weight = weight.saturating_sub(ARM);
                }
            }
            MarkKind::EndBlock => self.close(),
            MarkKind::EndFunction => self.meet(PAID_UP),
            MarkKind::Br(depth) => {
                self.branch(depth);
                self.here = None;
            }
            MarkKind::BrIf(depth) => {
                let to_a_loop = self.branch(depth);
                self.weight = self.weight.saturating_sub(if to_a_loop { BEHIND_A_LOOPS_BRANCH } else { BEHIND_A_BRANCH });
            }
            MarkKind::BrTable => {
                for depth in InstructionReader::targets(self.module, mark.at, mark.next) {
                    self.branch(depth);
                }
                self.here = None;
            }
            MarkKind::Return => {
                self.meet(PAID_UP);
                self.here = None;
            }
            MarkKind::Unreachable => self.here = None,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) => {
                self.meet(PAID_UP);
                self.here = self.here.map(|_| PAID_UP);
            }
        }
        // The end of a loop is passed only by those who leave it.
        if mark.kind == MarkKind::EndLoop
            && let Some(frame) = self.frames.pop()
        {
            self.weight = frame.weight;
        }
    }

    fn open_block(&mut self, is_if: bool) {
        let label = self.debts.point();
        self.open(label, is_if, false);
    }

    fn open(&mut self, label: Point, is_if: bool, is_loop: bool) {
        self.frames.push(Frame { label, opening: self.here, weight: self.weight, is_if, is_loop });
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.meet(frame.label);
            if frame.is_if {
                self.here = frame.opening;
                self.meet(frame.label);
            }
            self.here = Some(frame.label);
            self.weight = frame.weight;
        }
    }

    /// A way to `point` leads from here. Returns whether it goes to a loop's header.
    fn branch(&mut self, depth: u32) -> bool {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        let Some(frame) = target.and_then(|position| self.frames.get(position)) else { return false };
        let (label, is_loop) = (frame.label, frame.is_loop);
        self.meet(label);
        is_loop
    }

    /// The way that stands here leads on to `point`.
    fn meet(&mut self, point: Point) {
        if let Some(here) = self.here {
            self.debts.same(here, point);
        }
    }

    /// The segments that are run most often and can, pay nothing; with that, the others' payments are decided.
    fn decide(&mut self, marks: &[Mark], payments: &mut [Payment]) {
        // Those of one weight stay in the order of the code.
        self.segments.sort_by_key(|segment| Reverse(segment.weight));
        for segment in &self.segments {
            if let Some(mark) = marks.get(segment.mark) {
                self.debts.relate(segment.before, segment.behind, i64::from(mark.cost));
            }
        }
        for segment in &self.segments {
            if let (Some(mark), Some(payment)) = (marks.get(segment.mark), payments.get_mut(segment.mark)) {
                let owed = self.debts.owed(segment.before).saturating_add(i64::from(mark.cost));
                payment.owes = self.debts.owed(segment.behind);
                payment.pays = owed.saturating_sub(payment.owes);
            }
        }
    }
}
