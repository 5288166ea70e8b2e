//! Whether the host reaches the module's memory, where it must.

use super::exports::{ExportFault, Exports};
use super::imports::Served;
use super::validation::Declarations;
use super::wasi_functions::wasi_function_uses_memory;
use super::{HostFunctionId, ImportKind, MemoryDeclaration};
use crate::event::Profile;
use wasmparser::{ExternalKind, MemoryType, TypeRef};

/// The memory that the host reaches: `None` where there is none and nothing needs one.
///
/// # Errors
/// Where `memory` is exported and is no memory, or where the profile or an import needs a memory that the host cannot reach.
pub(super) fn reached_memory(
    declarations: &Declarations<'_>,
    exports: &Exports<'_>,
    served: Option<&Served>,
    profile: Option<Profile>,
) -> Result<Option<MemoryDeclaration>, ExportFault> {
    let export = exports.find("memory");
    if let Some(export) = export
        && export.kind != ExternalKind::Memory
    {
        return Err(fault(Some(exports.words(export)), None, None));
    }
    if let Some(memory) = served.and_then(|served| served.memory) {
        return Ok(Some(declaration(&memory, true)));
    }
    let types = declarations.types();
    let own = (types.memory_count() > 0).then(|| types.memory_at(0));
    if let (Some(memory), Some(_)) = (own, export) {
        return Ok(Some(declaration(&memory, false)));
    }
    if served.is_none() && declarations.imports.iter().any(|import| matches!(import.ty, TypeRef::Memory(_))) {
        // That import is refused already, and it may be the memory that is meant.
        return Ok(None);
    }
    let Some(reason) = who_needs_memory(served, profile) else { return Ok(None) };
    let (note, hint) = match (own, exports.first_of_kind(ExternalKind::Memory)) {
        (None, _) => (format!("the module has no memory, and {reason} needs one"), NO_MEMORY_HINT),
        (Some(_), Some(other)) => (
            format!("the memory is exported as `{}`, and {reason} needs it", super::shown_name::shown_name(other.name)),
            NOT_EXPORTED_HINT,
        ),
        (Some(_), None) => (format!("the module keeps its memory to itself, and {reason} needs it"), NOT_EXPORTED_HINT),
    };
    Err(fault(None, Some(note), Some(hint)))
}

fn fault(found: Option<String>, note: Option<String>, hint: Option<&'static str>) -> ExportFault {
    ExportFault { name: "memory", expected: "memory".to_owned(), found, note, hint }
}

fn declaration(memory: &MemoryType, imported: bool) -> MemoryDeclaration {
    // A 32-bit memory that was validated has at most 65,536 pages.
    let pages = |pages: u64| u32::try_from(pages).unwrap_or(u32::MAX);
    MemoryDeclaration { imported, minimum_pages: pages(memory.initial), maximum_pages: memory.maximum.map(pages) }
}

/// What needs a memory, in words.
fn who_needs_memory(served: Option<&Served>, profile: Option<Profile>) -> Option<String> {
    if let Some(profile @ (Profile::D04 | Profile::CisSdk)) = profile {
        return Some(format!("the profile {profile}"));
    }
    let needing = served?.functions.iter().find(|function| match function.kind {
        ImportKind::Wasi => wasi_function_uses_memory(&function.name),
        ImportKind::Host(id) => host_function_uses_memory(id),
    })?;
    Some(format!("the import {}.{}", needing.module, needing.name))
}

const fn host_function_uses_memory(id: HostFunctionId) -> bool {
    match id {
        HostFunctionId::HostNow | HostFunctionId::Seed | HostFunctionId::NotifyMemoryGrowth => false,
        HostFunctionId::AiPrompt
        | HostFunctionId::MemoryGet
        | HostFunctionId::MemorySet
        | HostFunctionId::HttpRequest
        | HostFunctionId::HostLog
        | HostFunctionId::HostMemoryGet
        | HostFunctionId::HostMemorySet
        | HostFunctionId::HostMemoryDelete
        | HostFunctionId::HostAiChat
        | HostFunctionId::HostHttpPost
        | HostFunctionId::HostAlloc
        | HostFunctionId::HostFree
        | HostFunctionId::HostConfigGet
        | HostFunctionId::Abort
        | HostFunctionId::Trace => true,
    }
}

const NO_MEMORY_HINT: &str = "give the module a memory and export it: in WAT `(memory (export \"memory\") 1)`; toolchains for C, Rust and Zig do both by themselves";
const NOT_EXPORTED_HINT: &str = "export it as `memory`: in WAT `(export \"memory\" (memory 0))`; wasm-ld without `--no-export-memory`, Zig `--export-memory`, emcc `-sEXPORTED_FUNCTIONS`";
