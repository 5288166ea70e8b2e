//! Buffers in the skill's memory, given and taken back by the skill's own allocator.

use super::ending::{Ending, Step};
use super::instance::Live;
use crate::event::{Outcome, OutputFault, Phase};
use crate::module::Allocator;

/// Bytes that lie in the skill's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Buffer {
    pub(super) ptr: u32,
    pub(super) len: u32,
}

/// Asks the skill's allocator for room, and writes `bytes` there. No bytes need no room.
pub(super) fn place(live: &mut Live<'_>, allocator: Allocator, bytes: &[u8]) -> Step<Buffer> {
    let allocate = allocator.allocate;
    let bytes_wanted = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let Ok(len) = u32::try_from(bytes.len()) else {
        return Err(live.allocator_gave_null(allocate, bytes_wanted));
    };
    if len == 0 {
        return Ok(Buffer { ptr: 0, len: 0 });
    }
    let ptr = live.call_allocator(allocate, &[len])?.unwrap_or(0).cast_unsigned();
    if ptr == 0 {
        return Err(live.allocator_gave_null(allocate, bytes_wanted));
    }
    let written = live.memory()?.write(ptr, bytes);
    written.map_err(|error| {
        live.ending(
            Outcome::Output,
            OutputFault::Alloc.word(),
            format!("`{allocate}` returned {ptr:#x} for {len} bytes: {error}"),
        )
    })?;
    Ok(Buffer { ptr, len })
}

/// Gives buffers back, after the output was read. A trap there is a warning; anything else ends the run.
/// Tells whether the skill is still in order.
pub(super) fn release(live: &mut Live<'_>, allocator: Allocator, buffers: &[Buffer]) -> Step<bool> {
    if buffers.iter().all(|buffer| buffer.len == 0) {
        return Ok(true);
    }
    live.enter(Phase::Dealloc);
    let refusals = live.watch().refusals();
    for buffer in buffers.iter().filter(|buffer| buffer.len > 0) {
        let arguments = [buffer.ptr, buffer.len];
        let arguments = if allocator.free_takes_len { &arguments[..] } else { &arguments[..1] };
        if let Err(ending) = live.call_allocator(allocator.free, arguments) {
            let refused_here = live.watch().refusals() != refusals;
            if !is_trap(&ending, refused_here) {
                return Err(ending);
            }
            live.warn(format!("`{}` trapped after the output was read: {}", allocator.free, ending.failure.message));
            return Ok(false);
        }
    }
    Ok(true)
}

/// A trap, also one that was put down to memory that was refused in another phase.
fn is_trap(ending: &Ending, refused_here: bool) -> bool {
    ending.outcome == Outcome::Trap || (ending.outcome == Outcome::Memory && !refused_here)
}
