//! One instruction at a time: where it ends, and what the fuel rule and the rewriter must know of it.
//!
//! Only as much is decoded as that: everything else is copied as raw bytes, so operands are skipped, not understood. It
//! knows the instructions of WebAssembly 2.0 (and relaxed SIMD, whose shape is the same); any other is refused.

use super::InstrumentError;

/// What an instruction is to the fuel rule and to the rewriter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    /// Costs 1, cannot trap, changes nothing in control.
    Plain,
    /// As [`Plain`](Self::Plain), but may trap.
    Trapping,
    /// Costs 1 and may move much memory: `memory.grow`.
    Grow,
    /// Costs nothing and does nothing to control: `nop`, `drop`.
    Free,
    Unreachable,
    /// With the index of its block's type, where that is one (and so may have parameters).
    Block(Option<u32>),
    /// As [`Block`](Self::Block).
    Loop(Option<u32>),
    /// As [`Block`](Self::Block).
    If(Option<u32>),
    Else,
    End,
    Br(u32),
    BrIf(u32),
    BrTable,
    Return,
    Call(u32),
    /// With its type's index.
    CallIndirect(u32),
    RefFunc(u32),
    /// `local.get`, `local.set`, `local.tee`: costs 1, cannot trap.
    Local(u32),
    /// `memory.fill`, `memory.copy`, `memory.init`: the length in bytes is on top of the stack.
    BulkBytes,
    /// `table.fill`, `table.copy`, `table.init`: the number of entries is on top of the stack.
    BulkEntries,
}

