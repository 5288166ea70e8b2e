//! One live instance: made, attached to the host's state, and called, phase by phase, under the run's limits.
//!
//! It lives and dies on the run's own thread. The journeys of the profiles are told in its words.

use super::checkpoint;
use super::code::Code;
use super::ending::{Circumstances, Ending, Step};
use super::tunables::MemoryWatch;
use crate::event::{Failure, FunctionFuel, Outcome, PAGE_BYTES, Phase, RunEvent};
use crate::host::{self, EventSink, GuestAllocator, GuestMemory, HostState, RunControl};
use crate::module::{FunctionNames, MemoryDeclaration, ValidModule};
use std::sync::Arc;
use wasmer::{Function, FunctionEnv, Imports, Instance, InstantiationError, LinkError, Memory, MemoryType, Store, Value};

use super::instrument::CHECKPOINT;

/// An instance and all that belongs to its run.
pub(super) struct Live<'a> {
    store: Store,
    env: FunctionEnv<HostState>,
    instance: Option<Instance>,
    module: &'a ValidModule,
    code: &'a Code,
    watch: Arc<MemoryWatch>,
    control: RunControl,
    sink: Arc<EventSink>,
    phase: Phase,
}

impl<'a> Live<'a> {
    /// Everything but the instance itself.
    pub(super) fn new(module: &'a ValidModule, code: &'a Code, state: HostState) -> Self {
        let watch = Arc::new(MemoryWatch::new(state.limits.memory_bytes));
        let mut store = code.store(&watch);
        let (control, sink) = (state.control.clone(), Arc::clone(&state.sink));
        let env = FunctionEnv::new(&mut store, state);
        Self { store, env, instance: None, module, code, watch, control, sink, phase: Phase::Start }
    }

    /// Makes the instance, then runs its start function and `_initialize`, where it has them.
    pub(super) fn start(&mut self) -> Step<()> {
        self.enter(Phase::Start);
        self.check()?;
        self.instantiate()?;
        let code = self.code;
        if let Some(start) = &code.exports().start {
            self.call(start, &[])?;
        }
        if self.module.has_initialize {
            self.enter(Phase::Initialize);
            self.call("_initialize", &[])?;
        }
        Ok(())
    }

