//! Random modules of the accepted features, made of a stream of bytes.

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use wasm_smith::Config;

/// What a generated module may import: functions of many types, each of which the host answers with numbers made of its arguments. None
/// has several results, as no host function of skillscope has: Singlepass cannot call those.
const IMPORTS: &str = r#"(module
    (import "env" "nothing" (func))
    (import "env" "take" (func (param i32 i64 f32 f64)))
    (import "env" "i32" (func (param i32) (result i32)))
    (import "env" "i64" (func (param i64 i32) (result i64)))
    (import "env" "f32" (func (param f32) (result f32)))
    (import "env" "f64" (func (param f64 i64) (result f64)))
    (import "env" "extern" (func (param externref funcref) (result externref))))"#;

/// The accepted features, in sizes that run in no time.
pub fn config() -> Config {
    Config {
        exceptions_enabled: false,
        gc_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        memory64_enabled: false,
        available_imports: Some(wat::parse_str(IMPORTS).unwrap()),
        max_imports: 8,
        max_memories: 1,
        max_memory32_bytes: 4 << 16,
        memory_max_size_required: true,
        max_tables: 4,
        max_table_elements: 200,
        table_max_size_required: true,
        export_everything: true,
        min_funcs: 1,
        max_funcs: 12,
        max_instructions: 400,
        max_nesting_depth: 20,
        ..Config::default()
    }
}

/// A module of these bytes; `None` where they do not suffice for one.
pub fn module_of(config: &Config, bytes: &mut Unstructured<'_>) -> Option<Vec<u8>> {
    wasm_smith::Module::new(config.clone(), bytes).ok().map(|module| module.to_bytes())
}

/// The random numbers of a seed.
pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A generated module.
    pub fn module(&mut self, config: &Config) -> Vec<u8> {
        loop {
            let bytes = self.bytes(6000);
            if let Some(module) = module_of(config, &mut Unstructured::new(&bytes)) {
                return module;
            }
        }
    }
}
