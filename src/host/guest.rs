//! Guest memory: the one place that reads or writes it.
//!
//! Each range is checked against the memory as it is now, in 64-bit arithmetic, so that no pointer and length can wrap
//! round. It knows the engine's memory alone; what the bytes mean is its callers' business.

use std::ffi::CStr;
use wasmer::{AsStoreRef, Memory, MemoryView};

/// Why guest memory cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuestError {
    /// The module has no memory, or is not instantiated yet.
    #[error("the module has no memory that the host can see (it exports none as \"memory\")")]
    NoMemory,
    /// A range reaches outside memory.
    #[error("the range of {len} bytes at {ptr:#x} reaches outside memory, which has {size} bytes")]
    OutOfBounds {
        /// Where it begins.
        ptr: u32,
        /// Its length, in bytes.
        len: u64,
        /// The memory's size, in bytes.
        size: u64,
    },
    /// No NUL before the end of memory.
    #[error("there is no NUL between {ptr:#x} and the end of memory, which has {size} bytes")]
    NoNul {
        /// Where the search began.
        ptr: u32,
        /// The memory's size, in bytes.
        size: u64,
    },
    /// No NUL within the limit.
    #[error("there is no NUL in the {limit} bytes after {ptr:#x}, which is the limit")]
    TooLong {
        /// Where the search began.
        ptr: u32,
        /// The limit, in bytes.
        limit: u64,
    },
}

/// Bytes of one look for a NUL.
const SCAN_BYTES: u64 = 64 << 10;

/// A view of a guest's memory as it is now. Make a fresh one after anything that may have run guest code.
pub struct GuestMemory<'a> {
    view: MemoryView<'a>,
}

impl<'a> GuestMemory<'a> {
    /// The memory as it is now.
    pub fn new(memory: &Memory, store: &'a (impl AsStoreRef + ?Sized)) -> Self {
        Self { view: memory.view(store) }
    }

    /// Its size, in bytes.
    pub fn size(&self) -> u64 {
        self.view.data_size()
    }

    /// Checks that a range lies inside memory. An empty one does up to and including the end of memory.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`].
    pub fn check(&self, ptr: u32, len: u32) -> Result<(), GuestError> {
        let (size, len) = (self.size(), u64::from(len));
        if u64::from(ptr) + len <= size { Ok(()) } else { Err(GuestError::OutOfBounds { ptr, len, size }) }
    }

    /// Copies a range out. The range is checked before anything is allocated; how long it may be is the caller's to say.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`].
    pub fn read(&self, ptr: u32, len: u32) -> Result<Vec<u8>, GuestError> {
        self.check(ptr, len)?;
        self.copy_out(u64::from(ptr), u64::from(len)).ok_or_else(|| self.out_of_bounds(ptr, u64::from(len)))
    }

    /// Copies what lies before the next NUL, which must come within `limit` bytes.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`] where not even the first byte is in memory, [`GuestError::NoNul`] where memory ends first,
    /// [`GuestError::TooLong`] where the limit does.
    pub fn read_until_nul(&self, ptr: u32, limit: u64) -> Result<Vec<u8>, GuestError> {
        let size = self.size();
        let start = u64::from(ptr);
        if start >= size {
            return Err(GuestError::OutOfBounds { ptr, len: 1, size });
        }
        // The NUL itself does not count.
        let end = size.min(start.saturating_add(limit).saturating_add(1));
        let mut found = Vec::new();
        let mut at = start;
        while at < end {
            let chunk = self.copy_out(at, SCAN_BYTES.min(end - at)).ok_or_else(|| self.out_of_bounds(ptr, 1))?;
            if let Ok(text) = CStr::from_bytes_until_nul(&chunk) {
                found.extend_from_slice(text.to_bytes());
                return Ok(found);
            }
            at = at.saturating_add(SCAN_BYTES);
            found.extend_from_slice(&chunk);
        }
        Err(if end == size { GuestError::NoNul { ptr, size } } else { GuestError::TooLong { ptr, limit } })
    }

    /// Writes all of `bytes`, or nothing.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`].
    pub fn write(&self, ptr: u32, bytes: &[u8]) -> Result<(), GuestError> {
        self.view.write(u64::from(ptr), bytes).map_err(|_| self.out_of_bounds(ptr, byte_count(bytes)))
    }

    /// Writes as much of `bytes` as the buffer at `ptr` has capacity for, and tells how many bytes that were.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`] where the buffer itself is not inside memory, whatever is to be written.
    pub fn write_at_most(&self, ptr: u32, capacity: u32, bytes: &[u8]) -> Result<usize, GuestError> {
        self.check(ptr, capacity)?;
        let written = bytes.get(..usize::try_from(capacity).unwrap_or(usize::MAX)).unwrap_or(bytes);
        self.write(ptr, written)?;
        Ok(written.len())
    }

