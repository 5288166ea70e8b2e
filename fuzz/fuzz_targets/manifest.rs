//! Any text is a manifest or is refused in words.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| proof::proof::from_bytes::manifest(data));
