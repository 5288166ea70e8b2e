//! A run of a real module on the engine, with all that the host told it on record, and the same run in the interpreter, where the record
//! answers: so that both execute the same instructions, and the interpreter needs no host.

use crate::proof::engine_run::{from_engine, functions, settle, to_engine};
use crate::proof::host::host_setup;
use crate::proof::meter::{Budget, Meter};
use crate::proof::observed::{Used, Value};
use fuel_interpreter::{Extern, ImportKind, Module as InterpretedModule, Stop, Store as InterpreterStore};
use skillscope::event::Profile;
use skillscope::host::wasi::WasiSetup;
use skillscope::host::{self, HostState};
use skillscope::module::{Allocator, ValidModule};
use skillscope::runtime::Compiler;
use skillscope::runtime::instrument::{CHECKPOINT, Instrumented, fuel_export};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmer::{Function, FunctionEnv, FunctionEnvMut, Imports, Instance, Memory, MemoryType, Module, RuntimeError, Store};

/// One answer of the host.
#[derive(Clone, Debug)]
struct Answer {
    function: String,
    arguments: Vec<Value>,
    /// The results; `None` where it ended the run.
    results: Option<Vec<Value>>,
    /// What it wrote into memory: where, and the bytes.
    written: Vec<(usize, Vec<u8>)>,
}

/// What the host did, in order: it called an export, or wrote the input.
#[derive(Clone, Debug)]
enum Deed {
    Called(&'static str, Vec<Value>, Option<Vec<Value>>),
    Wrote(usize, Vec<u8>),
}

/// A run on record.
pub struct Recorded {
    pub fuel: u64,
    /// What each function used, where that was counted.
    pub functions: Option<Vec<Used>>,
    deeds: Vec<Deed>,
    answers: Vec<Answer>,
    memory: Vec<u8>,
}

type Record = Arc<Mutex<(Vec<Answer>, Option<Memory>)>>;

/// A module on the engine with its host.
struct Live<'m> {
    /// The module, and the export that counts its fuel.
    instrumented: (&'m Instrumented, String),
    store: Store,
    instance: Instance,
    memory: Option<Memory>,
    deeds: Vec<Deed>,
}

impl Live<'_> {
    /// Calls an export; `None` where the run ended in it.
    fn call(&mut self, export: &'static str, arguments: &[Value]) -> Option<Vec<Value>> {
        let function = self.instance.exports.get_function(export).unwrap().clone();
        let given: Vec<_> = arguments.iter().map(|argument| to_engine(*argument, &mut self.store)).collect();
        let results = function.call(&mut self.store, &given);
        if let Err(error) = &results {
            let (instrumented, counter) = &self.instrumented;
            settle(error, instrumented, self.instance.exports.get_global(counter).unwrap(), &mut self.store);
        }
        let results = results.ok();
        let results = results.map(|values| values.iter().map(|value| from_engine(value, &mut self.store)).collect::<Vec<_>>());
        self.deeds.push(Deed::Called(export, arguments.to_vec(), results.clone()));
        results
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.memory.as_ref().unwrap().view(&self.store).write(u64::from(at), bytes).unwrap();
        self.deeds.push(Deed::Wrote(usize::try_from(at).unwrap(), bytes.to_vec()));
    }

    /// Puts bytes into room of the guest's allocator; the pointer and the length.
    fn place(&mut self, allocator: Allocator, bytes: &[u8]) -> Option<[Value; 2]> {
        let length = Value::I32(i32::try_from(bytes.len()).unwrap());
        let pointer = self.call(allocator.allocate, &[length])?[0];
        let Value::I32(at) = pointer else { panic!("{} gave {pointer:?}", allocator.allocate) };
        self.write(at.cast_unsigned(), bytes);
        Some([pointer, length])
    }

