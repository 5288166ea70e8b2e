//! The memory and table limits of one run, held where the engine makes and grows them.
//!
//! A growth past the limit fails inside the skill (`memory.grow` returns -1) and is remembered, so that a skill that
//! gives up because of it can be told from one that traps for another reason.

use crate::event::PAGE_BYTES;
use crate::host::GrowthFaults;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmer::sys::vm::{LinearMemory, VMConfig, VMMemory, VMMemoryDefinition, VMTable, VMTableDefinition};
use wasmer::sys::{BaseTunables, Tunables};
use wasmer::{MemoryError, MemoryStyle, MemoryType, Pages, TableStyle, TableType};

/// The most entries that a table may have.
pub const MAX_TABLE_ENTRIES: u32 = 1_000_000;

/// Why memory did not grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// The limit of the run, in bytes.
    Limit(u64),
    /// The maximum that the module declares itself, in bytes.
    Declared(u64),
    /// A fault that was asked for, as it was written.
    Fault(String),
    /// The system had no memory.
    System,
}

/// A growth that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedGrowth {
    /// The size that memory would have had, in bytes.
    pub requested: u64,
    /// Its size then, in bytes.
    pub size: u64,
    /// Why.
    pub by: RefusedBy,
}

/// What happened to a run's linear memory. Written by the running thread, read by anyone.
#[derive(Debug)]
pub struct MemoryWatch {
    limit: u64,
    faults: GrowthFaults,
    seen: Mutex<Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    size: Option<u64>,
    peak: u64,
    refused: Option<RefusedGrowth>,
    refusals: u64,
    growths: u64,
    /// Faults that befell memory, each once, and how many of them were told.
    befallen: Vec<String>,
    told: usize,
}

impl MemoryWatch {
    /// For a run with this limit, in bytes, and these faults that are to befall its memory.
    pub fn new(limit: u64, faults: GrowthFaults) -> Self {
        Self { limit, faults, seen: Mutex::default() }
    }

    /// The limit that holds, in bytes, and the fault that lowers it, where one does.
    pub fn limit_in_force(&self) -> (u64, Option<&str>) {
        match &self.faults.limit {
            Some((limit, fault)) if *limit < self.limit => (*limit, Some(fault)),
            _ => (self.limit, None),
        }
    }

    /// The faults that befell memory and were not taken before, each once.
    pub fn take_untold_faults(&self) -> Vec<String> {
        let mut seen = self.lock();
        let untold = seen.befallen.get(seen.told..).map(<[String]>::to_vec).unwrap_or_default();
        seen.told = seen.befallen.len();
        untold
    }

    /// The faults of memory that befell nothing, in words.
    pub fn unmet_faults(&self) -> Vec<String> {
        let seen = self.lock();
        let planned = [self.faults.limit.as_ref(), self.faults.none_from.as_ref()].into_iter().flatten();
        let idle = planned.map(|(_, fault)| fault).filter(|fault| !seen.befallen.contains(fault));
        idle.map(|fault| format!("the fault {fault} befell nothing: memory was to grow {} times", seen.growths)).collect()
    }

    /// Memory's size, in bytes; `None` where the run has made none.
    pub fn size(&self) -> Option<u64> {
        self.lock().size
    }

    /// The largest size so far, in bytes; `None` where the run has made no memory.
    pub fn peak(&self) -> Option<u64> {
        let seen = self.lock();
        seen.size.map(|_| seen.peak)
    }

    /// The last growth that failed, where none has succeeded since.
    pub fn refused(&self) -> Option<RefusedGrowth> {
        self.lock().refused.clone()
    }

    /// How many growths have failed so far.
    pub fn refusals(&self) -> u64 {
        self.lock().refusals
    }

    fn resized(&self, bytes: u64) {
        let mut seen = self.lock();
        seen.size = Some(bytes);
        seen.peak = seen.peak.max(bytes);
        seen.refused = None;
    }

    /// Counts a growth; the fault that befalls it, where one does.
    fn growing(&self) -> Option<String> {
        let mut seen = self.lock();
        seen.growths = seen.growths.saturating_add(1);
        self.faults.none_from.as_ref().filter(|(from, _)| seen.growths >= *from).map(|(_, fault)| fault.clone())
    }

    /// A fault keeps the module from the memory that it declares.
    pub fn befell(&self, fault: &str) {
        self.lock().befell(fault);
    }

    fn refuse(&self, growth: RefusedGrowth) {
        let mut seen = self.lock();
        if let RefusedBy::Fault(fault) = &growth.by {
            seen.befell(fault);
        }
        seen.refused = Some(growth);
        seen.refusals = seen.refusals.saturating_add(1);
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Plain figures: a panic while they were locked leaves none of them half written.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn befell(&mut self, fault: &str) {
        if !self.befallen.iter().any(|known| known == fault) {
            self.befallen.push(fault.to_owned());
        }
    }
}

/// The engine's own way of making memories and tables, within the limits of one run.
pub(super) struct LimitingTunables {
    base: BaseTunables,
    watch: Arc<MemoryWatch>,
}

impl LimitingTunables {
    pub(super) fn new(watch: Arc<MemoryWatch>) -> Self {
        Self { base: BaseTunables::new(), watch }
    }

