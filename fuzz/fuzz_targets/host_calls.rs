//! Host calls with any arguments: no panic, no hang, no access outside of the guest's memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    proof::proof::host_calls::calls(data);
});