    /// Reads an AssemblyScript string object: UTF-16 at `ptr`, its length in bytes in the four bytes before. `None` for null.
    /// At most `limit` bytes are read; lone surrogates are replaced.
    ///
    /// # Errors
    /// [`GuestError::OutOfBounds`].
    pub fn read_utf16_object(&self, ptr: u32, limit: u32) -> Result<Option<String>, GuestError> {
        if ptr == 0 {
            return Ok(None);
        }
        let header = ptr.checked_sub(4).ok_or_else(|| self.out_of_bounds(ptr, 0))?;
        let mut length = [0; 4];
        self.view.read(u64::from(header), &mut length).map_err(|_| self.out_of_bounds(header, 4))?;
        let length = u32::from_le_bytes(length);
        self.check(ptr, length)?;
        let bytes = self.read(ptr, length.min(limit))?;
        let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
        Ok(Some(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()))
    }

    fn copy_out(&self, at: u64, len: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(len).ok()?];
        self.view.read(at, &mut bytes).ok()?;
        Some(bytes)
    }

    fn out_of_bounds(&self, ptr: u32, len: u64) -> GuestError {
        GuestError::OutOfBounds { ptr, len, size: self.size() }
    }
}

fn byte_count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmer::{MemoryType, Store};

    const PAGE: u32 = 65_536;

    fn one_page() -> (Store, Memory) {
        let mut store = Store::default();
        let memory = Memory::new(&mut store, MemoryType::new(1, Some(4), false)).unwrap();
        (store, memory)
    }

    #[test]
    fn ranges_that_wrap_round_or_pass_the_end_are_refused() {
        let (store, memory) = one_page();
        let guest = GuestMemory::new(&memory, &store);
        for (ptr, len) in
            [(PAGE, 1), (PAGE - 1, 2), (u32::MAX, 1), (u32::MAX, u32::MAX), (1, u32::MAX), (0, PAGE + 1), (PAGE + 1, 0)]
        {
            assert!(matches!(guest.check(ptr, len), Err(GuestError::OutOfBounds { .. })), "{ptr}+{len}");
            assert!(guest.read(ptr, len).is_err());
            assert!(guest.write_at_most(ptr, len, b"").is_err());
        }
        for (ptr, len) in [(PAGE, 0), (0, 0), (0, PAGE), (PAGE - 1, 1)] {
            assert!(guest.check(ptr, len).is_ok(), "{ptr}+{len}");
        }
    }

    #[test]
    fn a_write_stops_at_the_capacity_and_a_whole_write_is_all_or_nothing() {
        let (store, memory) = one_page();
        let guest = GuestMemory::new(&memory, &store);
        assert_eq!(guest.write_at_most(PAGE - 2, 2, b"abcd"), Ok(2));
        assert_eq!(guest.read(PAGE - 2, 2).unwrap(), b"ab");
        assert!(guest.write(PAGE - 1, b"xy").is_err());
        assert_eq!(guest.read(PAGE - 1, 1).unwrap(), b"b");
        assert_eq!(guest.write_at_most(8, 100, b"abcd"), Ok(4));
    }

    #[test]
    fn a_nul_is_found_across_chunks_at_the_limit_and_not_past_it() {
        let (mut store, memory) = one_page();
        memory.grow(&mut store, 2).unwrap();
        let guest = GuestMemory::new(&memory, &store);
        let text = vec![b'x'; 100_000];
        guest.write(7, &text).unwrap();
        assert_eq!(guest.read_until_nul(7, 100_000).unwrap().len(), 100_000);
        assert_eq!(guest.read_until_nul(7, 99_999), Err(GuestError::TooLong { ptr: 7, limit: 99_999 }));
        assert_eq!(guest.read_until_nul(0, u64::MAX).unwrap(), b"");
        let end = 3 * PAGE;
        guest.write(end - 3, b"abc").unwrap();
        assert!(matches!(guest.read_until_nul(end - 3, 1000), Err(GuestError::NoNul { .. })));
        assert!(matches!(guest.read_until_nul(end, 1000), Err(GuestError::OutOfBounds { .. })));
        assert!(matches!(guest.read_until_nul(u32::MAX, 1000), Err(GuestError::OutOfBounds { .. })));
    }

    #[test]
    fn a_string_object_is_read_by_the_length_before_it() {
        let (store, memory) = one_page();
        let guest = GuestMemory::new(&memory, &store);
        let units: Vec<u8> = "hé😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        guest.write(100, &u32::try_from(units.len()).unwrap().to_le_bytes()).unwrap();
        guest.write(104, &units).unwrap();
        assert_eq!(guest.read_utf16_object(104, 1000).unwrap().as_deref(), Some("hé😀"));
        assert_eq!(guest.read_utf16_object(104, 2).unwrap().as_deref(), Some("h"));
        assert_eq!(guest.read_utf16_object(0, 1000), Ok(None));
        guest.write(200, &u32::MAX.to_le_bytes()).unwrap();
        for ptr in [3, 204, PAGE + 4, u32::MAX] {
            assert!(guest.read_utf16_object(ptr, 1000).is_err(), "{ptr}");
        }
    }

    #[test]
    fn a_view_made_after_growth_sees_the_new_end() {
        let (mut store, memory) = one_page();
        assert!(GuestMemory::new(&memory, &store).check(PAGE, 1).is_err());
        memory.grow(&mut store, 1).unwrap();
        assert!(GuestMemory::new(&memory, &store).check(PAGE, 1).is_ok());
    }
}
