//! A function's body, written anew: raw bytes between its marks, and at the marks what the fuel counter needs.

use super::InstrumentError;
use super::instruction::{InstructionReader, index, offset};
use super::mark::{FunctionBody, Mark, MarkKind};
use super::origins::Origins;
use super::sequence::{Added, Sequences, write_u32};

/// The engine's bound on a function's size.
const MAX_FUNCTION_BYTES: usize = 7_654_321;

const END: u8 = 0x0b;
const BR: u8 = 0x0c;
const BR_IF: u8 = 0x0d;
const BR_TABLE: u8 = 0x0e;
const CALL: u8 = 0x10;
const REF_FUNC: u8 = 0xd2;
const I64: u8 = 0x7e;

/// Writes the module's function bodies, one after the other.
pub(super) struct BodyWriter<'m> {
    module: &'m [u8],
    added: Added,
    /// All bodies so far, each behind its size.
    code: Vec<u8>,
    origins: Origins,
    /// Up to where the original bytes are written.
    copied: u32,
    counter_local: Option<u32>,
    /// The open blocks, in a function in which loops are wrapped.
    frames: Vec<Frame>,
}

#[derive(Clone, Copy)]
struct Frame {
    wrapped: bool,
    /// How many loops were put round others, up to and with this block's.
    wraps: u32,
}

impl<'m> BodyWriter<'m> {
    pub(super) fn new(module: &'m [u8], added: Added, functions: u32) -> Self {
        let mut code = Vec::with_capacity(module.len().saturating_mul(2));
        write_u32(&mut code, functions);
        let mut origins = Origins::new(added.checkpoint);
        origins.nothing(0);
        Self { module, added, code, origins, copied: 0, counter_local: None, frames: Vec::new() }
    }

    /// The code section's content, and where its instructions came from, counted from its beginning.
    pub(super) fn finish(self) -> (Vec<u8>, Origins) {
        (self.code, self.origins)
    }

    /// Writes one function.
    pub(super) fn write(&mut self, body: &FunctionBody, marks: &[Mark]) -> Result<(), InstrumentError> {
        let size_at = self.code.len();
        self.origins.nothing(self.here()?);
        self.code.extend([0; FIXED_SIZE_BYTES]);
        let start = self.code.len();
        self.origins.written(self.here()?, body.start);
        self.counter_local = body.counter_local;
        self.frames.clear();
        self.declare_locals(body);
        self.copied = body.code_start;
        for mark in marks {
            self.mark(mark)?;
        }
        self.copy_to(body.end)?;
        self.write_size(size_at, self.code.len().saturating_sub(start))
    }

    /// Sizes take a fixed number of bytes, so that they can be written when they are known.
    fn write_size(&mut self, at: usize, size: usize) -> Result<(), InstrumentError> {
        let fits = u32::try_from(size).ok().filter(|_| size <= MAX_FUNCTION_BYTES);
        let Some(size) = fits else {
            return Err(InstrumentError::TooLarge {
                what: "a function with its fuel counter",
                limit: offset(MAX_FUNCTION_BYTES),
            });
        };
        if let Some(place) = self.code.get_mut(at..at.saturating_add(FIXED_SIZE_BYTES)) {
            place.copy_from_slice(&fixed_size(size));
        }
        Ok(())
    }

    fn declare_locals(&mut self, body: &FunctionBody) {
        write_u32(&mut self.code, body.local_groups.saturating_add(u32::from(body.counter_local.is_some())));
        self.code.extend_from_slice(self.module.get(index(body.locals_start)..index(body.code_start)).unwrap_or_default());
        if body.counter_local.is_some() {
            const ONE_LOCAL: u8 = 1;
            self.code.extend([ONE_LOCAL, I64]);
        }
    }

    fn mark(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        match mark.kind {
            MarkKind::Call(function) => self.indexed(CALL, function, mark)?,
            MarkKind::RefFunc(function) => self.indexed(REF_FUNC, function, mark)?,
            MarkKind::BulkBytes | MarkKind::BulkEntries if mark.live => {
                self.copy_to(mark.at)?;
                self.origins.written(self.here()?, mark.at);
                self.sequences().charge_bulk(mark.kind);
            }
            _ if self.counter_local.is_some() => self.blocks_and_branches(mark)?,
            _ => {}
        }
        if mark.opens_segment {
            self.copy_to(mark.next)?;
            let (here, before) = (self.here()?, self.code.len());
            let hoisted = mark.kind == MarkKind::Loop && self.frames.last().is_some_and(|frame| frame.wrapped);
            self.sequences().begin_segment(mark, hoisted);
            if self.code.len() > before {
                self.origins.written(here, mark.next);
            }
        }
        Ok(())
    }

