//! Mutations of real modules: what compilers emit, slightly wrong.

use wasm_mutate::WasmMutate;
use wasmparser::{Parser, Payload, TypeRef, Validator, WasmFeatures};

/// Small modules that compilers made.
pub const REAL_MODULES: [&[u8]; 3] = [
    include_bytes!("../../modules/em-hello/em-hello.wasm"),
    include_bytes!("../../modules/as-skill/as-skill.wasm"),
    include_bytes!("../../../sample-skills/word-count/word-count.wasm"),
];

/// The module after some mutations, where they leave it one that can be compared: valid with the accepted features, and importing
/// functions alone.
pub fn mutated(module: &[u8], seed: u64, times: usize) -> Option<Vec<u8>> {
    let mut module = module.to_vec();
    for time in 0..times {
        let mut mutate = WasmMutate::default();
        mutate.seed(seed.wrapping_add(time as u64)).fuel(1000).preserve_semantics(false);
        let next = mutate.run(&module).ok()?.next()?.ok()?;
        module = next;
    }
    is_comparable(&module).then_some(module).map(|module| bounded(&module))
}

/// The module with maxima on its memory and its tables, so that a random growth does not fill the machine.
fn bounded(module: &[u8]) -> Vec<u8> {
    let mut new = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.unwrap();
        match &payload {
            Payload::MemorySection(memories) => {
                let mut section = wasm_encoder::MemorySection::new();
                for memory in memories.clone() {
                    let memory = memory.unwrap();
                    let maximum = memory.maximum.unwrap_or(u64::MAX).min(memory.initial.max(64));
                    section.memory(wasm_encoder::MemoryType { maximum: Some(maximum), ..memory.into() });
                }
                new.section(&section);
            }
            Payload::TableSection(tables) => {
                let mut section = wasm_encoder::TableSection::new();
                for table in tables.clone() {
                    let table = table.unwrap().ty;
                    let maximum = table.maximum.unwrap_or(u64::MAX).min(table.initial.max(1000));
                    section.table(wasm_encoder::TableType { maximum: Some(maximum), ..table.try_into().unwrap() });
                }
                new.section(&section);
            }
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                    new.section(&wasm_encoder::RawSection { id, data: &module[range] });
                }
            }
        }
    }
    new.finish()
}

/// Whether a module can be compared: valid with the accepted features, without vectors, importing functions alone, none of them with
/// several results, and not so large that comparing takes long.
pub fn is_comparable(module: &[u8]) -> bool {
    let features = WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST).difference(WasmFeatures::SIMD);
    if Validator::new_with_features(features).validate_all(module).is_err() {
        return false;
    }
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload {
            Ok(Payload::TypeSection(section)) => types = section.into_iter_err_on_gc_types().flatten().collect(),
            Ok(Payload::ImportSection(imports)) => {
                let fits = |of_type: TypeRef| match of_type {
                    TypeRef::Func(index) => types.get(index as usize).is_some_and(|of_type| of_type.results().len() <= 1),
                    _ => false,
                };
                if !imports.into_imports().flatten().all(|import| fits(import.ty)) {
                    return false;
                }
            }
            Ok(Payload::MemorySection(memories))
                if memories.clone().into_iter().flatten().any(|memory| memory.initial > 1000) =>
            {
                return false;
            }
            Ok(Payload::TableSection(tables)) if tables.clone().into_iter().flatten().any(|table| table.ty.initial > 100_000) => {
                return false;
            }
            _ => {}
        }
    }
    true
}
