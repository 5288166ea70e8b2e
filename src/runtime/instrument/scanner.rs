//! From instructions to marks: the places where something must be put in or changed, and the segments' costs.
//!
//! Here the fuel rule is applied, and only here: which instructions end a segment, what a segment costs, what is dead code.

use super::InstrumentError;
use super::TrapPlaces;
use super::instruction::{Instruction, InstructionReader, index, offset};
use super::joined_loads::JoinedLoads;
use super::mark::{Mark, MarkKind};
use super::scan::{Surroundings, offset32};

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    Function,
    /// `block`, `if`, `else`: its end is a label.
    Block,
    Loop,
}

struct Frame {
    kind: FrameKind,
    /// The mark that opened it.
    mark: usize,
    /// Whether it was entered by live code.
    live: bool,
    /// Whether live code in it calls, or moves much memory.
    calls: bool,
}

/// Passes the instructions of one function.
pub(super) struct Scanner<'s> {
    surroundings: &'s Surroundings<'s>,
    marks: &'s mut Vec<Mark>,
    block_types: &'s mut Vec<u32>,
    frames: Vec<Frame>,
    /// The mark that opened the segment in which the code stands; `None` in dead code.
    segment: Option<usize>,
    /// Whether the function takes and returns the counter.
    carries: bool,
    /// The local whose index the counter takes.
    moved: Option<u32>,
    branches_out: bool,
    calls_indirectly: bool,
    /// The segment's loads, for an engine that tells places.
    loads: JoinedLoads,
}

/// What was found of the function as a whole.
pub(super) struct Found {
    /// Whether any branch leaves it.
    pub(super) branches_out: bool,
    /// Whether it has a `call_indirect` that hands the counter on.
    pub(super) calls_indirectly: bool,
}

impl<'s> Scanner<'s> {
    /// A scanner of a function that `carries` the counter or not, which then takes the index of the local `moved`.
    pub(super) fn new(
        surroundings: &'s Surroundings<'s>,
        carries: bool,
        moved: Option<u32>,
        marks: &'s mut Vec<Mark>,
        block_types: &'s mut Vec<u32>,
    ) -> Self {
        Self {
            surroundings,
            marks,
            block_types,
            frames: Vec::new(),
            segment: None,
            carries,
            moved,
            branches_out: false,
            calls_indirectly: false,
            loads: JoinedLoads::default(),
        }
    }

    pub(super) const fn found(&self) -> Found {
        Found { branches_out: self.branches_out, calls_indirectly: self.calls_indirectly }
    }

    /// Reads all of the function's code.
    pub(super) fn run(&mut self, mut code: InstructionReader<'_>) -> Result<(), InstrumentError> {
        let entry = offset32(code.at())?;
        self.push_frame(FrameKind::Function, true);
        self.segment = Some(self.marks.len());
        self.mark(MarkKind::Entry, entry, entry, true);
        if let Some(mark) = self.marks.last_mut() {
            mark.carries = self.carries;
        }
        while !self.frames.is_empty() {
            let at = offset32(code.at())?;
            let instruction = code.next()?;
            self.follow_loads(at);
            self.instruction(instruction, at, offset32(code.at())?)?;
        }
        if code.is_at_end() {
            Ok(())
        } else {
            Err(InstrumentError::Malformed { what: "code behind the end of a function", offset: offset(code.at()) })
        }
    }

