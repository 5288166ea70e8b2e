//! Wasmer with nothing round it, and with its `Metering`: the very engine and options that skillscope compiles with.

use crate::engine::{Profile, Ran, Runnable, Variant, document};
use crate::wasi::{Exit, Guest};
use skillscope::runtime::Compiler;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmer::{
    AsStoreRef, Engine, Function, FunctionEnv, FunctionEnvMut, Imports, Instance, Memory, Module, RuntimeError, Store, Value,
};
use wasmer_middlewares::Metering;

struct Compiled {
    engine: Engine,
    module: Module,
}

struct Env {
    guest: Guest,
    memory: Option<Memory>,
}

/// The compiler of a variant.
pub fn compiler(variant: Variant) -> Compiler {
    match variant {
        Variant::SinglepassBare | Variant::SinglepassOurs => Compiler::Singlepass,
        _ => Compiler::Cranelift,
    }
}

pub fn engine(variant: Variant) -> Engine {
    compiler(variant).engine_with(|config| {
        if variant == Variant::Metering {
            config.push_middleware(Arc::new(Metering::new(u64::MAX, |_| 1)));
        }
    })
}

pub fn compile(variant: Variant, module: &[u8]) -> (Box<dyn Runnable>, Duration) {
    let engine = engine(variant);
    let began = Instant::now();
    let module = Module::new(&engine, module).expect("a module that compiles");
    let took = began.elapsed();
    (Box::new(Compiled { engine, module }), took)
}

impl Runnable for Compiled {
    fn run(&self, profile: Profile, input: &[u8]) -> Ran {
        let stdin = if profile == Profile::Command { input.to_vec() } else { Vec::new() };
        let began = Instant::now();
        let mut store = Store::new(self.engine.clone());
        let env = FunctionEnv::new(&mut store, Env { guest: Guest::new(stdin), memory: None });
        let imports = imports(&mut store, &env, &self.module);
        let instance = Instance::new(&mut store, &self.module, &imports).expect("an instance");
        env.as_mut(&mut store).memory = instance.exports.get_memory("memory").ok().cloned();
        let output = match profile {
            Profile::Command => {
                let start = instance.exports.get_function("_start").expect("_start");
                if let Err(error) = start.call(&mut store, &[]) {
                    let exit = error.downcast_ref::<Exit>().copied();
                    assert!(exit.is_some_and(|exit| exit.0 == 0), "{error}");
                }
                std::mem::take(&mut env.as_mut(&mut store).guest.output)
            }
            Profile::D04 => execute(&mut store, &instance, input),
        };
        drop((instance, store));
        let time = began.elapsed();
        Ran { time, output: document(output), fuel: None }
    }
}

fn imports(store: &mut Store, env: &FunctionEnv<Env>, module: &Module) -> Imports {
    let mut imports = Imports::new();
    for import in module.imports().functions() {
        let name = import.name().to_owned();
        let has_result = !import.ty().results().is_empty();
        let function = Function::new_with_env(
            &mut *store,
            env,
            import.ty(),
            move |mut env: FunctionEnvMut<'_, Env>, arguments: &[Value]| {
                let arguments: Vec<u64> = arguments.iter().map(number).collect();
                let (env, store) = env.data_and_store_mut();
                let memory = env.memory.clone().expect("a memory");
                let store = store.as_store_ref();
                let view = memory.view(&store);
                // SAFETY: nothing else looks at the guest's memory while its one thread is in this call.
                let bytes = unsafe { view.data_unchecked_mut() };
                let result = env.guest.call(&name, &arguments, bytes).map_err(|exit| RuntimeError::user(Box::new(exit)))?;
                Ok(if has_result { vec![Value::I32(result as i32)] } else { Vec::new() })
            },
        );
        imports.define(import.module(), import.name(), function);
    }
    imports
}

fn number(value: &Value) -> u64 {
    match value {
        Value::I32(number) => u64::from(*number as u32),
        Value::I64(number) => *number as u64,
        other => panic!("an argument {other:?}"),
    }
}

fn execute(store: &mut Store, instance: &Instance, input: &[u8]) -> Vec<u8> {
    let exports = &instance.exports;
    if let Ok(initialize) = exports.get_function("_initialize") {
        initialize.call(store, &[]).expect("_initialize");
    }
    let memory = exports.get_memory("memory").expect("memory").clone();
    let length = input.len() as u32 + 1;
    let alloc = exports.get_typed_function::<u32, u32>(store, "alloc").expect("alloc");
    let pointer = alloc.call(store, length).expect("alloc");
    let mut document = input.to_vec();
    document.push(0);
    memory.view(store).write(u64::from(pointer), &document).expect("a range of memory");
    let execute = exports.get_typed_function::<u32, u32>(store, "execute").expect("execute");
    let result = u64::from(execute.call(store, pointer).expect("execute"));
    let view = memory.view(store);
    let mut output = vec![0; (view.data_size() - result) as usize];
    view.read(result, &mut output).expect("a range of memory");
    output.truncate(output.iter().position(|byte| *byte == 0).expect("a NUL"));
    let dealloc = exports.get_typed_function::<(u32, u32), ()>(store, "dealloc").expect("dealloc");
    dealloc.call(store, pointer, length).expect("dealloc");
    output
}