    /// The journey of the module's profile; it ends where a call does not return.
    fn journey(&mut self, module: &ValidModule, input: &[u8]) -> Option<()> {
        if module.has_initialize {
            self.call("_initialize", &[])?;
        }
        match module.profile {
            Profile::Command => drop(self.call("_start", &[])?),
            Profile::D04 => {
                let buffer = self.place(module.allocator.unwrap(), &[input, b"\0"].concat())?;
                self.call("execute", &buffer[..1])?;
                self.call("dealloc", &buffer)?;
            }
            Profile::CisSdk => {
                let allocator = module.allocator.unwrap();
                let kind = self.place(allocator, b"execute")?;
                let data = self.place(allocator, input)?;
                self.call("skill_on_event", &[kind, data].concat())?;
                for buffer in [data, kind] {
                    self.call(allocator.free, if allocator.free_takes_len { &buffer } else { &buffer[..1] })?;
                }
            }
        }
        Some(())
    }
}

/// Runs a module, rewritten so, as skillscope does, by its own host functions, seeded.
pub fn record(name: &str, module: &ValidModule, instrumented: &Instrumented, input: &[u8], compiler: Compiler) -> Recorded {
    assert!(!module.has_start, "the host could not see memory during the start function");
    let engine = compiler.engine();
    let compiled = Module::new(&engine, &instrumented.bytes).unwrap();
    let mut store = Store::new(engine);
    let stdin = if module.profile == Profile::Command { input.to_vec() } else { Vec::new() };
    let wasi = WasiSetup { arguments: vec![name.to_owned()], stdin, ..WasiSetup::default() };
    let (setup, _events) = host_setup(name, Duration::from_secs(600), wasi);
    let env = FunctionEnv::new(&mut store, HostState::new(setup).unwrap());
    let meter = Meter::new(Budget { slice: 10_000, limit: i64::MAX / 2 });
    let record: Record = Arc::default();
    let imports = imports(&mut store, &env, module, &meter, &record);
    let instance = Instance::new(&mut store, &compiled, &imports).unwrap();
    let memory = instance.exports.get_memory("memory").ok().cloned().or_else(|| env.as_ref(&store).memory.clone());
    record.lock().unwrap().1.clone_from(&memory);
    env.as_mut(&mut store).memory.clone_from(&memory);
    let instrumented_with_counter = (instrumented, fuel_export(&module.bytes).unwrap());
    let mut live = Live { instrumented: instrumented_with_counter, store, instance, memory, deeds: Vec::new() };
    let _ended = live.journey(module, input);
    let counter = live.instance.exports.get_global(&fuel_export(&module.bytes).unwrap()).unwrap().clone();
    let fuel = meter.used(counter.get(&mut live.store).unwrap_i64());
    let memory = live.memory.as_ref().map_or_else(Vec::new, |memory| memory.view(&live.store).copy_to_vec().unwrap());
    let answers = std::mem::take(&mut record.lock().unwrap().0);
    let counters = instrumented.counters.as_ref();
    let functions = counters.map(|counters| functions(counters, &live.instance, &mut live.store));
    Recorded { fuel, functions, deeds: live.deeds, answers, memory }
}

fn imports(store: &mut Store, env: &FunctionEnv<HostState>, module: &ValidModule, meter: &Meter, record: &Record) -> Imports {
    let real = host::imports(store, env, module);
    let mut imports = Imports::new();
    imports.define(CHECKPOINT.0, CHECKPOINT.1, meter.checkpoint(store));
    if let Some(declared) = module.memory.filter(|memory| memory.imported) {
        let of_type = MemoryType::new(declared.minimum_pages, declared.maximum_pages, false);
        let memory = Memory::new(store, of_type).unwrap();
        env.as_mut(store).memory = Some(memory.clone());
        imports.define("env", "memory", memory);
    }
    for import in &module.imports {
        assert!(!import.name.starts_with("host_alloc"), "its answer is a call of the guest");
        let Some(wasmer::Extern::Function(function)) = real.get_export(&import.module, &import.name) else { continue };
        let wrapped = recording(store, function, import.name.clone(), Arc::clone(record));
        imports.define(&import.module, &import.name, wrapped);
    }
    imports
}