    /// `call` and `ref.func`, whose index moves where the function is one of the module's own.
    fn indexed(&mut self, code: u8, function: u32, mark: &Mark) -> Result<(), InstrumentError> {
        if function < self.added.checkpoint {
            return Ok(());
        }
        self.replace(mark)?;
        self.code.push(code);
        write_u32(&mut self.code, function.saturating_add(1));
        Ok(())
    }

    fn blocks_and_branches(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        match mark.kind {
            MarkKind::Entry | MarkKind::Block | MarkKind::If => self.open_frame(false),
            MarkKind::Loop => self.open_loop(mark)?,
            MarkKind::EndBlock | MarkKind::EndFunction => {
                self.frames.pop();
            }
            MarkKind::EndLoop => self.end_loop(mark)?,
            MarkKind::Br(depth) => self.branch(BR, depth, mark)?,
            MarkKind::BrIf(depth) => self.branch(BR_IF, depth, mark)?,
            MarkKind::BrTable => self.branch_table(mark)?,
            _ => {}
        }
        Ok(())
    }

    /// A call-free loop gets a loop round it, to which the call of the checkpoint moves.
    fn open_loop(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        let wrapped = mark.call_free && mark.tested;
        self.open_frame(wrapped);
        if wrapped {
            self.copy_to(mark.at)?;
            self.origins.written(self.here()?, mark.at);
            self.code.extend_from_slice(self.module.get(index(mark.at)..index(mark.next)).unwrap_or_default());
        }
        Ok(())
    }

    fn end_loop(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        if self.frames.pop().is_some_and(|frame| frame.wrapped) {
            self.copy_to(mark.next)?;
            self.origins.written(self.here()?, mark.next);
            self.code.push(END);
        }
        Ok(())
    }

    fn open_frame(&mut self, wrapped: bool) {
        let wraps = self.frames.last().map_or(0, |frame| frame.wraps).saturating_add(u32::from(wrapped));
        self.frames.push(Frame { wrapped, wraps });
    }

    fn branch(&mut self, code: u8, depth: u32, mark: &Mark) -> Result<(), InstrumentError> {
        let new_depth = self.depth(depth);
        if new_depth != depth {
            self.replace(mark)?;
            self.code.push(code);
            write_u32(&mut self.code, new_depth);
        }
        Ok(())
    }

    fn branch_table(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        if self.frames.last().is_none_or(|frame| frame.wraps == 0) {
            return Ok(());
        }
        self.replace(mark)?;
        let targets = InstructionReader::targets(self.module, mark.at, mark.next);
        self.code.push(BR_TABLE);
        write_u32(&mut self.code, u32::try_from(targets.left().saturating_sub(1)).unwrap_or(u32::MAX));
        for depth in targets {
            let new_depth = self.depth(depth);
            write_u32(&mut self.code, new_depth);
        }
        Ok(())
    }

    /// The depth of a label among the blocks and the loops that were put in.
    fn depth(&self, depth: u32) -> u32 {
        let Some(innermost) = self.frames.last() else { return depth };
        let target = self.frames.len().checked_sub(1).and_then(|position| position.checked_sub(index(depth)));
        let target_wraps = target.and_then(|position| self.frames.get(position)).map_or(0, |frame| frame.wraps);
        depth.saturating_add(innermost.wraps.saturating_sub(target_wraps))
    }

    /// The instruction at a mark is about to be written in another form.
    fn replace(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        self.copy_to(mark.at)?;
        self.origins.written(self.here()?, mark.at);
        self.copied = mark.next;
        Ok(())
    }

    /// Copies the original bytes up to an offset.
    fn copy_to(&mut self, end: u32) -> Result<(), InstrumentError> {
        if end > self.copied {
            self.origins.copied(self.here()?, self.copied);
            self.code.extend_from_slice(self.module.get(index(self.copied)..index(end)).unwrap_or_default());
            self.copied = end;
        }
        Ok(())
    }

    fn here(&self) -> Result<u32, InstrumentError> {
        let too_large = |_| InstrumentError::TooLarge { what: "the module with its fuel counters", limit: u64::from(u32::MAX) };
        u32::try_from(self.code.len()).map_err(too_large)
    }

    fn sequences(&mut self) -> Sequences<'_> {
        Sequences { added: self.added, counter_local: self.counter_local, out: &mut self.code }
    }
}

const FIXED_SIZE_BYTES: usize = 4;

/// A number below 2^28 in LEB128 of a fixed length.
fn fixed_size(size: u32) -> [u8; FIXED_SIZE_BYTES] {
    let seven_bits = |shift: u32| u8::try_from((size >> shift) & 0x7f).unwrap_or_default();
    [seven_bits(0) | 0x80, seven_bits(7) | 0x80, seven_bits(14) | 0x80, seven_bits(21)]
}
