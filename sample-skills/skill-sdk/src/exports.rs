//! The exports of a `d04` skill.

use std::ffi::{CStr, CString, c_char};

/// Exports `alloc`, `dealloc` and `execute`, which calls the given `fn(&str) -> String`: a JSON document in, one out.
#[macro_export]
macro_rules! d04 {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn alloc(len: usize) -> *mut u8 {
            $crate::allocate(len)
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn dealloc(pointer: *mut u8, len: usize) {
            // SAFETY: the host gives back what `alloc` returned, with the same length.
            unsafe { $crate::deallocate(pointer, len) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn execute(input: *const std::ffi::c_char) -> *const std::ffi::c_char {
            // SAFETY: the host wrote the document with its NUL, and nobody else writes there while `execute` runs.
            let input = unsafe { $crate::input_document(input) };
            $crate::answer_document($run(input))
        }
    };
}

/// The host's input document: UTF-8 that ends in a NUL.
///
/// # Safety
/// `input` points to the NUL-terminated text that the host wrote, which lives as long as the call of `execute`.
pub unsafe fn input_document<'a>(input: *const c_char) -> &'a str {
    // SAFETY: as promised by the caller.
    unsafe { CStr::from_ptr(input) }.to_str().unwrap_or("null")
}

/// The skill's output document, NUL-terminated. It stays the skill's own: the host drops the whole instance after the run.
pub fn answer_document(json: String) -> *const c_char {
    match CString::new(json) {
        Ok(document) => document.into_raw(),
        Err(_) => std::ptr::null(),
    }
}