/// The function, with its answers written down.
fn recording(store: &mut Store, function: Function, name: String, record: Record) -> Function {
    let of_type = function.ty(store);
    let env = FunctionEnv::new(store, ());
    Function::new_with_env(store, &env, of_type, move |mut env: FunctionEnvMut<'_, ()>, arguments: &[wasmer::Value]| {
        let (_, mut store) = env.data_and_store_mut();
        let memory = record.lock().unwrap().1.clone();
        let look = |store: &mut wasmer::StoreMut<'_>| {
            memory.as_ref().map_or_else(Vec::new, |memory| memory.view(store).copy_to_vec().unwrap())
        };
        let before = look(&mut store);
        let results = function.call(&mut store, arguments);
        let written = changes(&before, &look(&mut store));
        let mut values = |values: &[wasmer::Value]| values.iter().map(|value| from_engine(value, &mut store)).collect::<Vec<_>>();
        let (arguments, answered) = (values(arguments), results.as_ref().ok().map(|results| values(results)));
        record.lock().unwrap().0.push(Answer { function: name.clone(), arguments, results: answered, written });
        results.map(<[_]>::into_vec).map_err(|error: RuntimeError| error)
    })
}

/// The pieces of memory that are different, in steps of 64 bytes.
fn changes(before: &[u8], after: &[u8]) -> Vec<(usize, Vec<u8>)> {
    const PAGE: usize = 65_536;
    const STEP: usize = 64;
    assert_eq!(before.len(), after.len(), "no host function grows memory");
    let mut changes = Vec::new();
    for (page, (before, after)) in
        before.chunks(PAGE).zip(after.chunks(PAGE)).enumerate().filter(|(_, (before, after))| before != after)
    {
        let pieces = before.chunks(STEP).zip(after.chunks(STEP)).enumerate().filter(|(_, (before, after))| before != after);
        changes.extend(pieces.map(|(at, (_, after))| (page * PAGE + at * STEP, after.to_vec())));
    }
    changes
}

/// The fuel of the same run in the interpreter, and what each function used of it.
///
/// # Panics
/// Where the interpreter does anything else than the engine did.
pub fn replay(bytes: &[u8], recorded: &Recorded) -> (u64, Vec<Used>) {
    let module = InterpretedModule::read(bytes).unwrap();
    let mut store = InterpreterStore::new();
    let answers = Rc::new(RefCell::new(VecDeque::from(recorded.answers.clone())));
    let imports: Vec<Extern> = module
        .imports()
        .map(|(_, name, kind)| match kind {
            ImportKind::Function(of_type) => {
                let (answers, name) = (Rc::clone(&answers), name.to_owned());
                store.host_function(
                    &of_type,
                    Rc::new(move |store, caller, arguments| {
                        let answer = answers.borrow_mut().pop_front().expect("as many host calls as on the engine");
                        assert_eq!((&answer.function, answer.arguments.as_slice()), (&name, arguments));
                        let memory = store.memory_of(caller);
                        for (at, bytes) in answer.written {
                            store.memory_mut(memory.unwrap())[at..at + bytes.len()].copy_from_slice(&bytes);
                        }
                        answer.results.ok_or_else(|| Stop::Host(name.clone()))
                    }),
                )
            }
            other => panic!("no sample imports a {other:?}"),
        })
        .collect();
    let instance = store.instantiate(&module, &imports).unwrap();
    for deed in &recorded.deeds {
        match deed {
            Deed::Called(export, arguments, results) => {
                let function = store.export(instance, export).unwrap();
                assert_eq!(store.call(function, arguments).ok(), *results, "{export}{arguments:?}");
            }
            Deed::Wrote(at, bytes) => {
                let memory = store.memory_of(instance).unwrap();
                store.memory_mut(memory)[*at..*at + bytes.len()].copy_from_slice(bytes);
            }
        }
    }
    assert!(answers.borrow().is_empty(), "host calls are missing");
    if let Some(memory) = store.memory_of(instance) {
        assert!(store.memory(memory) == recorded.memory, "memory is another");
    }
    (store.fuel, store.used(instance))
}
