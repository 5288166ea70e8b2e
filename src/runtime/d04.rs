//! The journey of profile `d04`: `alloc`, write the input, `execute`, read the output, `dealloc`.

use super::buffer;
use super::ending::{Ending, Step, size_in_words};
use super::instance::Live;
use crate::event::{Failure, JsonDocument, JsonFault, Outcome, OutputFault, Payload, Phase};
use crate::host::GuestError;

const EXECUTE: &str = "execute";

/// Runs the journey with an input document; gives the output document.
pub(super) fn run(live: &mut Live<'_>, mut document: Vec<u8>) -> Step<JsonDocument> {
    let Some(allocator) = live.module().allocator else {
        return Err(live.ending(Outcome::Invalid, "missing-export", "the module exports no `alloc` and `dealloc`"));
    };
    if let Some(at) = document.iter().position(|byte| *byte == 0) {
        live.warn(format!("the input has a NUL byte at offset {at}: the skill will take it for the input's end"));
    }
    document.push(0);
    live.enter(Phase::Alloc);
    let input = buffer::place(live, allocator, &document)?;
    drop(document);
    live.enter(Phase::Execute);
    let output = live.call(EXECUTE, &[input.ptr])?.unwrap_or(0).cast_unsigned();
    live.enter(Phase::Output);
    let document = read(live, output)?;
    buffer::release(live, allocator, &[input]).map_err(|ending| ending.with_output(Some(document.clone())))?;
    Ok(document)
}

fn read(live: &mut Live<'_>, ptr: u32) -> Step<JsonDocument> {
    let limit = live.state().limits.output_bytes;
    if ptr == 0 {
        let message = format!("`{EXECUTE}` returned a null pointer instead of an output document");
        return Err(in_output(Ending::output_fault(OutputFault::Null, message)));
    }
    let read = live.memory()?.read_until_nul(ptr, limit);
    let bytes = read.map_err(|error| in_output(not_read(ptr, limit, &error)))?;
    JsonDocument::parse(&bytes).map_err(|fault| in_output(not_json(bytes, &fault)))
}

fn not_read(ptr: u32, limit: u64, error: &GuestError) -> Box<Ending> {
    match error {
        GuestError::TooLong { .. } => {
            let message = format!("the output document at {ptr:#x} is larger than the limit of {}", size_in_words(limit));
            Ending::new(Outcome::Memory, Failure::new("output-limit", message))
        }
        error => Ending::output_fault(OutputFault::NoNul, format!("the output document at {ptr:#x} has no end: {error}")),
    }
}

fn not_json(bytes: Vec<u8>, fault: &JsonFault) -> Box<Ending> {
    let what = if bytes.is_empty() { "the output is empty".to_owned() } else { format!("the output is not JSON: {fault}") };
    let mut ending = Ending::output_fault(OutputFault::NotJson, what);
    ending.output_text = Some(Payload::from(bytes));
    ending
}

fn in_output(mut ending: Box<Ending>) -> Box<Ending> {
    ending.failure.phase = Some(Phase::Output);
    ending
}
