//! A function's body, written anew: raw bytes between its marks, and at the marks what the fuel counter needs.

use super::InstrumentError;
use super::bases::Bases;
use super::counters::Globals;
use super::indices::Indices;
use super::instruction::{InstructionReader, index, offset};
use super::mark::{FunctionBody, Mark, MarkKind};
use super::origins::Origins;
use super::sequence::{Added, Base, Decided, Sequences, write_u32};
use super::signature::Signatures;
use wasm_encoder::{BlockType, Encode, ValType};

/// The engine's bound on a function's size.
const MAX_FUNCTION_BYTES: usize = 7_654_321;

const END: u8 = 0x0b;
const BLOCK: u8 = 0x02;
const CALL: u8 = 0x10;
const CALL_INDIRECT: u8 = 0x11;
const I32: u8 = 0x7f;
const I64: u8 = 0x7e;

/// Writes the module's function bodies, one after the other.
pub(super) struct BodyWriter<'m> {
    module: &'m [u8],
    added: Added,
    signatures: &'m Signatures,
    indices: &'m Indices,
    /// All bodies so far, each behind its size.
    code: Vec<u8>,
    origins: Origins,
    /// Up to where the original bytes are written.
    copied: u32,
    function: Function,
    bases: Bases,
    /// The number of the function that is written next, among the module's own.
    functions: u32,
}

/// What must be known of the function that is being written.
#[derive(Clone, Copy, Default)]
struct Function {
    counter_local: Option<u32>,
    callee_local: Option<u32>,
    base_local: Option<u32>,
    /// Whether the counter is its last result.
    returns_counter: bool,
    /// Whether its code stands in a block, to which the branches go that left it.
    in_a_block: bool,
    moved_local: u32,
    counters: Option<Globals>,
}

impl<'m> BodyWriter<'m> {
    /// A writer of the whole section, which begins with the number of functions.
    pub(super) fn new(module: &'m [u8], added: Added, signatures: &'m Signatures, indices: &'m Indices) -> Self {
        let mut writer = Self::for_a_part(module, added, signatures, indices, 0);
        writer.code.reserve(module.len().saturating_mul(2));
        writer.origins.nothing(0);
        write_u32(&mut writer.code, indices.bodies());
        writer
    }

    /// A writer of some functions that follow each other, from the module's own function number `first` on.
    pub(super) fn for_a_part(
        module: &'m [u8],
        added: Added,
        signatures: &'m Signatures,
        indices: &'m Indices,
        first: usize,
    ) -> Self {
        let (code, origins) = (Vec::new(), Origins::new(added.checkpoint, indices.own()));
        Self {
            module,
            added,
            signatures,
            indices,
            code,
            origins,
            copied: 0,
            function: Function::default(),
            bases: Bases::new(),
            functions: u32::try_from(first).unwrap_or(u32::MAX),
        }
    }

    /// Puts the functions of a part behind those that were written so far.
    pub(super) fn append(&mut self, part: Self) -> Result<(), InstrumentError> {
        let here = self.here()?;
        self.code.extend_from_slice(&part.code);
        self.here()?;
        self.origins.append(&part.origins, here);
        Ok(())
    }

    /// The code section's content, and where its instructions came from, counted from its beginning.
    pub(super) fn finish(self) -> (Vec<u8>, Origins) {
        (self.code, self.origins)
    }

