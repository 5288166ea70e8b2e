//! Tables.

use crate::value::TrapKind;
use wasmparser::ValType;

pub(crate) struct Table {
    pub(crate) of_type: ValType,
    pub(crate) entries: Vec<u64>,
    maximum: usize,
}

impl Table {
    pub(crate) fn new(of_type: ValType, minimum: usize, maximum: Option<usize>) -> Self {
        Self { of_type, entries: vec![0; minimum], maximum: maximum.unwrap_or(u32::MAX as usize) }
    }

    pub(crate) fn get(&self, index: u32) -> Result<u64, TrapKind> {
        self.entries.get(usize::try_from(index).unwrap()).copied().ok_or(TrapKind::TableOutOfBounds)
    }

    pub(crate) fn set(&mut self, index: u32, slot: u64) -> Result<(), TrapKind> {
        *self.entries.get_mut(usize::try_from(index).unwrap()).ok_or(TrapKind::TableOutOfBounds)? = slot;
        Ok(())
    }

    /// The number of entries before, where it grew. The engine has its own limit, which none of our modules reaches.
    pub(crate) fn grow(&mut self, number: u32, slot: u64) -> Option<usize> {
        let before = self.entries.len();
        let after = before + usize::try_from(number).unwrap();
        if after > self.maximum || after > 10_000_000 {
            return None;
        }
        self.entries.resize(after, slot);
        Some(before)
    }

    pub(crate) fn fill(&mut self, to: u32, slot: u64, length: u32) -> Result<(), TrapKind> {
        self.entries.get_mut(range(to, length)).ok_or(TrapKind::TableOutOfBounds)?.fill(slot);
        Ok(())
    }

    /// Writes what was read from another table or a segment, or from this one.
    pub(crate) fn write(&mut self, to: u32, slots: &[u64]) -> Result<(), TrapKind> {
        let length = u32::try_from(slots.len()).unwrap();
        self.entries.get_mut(range(to, length)).ok_or(TrapKind::TableOutOfBounds)?.copy_from_slice(slots);
        Ok(())
    }
}

/// A part of a table or segment.
pub(crate) fn part(entries: &[u64], from: u32, length: u32) -> Result<Vec<u64>, TrapKind> {
    entries.get(range(from, length)).map(<[u64]>::to_vec).ok_or(TrapKind::TableOutOfBounds)
}

fn range(start: u32, length: u32) -> std::ops::Range<usize> {
    let start = usize::try_from(start).unwrap();
    start..start + usize::try_from(length).unwrap()
}
