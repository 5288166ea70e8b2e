//! Linear memories.

use crate::value::TrapKind;

const PAGE: usize = 65_536;
const MAX_PAGES: usize = 65_536;

pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    maximum: usize,
}

impl Memory {
    pub(crate) fn new(minimum: usize, maximum: Option<usize>) -> Self {
        Self { bytes: vec![0; minimum * PAGE], maximum: maximum.unwrap_or(MAX_PAGES).min(MAX_PAGES) }
    }

    pub(crate) fn pages(&self) -> usize {
        self.bytes.len() / PAGE
    }

    /// The number of pages before, where it grew.
    pub(crate) fn grow(&mut self, pages: u32) -> Option<usize> {
        let before = self.pages();
        let after = before + usize::try_from(pages).unwrap();
        if after > self.maximum {
            return None;
        }
        self.bytes.resize(after * PAGE, 0);
        Some(before)
    }

    /// The bytes at an address and an offset.
    pub(crate) fn load<const N: usize>(&self, address: u32, offset: u64) -> Result<[u8; N], TrapKind> {
        let range = range(u64::from(address) + offset, N as u64);
        self.bytes.get(range).map(|bytes| bytes.try_into().unwrap()).ok_or(TrapKind::MemoryOutOfBounds)
    }

    pub(crate) fn store(&mut self, address: u32, offset: u64, bytes: &[u8]) -> Result<(), TrapKind> {
        let range = range(u64::from(address) + offset, bytes.len() as u64);
        self.bytes.get_mut(range).ok_or(TrapKind::MemoryOutOfBounds)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn fill(&mut self, to: u32, byte: u8, length: u32) -> Result<(), TrapKind> {
        let range = range(u64::from(to), u64::from(length));
        self.bytes.get_mut(range).ok_or(TrapKind::MemoryOutOfBounds)?.fill(byte);
        Ok(())
    }

    pub(crate) fn copy(&mut self, to: u32, from: u32, length: u32) -> Result<(), TrapKind> {
        let (to, from) = (range(u64::from(to), u64::from(length)), range(u64::from(from), u64::from(length)));
        if to.end > self.bytes.len() || from.end > self.bytes.len() {
            return Err(TrapKind::MemoryOutOfBounds);
        }
        self.bytes.copy_within(from, to.start);
        Ok(())
    }

    pub(crate) fn init(&mut self, to: u32, data: &[u8], from: u32, length: u32) -> Result<(), TrapKind> {
        let data = data.get(range(u64::from(from), u64::from(length))).ok_or(TrapKind::MemoryOutOfBounds)?;
        self.store(to, 0, data)
    }
}

fn range(start: u64, length: u64) -> std::ops::Range<usize> {
    usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap()
}
