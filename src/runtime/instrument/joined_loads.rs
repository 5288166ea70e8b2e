//! Loads whose trap Cranelift may tell no place of.
//!
//! Where it can, Cranelift makes a load a part of the instruction that takes its value, and a trap in it is then told at that instruction's
//! place. An instruction that its optimizer has made itself has no place (it turns `i32.const 5`, a load, `i32.xor` round). It makes integer
//! instructions and those of vectors, `select` and negations; of floats it makes none but constants and what it takes negations out of. And
//! it joins loads of 32 bits and more that widen nothing, with instructions of the same basic block before the next call, which a segment
//! is at least as long as.
//!
//! So a segment in which the value of such a load is an operand of such an instruction is taken for one that is not told. That is more than
//! need be, never less. It knows operands only by their number and order.

use super::operation::Operation;

/// Follows the values of loads through a segment's operand stack and its locals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JoinedLoads {
    /// The topmost operands, the lowest bit being the top: whether each is a load's value.
    operands: u64,
    /// The locals that have one.
    locals: [Option<u32>; LOCALS],
    /// Whether one may have been joined with an instruction of the optimizer's.
    found: bool,
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
        match operation {
            Operation::Load => {
                self.pop(1);
                self.push(true);
            }
            Operation::Other { takes, gives } => {
                self.pop(takes);
                (0..gives).for_each(|_| self.push(false));
            }
            Operation::Optimized { takes } => {
                self.found |= self.pop(takes);
                self.push(false);
            }
            Operation::Kept { takes } => self.found |= self.pop(takes),
            Operation::Vector => self.found |= self.any(),
            Operation::Get(local) => self.push(self.locals.contains(&Some(local))),
            Operation::Set(local) => {
                let is_loaded = self.pop(1);
                self.set(local, is_loaded);
            }
            Operation::Tee(local) => self.set(local, self.operands & 1 == 1),
        }
    }

    fn any(&self) -> bool {
        self.operands != 0 || self.locals.iter().any(Option::is_some)
    }

    fn push(&mut self, is_loaded: bool) {
        // One that is lost below is taken for one that is joined.
        self.found |= self.operands >> (u64::BITS - 1) == 1;
        self.operands = (self.operands << 1) | u64::from(is_loaded);
    }

    fn pop(&mut self, count: u8) -> bool {
        let popped = self.operands & ((1 << count) - 1);
        self.operands >>= count;
        popped != 0
    }

    fn set(&mut self, local: u32, is_loaded: bool) {
        let place = self.locals.iter_mut().find(|place| **place == Some(local));
        match (place, is_loaded) {
            (Some(_), true) | (None, false) => {}
            (Some(place), false) => *place = None,
            (None, true) => match self.locals.iter_mut().find(|place| place.is_none()) {
                Some(free) => *free = Some(local),
                None => self.found = true,
            },
        }
    }
}
