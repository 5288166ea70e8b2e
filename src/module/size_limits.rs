//! The limits on what a module may declare: the least size of its memory, the number and the least size of its tables.

use super::fault::ModuleFault;
use super::validation::Limits;
use crate::event::PAGE_BYTES;
use wasmparser::{MemoryType, TableType};

/// The most tables of a module.
pub const MAX_TABLES: u32 = 8;
/// The most entries of a table.
pub const MAX_TABLE_ENTRIES: u64 = 1_000_000;

/// Checks declarations against the limits.
pub(super) struct DeclaredSizes {
    memory_limit_bytes: u64,
    tables: u32,
}

impl DeclaredSizes {
    /// With the host's limit on linear memory, in bytes.
    pub(super) const fn new(memory_limit_bytes: u64) -> Self {
        Self { memory_limit_bytes, tables: 0 }
    }
}

impl Limits for DeclaredSizes {
    type Exceeded = ModuleFault;

    fn table(&mut self, table: &TableType, _imported: bool) -> Result<(), ModuleFault> {
        let index = self.tables;
        self.tables = self.tables.saturating_add(1);
        if self.tables > MAX_TABLES {
            return Err(ModuleFault::TooManyTables);
        }
        if table.initial > MAX_TABLE_ENTRIES && !table.table64 {
            return Err(ModuleFault::TableTooLarge { index, minimum: table.initial });
        }
        Ok(())
    }

    fn memory(&mut self, memory: &MemoryType, imported: bool) -> Result<(), ModuleFault> {
        // Those are refused by the feature's name.
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
            return Ok(());
        }
        if memory.initial.saturating_mul(PAGE_BYTES) > self.memory_limit_bytes {
            return Err(ModuleFault::MemoryTooLarge { pages: memory.initial, limit_bytes: self.memory_limit_bytes, imported });
        }
        Ok(())
    }
}

/// A size in words: `512 MiB (8192 pages)`.
pub(super) fn memory_size(bytes: u64) -> String {
    let pages = bytes / PAGE_BYTES;
    format!("{} ({pages} {})", byte_size(bytes), if pages == 1 { "page" } else { "pages" })
}

/// A size in words, exact: in the largest unit that needs no more than one decimal place.
pub(super) fn byte_size(bytes: u64) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        let (whole, rest) = (bytes / unit, u128::from(bytes % unit) * 10);
        if whole > 0 && rest % u128::from(unit) == 0 {
            let tenths = rest / u128::from(unit);
            return if tenths == 0 { format!("{whole} {name}") } else { format!("{whole}.{tenths} {name}") };
        }
    }
    format!("{bytes} {}", if bytes == 1 { "byte" } else { "bytes" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_people_write_them() {
        for (bytes, words) in [(0, "0 bytes"), (1, "1 byte"), (65_536, "64 KiB"), (3 << 19, "1.5 MiB"), (5 << 30, "5 GiB")] {
            assert_eq!(byte_size(bytes), words);
        }
        assert_eq!(memory_size(512 << 20), "512 MiB (8192 pages)");
        assert_eq!(memory_size(8193 << 16), "524352 KiB (8193 pages)");
        assert_eq!(byte_size(u64::MAX), "18446744073709551615 bytes");
    }
}
