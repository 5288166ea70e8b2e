//! Runs a text module bare and rewritten, and compares.

use super::super::{CHECKPOINT, Form, Instrumented, TrapPlaces, fuel_export, instrument_in};
use wasmer::sys::{Cranelift, EngineBuilder, Singlepass};
use wasmer::{
    Engine, Function, FunctionEnv, FunctionEnvMut, Global, Imports, Instance, Memory, MemoryType, Module, RuntimeError, Store,
    Table, TableType, Type, Value,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    Cranelift,
    Singlepass,
}

impl Compiler {
    pub const fn trap_places(self) -> TrapPlaces {
        match self {
            Self::Cranelift => TrapPlaces::Told,
            Self::Singlepass => TrapPlaces::Untold,
        }
    }
}

pub fn engine(compiler: Compiler) -> Engine {
    match compiler {
        Compiler::Cranelift => {
            let mut cranelift = Cranelift::default();
            cranelift.canonicalize_nans(true);
            EngineBuilder::new(cranelift).engine().into()
        }
        Compiler::Singlepass => {
            let mut singlepass = Singlepass::default();
            singlepass.canonicalize_nans(true);
            EngineBuilder::new(singlepass).engine().into()
        }
    }
}

/// The host's side of the checkpoint, as the module's documentation tells it.
#[derive(Debug)]
pub struct Host {
    pub granted: i64,
    pub slice: i64,
    pub limit: i64,
    pub checkpoints: u64,
    /// By how much a slice was overdrawn at most.
    pub overdrawn: i64,
    pub fuel_left: Option<Global>,
    /// Fuel used at each call of the host function `env.look`.
    pub looks: Vec<i64>,
}

