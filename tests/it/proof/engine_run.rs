//! A script on the engine: bare or instrumented, with either compiler.

use super::interpreter_run::mixed;
use super::meter::{Budget, Meter, OutOfFuel};
use super::observed::{Ended, Observed, State, TrapKind, Used, Value, blurred};
use super::script::Script;
use skillscope::runtime::Compiler;
use skillscope::runtime::instrument::{CHECKPOINT, FunctionCounters, Instrumented, fuel_export, instrument, instrument_profiled};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmer::sys::vm::TrapCode;
use wasmer::{
    Engine, ExternRef, ExternType, Function, FunctionEnv, FunctionEnvMut, FunctionType, Global, Imports, Instance,
    InstantiationError, LinkError, Module, RuntimeError, Store, Type,
};
use wasmparser::ValType;

/// A module compiled, with what is needed to make sense of its traps and its counter.
pub struct Subject {
    engine: Engine,
    module: Module,
    instrumented: Option<(Instrumented, String)>,
}

impl Subject {
    /// The module as it is.
    ///
    /// # Errors
    /// Where the engine refuses it, or its compiler fails inside.
    pub fn bare(bytes: &[u8], compiler: Compiler) -> Result<Self, String> {
        let (engine, module) = compile(bytes, compiler)?;
        Ok(Self { engine, module, instrumented: None })
    }

    /// The module as the rewriter makes it.
    ///
    /// # Errors
    /// Where the rewriter or the engine refuses it.
    pub fn instrumented(bytes: &[u8], compiler: Compiler) -> Result<Self, String> {
        Self::rewritten(bytes, instrument(bytes, compiler.trap_places()).map_err(|refused| refused.to_string())?, compiler)
    }

    /// The module as the rewriter makes it for those who ask where the fuel went.
    ///
    /// # Errors
    /// As [`Subject::instrumented`].
    pub fn profiled(bytes: &[u8], compiler: Compiler) -> Result<Self, String> {
        Self::rewritten(
            bytes,
            instrument_profiled(bytes, compiler.trap_places()).map_err(|refused| refused.to_string())?,
            compiler,
        )
    }

    fn rewritten(bytes: &[u8], instrumented: Instrumented, compiler: Compiler) -> Result<Self, String> {
        let (engine, module) = compile(&instrumented.bytes, compiler)?;
        let fuel = fuel_export(bytes).map_err(|refused| refused.to_string())?;
        Ok(Self { engine, module, instrumented: Some((instrumented, fuel)) })
    }

    /// Runs a script in a new instance.
    pub fn run(&self, script: &Script, budget: Budget) -> Observed {
        let mut store = Store::new(self.engine.clone());
        let meter = Meter::new(budget);
        let imports = self.imports(&mut store, &meter);
        let mut observed = Observed { ends: Vec::new(), fuel: Vec::new(), state: None, functions: None };
        let instance = match Instance::new(&mut store, &self.module, &imports) {
            Ok(instance) => instance,
            Err(InstantiationError::Start(error) | InstantiationError::Link(LinkError::Trap(error))) => {
                observed.ends.push(self.ended(Err(error), &mut store));
                // The counter is lost with the instance.
                observed.fuel.push(None);
                return observed;
            }
            Err(other) => panic!("{other}"),
        };
        observed.ends.push(Ended::Returned(Vec::new()));
        observed.fuel.push(self.used(&instance, &mut store, &meter));
        for call in &script.calls {
            let function = instance.exports.get_function(&call.export).expect("the script knows the module");
            let arguments: Vec<_> = call.arguments.iter().map(|argument| to_engine(*argument, &mut store)).collect();
            let result = function.call(&mut store, &arguments).map(<[_]>::into_vec);
            if let (Err(error), Some((instrumented, counter))) = (&result, &self.instrumented) {
                settle(error, instrumented, instance.exports.get_global(counter).unwrap(), &mut store);
            }
            let end = self.ended(result, &mut store);
            let (is_last, is_too_deep) = (end.is_last(), matches!(end, Ended::TooDeep));
            observed.ends.push(end);
            // Where the stack ends the counter stands at whatever it did: more may be left than was given, where some is owed.
            observed.fuel.push(if is_too_deep { None } else { self.used(&instance, &mut store, &meter) });
            if is_last {
                break;
            }
        }
        let counters = self.instrumented.as_ref().and_then(|(instrumented, _)| instrumented.counters.as_ref());
        observed.functions = counters.map(|counters| functions(counters, &instance, &mut store));
        observed.state = Some(self.state(&instance, &mut store));
        observed
    }

