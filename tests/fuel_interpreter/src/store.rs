//! All that lives while modules run: functions, tables, memories, globals, instances, and the count of fuel.

use crate::body::Body;
use crate::memory::Memory;
use crate::table::Table;
use crate::value::{Stop, Value};
use std::collections::HashMap;
use std::rc::Rc;
use wasmparser::{FuncType, ValType};

/// An instance in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId(pub(crate) usize);

/// Something that can be imported and exported, by its place in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
pub enum Extern {
    Function(usize),
    Table(usize),
    Memory(usize),
    Global(usize),
}

/// A function of the host: it is told which instance calls it.
pub type HostFunction<'a> = Rc<dyn Fn(&mut Store<'a>, InstanceId, &[Value]) -> Result<Vec<Value>, Stop> + 'a>;

#[derive(Clone)]
pub(crate) enum Code<'a> {
    Host(HostFunction<'a>),
    Wasm { instance: usize, body: Rc<Body<'a>> },
}

#[derive(Clone)]
pub(crate) struct Function<'a> {
    /// The store's index of its type.
    pub(crate) of_type: usize,
    pub(crate) code: Code<'a>,
}

pub(crate) struct Global {
    pub(crate) of_type: ValType,
    pub(crate) slot: u64,
}

/// What one function used itself, its callees left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The fuel that its instructions cost.
    pub fuel: u64,
    /// How often it was entered.
    pub calls: u64,
}

#[derive(Default)]
pub(crate) struct Instance<'a> {
    pub(crate) types: Vec<usize>,
    pub(crate) functions: Vec<usize>,
    pub(crate) tables: Vec<usize>,
    pub(crate) memories: Vec<usize>,
    pub(crate) globals: Vec<usize>,
    /// Each element segment's references; empty once it was dropped.
    pub(crate) elements: Vec<Vec<u64>>,
    pub(crate) data: Vec<&'a [u8]>,
    pub(crate) exports: HashMap<&'a str, Extern>,
}

/// All that lives while modules run.
pub struct Store<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) tables: Vec<Table>,
    pub(crate) memories: Vec<Memory>,
    pub(crate) globals: Vec<Global>,
    pub(crate) instances: Vec<Instance<'a>>,
    pub(crate) calls: usize,
    /// What each function used, by the store's index, as far as any was entered.
    used: Vec<Used>,
    /// The fuel used so far.
    pub fuel: u64,
    /// A run that uses more than this stops.
    pub fuel_limit: u64,
    /// A run with more open calls than this stops.
    pub calls_limit: usize,
}

impl Default for Store<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Store<'a> {
    /// An empty store without a limit on fuel.
    pub fn new() -> Self {
        Self {
            types: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            instances: Vec::new(),
            calls: 0,
            used: Vec::new(),
            fuel: 0,
            fuel_limit: u64::MAX,
            calls_limit: 100_000,
        }
    }

    pub(crate) fn enters(&mut self, function: usize) {
        if self.used.len() <= function {
            self.used.resize(self.functions.len(), Used::default());
        }
        self.used[function].calls += 1;
    }

    pub(crate) fn pay(&mut self, function: usize, cost: u64) -> Result<(), Stop> {
        self.used[function].fuel += cost;
        self.fuel += cost;
        if self.fuel > self.fuel_limit { Err(Stop::OutOfFuel) } else { Ok(()) }
    }

    /// The store's index of a function type: equal types have equal ones.
    pub(crate) fn type_index(&mut self, of_type: &FuncType) -> usize {
        self.types.iter().position(|known| known == of_type).unwrap_or_else(|| {
            self.types.push(of_type.clone());
            self.types.len() - 1
        })
    }

    /// Puts a function of the host into the store.
    pub fn host_function(&mut self, of_type: &FuncType, function: HostFunction<'a>) -> Extern {
        let of_type = self.type_index(of_type);
        self.functions.push(Function { of_type, code: Code::Host(function) });
        Extern::Function(self.functions.len() - 1)
    }

    /// Puts a table of functions into the store, full of null.
    pub fn host_table(&mut self, minimum: usize, maximum: Option<usize>) -> Extern {
        self.tables.push(Table::new(ValType::FUNCREF, minimum, maximum));
        Extern::Table(self.tables.len() - 1)
    }

    /// Puts a memory of the host into the store; sizes are in pages.
    pub fn host_memory(&mut self, minimum: usize, maximum: Option<usize>) -> Extern {
        self.memories.push(Memory::new(minimum, maximum));
        Extern::Memory(self.memories.len() - 1)
    }

    /// Puts a global of the host into the store.
    pub fn host_global(&mut self, value: Value) -> Extern {
        let of_type = match value {
            Value::I32(_) => ValType::I32,
            Value::I64(_) => ValType::I64,
            Value::F32(_) => ValType::F32,
            Value::F64(_) => ValType::F64,
            Value::V128(_) => ValType::V128,
            Value::FuncRef(_) => ValType::FUNCREF,
            Value::ExternRef(_) => ValType::EXTERNREF,
        };
        self.globals.push(Global { of_type, slot: value.to_slot() });
        Extern::Global(self.globals.len() - 1)
    }

    /// What each function of an instance used, imported ones first: of those that are the host's, nothing is known.
    pub fn used(&self, instance: InstanceId) -> Vec<Used> {
        let functions = self.instances[instance.0].functions.iter();
        functions.map(|function| self.used.get(*function).copied().unwrap_or_default()).collect()
    }

    /// What an instance exports under a name.
    pub fn export(&self, instance: InstanceId, name: &str) -> Option<Extern> {
        self.instances[instance.0].exports.get(name).copied()
    }

    /// A global's value.
    ///
    /// # Panics
    /// Where it is no global.
    pub fn global(&self, global: Extern) -> Value {
        let Extern::Global(index) = global else { panic!("{global:?} is no global") };
        Value::from_slot(self.globals[index].slot, self.globals[index].of_type)
    }

    /// A memory's bytes.
    ///
    /// # Panics
    /// Where it is no memory.
    pub fn memory(&self, memory: Extern) -> &[u8] {
        let Extern::Memory(index) = memory else { panic!("{memory:?} is no memory") };
        &self.memories[index].bytes
    }

    /// A memory's bytes, to write.
    ///
    /// # Panics
    /// Where it is no memory.
    pub fn memory_mut(&mut self, memory: Extern) -> &mut [u8] {
        let Extern::Memory(index) = memory else { panic!("{memory:?} is no memory") };
        &mut self.memories[index].bytes
    }

    /// Grows a memory by so many pages, as the host may.
    ///
    /// # Panics
    /// Where it is no memory, or cannot grow.
    pub fn grow_memory(&mut self, memory: Extern, pages: u32) {
        let Extern::Memory(index) = memory else { panic!("{memory:?} is no memory") };
        self.memories[index].grow(pages).expect("it grew for the other one too");
    }

    /// A table's entries.
    ///
    /// # Panics
    /// Where it is no table.
    pub fn table(&self, table: Extern) -> Vec<Value> {
        let Extern::Table(index) = table else { panic!("{table:?} is no table") };
        let table = &self.tables[index];
        table.entries.iter().map(|slot| Value::from_slot(*slot, table.of_type)).collect()
    }

    /// The memory that an instance's instructions work on.
    pub fn memory_of(&self, instance: InstanceId) -> Option<Extern> {
        self.instances[instance.0].memories.first().map(|index| Extern::Memory(*index))
    }
}
