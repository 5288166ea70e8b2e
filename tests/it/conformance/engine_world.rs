//! The suite on the engine, with modules bare or instrumented. Instrumented ones are linked with each other as they are, each with its own
//! checkpoint and account. What they do is the same then; which account pays for a call from one into another through a table is
//! not told by the rewriter, and skillscope links no two modules, so from such a link on the file's fuel is not compared.

use super::outcome::Outcome;
use super::world::{Names, World};
use crate::proof::engine_run::{from_engine, kind, settle, to_engine};
use crate::proof::meter::{Meter, UNLIMITED};
use crate::proof::observed::{Value, blurred};
use skillscope::runtime::instrument::{CHECKPOINT, Instrumented, TrapPlaces, fuel_export, instrument};
use std::collections::HashMap;
use wasmer::sys::vm::TrapCode;
use wasmer::{
    Engine, Exports, Extern, Function, Global, Imports, Instance, InstantiationError, LinkError, Memory, MemoryType, Module,
    RuntimeError, Store, Table, TableType, Type,
};

/// Whether modules are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Bare,
    Instrumented,
}

pub struct EngineWorld {
    engine: Engine,
    store: Store,
    form: Form,
    places: TrapPlaces,
    instances: Vec<Instance>,
    meters: Vec<(Global, Meter)>,
    /// Of each instance that was instrumented: how, and its counter.
    counters: Vec<Option<(Instrumented, Global)>>,
    names: Names,
    offered: HashMap<String, Exports>,
    /// Whether modules may call each other through tables, or a counter went with an instance that was not made.
    accounts_are_mixed: bool,
}

impl EngineWorld {
    pub fn new(engine: &Engine, places: TrapPlaces, form: Form) -> Self {
        let mut store = Store::new(engine.clone());
        let offered = HashMap::from([("spectest".to_owned(), spectest(&mut store))]);
        Self {
            engine: engine.clone(),
            store,
            form,
            places,
            instances: Vec::new(),
            meters: Vec::new(),
            counters: Vec::new(),
            names: Names::default(),
            offered,
            accounts_are_mixed: false,
        }
    }

    fn compile(&self, bytes: &[u8]) -> Result<(Module, Option<Instrumented>), String> {
        let refused = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
        match self.form {
            Form::Bare => Ok((Module::new(&self.engine, bytes).map_err(|error| refused("bare", &error))?, None)),
            Form::Instrumented => {
                let instrumented = instrument(bytes, self.places).map_err(|error| refused("the rewriter", &error))?;
                let module = Module::new(&self.engine, &instrumented.bytes).map_err(|error| refused("instrumented", &error))?;
                Ok((module, Some(instrumented)))
            }
        }
    }

    fn imports(&mut self, module: &Module, meter: &Meter) -> Imports {
        let mut imports = Imports::new();
        for import in module.imports() {
            let (from, name) = (import.module(), import.name());
            if self.form == Form::Instrumented && (from, name) == CHECKPOINT {
                imports.define(from, name, meter.checkpoint(&mut self.store));
                continue;
            }
            self.accounts_are_mixed |= from != "spectest" || name == "table";
            if let Some(exported) = self.offered.get(from).and_then(|exports| exports.get_extern(name)) {
                imports.define(from, name, exported.clone());
            }
        }
        imports
    }

    fn export(&self, module: Option<&str>, export: &str) -> Option<Extern> {
        self.instances[self.names.find(module)?].exports.get_extern(export).cloned()
    }

    fn outcome(&mut self, result: Result<Vec<wasmer::Value>, RuntimeError>) -> Outcome {
        match result {
            Ok(values) => Outcome::Returned(values.iter().map(|value| blurred(from_engine(value, &mut self.store))).collect()),
            Err(error) => match error.clone().to_trap() {
                Some(TrapCode::StackOverflow) => Outcome::TooDeep,
                Some(code) => Outcome::Trapped(kind(code)),
                None => Outcome::Impossible(error.to_string()),
            },
        }
    }
}