impl Host {
    const fn new(limits: Limits) -> Self {
        Self {
            granted: 0,
            slice: limits.slice,
            limit: limits.fuel,
            checkpoints: 0,
            overdrawn: 0,
            fuel_left: None,
            looks: Vec::new(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("out of fuel")]
pub struct OutOfFuel;

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The results as text (so that NaNs compare), or the trap's message.
    pub result: Result<String, String>,
    pub fuel: i64,
    /// The original offsets and function indices of the trap's frames.
    pub frames: Vec<(Option<u64>, Option<u32>)>,
    pub looks: Vec<i64>,
    pub stopped: bool,
    pub overdrawn: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub slice: i64,
    pub fuel: i64,
}

pub const UNLIMITED: Limits = Limits { slice: 100, fuel: i64::MAX / 2 };

fn checkpoint(mut env: FunctionEnvMut<'_, Host>, left: i64) -> Result<i64, RuntimeError> {
    let host = env.data_mut();
    assert!(left < 0, "a checkpoint with {left} left");
    host.checkpoints += 1;
    host.overdrawn = host.overdrawn.max(-left);
    let used = host.granted - left;
    if used > host.limit {
        return Err(RuntimeError::user(Box::new(OutOfFuel)));
    }
    host.granted = used + host.slice;
    Ok(host.slice)
}

fn look(mut env: FunctionEnvMut<'_, Host>) {
    let (host, store) = env.data_and_store_mut();
    let left = host.fuel_left.as_ref().map_or(0, |global| global.get(&mut { store }).unwrap_i64());
    host.looks.push(host.granted - left);
}

/// Runs an export of a rewritten (or, without `instrumented`, a bare) module.
pub fn run_module(
    bytes: &[u8],
    instrumented: Option<(&Instrumented, &str)>,
    compiler: Compiler,
    limits: Limits,
    export: &str,
    arguments: &[Value],
) -> Ran {
    let mut store = Store::new(engine(compiler));
    let module = Module::new(&store, bytes).unwrap();
    let env = FunctionEnv::new(&mut store, Host::new(limits));
    let imports = imports(&mut store, &env);
    let instance = match Instance::new(&mut store, &module, &imports) {
        Ok(instance) => instance,
        Err(wasmer::InstantiationError::Start(error)) => return ran(Err(error), &mut store, &env, instrumented),
        Err(other) => panic!("{other}"),
    };
    if let Some((_, name)) = instrumented {
        env.as_mut(&mut store).fuel_left = Some(instance.exports.get_global(name).unwrap().clone());
    }
    let function = instance.exports.get_function(export).unwrap().clone();
    let result = function.call(&mut store, arguments);
    ran(result.map(|values| values.to_vec()), &mut store, &env, instrumented)
}

/// Calls each of these exports of a rewritten module, with the same arguments; each must trap. Returns the fuel of each.
pub fn traps_in_each_export(
    new: &Instrumented,
    name: &str,
    compiler: Compiler,
    exports: &[String],
    arguments: &[Value],
) -> Vec<i64> {
    let mut store = Store::new(engine(compiler));
    let module = Module::new(&store, &new.bytes).unwrap();
    let env = FunctionEnv::new(&mut store, Host::new(UNLIMITED));
    let imports = imports(&mut store, &env);
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let left = instance.exports.get_global(name).unwrap().clone();
    let calls = exports.iter().map(|export| {
        left.set(&mut store, Value::I64(0)).unwrap();
        *env.as_mut(&mut store) = Host { fuel_left: Some(left.clone()), ..Host::new(UNLIMITED) };
        let function = instance.exports.get_function(export).unwrap().clone();
        let result = function.call(&mut store, arguments);
        let ran = ran(result.map(|values| values.to_vec()), &mut store, &env, Some((new, name)));
        assert!(ran.result.is_err(), "{export}");
        ran.fuel
    });
    calls.collect()
}

fn ran(
    result: Result<Vec<Value>, RuntimeError>,
    store: &mut Store,
    env: &FunctionEnv<Host>,
    instrumented: Option<(&Instrumented, &str)>,
) -> Ran {
    let left = env.as_ref(store).fuel_left.clone().map_or(0, |global| global.get(store).unwrap_i64());
    let host = env.as_ref(store);
    let stopped = result.as_ref().is_err_and(|error| error.downcast_ref::<OutOfFuel>().is_some());
    let frames = result.as_ref().err().map_or(Vec::new(), |error| {
        let place = |frame: &wasmer::FrameInfo| {
            let (offset, function) = (frame.module_offset() as u64, frame.func_index());
            match instrumented {
                // Wrappers are no functions of the original module.
                Some((new, _)) => Some((new.origins.offset(offset), Some(new.origins.function_index(function)?))),
                None => Some((Some(offset), Some(function))),
            }
        };
        error.trace().iter().filter_map(place).collect()
    });
    let owed = match (&result, instrumented) {
        (Err(error), Some((new, _))) if error.clone().to_trap().is_some() => {
            error.trace().first().map_or(0, |frame| new.origins.owed(frame.module_offset() as u64))
        }
        _ => 0,
    };
    let result = result.map(|values| format!("{values:?}")).map_err(|error| error.message());
    Ran { result, fuel: host.granted - left + owed, frames, looks: host.looks.clone(), stopped, overdrawn: host.overdrawn }
}

fn imports(store: &mut Store, env: &FunctionEnv<Host>) -> Imports {
    let mut imports = Imports::new();
    imports.define(CHECKPOINT.0, CHECKPOINT.1, Function::new_typed_with_env(store, env, checkpoint));
    imports.define("env", "look", Function::new_typed_with_env(store, env, look));
    imports.define("env", "add", Function::new_typed(store, |a: i32, b: i32| a.wrapping_add(b)));
    imports.define("env", "memory", Memory::new(store, MemoryType::new(1, None, false)).unwrap());
    let table = Table::new(store, TableType::new(Type::FuncRef, 4, None), Value::FuncRef(None)).unwrap();
    imports.define("env", "table", table);
    let global = Global::new_mut(store, Value::I32(7));
    imports.define("env", "global", global);
    imports
}

/// A binary module of a text one.
pub fn binary(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// Runs an export bare and rewritten, in both forms, with both compilers and with large and small slices: every run must give the same
/// results, and every rewritten one the same fuel and places.
pub fn compare(module: &[u8], export: &str, arguments: &[Value], compilers: &[Compiler]) -> Ran {
    let name = fuel_export(module).unwrap();
    let mut first: Option<Ran> = None;
    for compiler in compilers {
        let bare = run_module(module, None, *compiler, UNLIMITED, export, arguments);
        for form in [Form::Plain, Form::Refined] {
            let new = instrument_in(module, form, compiler.trap_places()).unwrap();
            wasmparser::validate(&new.bytes).unwrap();
            for slice in [1, 100, 2_000_000] {
                let limits = Limits { slice, ..UNLIMITED };
                let run = run_module(&new.bytes, Some((&new, &name)), *compiler, limits, export, arguments);
                assert_eq!(run.result, bare.result, "{compiler:?} {form:?}");
                assert_eq!(run.frames, bare.frames, "{compiler:?} {form:?}");
                let first = first.get_or_insert_with(|| run.clone());
                assert_eq!((run.fuel, &run.looks), (first.fuel, &first.looks), "{compiler:?} {form:?}, slices of {slice}");
            }
        }
    }
    first.unwrap()
}

pub const BOTH: [Compiler; 2] = [Compiler::Cranelift, Compiler::Singlepass];

/// The fuel and the results of the export `run` of a text module.
pub fn run(text: &str, arguments: &[Value]) -> (i64, Result<String, String>) {
    let ran = compare(&binary(text), "run", arguments, &BOTH);
    (ran.fuel, ran.result)
}

/// The fuel of the export `run` of a text module, without arguments.
pub fn fuel(text: &str) -> i64 {
    run(text, &[]).0
}

/// The text of a rewritten text module.
pub fn rewritten(text: &str) -> String {
    wasmprinter::print_bytes(instrument_in(&binary(text), Form::Refined, TrapPlaces::Told).unwrap().bytes).unwrap()
}

/// Runs until a checkpoint finds that more than `fuel` is used.
pub fn run_limited(text: &str, compiler: Compiler, fuel: i64) -> Ran {
    let module = binary(text);
    let name = fuel_export(&module).unwrap();
    let [plain, refined] = [Form::Plain, Form::Refined].map(|form| {
        let new = instrument_in(&module, form, compiler.trap_places()).unwrap();
        run_module(&new.bytes, Some((&new, &name)), compiler, Limits { slice: 1000, fuel }, "run", &[])
    });
    assert_eq!(plain.fuel, refined.fuel);
    refined
}
