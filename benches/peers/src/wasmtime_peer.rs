//! Wasmtime as a library: with nothing added, with fuel, with epochs.

use crate::engine::{Profile, Ran, Runnable, Variant, document};
use crate::wasi::{Exit, Guest};
use std::time::{Duration, Instant};
use wasmtime::{
    Caller, Config, Engine, ExternType, Instance, InstanceAllocationStrategy, InstancePre, Linker, Module, Store, Val,
};

/// So much that it is never used up.
const FUEL: u64 = u64::MAX / 2;

/// A compiled module, its imports bound.
pub struct Compiled {
    variant: Variant,
    engine: Engine,
    ready: InstancePre<Guest>,
}

/// Wasmtime's options: its defaults, but for canonical NaNs, which skillscope has too.
fn engine(variant: Variant, pooling: bool) -> Engine {
    let mut config = Config::new();
    config.cranelift_nan_canonicalization(true);
    config.max_wasm_stack(1 << 20);
    config.consume_fuel(variant == Variant::WasmtimeFuel);
    config.epoch_interruption(variant == Variant::WasmtimeEpochs);
    if pooling {
        config.allocation_strategy(InstanceAllocationStrategy::pooling());
    }
    Engine::new(&config).expect("an engine")
}

pub fn compile(variant: Variant, module: &[u8]) -> (Box<dyn Runnable>, Duration) {
    let (compiled, took) = Compiled::new(variant, module, false);
    (Box::new(compiled), took)
}

impl Compiled {
    pub fn new(variant: Variant, module: &[u8], pooling: bool) -> (Self, Duration) {
        let engine = engine(variant, pooling);
        let began = Instant::now();
        let module = Module::new(&engine, module).expect("a module that compiles");
        let took = began.elapsed();
        let ready = linker(&engine, &module).instantiate_pre(&module).expect("imports");
        (Self { variant, engine, ready }, took)
    }

    fn store(&self, input: Vec<u8>) -> Store<Guest> {
        let mut store = Store::new(&self.engine, Guest::new(input));
        match self.variant {
            Variant::WasmtimeFuel => store.set_fuel(FUEL).expect("fuel"),
            Variant::WasmtimeEpochs => store.set_epoch_deadline(u64::from(u32::MAX)),
            _ => {}
        }
        store
    }
}

fn linker(engine: &Engine, module: &Module) -> Linker<Guest> {
    let mut linker = Linker::new(engine);
    // A module may import a function twice.
    linker.allow_shadowing(true);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else { panic!("an import that is no function") };
        let name = import.name().to_owned();
        let bound =
            linker.func_new(import.module(), import.name(), ty, move |mut caller: Caller<'_, Guest>, arguments, results| {
                let arguments: Vec<u64> = arguments.iter().map(number).collect();
                let memory = caller.get_export("memory").and_then(|export| export.into_memory()).expect("a memory");
                let (bytes, guest) = memory.data_and_store_mut(&mut caller);
                let result = guest.call(&name, &arguments, bytes)?;
                if let Some(slot) = results.first_mut() {
                    *slot = Val::I32(result as i32);
                }
                Ok(())
            });
        bound.expect("an import");
    }
    linker
}

fn number(value: &Val) -> u64 {
    match value {
        Val::I32(number) => u64::from(*number as u32),
        Val::I64(number) => *number as u64,
        other => panic!("an argument {other:?}"),
    }
}

impl Runnable for Compiled {
    fn run(&self, profile: Profile, input: &[u8]) -> Ran {
        let stdin = if profile == Profile::Command { input.to_vec() } else { Vec::new() };
        let began = Instant::now();
        let mut store = self.store(stdin);
        let instance = self.ready.instantiate(&mut store).expect("an instance");
        let output = match profile {
            Profile::Command => {
                let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("_start");
                if let Err(error) = start.call(&mut store, ()) {
                    let exit = error.downcast_ref::<Exit>().copied();
                    assert!(exit.is_some_and(|exit| exit.0 == 0), "{error:?}");
                }
                std::mem::take(&mut store.data_mut().output)
            }
            Profile::D04 => execute(&mut store, &instance, input),
        };
        let fuel = (self.variant == Variant::WasmtimeFuel).then(|| FUEL - store.get_fuel().expect("fuel"));
        drop(store);
        let time = began.elapsed();
        Ran { time, output: document(output), fuel }
    }
}

fn execute(store: &mut Store<Guest>, instance: &Instance, input: &[u8]) -> Vec<u8> {
    if let Ok(initialize) = instance.get_typed_func::<(), ()>(&mut *store, "_initialize") {
        initialize.call(&mut *store, ()).expect("_initialize");
    }
    let memory = instance.get_memory(&mut *store, "memory").expect("memory");
    let length = input.len() as u32 + 1;
    let alloc = instance.get_typed_func::<u32, u32>(&mut *store, "alloc").expect("alloc");
    let pointer = alloc.call(&mut *store, length).expect("alloc");
    let mut document = input.to_vec();
    document.push(0);
    memory.write(&mut *store, pointer as usize, &document).expect("a range of memory");
    let execute = instance.get_typed_func::<u32, u32>(&mut *store, "execute").expect("execute");
    let result = execute.call(&mut *store, pointer).expect("execute") as usize;
    let bytes = &memory.data(&*store)[result..];
    let output = bytes[..bytes.iter().position(|byte| *byte == 0).expect("a NUL")].to_vec();
    let dealloc = instance.get_typed_func::<(u32, u32), ()>(&mut *store, "dealloc").expect("dealloc");
    dealloc.call(&mut *store, (pointer, length)).expect("dealloc");
    output
}