    fn limit_pages(&self) -> Pages {
        Pages(u32::try_from(self.watch.limit_in_force().0 / PAGE_BYTES).unwrap_or(u32::MAX)).min(Pages::max_value())
    }

    /// The type with its maximum lowered to the limit.
    fn limited_memory(&self, ty: &MemoryType) -> Result<MemoryType, MemoryError> {
        let limit = self.limit_pages();
        if ty.minimum > limit {
            return Err(MemoryError::MinimumMemoryTooLarge { min_requested: ty.minimum, max_allowed: limit });
        }
        Ok(MemoryType { maximum: Some(ty.maximum.map_or(limit, |maximum| maximum.min(limit))), ..*ty })
    }

    fn watched(&self, memory: VMMemory, declared: Option<Pages>) -> VMMemory {
        self.watch.resized(bytes_of(memory.size()));
        VMMemory(Box::new(WatchedMemory { memory, declared, watch: Arc::clone(&self.watch) }))
    }
}

fn limited_table(ty: &TableType) -> Result<TableType, String> {
    if ty.minimum > MAX_TABLE_ENTRIES {
        return Err(format!("a table of {} entries is larger than the limit of {MAX_TABLE_ENTRIES}", ty.minimum));
    }
    Ok(TableType { maximum: Some(ty.maximum.map_or(MAX_TABLE_ENTRIES, |maximum| maximum.min(MAX_TABLE_ENTRIES))), ..*ty })
}

#[allow(
    unsafe_code,
    reason = "the engine's trait declares the two creating functions unsafe; they hand their pointer on as it came"
)]
impl Tunables for LimitingTunables {
    fn memory_style(&self, memory: &MemoryType) -> MemoryStyle {
        self.base.memory_style(memory)
    }

    fn table_style(&self, table: &TableType) -> TableStyle {
        self.base.table_style(table)
    }

    fn create_host_memory(&self, ty: &MemoryType, style: &MemoryStyle) -> Result<VMMemory, MemoryError> {
        let memory = self.base.create_host_memory(&self.limited_memory(ty)?, style)?;
        Ok(self.watched(memory, ty.maximum))
    }

    unsafe fn create_vm_memory(
        &self,
        ty: &MemoryType,
        style: &MemoryStyle,
        location: NonNull<VMMemoryDefinition>,
    ) -> Result<VMMemory, MemoryError> {
        // SAFETY: the caller promises that `location` is valid, which is all that the base asks for.
        let memory = unsafe { self.base.create_vm_memory(&self.limited_memory(ty)?, style, location)? };
        Ok(self.watched(memory, ty.maximum))
    }

    fn create_host_table(&self, ty: &TableType, style: &TableStyle) -> Result<VMTable, String> {
        self.base.create_host_table(&limited_table(ty)?, style)
    }

    unsafe fn create_vm_table(
        &self,
        ty: &TableType,
        style: &TableStyle,
        location: NonNull<VMTableDefinition>,
    ) -> Result<VMTable, String> {
        // SAFETY: the caller promises that `location` is valid, which is all that the base asks for.
        unsafe { self.base.create_vm_table(&limited_table(ty)?, style, location) }
    }

    fn vmconfig(&self) -> &VMConfig {
        self.base.vmconfig()
    }
}

/// A linear memory whose growths are watched.
#[derive(Debug)]
struct WatchedMemory {
    memory: VMMemory,
    /// The maximum that the module declares.
    declared: Option<Pages>,
    watch: Arc<MemoryWatch>,
}

impl WatchedMemory {
    fn refusal(&self, delta: Pages, fault: Option<String>) -> RefusedGrowth {
        let size = bytes_of(self.memory.size());
        let requested = size.saturating_add(u64::from(delta.0).saturating_mul(PAGE_BYTES));
        let (limit, lowered_by) = self.watch.limit_in_force();
        let declared = self.declared.map(bytes_of).filter(|declared| requested > *declared && *declared <= limit);
        let by = match (fault, declared) {
            (Some(fault), _) => RefusedBy::Fault(fault),
            (None, Some(declared)) => RefusedBy::Declared(declared),
            (None, None) if requested > limit => {
                lowered_by.map_or(RefusedBy::Limit(limit), |fault| RefusedBy::Fault(fault.to_owned()))
            }
            (None, None) => RefusedBy::System,
        };
        RefusedGrowth { requested, size, by }
    }
}

impl LinearMemory for WatchedMemory {
    fn ty(&self) -> MemoryType {
        self.memory.ty()
    }

    fn size(&self) -> Pages {
        self.memory.size()
    }

    fn style(&self) -> MemoryStyle {
        self.memory.style()
    }

