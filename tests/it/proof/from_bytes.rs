//! What a fuzzer drives: each function takes any bytes, and panics where something is wrong.

use super::compare::compare_with_numbers;
use super::generate::{config, module_of};
use super::mutate::{REAL_MODULES, mutated};
use arbitrary::Unstructured;
use skillscope::module::{LoadOptions, load};
use skillscope::runtime::instrument::{TrapPlaces, fuel_export, instrument, instrument_profiled};
use skillscope::skill::Manifest;
use std::path::Path;

/// A module made of the bytes, or a mutation of a real one, does the same in every way.
pub fn difference(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let Some(module) = module_from(&mut bytes) else { return };
    compare_with_numbers(&module, &mut || bytes.arbitrary().unwrap_or(3));
}

fn module_from(bytes: &mut Unstructured<'_>) -> Option<Vec<u8>> {
    let kind: u8 = bytes.arbitrary().ok()?;
    if kind < 192 {
        return module_of(&config(), bytes);
    }
    let (which, seed, times) = (usize::from(kind) % REAL_MODULES.len(), bytes.arbitrary().ok()?, usize::from(kind) % 4 + 1);
    mutated(REAL_MODULES[which], seed, times)
}

/// Any text is a manifest, or is refused in words.
pub fn manifest(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Manifest::parse(Path::new("skill.toml"), &text) {
        Ok(manifest) => drop(manifest.into_skill("skill.toml".into())),
        Err(refused) => assert!(!refused.to_string().is_empty()),
    }
}

/// Any bytes are a module, which can then be rewritten into a valid one, or are refused in words. The rewriter survives them in any case.
pub fn loading(data: &[u8]) {
    for places in [TrapPlaces::Told, TrapPlaces::Untold] {
        drop((instrument(data, places), instrument_profiled(data, places)));
    }
    drop(fuel_export(data));
    match load("module", data.to_vec(), &LoadOptions::default()) {
        Ok(module) => {
            let ways = [TrapPlaces::Told, TrapPlaces::Untold]
                .map(|places| [instrument, instrument_profiled].map(|rewrite| (rewrite, places)));
            for (rewrite, places) in ways.into_iter().flatten() {
                let rewritten =
                    rewrite(&module.bytes, places).unwrap_or_else(|refused| panic!("a valid module is refused: {refused}"));
                wasmparser::validate(&rewritten.bytes).unwrap_or_else(|invalid| panic!("rewritten, it is invalid: {invalid}"));
            }
        }
        Err(refused) => {
            assert!(!refused.faults.is_empty());
            for fault in refused.faults {
                assert!(!fault.to_string().is_empty());
                drop(fault.hint());
            }
        }
    }
}
