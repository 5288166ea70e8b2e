//! A module as it was read: its sections, and its functions' bodies.

use crate::body::{Body, Unsupported, uses_vectors};
use std::rc::Rc;
use wasmparser::{
    ConstExpr, Data, Element, Export, FuncType, GlobalType, Import, MemoryType, Parser, Payload, TableType, TypeRef,
};

/// A valid module, read.
#[derive(Clone)]
pub struct Module<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The type of each function of its own.
    pub(crate) functions: Vec<u32>,
    pub(crate) bodies: Vec<Rc<Body<'a>>>,
    pub(crate) tables: Vec<TableType>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) globals: Vec<(GlobalType, ConstExpr<'a>)>,
    pub(crate) exports: Vec<Export<'a>>,
    pub(crate) start: Option<u32>,
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) data: Vec<Data<'a>>,
}

/// What an import asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say all")]
pub enum ImportKind {
    Function(FuncType),
    Table,
    Memory,
    Global,
}

impl<'a> Module<'a> {
    /// Reads a module that passed validation with the features of WebAssembly 2.0 and extended constants.
    ///
    /// # Errors
    /// Where it has vectors.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Unsupported> {
        if uses_vectors(bytes) {
            return Err(Unsupported("vectors".into()));
        }
        let mut module = Self {
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            bodies: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload.expect("valid"))?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Unsupported> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types.into_iter_err_on_gc_types().map(|of_type| of_type.expect("valid")).collect();
            }
            Payload::ImportSection(imports) => {
                self.imports = imports.into_imports().map(|import| import.expect("valid")).collect()
            }
            Payload::FunctionSection(functions) => {
                self.functions = functions.into_iter().map(|index| index.expect("valid")).collect()
            }
            Payload::TableSection(tables) => self.tables = tables.into_iter().map(|table| table.expect("valid").ty).collect(),
            Payload::MemorySection(memories) => {
                self.memories = memories.into_iter().map(|memory| memory.expect("valid")).collect()
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global.expect("valid");
                    self.globals.push((global.ty, global.init_expr));
                }
            }
            Payload::ExportSection(exports) => self.exports = exports.into_iter().map(|export| export.expect("valid")).collect(),
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => {
                self.elements = elements.into_iter().map(|element| element.expect("valid")).collect()
            }
            Payload::DataSection(data) => self.data = data.into_iter().map(|data| data.expect("valid")).collect(),
            Payload::CodeSectionEntry(body) => self.bodies.push(Rc::new(Body::read(&body)?)),
            _ => {}
        }
        Ok(())
    }

    /// Module, name and kind of each import, in order.
    pub fn imports(&self) -> impl Iterator<Item = (&'a str, &'a str, ImportKind)> {
        self.imports.iter().map(|import| {
            let kind = match import.ty {
                TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                    ImportKind::Function(self.types[usize::try_from(index).unwrap()].clone())
                }
                TypeRef::Table(_) => ImportKind::Table,
                TypeRef::Memory(_) => ImportKind::Memory,
                TypeRef::Global(_) => ImportKind::Global,
                TypeRef::Tag(_) => panic!("validation let a tag pass"),
            };
            (import.module, import.name, kind)
        })
    }
}
