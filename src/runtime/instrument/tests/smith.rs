//! Generated modules: all of them validate when rewritten, run alike in all forms, and no damage makes the rewriter panic.

use super::super::instruction::{InstructionReader, index};
use super::super::{Form, TrapPlaces, fuel_export, instrument, instrument_in};
use super::harness::{Compiler, Limits, run_module};
use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use wasm_smith::Config;
use wasmer::{ExternType, Type, Value};
use wasmparser::{Parser, Payload, WasmFeatures};

fn config() -> Config {
    Config {
        exceptions_enabled: false,
        gc_enabled: false,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        max_memories: 1,
        max_tables: 4,
        memory64_enabled: false,
        min_funcs: 1,
        max_instructions: 300,
        ..Config::default()
    }
}

fn features() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::EXTENDED_CONST
}

fn generate(random: &mut ChaCha8Rng, config: &Config) -> Vec<u8> {
    loop {
        let mut bytes = vec![0; 6000];
        random.fill_bytes(&mut bytes);
        if let Ok(module) = wasm_smith::Module::new(config.clone(), &mut Unstructured::new(&bytes)) {
            return module.to_bytes();
        }
    }
}

fn validate(module: &[u8]) -> Result<(), wasmparser::Error> {
    wasmparser::Validator::new_with_features(features()).validate_all(module).map(|_| ())
}

#[test]
fn rewritten_modules_validate_and_damaged_ones_never_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..200 {
        let module = generate(&mut random, &config());
        validate(&module).unwrap();
        for form in [Form::Plain, Form::Refined, Form::Profiled] {
            for places in [TrapPlaces::Told, TrapPlaces::Untold] {
                let new = instrument_in(&module, form, places).unwrap();
                validate(&new.bytes).unwrap();
            }
        }
        for _ in 0..40 {
            let mut damaged = module.clone();
            for _ in 0..=random.next_u32() % 3 {
                let at = index(random.next_u32()) % damaged.len();
                damaged[at] = random.next_u32().to_le_bytes()[0];
            }
            if random.next_u32() % 4 == 0 {
                damaged.truncate(index(random.next_u32()) % damaged.len());
            }
            let _ = instrument(&damaged, TrapPlaces::Told);
            let _ = fuel_export(&damaged);
        }
    }
}

#[test]
fn instructions_end_where_the_parser_says() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let config = Config { relaxed_simd_enabled: true, ..config() };
    for _ in 0..200 {
        let module = generate(&mut random, &config);
        for payload in Parser::new(0).parse_all(&module) {
            let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
            let mut theirs = body.get_operators_reader().unwrap();
            let start = usize::try_from(theirs.original_position()).unwrap();
            let mut ours = InstructionReader::new(&module, start, usize::try_from(body.range().end).unwrap());
            while !theirs.eof() {
                let (operator, offset) = theirs.read_with_offset().unwrap();
                assert_eq!(ours.at() as u64, offset);
                ours.next().unwrap_or_else(|error| panic!("{operator:?}: {error}"));
            }
            assert!(ours.is_at_end());
        }
    }
}

