//! The guest's frames, in terms of the module as its author built it.

use super::code::Code;
use super::prepared::Prepared;
use crate::event::Frame;
use crate::module::{FunctionNames, ValidModule};
use wasmer::FrameInfo;
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

/// The innermost frames that are kept of a deep stack.
const MAX_FRAMES: usize = 100;

/// What a trace tells in terms of the original.
#[derive(Debug, Default)]
pub(super) struct Located {
    /// Innermost first.
    pub(super) frames: Vec<Frame>,
    /// The fuel that was used and not yet counted where the innermost function trapped; below 0 where more was counted. `None` where the
    /// trace does not tell.
    pub(super) owed: Option<i64>,
}

/// What a trace of this code of the module tells. The map back is made anew: traps are rare, and modules large.
pub(super) fn locate(module: &ValidModule, code: &Code, trace: &[FrameInfo]) -> Located {
    if trace.is_empty() {
        return Located::default();
    }
    let Ok(prepared) = Prepared::new(module, code.compiler(), code.build()) else { return Located::default() };
    let innermost = trace.first().and_then(|frame| u64::try_from(frame.module_offset()).ok());
    Located { frames: in_the_original(module, &prepared, trace), owed: innermost.map(|offset| prepared.owed(offset)) }
}

fn in_the_original(module: &ValidModule, prepared: &Prepared, trace: &[FrameInfo]) -> Vec<Frame> {
    let names = FunctionNames::of(&module.bytes);
    let original = |frame: &FrameInfo| {
        let function_index = prepared.original_function(frame.func_index())?;
        let module_offset = u64::try_from(frame.module_offset()).ok().and_then(|offset| prepared.original_offset(offset));
        Some(Frame { function: names.name(function_index), function_index, module_offset })
    };
    let mut frames: Vec<Frame> = trace.iter().filter_map(original).take(MAX_FRAMES).collect();
    if let Some(innermost) = frames.first_mut() {
        innermost.module_offset =
            innermost.module_offset.filter(|offset| is_instruction(&module.bytes, innermost.function_index, *offset));
    }
    frames
}

/// Whether an instruction that does something begins at this offset of a function. Singlepass has one place in a function
/// for all traps of a kind, behind its code, and then tells the function's beginning or its `end`.
fn is_instruction(module: &[u8], function_index: u32, offset: u64) -> bool {
    body_of(module, function_index).and_then(|body| body.get_operators_reader().ok()).is_some_and(|operators| {
        let mut from_here = operators.into_iter_with_offsets().flatten().skip_while(|(_, at)| *at < offset);
        from_here.next().is_some_and(|(operator, at)| at == offset && !matches!(operator, Operator::End))
    })
}

fn body_of(module: &[u8], function_index: u32) -> Option<FunctionBody<'_>> {
    let mut imported = 0;
    let mut defined = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::ImportSection(imports) => {
                let functions = imports.into_imports().flatten().filter(|import| matches!(import.ty, TypeRef::Func(_)));
                imported = u32::try_from(functions.count()).ok()?;
            }
            Payload::CodeSectionEntry(body) => {
                if function_index.checked_sub(imported)? == defined {
                    return Some(body);
                }
                defined += 1;
            }
            _ => {}
        }
    }
    None
}
