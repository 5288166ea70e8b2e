//! The WebAssembly features that are refused: their names, how toolchains switch them off, and which of them a module uses.

use super::validation::{Invalid, validate_with};
use wasmparser::WasmFeatures;

/// What is accepted: WebAssembly 2.0 and extended constants.
pub(super) const ACCEPTED: WasmFeatures = WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST);

/// A feature that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedFeature {
    /// Its name.
    pub name: &'static str,
    /// How toolchains switch it off.
    pub hint: &'static str,
    /// What a validator must know to accept it.
    flags: WasmFeatures,
}

/// A refused feature where a module first uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureUse {
    /// The feature.
    pub feature: RefusedFeature,
    /// Where, as a byte offset in the binary module.
    pub offset: u64,
}

const fn feature(name: &'static str, flags: WasmFeatures, hint: &'static str) -> RefusedFeature {
    RefusedFeature { name, hint, flags }
}

/// Every refused feature; one that needs another's flags comes after it, so that the smaller one is tried first.
static REFUSED: &[RefusedFeature] = &[
    feature(
        "threads and shared memory",
        WasmFeatures::THREADS,
        "build without threads: Rust `-C target-feature=-atomics` and the target wasm32-wasip1, not wasm32-wasip1-threads; clang and emcc \
         without `-pthread` (`-mno-atomics`); Zig `-fsingle-threaded`",
    ),
    feature(
        "tail calls",
        WasmFeatures::TAIL_CALL,
        "build without them: Rust `-C target-feature=-tail-call`; clang and emcc `-mno-tail-call`; Zig `-mcpu=generic`",
    ),
    feature(
        "multi-memory",
        WasmFeatures::MULTI_MEMORY,
        "a skill has one memory: Rust `-C target-feature=-multimemory`; clang `-mno-multimemory`; do not merge modules with their memories kept apart",
    ),
    feature(
        "memory64",
        WasmFeatures::MEMORY64,
        "build for 32-bit memory: clang `--target=wasm32-wasip1`, emcc without `-sMEMORY64`, Rust and Zig with a wasm32 target",
    ),
    feature(
        "relaxed SIMD",
        WasmFeatures::RELAXED_SIMD,
        "its results differ between machines; plain SIMD is accepted: Rust `-C target-feature=-relaxed-simd`; clang and emcc `-mno-relaxed-simd`",
    ),
    feature(
        "exceptions",
        WasmFeatures::EXCEPTIONS,
        "build without them: Rust `-C panic=abort` and `-C target-feature=-exception-handling`; clang and emcc `-fno-exceptions`, without \
         `-fwasm-exceptions` and `-sSUPPORT_LONGJMP=wasm`",
    ),
    feature(
        "exceptions (legacy form)",
        WasmFeatures::LEGACY_EXCEPTIONS.union(WasmFeatures::EXCEPTIONS),
        "build without them: Rust `-C panic=abort` and `-C target-feature=-exception-handling`; clang and emcc `-fno-exceptions`, without \
         `-fwasm-exceptions` and `-sSUPPORT_LONGJMP=wasm`",
    ),
    feature(
        "function references",
        WasmFeatures::FUNCTION_REFERENCES,
        "use plain `funcref` tables and `call_indirect`; with Binaryen, `wasm-opt --mvp-features` and the accepted features only",
    ),
    feature("garbage collection", WasmFeatures::GC.union(WasmFeatures::FUNCTION_REFERENCES), GC_HINT),
    feature(
        "wide arithmetic",
        WasmFeatures::WIDE_ARITHMETIC,
        "build without it: Rust `-C target-feature=-wide-arithmetic`; clang `-mno-wide-arithmetic`",
    ),
    feature(
        "custom page sizes",
        WasmFeatures::CUSTOM_PAGE_SIZES,
        "use the standard page size of 64 KiB: wasm-ld without `--page-size`",
    ),
    feature("memory control", WasmFeatures::MEMORY_CONTROL, "build without the memory-control proposal"),
    feature(
        "compact import section",
        WasmFeatures::COMPACT_IMPORTS,
        "write plain imports: build without the compact-import-section proposal",
    ),
    feature(
        "stack switching",
        WasmFeatures::STACK_SWITCHING
            .union(WasmFeatures::GC)
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::EXCEPTIONS),
        "build without the stack-switching proposal",
    ),
    feature(
        "shared-everything threads",
        WasmFeatures::SHARED_EVERYTHING_THREADS
            .union(WasmFeatures::THREADS)
            .union(WasmFeatures::GC)
            .union(WasmFeatures::FUNCTION_REFERENCES),
        "build without threads",
    ),
    feature(
        "custom descriptors",
        WasmFeatures::CUSTOM_DESCRIPTORS.union(WasmFeatures::GC).union(WasmFeatures::FUNCTION_REFERENCES),
        "build without the custom-descriptors proposal",
    ),
];

/// The engine computes constants and extended constants, but not what later proposals allow there.
const CONSTANT_EXPRESSION: RefusedFeature = feature(
    "constant expressions that the engine cannot compile",
    WasmFeatures::GC,
    "a constant expression may have constants, `ref.null`, `ref.func`, and additions, subtractions and multiplications of integers; it may not read one of \
     the module's own globals: repeat that global's value",
);

const GC_HINT: &str = "the engine has no garbage collector for modules: Kotlin, Dart, Java (TeaVM-GC), OCaml and Scheme to WasmGC cannot run here; \
    use a target with linear memory (C, C++, Rust, Go, TinyGo, Zig, AssemblyScript, Swift)";

/// What stands between a module and its validation.
#[derive(Debug)]
pub(super) struct Diagnosis {
    /// The refused features that it uses, each where it is met first.
    pub features: Vec<FeatureUse>,
    /// The fault that no feature explains, where there is one.
    pub remaining: Option<Invalid>,
}