impl<'a> World<'a> for EngineWorld {
    fn instantiate(&mut self, name: Option<&str>, bytes: &'a [u8]) -> Outcome {
        let (module, instrumented) = match self.compile(bytes) {
            Ok(compiled) => compiled,
            Err(words) => return Outcome::Impossible(words),
        };
        let meter = Meter::new(UNLIMITED);
        let imports = self.imports(&module, &meter);
        match Instance::new(&mut self.store, &module, &imports) {
            Ok(instance) => {
                let counter = instrumented.map(|instrumented| {
                    (instrumented, instance.exports.get_global(&fuel_export(bytes).unwrap()).unwrap().clone())
                });
                self.meters.extend(counter.as_ref().map(|(_, counter)| (counter.clone(), meter)));
                self.counters.push(counter);
                self.instances.push(instance);
                self.names.add(name, self.instances.len() - 1);
                Outcome::Returned(Vec::new())
            }
            Err(InstantiationError::Start(error) | InstantiationError::Link(LinkError::Trap(error))) => {
                self.accounts_are_mixed = true;
                self.outcome(Err(error))
            }
            Err(InstantiationError::Link(LinkError::Import(..))) => Outcome::Unlinkable,
            Err(other) => Outcome::Impossible(other.to_string()),
        }
    }

    fn register(&mut self, module: Option<&str>, offered_as: &str) -> Outcome {
        let Some(index) = self.names.find(module) else { return Outcome::Impossible("no such module".into()) };
        self.offered.insert(offered_as.to_owned(), self.instances[index].exports.clone());
        Outcome::Returned(Vec::new())
    }

    fn invoke(&mut self, module: Option<&str>, export: &str, arguments: &[Value]) -> Outcome {
        let Some(Extern::Function(function)) = self.export(module, export) else {
            return Outcome::Impossible("no such function".into());
        };
        let arguments: Vec<_> = arguments.iter().map(|argument| to_engine(*argument, &mut self.store)).collect();
        let result = function.call(&mut self.store, &arguments).map(<[_]>::into_vec);
        let of_instance = self.names.find(module).and_then(|index| self.counters[index].as_ref());
        if let (Err(error), Some((instrumented, counter))) = (&result, of_instance) {
            settle(error, instrumented, counter, &mut self.store);
        }
        self.outcome(result)
    }

    fn get(&mut self, module: Option<&str>, export: &str) -> Outcome {
        let Some(Extern::Global(global)) = self.export(module, export) else {
            return Outcome::Impossible("no such global".into());
        };
        let value = global.get(&mut self.store);
        Outcome::Returned(vec![blurred(from_engine(&value, &mut self.store))])
    }

    fn checks_links(&self) -> bool {
        true
    }

    fn fuel(&mut self) -> Option<u64> {
        if self.form == Form::Bare || self.accounts_are_mixed {
            return None;
        }
        let store = &mut self.store;
        Some(self.meters.iter().map(|(counter, meter)| meter.used(counter.get(store).unwrap_i64())).sum())
    }
}

fn spectest(store: &mut Store) -> Exports {
    let mut exports = Exports::new();
    exports.insert("print", Function::new_typed(store, || {}));
    exports.insert("print_i32", Function::new_typed(store, |_: i32| {}));
    exports.insert("print_i64", Function::new_typed(store, |_: i64| {}));
    exports.insert("print_f32", Function::new_typed(store, |_: f32| {}));
    exports.insert("print_f64", Function::new_typed(store, |_: f64| {}));
    exports.insert("print_i32_f32", Function::new_typed(store, |_: i32, _: f32| {}));
    exports.insert("print_f64_f64", Function::new_typed(store, |_: f64, _: f64| {}));
    exports.insert("global_i32", Global::new(store, wasmer::Value::I32(666)));
    exports.insert("global_i64", Global::new(store, wasmer::Value::I64(666)));
    exports.insert("global_f32", Global::new(store, wasmer::Value::F32(666.6)));
    exports.insert("global_f64", Global::new(store, wasmer::Value::F64(666.6)));
    let table = TableType::new(Type::FuncRef, 10, Some(20));
    exports.insert("table", Table::new(store, table, wasmer::Value::FuncRef(None)).unwrap());
    exports.insert("memory", Memory::new(store, MemoryType::new(1, Some(2), false)).unwrap());
    exports
}
