//! The suite in the fuel interpreter: so that it is known to be right before anything is held against it.

use super::outcome::Outcome;
use super::world::{Names, World};
use crate::proof::observed::{Value, blurred};
use fuel_interpreter::{Extern, InstanceId, Module, Stop, Store};
use std::collections::HashMap;
use std::rc::Rc;
use wasmparser::{FuncType, ValType};

pub struct InterpreterWorld<'a> {
    store: Store<'a>,
    instances: Vec<InstanceId>,
    names: Names,
    registered: HashMap<String, InstanceId>,
    spectest: HashMap<&'static str, Extern>,
}

impl InterpreterWorld<'_> {
    pub fn new() -> Self {
        let mut store = Store::new();
        store.calls_limit = 10_000;
        let mut spectest = HashMap::new();
        let prints: [(&str, &[ValType]); 7] = [
            ("print", &[]),
            ("print_i32", &[ValType::I32]),
            ("print_i64", &[ValType::I64]),
            ("print_f32", &[ValType::F32]),
            ("print_f64", &[ValType::F64]),
            ("print_i32_f32", &[ValType::I32, ValType::F32]),
            ("print_f64_f64", &[ValType::F64, ValType::F64]),
        ];
        for (name, parameters) in prints {
            let of_type = FuncType::new(parameters.iter().copied(), []);
            spectest.insert(name, store.host_function(&of_type, Rc::new(|_, _, _| Ok(Vec::new()))));
        }
        spectest.insert("global_i32", store.host_global(Value::I32(666)));
        spectest.insert("global_i64", store.host_global(Value::I64(666)));
        spectest.insert("global_f32", store.host_global(Value::F32(666.6_f32.to_bits())));
        spectest.insert("global_f64", store.host_global(Value::F64(666.6_f64.to_bits())));
        spectest.insert("table", store.host_table(10, Some(20)));
        spectest.insert("memory", store.host_memory(1, Some(2)));
        Self { store, instances: Vec::new(), names: Names::default(), registered: HashMap::new(), spectest }
    }

    fn offered(&self, module: &str, name: &str) -> Option<Extern> {
        if module == "spectest" {
            return self.spectest.get(name).copied();
        }
        self.store.export(*self.registered.get(module)?, name)
    }

    fn export(&self, module: Option<&str>, export: &str) -> Option<Extern> {
        self.store.export(self.instances[self.names.find(module)?], export)
    }
}

impl<'a> World<'a> for InterpreterWorld<'a> {
    fn instantiate(&mut self, name: Option<&str>, bytes: &'a [u8]) -> Outcome {
        let module = Module::read(bytes).expect("files with vectors are not run here");
        let mut imports = Vec::new();
        for (from, import, _) in module.imports() {
            // Types are left to the engines.
            let Some(offered) = self.offered(from, import) else { return Outcome::Unlinkable };
            imports.push(offered);
        }
        match self.store.instantiate(&module, &imports) {
            Ok(instance) => {
                self.instances.push(instance);
                self.names.add(name, self.instances.len() - 1);
                Outcome::Returned(Vec::new())
            }
            Err(stop) => outcome(Err(stop)),
        }
    }

    fn register(&mut self, module: Option<&str>, offered_as: &str) -> Outcome {
        let Some(index) = self.names.find(module) else { return Outcome::Impossible("no such module".into()) };
        self.registered.insert(offered_as.to_owned(), self.instances[index]);
        Outcome::Returned(Vec::new())
    }

    fn invoke(&mut self, module: Option<&str>, export: &str, arguments: &[Value]) -> Outcome {
        let Some(function @ Extern::Function(_)) = self.export(module, export) else {
            return Outcome::Impossible("no such function".into());
        };
        outcome(self.store.call(function, arguments))
    }

    fn get(&mut self, module: Option<&str>, export: &str) -> Outcome {
        match self.export(module, export) {
            Some(global @ Extern::Global(_)) => Outcome::Returned(vec![blurred(self.store.global(global))]),
            _ => Outcome::Impossible("no such global".into()),
        }
    }

    fn checks_links(&self) -> bool {
        false
    }

    fn fuel(&mut self) -> Option<u64> {
        Some(self.store.fuel)
    }
}

fn outcome(result: Result<Vec<Value>, Stop>) -> Outcome {
    match result {
        Ok(values) => Outcome::Returned(values.into_iter().map(blurred).collect()),
        Err(Stop::Trap(trap)) => Outcome::Trapped(trap.kind),
        Err(Stop::TooDeep) => Outcome::TooDeep,
        Err(other) => Outcome::Impossible(format!("{other:?}")),
    }
}
