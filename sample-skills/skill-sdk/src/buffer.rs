//! Buffers that the host asks for and gives back.

use std::alloc::Layout;

fn layout(len: usize) -> Option<Layout> {
    Layout::array::<u8>(len.max(1)).ok()
}

/// A buffer of `len` bytes; null where memory is out, as the ABI has it.
pub fn allocate(len: usize) -> *mut u8 {
    match layout(len) {
        // SAFETY: the layout is never of size zero.
        Some(layout) => unsafe { std::alloc::alloc(layout) },
        None => std::ptr::null_mut(),
    }
}

/// Frees a buffer.
///
/// # Safety
/// `pointer` came from [`allocate`] with the same `len` and is freed once.
pub unsafe fn deallocate(pointer: *mut u8, len: usize) {
    if let Some(layout) = layout(len) {
        // SAFETY: as promised by the caller.
        unsafe { std::alloc::dealloc(pointer, layout) }
    }
}
