//! Instructions that lead nowhere but on: variables, arithmetic, memories and tables.

use crate::execute::Run;
use crate::table::part;
use crate::value::{Stop, TrapKind, Value};
use crate::{conversions, floats, integers, memory_access};
use wasmparser::Operator;

impl Run<'_, '_> {
    /// Instructions that lead nowhere but on. The outer error is one that is no trap.
    pub(crate) fn data(&mut self, operator: &Operator<'_>) -> Result<Result<(), TrapKind>, Stop> {
        if self.constant_or_variable(operator) {
            return Ok(Ok(()));
        }
        if let Some(memory) = self.memory_index() {
            let memory = &mut self.store.memories[memory];
            match memory_access::execute(operator, &mut self.stack, memory) {
                Ok(false) => {}
                done => return Ok(done.map(drop)),
            }
        }
        for execute in [integers::execute, conversions::execute] {
            match execute(operator, &mut self.stack) {
                Ok(false) => {}
                done => return Ok(done.map(drop)),
            }
        }
        if floats::execute(operator, &mut self.stack) {
            return Ok(Ok(()));
        }
        self.bulk(operator)
    }

    fn memory_index(&mut self) -> Option<usize> {
        let instance = self.instance();
        self.store.instances[instance].memories.first().copied()
    }

    fn constant_or_variable(&mut self, operator: &Operator<'_>) -> bool {
        match operator {
            Operator::LocalGet { local_index } => {
                let slot = self.frame().locals[usize::try_from(*local_index).unwrap()];
                self.stack.push(slot);
            }
            Operator::LocalSet { local_index } => {
                let slot = self.stack.pop();
                self.frame().locals[usize::try_from(*local_index).unwrap()] = slot;
            }
            Operator::LocalTee { local_index } => {
                let slot = *self.stack.slots.last().expect("valid");
                self.frame().locals[usize::try_from(*local_index).unwrap()] = slot;
            }
            Operator::GlobalGet { global_index } => {
                let global = self.global(*global_index);
                self.stack.push(self.store.globals[global].slot);
            }
            Operator::GlobalSet { global_index } => {
                let global = self.global(*global_index);
                self.store.globals[global].slot = self.stack.pop();
            }
            Operator::I32Const { value } => self.stack.push(Value::I32(*value).to_slot()),
            Operator::I64Const { value } => self.stack.push(Value::I64(*value).to_slot()),
            Operator::F32Const { value } => self.stack.push_u32(value.bits()),
            Operator::F64Const { value } => self.stack.push(value.bits()),
            Operator::RefNull { .. } => self.stack.push(0),
            Operator::RefIsNull => {
                let is_null = self.stack.pop() == 0;
                self.stack.push_bool(is_null);
            }
            Operator::RefFunc { function_index } => {
                let instance = self.instance();
                self.stack.push(self.store.reference(instance, *function_index));
            }
            _ => return false,
        }
        true
    }

    fn global(&mut self, index: u32) -> usize {
        let instance = self.instance();
        self.store.instances[instance].globals[usize::try_from(index).unwrap()]
    }

    pub(crate) fn table(&mut self, index: u32) -> usize {
        let instance = self.instance();
        self.store.instances[instance].tables[usize::try_from(index).unwrap()]
    }

