//! A script in the fuel interpreter.

use super::observed::{Ended, Observed, State, Value, blurred};
use super::script::Script;
use fuel_interpreter::{Extern, ImportKind, InstanceId, Module, Stop, Store};
use std::rc::Rc;

/// The host function that every imported one is: its results are made of the instance's call count and the arguments.
pub fn mixed(arguments: &[Value], of_types: &[wasmparser::ValType]) -> Vec<Value> {
    let mut sum = 0_u64;
    for argument in arguments {
        let bits = match *argument {
            Value::I32(number) => u64::from(number.cast_unsigned()),
            Value::I64(number) => number.cast_unsigned(),
            Value::F32(bits) => u64::from(bits),
            Value::F64(bits) => bits,
            Value::V128(_) => panic!("no host function has vectors"),
            Value::FuncRef(reference) => u64::from(reference.is_some()),
            Value::ExternRef(reference) => reference.map_or(0, |number| u64::from(number) + 1),
        };
        sum = (sum ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    let result = |of_type: &wasmparser::ValType| {
        sum = sum.wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(7);
        match of_type {
            wasmparser::ValType::I32 => Value::I32(i32::from_le_bytes(sum.to_le_bytes()[..4].try_into().unwrap())),
            wasmparser::ValType::I64 => Value::I64(sum.cast_signed()),
            wasmparser::ValType::F32 => Value::F32(u32::from_le_bytes(sum.to_le_bytes()[..4].try_into().unwrap())),
            wasmparser::ValType::F64 => Value::F64(sum),
            wasmparser::ValType::Ref(of_type) if of_type.is_func_ref() => Value::FuncRef(None),
            wasmparser::ValType::Ref(_) => Value::ExternRef(Some(7)),
            wasmparser::ValType::V128 => panic!("no host function has vectors"),
        }
    };
    of_types.iter().map(result).collect()
}

/// Runs a script until more than `fuel_limit` is used.
pub fn interpret(bytes: &[u8], script: &Script, fuel_limit: u64, calls_limit: usize) -> Observed {
    let module = Module::read(bytes).expect("a module without vectors");
    let mut store = Store::new();
    store.fuel_limit = fuel_limit;
    store.calls_limit = calls_limit;
    let imports: Vec<Extern> = module.imports().map(|(_, _, kind)| import(&mut store, kind)).collect();
    let mut observed = Observed { ends: Vec::new(), fuel: Vec::new(), state: None, functions: None };
    let instance = match store.instantiate(&module, &imports) {
        Ok(instance) => instance,
        Err(stop) => {
            observed.ends.push(ended(Err(stop)));
            observed.fuel.push(Some(store.fuel));
            return observed;
        }
    };
    observed.ends.push(Ended::Returned(Vec::new()));
    observed.fuel.push(Some(store.fuel));
    for call in &script.calls {
        let function = store.export(instance, &call.export).expect("the script knows the module");
        let result = ended(store.call(function, &call.arguments));
        let is_last = result.is_last();
        observed.ends.push(result);
        observed.fuel.push(Some(store.fuel));
        if is_last {
            break;
        }
    }
    observed.functions = Some(store.used(instance));
    observed.state = Some(state(&store, bytes, instance));
    observed
}

fn import(store: &mut Store<'_>, kind: ImportKind) -> Extern {
    match kind {
        ImportKind::Function(of_type) => {
            let results = of_type.results().to_vec();
            store.host_function(&of_type, Rc::new(move |_, _, arguments| Ok(mixed(arguments, &results))))
        }
        other => panic!("the generator allows no import of a {other:?}"),
    }
}

fn ended(result: Result<Vec<Value>, Stop>) -> Ended {
    match result {
        Ok(values) => Ended::Returned(values.into_iter().map(blurred).collect()),
        Err(Stop::Trap(trap)) => Ended::Trapped(trap.kind, trap.offset),
        Err(Stop::Host(_)) => Ended::ByHost,
        Err(Stop::OutOfFuel) => Ended::OutOfFuel,
        Err(Stop::TooDeep) => Ended::TooDeep,
    }
}

fn state(store: &Store<'_>, bytes: &[u8], instance: InstanceId) -> State {
    let mut state = State::default();
    for name in super::engine_run::export_names(bytes) {
        match store.export(instance, &name) {
            Some(exported @ Extern::Global(_)) => state.globals.push((name, blurred(store.global(exported)))),
            Some(exported @ Extern::Memory(_)) => state.memories.push((name, store.memory(exported).to_vec())),
            Some(exported @ Extern::Table(_)) => {
                state.tables.push((name, store.table(exported).into_iter().map(blurred).collect()))
            }
            Some(Extern::Function(_)) | None => {}
        }
    }
    state
}