    fn imports(&self, store: &mut Store, meter: &Meter) -> Imports {
        let mut imports = Imports::new();
        for import in self.module.imports() {
            let ExternType::Function(of_type) = import.ty() else { panic!("the generator allows no such import") };
            if (import.module(), import.name()) == CHECKPOINT {
                imports.define(CHECKPOINT.0, CHECKPOINT.1, meter.checkpoint(store));
            } else {
                imports.define(import.module(), import.name(), mixing(store, of_type));
            }
        }
        imports
    }

    fn used(&self, instance: &Instance, store: &mut Store, meter: &Meter) -> Option<u64> {
        let (_, export) = self.instrumented.as_ref()?;
        let left = instance.exports.get_global(export).unwrap().get(store).unwrap_i64();
        Some(meter.used(left))
    }

    fn ended(&self, result: Result<Vec<wasmer::Value>, RuntimeError>, store: &mut Store) -> Ended {
        match result {
            Ok(values) => Ended::Returned(values.iter().map(|value| blurred(from_engine(value, store))).collect()),
            Err(error) if error.downcast_ref::<OutOfFuel>().is_some() => Ended::OutOfFuel,
            Err(error) => match error.clone().to_trap() {
                None => Ended::ByHost,
                Some(TrapCode::StackOverflow) => Ended::TooDeep,
                Some(code) => Ended::Trapped(kind(code), self.place(&error)),
            },
        }
    }

    /// The original offset of the innermost frame.
    fn place(&self, error: &RuntimeError) -> Option<u64> {
        let offset = u64::try_from(error.trace().first()?.module_offset()).unwrap();
        match &self.instrumented {
            Some((instrumented, _)) => instrumented.origins.offset(offset),
            // The largest number is the engine's word for not knowing.
            None => Some(offset).filter(|offset| *offset < u64::from(u32::MAX)),
        }
    }

    fn state(&self, instance: &Instance, store: &mut Store) -> State {
        let mut state = State::default();
        let own: HashSet<String> = self.instrumented.iter().flat_map(own_exports).collect();
        for (name, exported) in instance.exports.iter().filter(|(name, _)| !own.contains(name.as_str())) {
            let name = name.clone();
            match exported {
                wasmer::Extern::Global(global) => {
                    let value = global.get(store);
                    state.globals.push((name, blurred(from_engine(&value, store))));
                }
                wasmer::Extern::Memory(memory) => state.memories.push((name, memory.view(store).copy_to_vec().unwrap())),
                wasmer::Extern::Table(table) => {
                    let entries = (0..table.size(store)).map(|index| table.get(store, index).unwrap()).collect::<Vec<_>>();
                    state.tables.push((name, entries.iter().map(|entry| blurred(from_engine(entry, store))).collect()));
                }
                _ => {}
            }
        }
        state
    }
}

/// What the rewriter exports besides the module's own exports.
fn own_exports((instrumented, fuel): &(Instrumented, String)) -> impl Iterator<Item = String> {
    let of = |counters: &FunctionCounters| {
        counters.functions().flat_map(|function| [counters.fuel(function), counters.calls(function)]).collect::<Vec<_>>()
    };
    instrumented.counters.as_ref().map(of).unwrap_or_default().into_iter().chain([fuel.clone()])
}

/// Counts in what was owed where the guest trapped.
pub fn settle(error: &RuntimeError, instrumented: &Instrumented, counter: &Global, store: &mut Store) {
    // Where the stack ends is no instruction's doing.
    let is_at_an_instruction = error.clone().to_trap().is_some_and(|code| code != TrapCode::StackOverflow);
    let Some(innermost) = error.trace().first().filter(|_| is_at_an_instruction) else { return };
    let owed = instrumented.origins.owed(u64::try_from(innermost.module_offset()).unwrap());
    let left = counter.get(store).unwrap_i64() - owed;
    counter.set(store, wasmer::Value::I64(left)).unwrap();
}

/// What each function used, imported ones first.
pub fn functions(counters: &FunctionCounters, instance: &Instance, store: &mut Store) -> Vec<Used> {
    let mut read = |export: &str| {
        let count = instance.exports.get_global(export).unwrap().get(store).unwrap_i64();
        u64::try_from(count).expect("it counts up")
    };
    let imported = (0..counters.functions().start).map(|_| Used::default());
    let mut used: Vec<Used> = imported.collect();
    used.extend(
        counters
            .functions()
            .map(|function| Used { fuel: read(&counters.fuel(function)), calls: read(&counters.calls(function)) }),
    );
    used
}

