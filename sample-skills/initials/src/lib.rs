//! The initials of a name: {"name": "Ada King Lovelace"} → {"initials": "AKL"}.

use serde_json::{Value, json};
use std::ffi::{CStr, CString, c_char};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn host_log(level: u32, text: *const u8, len: usize);
}

#[unsafe(no_mangle)]
extern "C" fn alloc(len: usize) -> *mut u8 {
    let buffer: Box<[u8]> = vec![0; len].into();
    Box::into_raw(buffer).cast()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    // SAFETY: the host gives back what `alloc` returned, with the same length.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn execute(input: *const c_char) -> *mut c_char {
    std::panic::set_hook(Box::new(|panic| log(&panic.to_string())));
    // SAFETY: the host wrote the document with its NUL, and nobody else writes there during the call.
    let document = unsafe { CStr::from_ptr(input) };
    let output = CString::new(answer(document.to_bytes()).to_string()).expect("JSON has no NUL");
    output.into_raw() // stays the skill's: the host drops the whole instance after the run
}

fn answer(document: &[u8]) -> Value {
    let input: Value = serde_json::from_slice(document).expect("the host sends JSON");
    match input["name"].as_str() {
        Some(name) => json!({ "initials": initials(name) }),
        None => json!({ "error": "give a name" }),
    }
}

fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

/// A panic of a bare wasm module is only `unreachable`: its hook logs the message.
fn log(line: &str) {
    // SAFETY: the range is that of a live string.
    unsafe { host_log(4, line.as_ptr(), line.len()) }
}