    fn instruction(&mut self, instruction: Instruction, at: u32, next: u32) -> Result<(), InstrumentError> {
        match instruction {
            Instruction::Free => {}
            Instruction::Plain => self.pay(),
            Instruction::Grow => {
                self.pay();
                self.frame_calls();
            }
            Instruction::Local(local) => {
                self.pay();
                if self.moved == Some(local) {
                    self.mark(MarkKind::Local, at, next, false);
                }
            }
            Instruction::Trapping => {
                self.pay();
                self.segment_traps();
            }
            Instruction::RefFunc(function) => {
                self.pay();
                self.mark(MarkKind::RefFunc(function), at, next, false);
            }
            Instruction::BulkBytes => self.bulk(MarkKind::BulkBytes, at, next),
            Instruction::BulkEntries => self.bulk(MarkKind::BulkEntries, at, next),
            Instruction::Call(function) => {
                let carries = self.surroundings.callee_carries(function);
                self.call(MarkKind::Call(function), carries, at, next);
            }
            Instruction::CallIndirect(of_type) => {
                self.segment_is_exact();
                let carries = self.surroundings.signatures.carries(of_type);
                self.calls_indirectly |= carries;
                self.call(MarkKind::CallIndirect(of_type), carries, at, next);
            }
            Instruction::Block(block_type) => {
                self.block_types.extend(block_type);
                self.push_frame(FrameKind::Block, self.segment.is_some());
                self.mark(MarkKind::Block, at, next, false);
            }
            Instruction::Loop(block_type) => self.open_loop(block_type, at, next),
            Instruction::If(block_type) => {
                self.block_types.extend(block_type);
                self.pay();
                self.push_frame(FrameKind::Block, self.segment.is_some());
                self.next_segment(MarkKind::If, at, next);
            }
            Instruction::Else => self.open_else(at, next)?,
            Instruction::End => self.end(at, next)?,
            Instruction::Br(depth) => {
                self.pay();
                self.branch(depth, at)?;
                self.last_of_segment(MarkKind::Br(depth), at, next);
            }
            Instruction::BrIf(depth) => {
                self.pay();
                self.branch(depth, at)?;
                self.next_segment(MarkKind::BrIf(depth), at, next);
            }
            Instruction::BrTable => {
                self.pay();
                for depth in InstructionReader::targets(self.surroundings.module, at, next) {
                    self.branch(depth, at)?;
                }
                self.last_of_segment(MarkKind::BrTable, at, next);
            }
            Instruction::Return => {
                self.segment_leaves();
                self.last_of_segment(MarkKind::Return, at, next);
            }
            Instruction::Unreachable => {
                self.segment_gives_up();
                self.last_of_segment(MarkKind::Unreachable, at, next);
            }
        }
        Ok(())
    }

    /// Takes the segment for one that does not tell its traps' places where a load in it may be joined with what has none.
    fn follow_loads(&mut self, at: u32) {
        if self.surroundings.places == TrapPlaces::Told && self.segment.is_some() && self.loads.pass(self.surroundings.module, at)
        {
            self.segment_is_exact();
        }
    }

    fn bulk(&mut self, kind: MarkKind, at: u32, next: u32) {
        self.pay();
        self.segment_is_exact();
        self.frame_calls();
        self.mark(kind, at, next, false);
    }

    fn call(&mut self, kind: MarkKind, carries: bool, at: u32, next: u32) {
        self.pay();
        if !carries {
            self.segment_is_exact();
        }
        self.frame_calls();
        self.next_segment(kind, at, next);
        if let Some(mark) = self.marks.last_mut() {
            mark.carries = carries;
        }
    }

    fn open_loop(&mut self, block_type: Option<u32>, at: u32, next: u32) {
        self.block_types.extend(block_type);
        let takes_parameters = block_type.is_some_and(|of_type| self.surroundings.signatures.parameters(of_type) > 0);
        self.push_frame(FrameKind::Loop, self.segment.is_some());
        let may_trap = self.segment.and_then(|segment| self.marks.get(segment)).is_some_and(|mark| mark.traps);
        self.next_segment(MarkKind::Loop, at, next);
        if let Some(mark) = self.marks.last_mut() {
            mark.call_free = !takes_parameters;
            mark.fenced = may_trap;
        }
    }

    fn open_else(&mut self, at: u32, next: u32) -> Result<(), InstrumentError> {
        match self.frames.last() {
            Some(frame) if frame.kind == FrameKind::Block => {
                self.open_segment_if(frame.live, MarkKind::Else, at, next);
                Ok(())
            }
            _ => Err(InstrumentError::Malformed { what: "an `else` without its `if`", offset: u64::from(at) }),
        }
    }