/// Reads instructions one after the other.
#[derive(Clone, Debug)]
pub(super) struct InstructionReader<'a> {
    module: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> InstructionReader<'a> {
    /// Reads the bytes `start..end` of the module; offsets stay those of the module.
    pub(super) fn new(module: &'a [u8], start: usize, end: usize) -> Self {
        Self { module, at: start, end: end.min(module.len()) }
    }

    /// The offset of what is read next.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Whether all was read.
    pub(super) const fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    /// The next instruction; the reader then stands behind it. A `br_table`'s targets are skipped: see [`Self::targets`].
    pub(super) fn next(&mut self) -> Result<Instruction, InstrumentError> {
        let start = self.at;
        let instruction = match self.byte()? {
            0x00 => Instruction::Unreachable,
            0x01 | 0x1a => Instruction::Free,
            0x02 => Instruction::Block(self.block_type()?),
            0x03 => Instruction::Loop(self.block_type()?),
            0x04 => Instruction::If(self.block_type()?),
            0x05 => Instruction::Else,
            0x0b => Instruction::End,
            0x0c => Instruction::Br(self.u32()?),
            0x0d => Instruction::BrIf(self.u32()?),
            0x0e => self.br_table()?,
            0x0f => Instruction::Return,
            0x10 => Instruction::Call(self.u32()?),
            0x11 => {
                let of_type = self.u32()?;
                self.after_u32s(1, Instruction::CallIndirect(of_type))?
            }
            0x1b | 0x45..=0x6c | 0x71..=0x7e | 0x83..=0xa7 | 0xac | 0xad | 0xb2..=0xc4 | 0xd1 => Instruction::Plain,
            0x6d..=0x70 | 0x7f..=0x82 | 0xa8..=0xab | 0xae..=0xb1 => Instruction::Trapping,
            0x1c => self.typed_select()?,
            0x20..=0x22 => Instruction::Local(self.u32()?),
            0x23 | 0x24 | 0x3f => self.after_u32s(1, Instruction::Plain)?,
            0x25 | 0x26 => self.after_u32s(1, Instruction::Trapping)?,
            0x28..=0x3e => self.memory_access(0)?,
            0x40 => self.after_u32s(1, Instruction::Grow)?,
            0x41 => self.after_leb(5, Instruction::Plain)?,
            0x42 => self.after_leb(10, Instruction::Plain)?,
            0x43 => self.after_bytes(4, Instruction::Plain)?,
            0x44 => self.after_bytes(8, Instruction::Plain)?,
            0xd0 => self.after_leb(5, Instruction::Plain)?,
            0xd2 => Instruction::RefFunc(self.u32()?),
            0xfc => self.prefixed_fc(start)?,
            0xfd => self.prefixed_fd(start)?,
            _ => return Err(unknown(start)),
        };
        Ok(instruction)
    }

    fn prefixed_fc(&mut self, start: usize) -> Result<Instruction, InstrumentError> {
        match self.u32()? {
            0..=7 => Ok(Instruction::Plain),
            8 | 10 => self.after_u32s(2, Instruction::BulkBytes),
            9 | 13 | 16 => self.after_u32s(1, Instruction::Plain),
            11 => self.after_u32s(1, Instruction::BulkBytes),
            12 | 14 => self.after_u32s(2, Instruction::BulkEntries),
            15 => self.after_u32s(1, Instruction::Grow),
            17 => self.after_u32s(1, Instruction::BulkEntries),
            _ => Err(unknown(start)),
        }
    }

    fn prefixed_fd(&mut self, start: usize) -> Result<Instruction, InstrumentError> {
        match self.u32()? {
            0..=11 | 92 | 93 => self.memory_access(0),
            12 | 13 => self.after_bytes(16, Instruction::Plain),
            21..=34 => self.after_bytes(1, Instruction::Plain),
            84..=91 => self.memory_access(1),
            0..=275 => Ok(Instruction::Plain),
            _ => Err(unknown(start)),
        }
    }

    /// Reads the targets of the `br_table` at `offset`: the listed ones, then the default one.
    pub(super) fn targets(module: &'a [u8], offset: u32, end: u32) -> Targets<'a> {
        let mut reader = Self::new(module, index(offset).saturating_add(1), index(end));
        let left = reader.u32().map_or(0, |count| u64::from(count) + 1);
        Targets { reader, left }
    }

    /// The table of the `call_indirect` at `offset`.
    pub(super) fn table(module: &'a [u8], offset: u32, end: u32) -> u32 {
        let mut reader = Self::new(module, index(offset).saturating_add(1), index(end));
        reader.u32().and_then(|_| reader.u32()).unwrap_or_default()
    }

    fn br_table(&mut self) -> Result<Instruction, InstrumentError> {
        let count = self.u32()?;
        for _ in 0..=count {
            self.u32()?;
        }
        Ok(Instruction::BrTable)
    }

    fn typed_select(&mut self) -> Result<Instruction, InstrumentError> {
        let count = self.u32()?;
        self.after_bytes(index(count), Instruction::Plain)
    }

    fn memory_access(&mut self, lane_bytes: usize) -> Result<Instruction, InstrumentError> {
        const NAMES_A_MEMORY: u32 = 0x40;
        let flags = self.u32()?;
        if flags & NAMES_A_MEMORY != 0 {
            self.u32()?;
        }
        self.skip_leb(10)?;
        self.after_bytes(lane_bytes, Instruction::Trapping)
    }

    /// The type index where the block type is one; a value type or the empty type is a negative number of one byte.
    fn block_type(&mut self) -> Result<Option<u32>, InstrumentError> {
        let start = self.at;
        let byte = self.byte()?;
        if byte & 0xc0 == 0x40 {
            return Ok(None);
        }
        self.at = start;
        self.u32().map(Some)
    }

    fn after_u32s(&mut self, count: u32, instruction: Instruction) -> Result<Instruction, InstrumentError> {
        for _ in 0..count {
            self.skip_leb(5)?;
        }
        Ok(instruction)
    }

    fn after_leb(&mut self, max_bytes: u32, instruction: Instruction) -> Result<Instruction, InstrumentError> {
        self.skip_leb(max_bytes).map(|()| instruction)
    }

    fn after_bytes(&mut self, count: usize, instruction: Instruction) -> Result<Instruction, InstrumentError> {
        match self.at.checked_add(count) {
            Some(at) if at <= self.end => {
                self.at = at;
                Ok(instruction)
            }
            _ => Err(self.truncated()),
        }
    }

    fn byte(&mut self) -> Result<u8, InstrumentError> {
        if self.at >= self.end {
            return Err(self.truncated());
        }
        let byte = *self.module.get(self.at).ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    fn u32(&mut self) -> Result<u32, InstrumentError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u32::from(first));
        }
        let mut value = u32::from(first & 0x7f);
        for shift in [7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(InstrumentError::Malformed { what: "a number of more than five bytes", offset: offset(self.at) })
    }

    fn skip_leb(&mut self, max_bytes: u32) -> Result<(), InstrumentError> {
        for _ in 0..max_bytes {
            if self.byte()? < 0x80 {
                return Ok(());
            }
        }
        Err(InstrumentError::Malformed { what: "an overlong number", offset: offset(self.at) })
    }

    fn truncated(&self) -> InstrumentError {
        InstrumentError::Malformed { what: "code that ends too early", offset: offset(self.at) }
    }
}

/// The targets of a `br_table`, the default last.
pub(super) struct Targets<'a> {
    reader: InstructionReader<'a>,
    left: u64,
}

impl Iterator for Targets<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        self.reader.u32().ok()
    }
}

fn unknown(at: usize) -> InstrumentError {
    InstrumentError::Unsupported { what: "an instruction outside WebAssembly 2.0", offset: offset(at) }
}

/// A 32-bit index as the machine's.
pub(super) const fn index(value: u32) -> usize {
    value as usize
}

/// A position in memory as an offset for people.
pub(super) const fn offset(at: usize) -> u64 {
    at as u64
}
