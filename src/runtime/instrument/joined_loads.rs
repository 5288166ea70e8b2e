//! Loads whose trap Cranelift may tell no place of.
//!
//! Where it can, Cranelift makes a load a part of the instruction that takes its value, and a trap in it is then told at that instruction's
//! place. An instruction that its optimizer has made itself has no place (it turns `i32.const 5`, a load, `i32.xor` round). It makes integer
//! instructions and those of vectors, `select` and negations; of floats it makes none but constants and what it takes negations out of. And
//! it joins loads of 32 bits and more that widen nothing, with instructions of the same basic block before the next call, which a segment
//! is at least as long as.
//!
//! So a segment in which the value of such a load is an operand of such an instruction is taken for one that is not told, but where the optimizer
//! is known to keep the instruction, as it does with a load's value and most literals ([`Literals`](super::operation::Literals)). What that
//! gives may in turn be stored, or decide on a branch. An instruction that calculates with it could be made one that takes the load itself,
//! so then the segment is taken for one that is not told. That is more than need be, never less. It knows operands only by their number and
//! order.

use super::operation::{Literals, Operation};

/// Follows the values of loads through a segment's operand stack and its locals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JoinedLoads {
    /// The topmost operands, the lowest bit being the top: whether each is a load's value.
    loads: u64,
    /// The same: whether each was calculated of a load's value and a literal.
    results: u64,
    /// The same: whether each tells how such a value compares with a literal.
    verdicts: u64,
    /// The locals that have one of these, and which; the places behind the first `held` are free.
    locals: [(u32, Kind); LOCALS],
    held: usize,
    /// The literal that is on top of the stack, right behind the instruction that put it there.
    literal: Option<i64>,
    /// Whether a result was stored, so that a load may give it back.
    stored: bool,
    /// Whether one may have been joined with an instruction of the optimizer's.
    found: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Other,
    Load,
    Result,
    Verdict,
}

const LOCALS: usize = 4;

impl JoinedLoads {
    /// Passes the instruction at this offset of the module; returns whether a load may have been joined, there or before.
    pub(super) fn pass(&mut self, module: &[u8], at: u32) -> bool {
        if !self.found && (self.any() || Operation::is_load(module, at)) {
            Operation::at(module, at).into_iter().for_each(|operation| self.operation(operation));
        }
        self.found
    }

    fn operation(&mut self, operation: Operation) {
        let literal = self.literal.take();
        match operation {
            Operation::Load => {
                self.address();
                self.push(Kind::Load);
            }
            Operation::Widening => {
                self.address();
                self.push(Kind::Other);
            }
            Operation::Store => {
                self.stored |= matches!(self.pop(), Kind::Result | Kind::Verdict);
                self.address();
            }
            Operation::Literal(value) => {
                self.push(Kind::Other);
                self.literal = Some(value);
            }
            Operation::Other { takes, gives } => {
                for _ in 0..takes {
                    self.found |= matches!(self.pop(), Kind::Result | Kind::Verdict);
                }
                (0..gives).for_each(|_| self.push(Kind::Other));
            }
            Operation::Optimized { takes: 1, keeps } => self.calculate(keeps, 0),
            Operation::Optimized { takes: 2, keeps } if let Some(literal) = literal => {
                self.pop();
                self.calculate(keeps, literal);
            }
            Operation::Optimized { takes, .. } => {
                self.take(takes);
                self.push(Kind::Other);
            }
            Operation::Kept { takes } => self.take(takes),
            Operation::Vector => self.found |= self.any(),
            Operation::Get(local) => self.push(self.of_local(local)),
            Operation::Set(local) => {
                let kind = self.pop();
                self.set(local, kind);
            }
            Operation::Tee(local) => self.set(local, self.top()),
        }
    }

    /// An address is taken. It is made wider before it is used, which is done at once with making a verdict a number.
    fn address(&mut self) {
        self.found |= self.pop() == Kind::Verdict;
    }

    /// One operand is taken, and something calculated of it and a literal by an instruction that the optimizer keeps with such literals, where the
    /// operand is a load's value.
    fn calculate(&mut self, keeps: Literals, literal: i64) {
        match self.pop() {
            Kind::Other => self.push(Kind::Other),
            Kind::Load if keeps.have(literal) && !self.stored => {
                self.push(if keeps.compared() { Kind::Verdict } else { Kind::Result });
            }
            Kind::Load | Kind::Result | Kind::Verdict => self.found = true,
        }
    }

    fn take(&mut self, operands: u8) {
        for _ in 0..operands {
            self.found |= self.pop() != Kind::Other;
        }
    }

    const fn any(&self) -> bool {
        self.held != 0 || self.operands() != 0
    }

    const fn operands(&self) -> u64 {
        self.loads | self.results | self.verdicts
    }

    fn push(&mut self, kind: Kind) {
        // One that is lost below is taken for one that is joined.
        self.found |= self.operands() >> (u64::BITS - 1) == 1;
        self.loads = (self.loads << 1) | u64::from(kind == Kind::Load);
        self.results = (self.results << 1) | u64::from(kind == Kind::Result);
        self.verdicts = (self.verdicts << 1) | u64::from(kind == Kind::Verdict);
    }

    const fn top(&self) -> Kind {
        match (self.loads & 1, self.results & 1, self.verdicts & 1) {
            (0, 0, 0) => Kind::Other,
            (_, 0, 0) => Kind::Load,
            (_, _, 0) => Kind::Result,
            _ => Kind::Verdict,
        }
    }

    const fn pop(&mut self) -> Kind {
        let top = self.top();
        self.loads >>= 1;
        self.results >>= 1;
        self.verdicts >>= 1;
        top
    }

    fn of_local(&self, local: u32) -> Kind {
        self.place(local).and_then(|place| self.locals.get(place)).map_or(Kind::Other, |(_, kind)| *kind)
    }

    fn place(&self, local: u32) -> Option<usize> {
        self.locals.iter().take(self.held).position(|(of, _)| *of == local)
    }

    fn set(&mut self, local: u32, kind: Kind) {
        match self.place(local) {
            None if kind == Kind::Other => {}
            None => self.put(self.held, local, kind),
            Some(place) if kind == Kind::Other => self.forget(place),
            Some(place) => self.put(place, local, kind),
        }
    }

    /// Where there is no room, it is taken for one that is joined.
    fn put(&mut self, place: usize, local: u32, kind: Kind) {
        match self.locals.get_mut(place) {
            Some(slot) => {
                *slot = (local, kind);
                self.held = self.held.max(place.saturating_add(1));
            }
            None => self.found = true,
        }
    }

    /// The last one takes its place.
    fn forget(&mut self, place: usize) {
        let last = self.held.saturating_sub(1);
        self.locals.swap(place, last);
        self.held = last;
    }
}