    /// Tables, and the instructions that move much at once. What those cost by their length is paid before anything else.
    fn bulk(&mut self, operator: &Operator<'_>) -> Result<Result<(), TrapKind>, Stop> {
        let result = match operator {
            Operator::MemorySize { .. } => {
                let memory = self.memory_index().expect("valid");
                self.stack.push(self.store.memories[memory].pages() as u64);
                Ok(())
            }
            Operator::MemoryGrow { .. } => {
                let (memory, pages) = (self.memory_index().expect("valid"), self.stack.pop_u32());
                let before = self.store.memories[memory].grow(pages);
                self.stack.push_u32(before.map_or(u32::MAX, |pages| u32::try_from(pages).unwrap()));
                Ok(())
            }
            Operator::MemoryFill { .. } => {
                let (length, byte, to) = (self.stack.pop_u32(), self.stack.pop_u32(), self.stack.pop_u32());
                self.pay(u64::from(length).div_ceil(16))?;
                let memory = self.memory_index().expect("valid");
                self.store.memories[memory].fill(to, byte.to_le_bytes()[0], length)
            }
            Operator::MemoryCopy { .. } => {
                let (length, from, to) = (self.stack.pop_u32(), self.stack.pop_u32(), self.stack.pop_u32());
                self.pay(u64::from(length).div_ceil(16))?;
                let memory = self.memory_index().expect("valid");
                self.store.memories[memory].copy(to, from, length)
            }
            Operator::MemoryInit { data_index, .. } => {
                let (length, from, to) = (self.stack.pop_u32(), self.stack.pop_u32(), self.stack.pop_u32());
                self.pay(u64::from(length).div_ceil(16))?;
                let (memory, instance) = (self.memory_index().expect("valid"), self.instance());
                let data = self.store.instances[instance].data[usize::try_from(*data_index).unwrap()];
                self.store.memories[memory].init(to, data, from, length)
            }
            Operator::DataDrop { data_index } => {
                let instance = self.instance();
                self.store.instances[instance].data[usize::try_from(*data_index).unwrap()] = &[];
                Ok(())
            }
            other => return self.tables(other),
        };
        Ok(result)
    }

    fn tables(&mut self, operator: &Operator<'_>) -> Result<Result<(), TrapKind>, Stop> {
        let result = match operator {
            Operator::TableGet { table } => {
                let (table, index) = (self.table(*table), self.stack.pop_u32());
                self.store.tables[table].get(index).map(|slot| self.stack.push(slot))
            }
            Operator::TableSet { table } => {
                let (table, slot, index) = (self.table(*table), self.stack.pop(), self.stack.pop_u32());
                self.store.tables[table].set(index, slot)
            }
            Operator::TableSize { table } => {
                let table = self.table(*table);
                self.stack.push(self.store.tables[table].entries.len() as u64);
                Ok(())
            }
            Operator::TableGrow { table } => {
                let (table, number, slot) = (self.table(*table), self.stack.pop_u32(), self.stack.pop());
                let before = self.store.tables[table].grow(number, slot);
                self.stack.push_u32(before.map_or(u32::MAX, |entries| u32::try_from(entries).unwrap()));
                Ok(())
            }
            Operator::TableFill { table } => {
                let (length, slot, to) = (self.stack.pop_u32(), self.stack.pop(), self.stack.pop_u32());
                self.pay(u64::from(length))?;
                let table = self.table(*table);
                self.store.tables[table].fill(to, slot, length)
            }
            Operator::TableCopy { dst_table, src_table } => {
                let (length, from, to) = (self.stack.pop_u32(), self.stack.pop_u32(), self.stack.pop_u32());
                self.pay(u64::from(length))?;
                let (source, target) = (self.table(*src_table), self.table(*dst_table));
                part(&self.store.tables[source].entries, from, length)
                    .and_then(|slots| self.store.tables[target].write(to, &slots))
            }
            Operator::TableInit { elem_index, table } => {
                let (length, from, to) = (self.stack.pop_u32(), self.stack.pop_u32(), self.stack.pop_u32());
                self.pay(u64::from(length))?;
                let instance = self.instance();
                self.store.init_table(instance, *table, *elem_index, [to, from, length])
            }
            Operator::ElemDrop { elem_index } => {
                let instance = self.instance();
                self.store.instances[instance].elements[usize::try_from(*elem_index).unwrap()].clear();
                Ok(())
            }
            other => panic!("{other:?} is outside of what this interpreter takes"),
        };
        Ok(result)
    }
}