/// Finds out which features a module uses that is invalid under [`ACCEPTED`].
///
/// Validation is tried again with one feature more at a time: the one that carries it past the fault is the one that is used there.
pub(super) fn diagnose(bytes: &[u8], first: Invalid) -> Diagnosis {
    let mut enabled = ACCEPTED;
    let mut features = Vec::new();
    let mut fault = first;
    loop {
        let Some((feature, result)) = explanation(bytes, enabled, &fault) else {
            return Diagnosis { features, remaining: Some(fault) };
        };
        let named = if fault.message.starts_with("constant expression required") { CONSTANT_EXPRESSION } else { feature };
        features.push(FeatureUse { feature: named, offset: fault.offset });
        enabled |= feature.flags;
        match result {
            Ok(()) => return Diagnosis { features, remaining: None },
            Err(next) => fault = next,
        }
    }
}

/// The feature that carries validation past the fault, and what comes then.
fn explanation(bytes: &[u8], enabled: WasmFeatures, fault: &Invalid) -> Option<(RefusedFeature, Result<(), Invalid>)> {
    let attempt = |candidate: &RefusedFeature| {
        past(fault, validate_with(bytes, enabled | candidate.flags)).map(|result| (*candidate, result))
    };
    let candidates = || REFUSED.iter().filter(|candidate| !enabled.contains(candidate.flags));
    // What the validator says itself is tried first.
    let is_named = |candidate: &&RefusedFeature| fault.feature.is_some_and(|flag| candidate.flags.contains(flag));
    if let Some(found) = candidates().filter(is_named).find_map(attempt) {
        return Some(found);
    }
    // One attempt with everything tells whether any feature helps at all.
    let _any_helps = past(fault, validate_with(bytes, WasmFeatures::all()))?;
    candidates().filter(|candidate| !is_named(candidate)).find_map(attempt)
}

/// The result, if it is better than the fault: none, or one that lies further on.
fn past(fault: &Invalid, result: Result<(), Invalid>) -> Option<Result<(), Invalid>> {
    match result {
        Err(next) if next.offset <= fault.offset => None,
        result => Some(result),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(wat: &str) -> Vec<(&'static str, u64)> {
        let bytes = wat::parse_str(wat).unwrap();
        let first = validate_with(&bytes, ACCEPTED).expect_err("the module must be refused");
        let diagnosis = diagnose(&bytes, first);
        assert!(diagnosis.remaining.is_none(), "{diagnosis:?}");
        diagnosis.features.iter().map(|found| (found.feature.name, found.offset)).collect()
    }

    #[test]
    fn each_refused_feature_is_named_with_its_offset() {
        for (wat, expected) in [
            ("(module (memory 1 2 shared))", ("threads and shared memory", 11)),
            ("(module (memory 1) (func i32.const 0 i32.const 0 i32.atomic.rmw.add drop))", ("threads and shared memory", 32)),
            ("(module (func $f return_call $f))", ("tail calls", 23)),
            ("(module (memory 1) (memory 1))", ("multi-memory", 10)),
            ("(module (memory i64 1))", ("memory64", 11)),
            ("(module (table i64 1 funcref))", ("memory64", 11)),
            ("(module (func (param v128) local.get 0 local.get 0 i8x16.relaxed_swizzle drop))", ("relaxed SIMD", 28)),
            ("(module (tag))", ("exceptions", 16)),
            ("(module (func try_table end))", ("exceptions", 23)),
            ("(module (func try catch_all end))", ("exceptions (legacy form)", 23)),
            ("(module (type $t (func)) (func (param (ref $t)) local.get 0 call_ref $t))", ("function references", 14)),
            ("(module (type (struct)))", ("garbage collection", 11)),
            ("(module (func (param anyref)))", ("garbage collection", 11)),
            (
                "(module (global i32 i32.const 1) (global i32 global.get 0))",
                ("constant expressions that the engine cannot compile", 18),
            ),
            ("(module (func i64.const 0 i64.const 0 i64.const 0 i64.const 0 i64.add128 drop drop))", ("wide arithmetic", 31)),
            ("(module (memory 1 (pagesize 1)))", ("custom page sizes", 11)),
            ("(module (type $f (func)) (type (cont $f)))", ("stack switching", 14)),
        ] {
            assert_eq!(used(wat), [expected], "{wat}");
        }
    }

    #[test]
    fn several_features_are_all_named() {
        let wat = "(module (memory 1 1 shared) (memory 1) (func $f i32.const 0 i32.const 0 memory.atomic.notify 1 drop return_call $f))";
        let names: Vec<_> = used(wat).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["multi-memory", "threads and shared memory", "tail calls"]);
    }

    #[test]
    fn a_fault_that_no_feature_explains_stays() {
        let bytes = wat::parse_str("(module (func (result i32)))").unwrap();
        let diagnosis = diagnose(&bytes, validate_with(&bytes, ACCEPTED).unwrap_err());
        assert!(diagnosis.features.is_empty());
        assert!(diagnosis.remaining.is_some());
    }

    #[test]
    fn everything_of_webassembly_2_and_extended_constants_is_accepted() {
        for wat in [
            "(module (global (export \"g\") (mut i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3)))))",
            "(module (func (param f32) (result i32 i64) local.get 0 i32.trunc_sat_f32_s i64.const 1 i64.extend8_s))",
            "(module (table 1 externref) (memory 1) (data \"x\") (func i32.const 0 i32.const 0 i32.const 1 memory.init 0 data.drop 0))",
            "(module (func (param v128) (result v128) local.get 0 i8x16.popcnt))",
        ] {
            validate_with(&wat::parse_str(wat).unwrap(), ACCEPTED).unwrap();
        }
    }
}