fn compile(bytes: &[u8], compiler: Compiler) -> Result<(Engine, Module), String> {
    let engine = compiler.engine();
    let module = catch_unwind(AssertUnwindSafe(|| Module::new(&engine, bytes)));
    let module = module.map_err(|_| format!("{compiler} failed inside"))?.map_err(|refused| refused.to_string())?;
    Ok((engine, module))
}

/// The names of a module's exports, in order.
pub fn export_names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        if let wasmparser::Payload::ExportSection(exports) = payload.unwrap() {
            names.extend(exports.into_iter().map(|export| export.unwrap().name.to_owned()));
        }
    }
    names
}

fn mixing(store: &mut Store, of_type: &FunctionType) -> Function {
    let results: Vec<ValType> = of_type.results().iter().map(|result| parser_type(*result)).collect();
    let env = FunctionEnv::new(store, ());
    Function::new_with_env(store, &env, of_type.clone(), move |mut env: FunctionEnvMut<'_, ()>, arguments: &[wasmer::Value]| {
        let (_, mut store) = env.data_and_store_mut();
        let arguments: Vec<Value> = arguments.iter().map(|argument| from_engine(argument, &mut store)).collect();
        Ok(mixed(&arguments, &results).into_iter().map(|result| to_engine(result, &mut store)).collect())
    })
}

const fn parser_type(of_type: Type) -> ValType {
    match of_type {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
        Type::F32 => ValType::F32,
        Type::F64 => ValType::F64,
        Type::V128 => ValType::V128,
        Type::FuncRef => ValType::FUNCREF,
        Type::ExternRef | Type::ExceptionRef => ValType::EXTERNREF,
    }
}

pub fn to_engine(value: Value, store: &mut impl wasmer::AsStoreMut) -> wasmer::Value {
    match value {
        Value::I32(number) => wasmer::Value::I32(number),
        Value::I64(number) => wasmer::Value::I64(number),
        Value::F32(bits) => wasmer::Value::F32(f32::from_bits(bits)),
        Value::F64(bits) => wasmer::Value::F64(f64::from_bits(bits)),
        Value::V128(bits) => wasmer::Value::V128(bits),
        Value::FuncRef(_) => wasmer::Value::FuncRef(None),
        Value::ExternRef(reference) => wasmer::Value::ExternRef(reference.map(|number| ExternRef::new(store, number))),
    }
}

pub fn from_engine(value: &wasmer::Value, store: &mut impl wasmer::AsStoreMut) -> Value {
    match value {
        wasmer::Value::I32(number) => Value::I32(*number),
        wasmer::Value::I64(number) => Value::I64(*number),
        wasmer::Value::F32(number) => Value::F32(number.to_bits()),
        wasmer::Value::F64(number) => Value::F64(number.to_bits()),
        wasmer::Value::V128(bits) => Value::V128(*bits),
        wasmer::Value::FuncRef(reference) => Value::FuncRef(reference.as_ref().map(|_| 0)),
        wasmer::Value::ExternRef(reference) => {
            Value::ExternRef(reference.as_ref().map(|reference| *reference.downcast::<u32>(store).expect("a number of ours")))
        }
        other => panic!("{other:?} is no value of this proof"),
    }
}

/// The engine's word for a trap in ours.
pub fn kind(code: TrapCode) -> TrapKind {
    match code {
        TrapCode::UnreachableCodeReached => TrapKind::Unreachable,
        TrapCode::HeapAccessOutOfBounds => TrapKind::MemoryOutOfBounds,
        TrapCode::TableAccessOutOfBounds => TrapKind::TableOutOfBounds,
        TrapCode::IntegerDivisionByZero => TrapKind::IntegerDivideByZero,
        TrapCode::IntegerOverflow => TrapKind::IntegerOverflow,
        TrapCode::BadConversionToInteger => TrapKind::InvalidConversion,
        TrapCode::IndirectCallToNull => TrapKind::IndirectCallToNull,
        TrapCode::BadSignature => TrapKind::IndirectCallTypeMismatch,
        other => panic!("{other:?} is no trap of the accepted features"),
    }
}
