//! The guest's frames, in terms of the module as its author built it.

use super::prepared::Prepared;
use crate::event::Frame;
use crate::module::{FunctionNames, ValidModule};
use wasmer::FrameInfo;

/// The innermost frames that are kept of a deep stack.
const MAX_FRAMES: usize = 100;

/// The frames of a rewritten module's trace, innermost first. The map back is made anew: traps are rare, and modules large.
pub(super) fn in_the_original(module: &ValidModule, trace: &[FrameInfo]) -> Vec<Frame> {
    if trace.is_empty() {
        return Vec::new();
    }
    let Ok(prepared) = Prepared::new(module) else { return Vec::new() };
    let names = FunctionNames::of(&module.bytes);
    let original = |frame: &FrameInfo| {
        let function_index = prepared.original_function(frame.func_index())?;
        let module_offset = u64::try_from(frame.module_offset()).ok().and_then(|offset| prepared.original_offset(offset));
        Some(Frame { function: names.name(function_index), function_index, module_offset })
    };
    let mut frames: Vec<Frame> = trace.iter().filter_map(original).take(MAX_FRAMES).collect();
    if let Some(innermost) = frames.first_mut() {
        innermost.module_offset = innermost.module_offset.filter(|offset| !is_end(module, *offset));
    }
    frames
}

/// Whether an `end` is there. Nothing happens at one: Singlepass puts the traps of a whole function behind its code, so that
/// it cannot tell which instruction they belong to.
fn is_end(module: &ValidModule, offset: u64) -> bool {
    const END: u8 = 0x0b;
    usize::try_from(offset).ok().and_then(|offset| module.bytes.get(offset)) == Some(&END)
}
