//! Any bytes are a module, which can be rewritten, or are refused in words.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| proof::proof::from_bytes::loading(data));