#[test]
fn origins_lead_back_to_the_same_instruction() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..100 {
        let module = generate(&mut random, &config());
        let new = instrument(&module, TrapPlaces::Told).unwrap();
        let starts = |bytes: &[u8]| {
            let mut found = Vec::new();
            for payload in Parser::new(0).parse_all(bytes) {
                let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
                let mut reader = body.get_operators_reader().unwrap();
                while !reader.eof() {
                    let (operator, offset) = reader.read_with_offset().unwrap();
                    found.push((offset, format!("{operator:?}")));
                }
            }
            found
        };
        let originals: std::collections::BTreeMap<u64, String> = starts(&module).into_iter().collect();
        let mut last = 0;
        let mut met = std::collections::BTreeSet::new();
        let mut in_wrappers = false;
        for (offset, operator) in starts(&new.bytes) {
            let Some(origin) = new.origins.offset(offset) else {
                in_wrappers = true;
                continue;
            };
            assert!(!in_wrappers, "wrappers come last");
            assert!(origin >= last, "origins go forward only");
            last = origin;
            let word = |text: &str| text.split([' ', '{']).next().unwrap_or_default().to_owned();
            // Behind the last `end` that was put in, the next instruction may be in the next function.
            if originals.get(&origin).is_some_and(|original| word(original) == word(&operator)) {
                met.insert(origin);
            }
        }
        let missing: Vec<_> = originals.keys().filter(|offset| !met.contains(offset)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn generated_modules_run_alike_in_all_forms_and_with_both_compilers() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let config = Config {
        max_imports: 0,
        simd_enabled: false,
        canonicalize_nans: false,
        allow_start_export: false,
        min_exports: 1,
        max_memory32_bytes: 1 << 20,
        max_table_elements: 1000,
        max_nesting_depth: 30,
        ..config()
    };
    let limits = Limits { slice: 500, fuel: 20_000 };
    for _ in 0..60 {
        let module = generate(&mut random, &config);
        let name = fuel_export(&module).unwrap();
        let engine = super::harness::engine(Compiler::Cranelift);
        let Ok(compiled) = wasmer::Module::new(&engine, &module) else { continue };
        for export in compiled.exports().take(4) {
            let ExternType::Function(of_type) = export.ty() else { continue };
            let Some(arguments) = of_type.params().iter().map(argument).collect::<Option<Vec<_>>>() else { continue };
            if instantiation_fails(&engine, &compiled) {
                break;
            }
            let mut runs = Vec::new();
            for compiler in [Compiler::Cranelift, Compiler::Singlepass] {
                for form in [Form::Plain, Form::Refined] {
                    let new = instrument_in(&module, form, compiler.trap_places()).unwrap();
                    let ran = run_module(&new.bytes, Some((&new, &name)), compiler, limits, export.name(), &arguments);
                    runs.push((compiler, form, ran));
                }
            }
            let first = &runs[0].2;
            if !first.stopped {
                let bare = run_module(&module, None, Compiler::Cranelift, limits, export.name(), &arguments);
                assert_eq!(bare.result, first.result);
            }
            if first.result.as_ref().is_err_and(|message| message.contains("stack")) {
                continue;
            }
            for (compiler, form, ran) in &runs {
                assert_eq!((&ran.result, ran.fuel), (&first.result, first.fuel), "{compiler:?} {form:?}");
            }
        }
    }
}

#[test]
fn generated_modules_never_go_far_without_a_test() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let config = Config {
        max_imports: 0,
        simd_enabled: false,
        bulk_memory_enabled: false,
        reference_types_enabled: false,
        max_tables: 1,
        allow_start_export: false,
        min_exports: 1,
        max_memory32_bytes: 1 << 20,
        max_table_elements: 1000,
        ..config()
    };
    let mut stopped = 0;
    for _ in 0..300 {
        let module = generate(&mut random, &config);
        let name = fuel_export(&module).unwrap();
        let engine = super::harness::engine(Compiler::Singlepass);
        let Ok(compiled) = wasmer::Module::new(&engine, &module) else { continue };
        if instantiation_fails(&engine, &compiled) {
            continue;
        }
        let new = instrument(&module, TrapPlaces::Untold).unwrap();
        for export in compiled.exports().take(3) {
            let ExternType::Function(of_type) = export.ty() else { continue };
            let Some(arguments) = of_type.params().iter().map(argument).collect::<Option<Vec<_>>>() else { continue };
            let limits = Limits { slice: 1000, fuel: 200_000 };
            let ran = run_module(&new.bytes, Some((&new, &name)), Compiler::Singlepass, limits, export.name(), &arguments);
            assert!(ran.overdrawn < 20_000, "overdrawn by {}", ran.overdrawn);
            stopped += u32::from(ran.stopped);
        }
    }
    assert!(stopped > 5, "only {stopped} runs were long");
}

fn instantiation_fails(engine: &wasmer::Engine, module: &wasmer::Module) -> bool {
    let mut store = wasmer::Store::new(engine.clone());
    wasmer::Instance::new(&mut store, module, &wasmer::Imports::new()).is_err()
}

fn argument(of_type: &Type) -> Option<Value> {
    match of_type {
        Type::I32 => Some(Value::I32(3)),
        Type::I64 => Some(Value::I64(5)),
        Type::F32 => Some(Value::F32(1.5)),
        Type::F64 => Some(Value::F64(-2.5)),
        Type::ExternRef => Some(Value::ExternRef(None)),
        Type::FuncRef => Some(Value::FuncRef(None)),
        _ => None,
    }
}