    fn end(&mut self, at: u32, next: u32) -> Result<(), InstrumentError> {
        let Some(frame) = self.frames.pop() else {
            return Err(InstrumentError::Malformed { what: "an `end` too many", offset: u64::from(at) });
        };
        match frame.kind {
            FrameKind::Function => {
                self.segment_leaves();
                self.mark(MarkKind::EndFunction, at, next, false);
            }
            FrameKind::Block => self.open_segment_if(frame.live, MarkKind::EndBlock, at, next),
            FrameKind::Loop => {
                self.mark(MarkKind::EndLoop, at, next, false);
                if let Some(opening) = self.marks.get_mut(frame.mark) {
                    opening.call_free &= opening.repeats && !frame.calls;
                    opening.fenced &= opening.repeats;
                }
            }
        }
        if let Some(outer) = self.frames.last_mut() {
            outer.calls |= frame.calls;
        }
        Ok(())
    }

    /// Notes a branch to the label `depth` blocks out.
    fn branch(&mut self, depth: u32, at: u32) -> Result<(), InstrumentError> {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        let Some(frame) = target.and_then(|position| self.frames.get(position)) else {
            return Err(InstrumentError::Malformed { what: "a branch to a label that is not there", offset: u64::from(at) });
        };
        self.branches_out |= frame.kind == FrameKind::Function;
        match frame.kind {
            _ if self.segment.is_none() => {}
            FrameKind::Function => self.segment_leaves(),
            FrameKind::Block => {}
            FrameKind::Loop => {
                if let Some(mark) = self.marks.get_mut(frame.mark) {
                    mark.repeats = true;
                }
            }
        }
        Ok(())
    }

    /// One more unit for the segment, in live code.
    fn pay(&mut self) {
        if let Some(mark) = self.segment.and_then(|segment| self.marks.get_mut(segment)) {
            mark.cost = mark.cost.saturating_add(1);
        }
    }

    fn segment_is_exact(&mut self) {
        if let Some(mark) = self.segment.and_then(|segment| self.marks.get_mut(segment)) {
            mark.exact = true;
        }
    }

    fn segment_gives_up(&mut self) {
        self.segment_is_exact();
        if let Some(mark) = self.segment.and_then(|segment| self.marks.get_mut(segment)) {
            mark.gives_up = true;
        }
    }

    fn segment_traps(&mut self) {
        match self.surroundings.places {
            TrapPlaces::Untold => self.segment_is_exact(),
            TrapPlaces::Told => {
                if let Some(mark) = self.segment.and_then(|segment| self.marks.get_mut(segment)) {
                    mark.traps = true;
                }
            }
        }
    }

    fn segment_leaves(&mut self) {
        if let Some(mark) = self.segment.and_then(|segment| self.marks.get_mut(segment)) {
            mark.exact |= !self.carries;
            mark.leaves = true;
        }
    }

    fn frame_calls(&mut self) {
        if self.segment.is_some()
            && let Some(frame) = self.frames.last_mut()
        {
            frame.calls = true;
        }
    }

    /// A mark behind which the next segment begins, where the code is live.
    fn next_segment(&mut self, kind: MarkKind, at: u32, next: u32) {
        self.open_segment_if(self.segment.is_some(), kind, at, next);
    }

    /// A mark behind which the code is dead.
    fn last_of_segment(&mut self, kind: MarkKind, at: u32, next: u32) {
        self.mark(kind, at, next, false);
        self.segment = None;
    }

    fn open_segment_if(&mut self, live: bool, kind: MarkKind, at: u32, next: u32) {
        let mark = self.marks.len();
        self.mark(kind, at, next, live);
        self.segment = live.then_some(mark);
        self.loads = JoinedLoads::default();
    }

    fn mark(&mut self, kind: MarkKind, at: u32, next: u32, opens_segment: bool) {
        self.marks.push(Mark {
            kind,
            at,
            next,
            cost: 0,
            opens_segment,
            exact: false,
            traps: false,
            gives_up: false,
            fenced: false,
            leaves: false,
            carries: false,
            repeats: false,
            call_free: false,
            live: self.segment.is_some(),
        });
    }

    /// The frame of the mark that is pushed next.
    fn push_frame(&mut self, kind: FrameKind, live: bool) {
        self.frames.push(Frame { kind, mark: self.marks.len(), live, calls: false });
    }
}
