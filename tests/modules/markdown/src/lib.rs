//! A d04 skill round pulldown-cmark: a JSON string of Markdown in, `{"html": …, "events": n}` out.

use pulldown_cmark::{Options, Parser, html};
use std::ffi::{CStr, CString, c_char};

#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; len].into_boxed_slice()).cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    drop(unsafe { Vec::from_raw_parts(ptr, len, len) });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn execute(input: *const c_char) -> *const c_char {
    let input = unsafe { CStr::from_ptr(input) }.to_bytes();
    let markdown: String = serde_json::from_slice(input).expect("a JSON string");
    let events: Vec<_> = Parser::new_ext(&markdown, Options::all()).collect();
    let count = events.len();
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    let output = serde_json::json!({ "html": page, "events": count });
    CString::new(output.to_string()).expect("no NUL").into_raw()
}