    /// Begins a phase.
    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.sink.emit(RunEvent::PhaseStarted { phase });
    }

    /// Calls an export; `None` where it gives no number.
    pub(super) fn call(&mut self, export: &str, arguments: &[u32]) -> Step<Option<i32>> {
        let function = self.function(export)?;
        let arguments: Vec<Value> = arguments.iter().map(|number| Value::I32(number.cast_signed())).collect();
        let results = function.call(&mut self.store, &arguments);
        let used = self.publish();
        let results = results.map_err(|error| self.circumstances(used).judge(&error))?;
        self.check()?;
        Ok(results.first().and_then(Value::i32))
    }

    /// Calls an export of the skill's allocator; host functions that would call it too are told so.
    pub(super) fn call_allocator(&mut self, export: &str, arguments: &[u32]) -> Step<Option<i32>> {
        self.state().in_allocator = true;
        let result = self.call(export, arguments);
        self.state().in_allocator = false;
        result
    }

    /// The skill's memory as it is now.
    pub(super) fn memory(&mut self) -> Step<GuestMemory<'_>> {
        let memory = self.state().memory.clone();
        let Some(memory) = memory else {
            let failure = Failure::new("missing-export", "the module exports no memory named `memory`").in_phase(self.phase);
            return Err(Ending::new(Outcome::Invalid, failure));
        };
        Ok(GuestMemory::new(&memory, &self.store))
    }

    /// The host's side of the run.
    pub(super) fn state(&mut self) -> &mut HostState {
        self.env.as_mut(&mut self.store)
    }

    pub(super) const fn module(&self) -> &'a ValidModule {
        self.module
    }

    pub(super) const fn watch(&self) -> &Arc<MemoryWatch> {
        &self.watch
    }

    pub(super) fn warn(&self, message: impl Into<String>) {
        self.sink.warn(message);
    }

    /// An ending of the skill's own making, in this phase.
    pub(super) fn ending(&self, outcome: Outcome, kind: &'static str, message: impl Into<String>) -> Box<Ending> {
        Ending::new(outcome, Failure::new(kind, message).in_phase(self.phase))
    }

    /// The ending for a null from the skill's allocator.
    pub(super) fn allocator_gave_null(&mut self, allocator: &str, bytes: u64) -> Box<Ending> {
        let used = self.publish();
        self.circumstances(used).allocator_gave_null(allocator, bytes)
    }

    /// The fuel used so far, published to those who look.
    pub(super) fn publish(&mut self) -> u64 {
        let mut env = self.env.clone().into_mut(&mut self.store);
        let (state, mut store) = env.data_and_store_mut();
        let used = state.fuel_used(&mut store);
        checkpoint::publish(state, &self.watch, used);
        used
    }

    /// What a checkpoint checks, between two calls.
    fn check(&mut self) -> Step<()> {
        let used = self.publish();
        let stop = self.control.check().and_then(|()| self.state().check_replay(used));
        let stop = stop.and_then(|()| checkpoint::next_slice(used, self.state().limits.fuel).map(drop));
        stop.map_err(|stop| self.circumstances(used).stopped(&stop))
    }

    fn circumstances(&mut self, fuel_used: u64) -> Circumstances<'_> {
        let (phase, watch) = (self.phase, Arc::clone(&self.watch));
        Circumstances { phase, watch, fuel_used, limits: &self.state().limits }
    }

    fn function(&self, export: &str) -> Step<Function> {
        let function = self.instance.as_ref().and_then(|instance| instance.exports.get_function(export).ok());
        function.cloned().ok_or_else(|| {
            self.ending(Outcome::Invalid, "missing-export", format!("the module exports no function named `{export}`"))
        })
    }

    fn instantiate(&mut self) -> Step<()> {
        let imports = self.imports()?;
        let made = Instance::new(&mut self.store, self.code.module(), &imports);
        let instance = made.map_err(|error| self.refused_instance(error))?;
        self.attach(&instance);
        self.instance = Some(instance);
        Ok(())
    }

    fn imports(&mut self) -> Step<Imports> {
        let mut imports = host::imports(&mut self.store, &self.env, self.module);
        if let Some(declaration) = self.module.memory.filter(|memory| memory.imported) {
            let memory = self.import_memory(declaration)?;
            imports.define("env", "memory", memory);
        }
        let checkpoint = checkpoint::function(&mut self.store, &self.env, Arc::clone(&self.watch));
        imports.define(CHECKPOINT.0, CHECKPOINT.1, checkpoint);
        Ok(imports)
    }

    fn import_memory(&mut self, declaration: MemoryDeclaration) -> Step<Memory> {
        let ty = MemoryType::new(declaration.minimum_pages, declaration.maximum_pages, false);
        let made = Memory::new(&mut self.store, ty);
        let memory = made.map_err(|error| self.no_memory(declaration.minimum_pages, &error.to_string()))?;
        self.state().memory = Some(memory.clone());
        Ok(memory)
    }

    /// Hands the instance's memory, fuel counter and allocator to the host's side, before any of its code runs.
    fn attach(&mut self, instance: &Instance) {
        let exports = &instance.exports;
        let allocator = self.module.allocator.and_then(|names| {
            Some(GuestAllocator {
                allocate: exports.get_function(names.allocate).ok()?.clone(),
                free: exports.get_function(names.free).ok()?.clone(),
                free_takes_len: names.free_takes_len,
            })
        });
        let memory = exports.get_memory("memory").ok().cloned();
        let fuel_left = exports.get_global(&self.code.exports().fuel).ok().cloned();
        let state = self.state();
        state.memory = state.memory.take().or(memory);
        state.fuel_left = fuel_left;
        state.allocator = allocator;
    }

    /// What each function used that was entered, where this is a profiled build; what never came to an instance entered none.
    pub(super) fn functions(&mut self) -> Option<Vec<FunctionFuel>> {
        let counters = self.code.exports().counters.as_ref()?;
        let Some(instance) = &self.instance else { return Some(Vec::new()) };
        let names = FunctionNames::of(&self.module.bytes);
        let mut functions = Vec::new();
        for function_index in counters.functions() {
            let mut read = |export: &str| {
                let counter = instance.exports.get_global(export).ok()?;
                counter.get(&mut self.store).i64().map(i64::cast_unsigned)
            };
            let Some(calls) = read(&counters.calls(function_index)).filter(|calls| *calls > 0) else { continue };
            let fuel = read(&counters.fuel(function_index)).unwrap_or_default();
            functions.push(FunctionFuel { function: names.name(function_index), function_index, fuel, calls });
        }
        FunctionFuel::sort(&mut functions);
        Some(functions)
    }

    fn refused_instance(&mut self, error: InstantiationError) -> Box<Ending> {
        match error {
            InstantiationError::Start(error) | InstantiationError::Link(LinkError::Trap(error)) => {
                let used = self.publish();
                self.circumstances(used).judge(&error)
            }
            InstantiationError::Link(LinkError::Resource(reason)) => {
                let minimum = self.module.memory.map_or(0, |memory| memory.minimum_pages);
                self.no_memory(minimum, &reason)
            }
            other => self.ending(Outcome::Invalid, "link", format!("the module cannot be linked: {other}")),
        }
    }

    /// The ending where the memory or a table that the module declares cannot be had.
    fn no_memory(&mut self, minimum_pages: u32, reason: &str) -> Box<Ending> {
        let minimum = u64::from(minimum_pages).saturating_mul(PAGE_BYTES);
        let limit = self.state().limits.memory_bytes;
        if minimum > limit {
            let (minimum, limit) = (super::ending::size_in_words(minimum), super::ending::size_in_words(limit));
            let message = format!("the module declares a memory of at least {minimum}, and the limit is {limit}");
            return self.ending(Outcome::Invalid, "memory-limit", message);
        }
        self.ending(Outcome::Invalid, "resources", format!("the memory and tables of the module cannot be had: {reason}"))
    }
}