    fn grow(&mut self, delta: Pages) -> Result<Pages, MemoryError> {
        if delta.0 == 0 {
            // A question for the size, not a growth.
            return Ok(self.memory.size());
        }
        if let Some(fault) = self.watch.growing() {
            self.watch.refuse(self.refusal(delta, Some(fault)));
            return Err(MemoryError::CouldNotGrow { current: self.memory.size(), attempted_delta: delta });
        }
        let grown = self.memory.grow(delta);
        match &grown {
            Ok(_) => self.watch.resized(bytes_of(self.memory.size())),
            Err(_) => self.watch.refuse(self.refusal(delta, None)),
        }
        grown
    }

    fn vmmemory(&self) -> NonNull<VMMemoryDefinition> {
        self.memory.vmmemory()
    }

    fn try_clone(&self) -> Result<Box<dyn LinearMemory + Send + Sync + 'static>, MemoryError> {
        Err(MemoryError::MemoryNotShared)
    }

    fn copy(&self) -> Result<Box<dyn LinearMemory + Send + Sync + 'static>, MemoryError> {
        Err(MemoryError::UnsupportedOperation { message: "a run's memory is not copied".to_owned() })
    }
}

fn bytes_of(pages: Pages) -> u64 {
    u64::from(pages.0).saturating_mul(PAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Compiler;
    use wasmer::sys::NativeEngineExt;
    use wasmer::{Imports, Instance, Module, Store};

    fn instance(wat: &str, limit: u64) -> (Arc<MemoryWatch>, Store, Result<Instance, Box<wasmer::InstantiationError>>) {
        let watch = Arc::new(MemoryWatch::new(limit, GrowthFaults::default()));
        let mut engine = Compiler::Singlepass.engine();
        let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        engine.set_tunables(LimitingTunables::new(Arc::clone(&watch)));
        let mut store = Store::new(engine);
        let instance = Instance::new(&mut store, &module, &Imports::new()).map_err(Box::new);
        (watch, store, instance)
    }

    fn call(store: &mut Store, instance: &Instance, name: &str, argument: i32) -> i32 {
        instance.exports.get_typed_function::<i32, i32>(store, name).unwrap().call(store, argument).unwrap()
    }

    const GROWING: &str = r#"(module (memory (export "memory") 1)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;

    #[test]
    fn a_growth_past_the_limit_returns_minus_one_and_is_remembered_until_one_succeeds() {
        let (watch, mut store, instance) = instance(GROWING, 4 * PAGE_BYTES);
        let instance = instance.unwrap();
        assert_eq!(call(&mut store, &instance, "grow", 4), -1);
        let refused = RefusedGrowth { requested: 5 * PAGE_BYTES, size: PAGE_BYTES, by: RefusedBy::Limit(4 * PAGE_BYTES) };
        assert_eq!(watch.refused(), Some(refused.clone()));
        assert_eq!(call(&mut store, &instance, "grow", 0), 1);
        assert_eq!(watch.refused(), Some(refused), "asking for the size is no growth");
        assert_eq!(call(&mut store, &instance, "grow", 3), 1);
        assert_eq!((watch.refused(), watch.refusals()), (None, 1));
        assert_eq!((watch.size(), watch.peak()), (Some(4 * PAGE_BYTES), Some(4 * PAGE_BYTES)));
        assert_eq!(call(&mut store, &instance, "grow", -1), -1, "the largest growth there is");
        assert_eq!(call(&mut store, &instance, "grow", 1), -1);
    }

    #[test]
    fn a_limit_that_is_no_multiple_of_a_page_holds() {
        let (_, mut store, instance) = instance(GROWING, 2 * PAGE_BYTES - 1);
        assert_eq!(call(&mut store, &instance.unwrap(), "grow", 1), -1);
    }

    #[test]
    fn the_modules_own_maximum_is_told_from_the_limit() {
        let wat = GROWING.replace("\"memory\") 1", "\"memory\") 1 2");
        let (watch, mut store, instance) = instance(&wat, 8 * PAGE_BYTES);
        assert_eq!(call(&mut store, &instance.unwrap(), "grow", 2), -1);
        assert_eq!(watch.refused().unwrap().by, RefusedBy::Declared(2 * PAGE_BYTES));
    }

    #[test]
    fn a_minimum_above_the_limit_makes_no_instance() {
        let (watch, _, made) = instance("(module (memory 3))", 2 * PAGE_BYTES);
        assert!(made.is_err());
        assert_eq!(watch.size(), None);
        let (_, _, made) = instance("(module (table 1000001 funcref))", PAGE_BYTES);
        assert!(made.is_err());
    }

    #[test]
    fn tables_grow_up_to_a_million_entries_and_not_past_them() {
        let wat = r#"(module (table 1 funcref)
            (func (export "grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;
        let (_, mut store, instance) = instance(wat, PAGE_BYTES);
        let instance = instance.unwrap();
        assert_eq!(call(&mut store, &instance, "grow", 1_000_000), -1);
        assert_eq!(call(&mut store, &instance, "grow", 999_999), 1);
        assert_eq!(call(&mut store, &instance, "grow", 1), -1);
    }
}
