//! From a module to an instance.

use crate::memory::Memory;
use crate::module::Module;
use crate::stack::low;
use crate::store::{Code, Extern, Function, Global, Instance, InstanceId, Store};
use crate::table::{Table, part};
use crate::value::{Stop, Trap, TrapKind, Value};
use std::rc::Rc;
use wasmparser::{ConstExpr, DataKind, Element, ElementItems, ElementKind, ExternalKind, Operator, ValType};

impl<'a> Store<'a> {
    /// Makes an instance with these imports, which must fit, in order. What segments wrote stays where a later one does not fit, and so
    /// does the instance where its start function traps.
    ///
    /// # Errors
    /// A trap, or what the start function ended with.
    pub fn instantiate(&mut self, module: &Module<'a>, imports: &[Extern]) -> Result<InstanceId, Stop> {
        let index = self.instances.len();
        let types = module.types.iter().map(|of_type| self.type_index(of_type)).collect();
        let mut instance = Instance { types, ..Instance::default() };
        for import in imports {
            match *import {
                Extern::Function(at) => instance.functions.push(at),
                Extern::Table(at) => instance.tables.push(at),
                Extern::Memory(at) => instance.memories.push(at),
                Extern::Global(at) => instance.globals.push(at),
            }
        }
        self.add_own(index, module, &mut instance);
        self.instances.push(instance);
        for (of_type, value) in &module.globals {
            let slot = self.constant(index, value);
            self.globals.push(Global { of_type: of_type.content_type, slot });
            let at = self.globals.len() - 1;
            self.instances[index].globals.push(at);
        }
        for export in &module.exports {
            let at = usize::try_from(export.index).unwrap();
            let instance = &mut self.instances[index];
            let exported = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => Extern::Function(instance.functions[at]),
                ExternalKind::Table => Extern::Table(instance.tables[at]),
                ExternalKind::Memory => Extern::Memory(instance.memories[at]),
                ExternalKind::Global => Extern::Global(instance.globals[at]),
                ExternalKind::Tag => panic!("validation let a tag pass"),
            };
            instance.exports.insert(export.name, exported);
        }
        self.fill_segments(index, module)?;
        if let Some(start) = module.start {
            let function = self.instances[index].functions[usize::try_from(start).unwrap()];
            self.call(Extern::Function(function), &[])?;
        }
        Ok(InstanceId(index))
    }

    fn add_own(&mut self, index: usize, module: &Module<'a>, instance: &mut Instance<'a>) {
        for (of_type, body) in module.functions.iter().zip(&module.bodies) {
            let of_type = instance.types[usize::try_from(*of_type).unwrap()];
            instance.functions.push(self.functions.len());
            self.functions.push(Function { of_type, code: Code::Wasm { instance: index, body: Rc::clone(body) } });
        }
        let size = |number: u64| usize::try_from(number).unwrap();
        for table in &module.tables {
            instance.tables.push(self.tables.len());
            self.tables.push(Table::new(ValType::Ref(table.element_type), size(table.initial), table.maximum.map(size)));
        }
        for memory in &module.memories {
            instance.memories.push(self.memories.len());
            self.memories.push(Memory::new(size(memory.initial), memory.maximum.map(size)));
        }
    }

    fn fill_segments(&mut self, index: usize, module: &Module<'a>) -> Result<(), Stop> {
        let not_fitting = |kind| Stop::Trap(Trap { kind, offset: None });
        for element in &module.elements {
            let references = self.references(index, element);
            self.instances[index].elements.push(references);
        }
        for data in &module.data {
            self.instances[index].data.push(data.data);
        }
        for (at, element) in module.elements.iter().enumerate() {
            match &element.kind {
                ElementKind::Passive => continue,
                ElementKind::Declared => {}
                ElementKind::Active { table_index, offset_expr } => {
                    let to = low(self.constant(index, offset_expr));
                    let table = self.instances[index].tables[usize::try_from(table_index.unwrap_or(0)).unwrap()];
                    let slots = self.instances[index].elements[at].clone();
                    self.tables[table].write(to, &slots).map_err(not_fitting)?;
                }
            }
            self.instances[index].elements[at].clear();
        }
        for (at, data) in module.data.iter().enumerate() {
            if let DataKind::Active { memory_index, offset_expr } = &data.kind {
                let to = low(self.constant(index, offset_expr));
                let memory = self.instances[index].memories[usize::try_from(*memory_index).unwrap()];
                self.memories[memory].store(to, 0, data.data).map_err(not_fitting)?;
                self.instances[index].data[at] = &[];
            }
        }
        Ok(())
    }

    fn references(&self, index: usize, element: &Element<'a>) -> Vec<u64> {
        match &element.items {
            ElementItems::Functions(functions) => {
                functions.clone().into_iter().map(|function| self.reference(index, function.expect("valid"))).collect()
            }
            ElementItems::Expressions(_, expressions) => {
                expressions.clone().into_iter().map(|expression| self.constant(index, &expression.expect("valid"))).collect()
            }
        }
    }

    /// A reference to an instance's function, as it lies on the stack.
    pub(crate) fn reference(&self, instance: usize, function: u32) -> u64 {
        let at = self.instances[instance].functions[usize::try_from(function).unwrap()];
        Value::FuncRef(Some(u32::try_from(at).unwrap())).to_slot()
    }

    fn constant(&self, index: usize, expression: &ConstExpr<'_>) -> u64 {
        let mut stack: Vec<u64> = Vec::new();
        for operator in expression.get_operators_reader() {
            let operator = operator.expect("valid");
            let slot = match operator {
                Operator::I32Const { value } => Value::I32(value).to_slot(),
                Operator::I64Const { value } => Value::I64(value).to_slot(),
                Operator::F32Const { value } => u64::from(value.bits()),
                Operator::F64Const { value } => value.bits(),
                Operator::RefNull { .. } => 0,
                Operator::RefFunc { function_index } => self.reference(index, function_index),
                Operator::GlobalGet { global_index } => {
                    self.globals[self.instances[index].globals[usize::try_from(global_index).unwrap()]].slot
                }
                Operator::End => break,
                _ => {
                    let (right, left) = (stack.pop().expect("valid"), stack.pop().expect("valid"));
                    let (right_32, left_32) = (low(right), low(left));
                    match operator {
                        Operator::I32Add => u64::from(left_32.wrapping_add(right_32)),
                        Operator::I32Sub => u64::from(left_32.wrapping_sub(right_32)),
                        Operator::I32Mul => u64::from(left_32.wrapping_mul(right_32)),
                        Operator::I64Add => left.wrapping_add(right),
                        Operator::I64Sub => left.wrapping_sub(right),
                        Operator::I64Mul => left.wrapping_mul(right),
                        other => panic!("validation let {other:?} pass in a constant"),
                    }
                }
            };
            stack.push(slot);
        }
        stack.pop().expect("valid")
    }

    pub(crate) fn init_table(&mut self, instance: usize, table: u32, segment: u32, range: [u32; 3]) -> Result<(), TrapKind> {
        let [to, from, length] = range;
        let slots = part(&self.instances[instance].elements[usize::try_from(segment).unwrap()], from, length)?;
        let table = self.instances[instance].tables[usize::try_from(table).unwrap()];
        self.tables[table].write(to, &slots)
    }
}
