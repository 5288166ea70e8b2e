//! Instrumented modules do what bare ones do, with both compilers, at the fuel that the interpreter counts.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| proof::proof::from_bytes::difference(data));