    /// Writes one function.
    pub(super) fn write<'d>(
        &mut self,
        body: &FunctionBody,
        marks: impl Iterator<Item = Decided<'d>>,
    ) -> Result<(), InstrumentError> {
        let size_at = self.begin_body()?;
        self.origins.written(self.here()?, body.start);
        self.function = Function {
            counter_local: body.counter_local,
            callee_local: body.callee_local,
            base_local: body.base_local,
            returns_counter: body.carries,
            in_a_block: body.carries && body.branches_out,
            moved_local: body.moved_local().unwrap_or_default(),
            counters: self.added.counters.map(|first| Globals::of(first, self.functions)),
        };
        self.functions = self.functions.saturating_add(1);
        self.declare_locals(body);
        if self.function.in_a_block {
            self.code.push(BLOCK);
            let result = self.signatures.result(body.type_index);
            block_type(result).encode(&mut self.code);
        }
        self.copied = body.locals.end;
        for mark in marks {
            self.mark(mark)?;
        }
        self.copy_to(body.end)?;
        self.end_body(size_at)
    }

    /// Writes a function that is not of the original module: its code, without locals and without its `end`.
    pub(super) fn write_wrapper(&mut self, code: impl FnOnce(&mut Vec<u8>)) -> Result<(), InstrumentError> {
        const NO_LOCALS: u8 = 0;
        let size_at = self.begin_body()?;
        self.code.push(NO_LOCALS);
        code(&mut self.code);
        self.code.push(END);
        self.end_body(size_at)
    }

    fn begin_body(&mut self) -> Result<usize, InstrumentError> {
        let size_at = self.code.len();
        self.origins.nothing(self.here()?);
        self.code.extend([0; FIXED_SIZE_BYTES]);
        Ok(size_at)
    }

    fn end_body(&mut self, size_at: usize) -> Result<(), InstrumentError> {
        let start = size_at.saturating_add(FIXED_SIZE_BYTES);
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
        let counter = body.counter_local.filter(|_| !body.carries).map(|_| I64);
        let callee = body.callee_local.map(|_| I32);
        let base = body.base_local.map(|_| I64);
        let added: Vec<u8> = counter.into_iter().chain(callee).chain(base).collect();
        body.locals.write(self.module, body.carries, &added, &mut self.code);
    }

    fn mark(&mut self, decided: Decided<'_>) -> Result<(), InstrumentError> {
        let mark = decided.mark;
        if self.function.base_local.is_some() {
            self.bases.pass(self.module, mark);
        }
        if mark.fenced && self.function.counter_local.is_some() {
            self.copy_to(mark.at)?;
            self.origins.written(self.here()?, mark.at);
            self.sequences().fence(mark.at);
        }
        match mark.kind {
            MarkKind::Call(function) => self.call(function, mark)?,
            MarkKind::CallIndirect(of_type) if mark.carries => self.call_indirect(of_type, mark)?,
            MarkKind::RefFunc(function) => {
                self.replace(mark)?;
                self.indices.ref_func(function, &mut self.code);
            }
            MarkKind::Local => {
                self.replace(mark)?;
                self.code.extend(self.module.get(index(mark.at)));
                write_u32(&mut self.code, self.function.moved_local);
            }
            MarkKind::BulkBytes | MarkKind::BulkEntries if mark.live => {
                self.copy_to(mark.at)?;
                self.origins.written(self.here()?, mark.at);
                self.sequences().charge_bulk(mark.kind);
            }
            MarkKind::Return if self.function.returns_counter => {
                self.copy_to(mark.at)?;
                self.origins.written(self.here()?, mark.at);
                self.sequences().hand_over();
            }
            MarkKind::EndFunction if self.function.returns_counter => self.end_function(mark)?,
            _ => {}
        }
        if mark.opens_segment {
            self.copy_to(mark.next)?;
            self.begin_segment(decided)?;
        }
        Ok(())
    }

    fn begin_segment(&mut self, decided: Decided<'_>) -> Result<(), InstrumentError> {
        let Decided { mark, payment, tested } = decided;
        let (here, before) = (self.here()?, self.code.len());
        self.origins.owes(here, payment.owes.saturating_add(payment.lag));
        let base = self.function.base_local.filter(|_| payment.pays != 0);
        let from = base.map(|local| Base { local, subtracted: self.bases.pay(payment.pays) });
        let goes_back = mark.kind == MarkKind::Loop && mark.call_free && self.may_run_headers_again();
        self.sequences().begin_segment(decided, from, goes_back);
        if tested && !goes_back {
            self.bases.counter_changes();
        }
        if self.code.len() > before {
            self.origins.written(here, mark.next);
        }
        Ok(())
    }

    fn call(&mut self, function: u32, mark: &Mark) -> Result<(), InstrumentError> {
        if function < self.added.checkpoint {
            return Ok(());
        }
        self.replace(mark)?;
        if mark.carries {
            self.sequences().hand_over();
        }
        self.code.push(CALL);
        write_u32(&mut self.code, self.indices.moved(function));
        self.take_back_in_dead_code(mark);
        Ok(())
    }

    fn call_indirect(&mut self, of_type: u32, mark: &Mark) -> Result<(), InstrumentError> {
        self.replace(mark)?;
        let callee_local = self.function.callee_local;
        self.sequences().hand_over_below(callee_local);
        self.code.push(CALL_INDIRECT);
        write_u32(&mut self.code, self.signatures.rewritten(of_type));
        write_u32(&mut self.code, InstructionReader::table(self.module, mark.at, mark.next));
        self.take_back_in_dead_code(mark);
        Ok(())
    }

    fn take_back_in_dead_code(&mut self, mark: &Mark) {
        if mark.carries && !mark.opens_segment {
            self.sequences().take_back();
        }
    }

    /// The counter is the last result.
    fn end_function(&mut self, mark: &Mark) -> Result<(), InstrumentError> {
        self.copy_to(mark.at)?;
        self.origins.written(self.here()?, mark.at);
        if self.function.in_a_block {
            self.code.push(END);
        }
        self.sequences().hand_over();
        Ok(())
    }

    /// Whether the code behind a checkpoint may go back to a loop's header. Not so where the function has counters of its own: the header, which would
    /// be run again, has paid into them.
    const fn may_run_headers_again(&self) -> bool {
        self.function.counter_local.is_some() && self.function.counters.is_none()
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
        let Function { counter_local, counters, .. } = self.function;
        Sequences { added: self.added, counter_local, counters, out: &mut self.code }
    }
}

fn block_type(result: Option<wasmparser::ValType>) -> BlockType {
    result.and_then(|of_type| ValType::try_from(of_type).ok()).map_or(BlockType::Empty, BlockType::Result)
}

const FIXED_SIZE_BYTES: usize = 4;

/// A number below 2^28 in LEB128 of a fixed length.
fn fixed_size(size: u32) -> [u8; FIXED_SIZE_BYTES] {
    let seven_bits = |shift: u32| u8::try_from((size >> shift) & 0x7f).unwrap_or_default();
    [seven_bits(0) | 0x80, seven_bits(7) | 0x80, seven_bits(14) | 0x80, seven_bits(21)]
}
