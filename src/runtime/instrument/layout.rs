//! The module's sections as they are: where they lie, and what the rewriter must know of them.

use super::InstrumentError;
use super::call_graph::Reachable;
use super::instruction::{Instruction, InstructionReader, index, offset};
use super::signature::Signatures;
use std::ops::Range;
use wasmparser::{
    ConstExpr, ElementItems, ElementSectionReader, Encoding, ExportSectionReader, ExternalKind, FunctionSectionReader,
    GlobalSectionReader, ImportSectionReader, Parser, Payload, TableSectionReader, TypeRef, TypeSectionReader,
};

/// The engine's bound on types, functions, imports, exports and globals.
const MAX_ITEMS: u32 = 1_000_000;
/// The engine's bound on element segments.
const MAX_ELEMENT_SEGMENTS: u32 = 100_000;

/// The sections of a module; what is missing there is missing here. Custom sections are left out.
#[derive(Default)]
pub(super) struct Layout<'m> {
    pub(super) types: Option<TypeSectionReader<'m>>,
    pub(super) imports: Option<ImportSectionReader<'m>>,
    pub(super) functions: Option<FunctionSectionReader<'m>>,
    pub(super) tables: Option<TableSectionReader<'m>>,
    /// The content of the memory section.
    pub(super) memories: Option<Range<usize>>,
    pub(super) globals: Option<GlobalSectionReader<'m>>,
    pub(super) exports: Option<ExportSectionReader<'m>>,
    pub(super) start: Option<u32>,
    pub(super) elements: Option<ElementSectionReader<'m>>,
    pub(super) data_count: Option<u32>,
    /// The content of the data section.
    pub(super) data: Option<Range<usize>>,
    /// The bodies of the functions: declarations of locals and code.
    pub(super) bodies: Vec<(usize, usize)>,
    /// The types of the imported functions.
    pub(super) imported_types: Vec<u32>,
    pub(super) imported_globals: u32,
}

impl<'m> Layout<'m> {
    pub(super) fn read(module: &'m [u8]) -> Result<Self, InstrumentError> {
        let mut layout = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            layout.take(payload?)?;
        }
        layout.count_imports()?;
        if layout.functions.as_ref().map_or(0, |section| index(section.count())) != layout.bodies.len() {
            return Err(InstrumentError::Malformed { what: "functions without bodies", offset: 0 });
        }
        Ok(layout)
    }

    fn take(&mut self, payload: Payload<'m>) -> Result<(), InstrumentError> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } | Payload::End(_) | Payload::CustomSection(_) => {}
            Payload::TypeSection(section) => self.types = Some(section),
            Payload::ImportSection(section) => self.imports = Some(section),
            Payload::FunctionSection(section) => self.functions = Some(section),
            Payload::TableSection(section) => self.tables = Some(section),
            Payload::MemorySection(section) => self.memories = Some(range(section.range())?),
            Payload::GlobalSection(section) => self.globals = Some(section),
            Payload::ExportSection(section) => self.exports = Some(section),
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => self.elements = Some(section),
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::DataSection(section) => self.data = Some(range(section.range())?),
            Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                let body = range(body.range())?;
                self.bodies.push((body.start, body.end));
            }
            other => {
                let offset = other.as_section().map_or(0, |(_, range)| range.start);
                return Err(InstrumentError::Unsupported { what: "a section outside WebAssembly 2.0", offset });
            }
        }
        Ok(())
    }

    fn count_imports(&mut self) -> Result<(), InstrumentError> {
        for group in self.imports.clone().into_iter().flatten() {
            for import in group? {
                match import?.1.ty {
                    TypeRef::Func(type_index) => self.imported_types.push(type_index),
                    TypeRef::Global(_) => self.imported_globals += 1,
                    TypeRef::Table(_) | TypeRef::Memory(_) => {}
                    TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                        return Err(InstrumentError::Unsupported { what: "an import outside WebAssembly 2.0", offset: 0 });
                    }
                }
            }
        }
        Ok(())
    }

    /// The types of the module's own functions, by index.
    pub(super) fn function_types(&self) -> Result<Vec<u32>, InstrumentError> {
        self.functions.clone().into_iter().flatten().map(|index| Ok(index?)).collect()
    }

    /// How many functions are imported.
    pub(super) fn imported_functions(&self) -> u32 {
        u32::try_from(self.imported_types.len()).unwrap_or(u32::MAX)
    }

    /// The functions that the host calls: exports, and the start function.
    pub(super) fn called_by_host(&self) -> Result<Vec<u32>, InstrumentError> {
        let mut functions = Vec::from_iter(self.start);
        for export in self.exports.clone().into_iter().flatten() {
            let export = export?;
            if export.kind == ExternalKind::Func {
                functions.push(export.index);
            }
        }
        Ok(functions)
    }

    /// Whether the engine takes so many more types and functions, with the import, the export and the globals that are added, and with
    /// one more element segment.
    pub(super) fn check_room(&self, added_types: u32, added_functions: u32, counters: u32) -> Result<(), InstrumentError> {
        let count = |own: Option<u32>| own.unwrap_or(0);
        let functions = count(self.functions.as_ref().map(|section| section.count()));
        let counts = [
            ("types", count(self.types.as_ref().map(|section| section.count())), added_types, MAX_ITEMS),
            ("imports", count(self.imports.as_ref().map(|section| section.count())), 1, MAX_ITEMS),
            ("functions", self.imported_functions().saturating_add(functions), added_functions, MAX_ITEMS),
            ("exports", count(self.exports.as_ref().map(|section| section.count())), counters.saturating_add(1), MAX_ITEMS),
            ("globals", self.global_count(), counters.saturating_add(2), MAX_ITEMS),
            ("element segments", count(self.elements.as_ref().map(|section| section.count())), 1, MAX_ELEMENT_SEGMENTS),
        ];
        for (what, there, added, limit) in counts {
            if there.saturating_add(added) > limit {
                return Err(InstrumentError::NoRoom { what, limit });
            }
        }
        Ok(())
    }

    /// How many globals there are, imported ones included.
    pub(super) fn global_count(&self) -> u32 {
        self.imported_globals.saturating_add(self.globals.as_ref().map_or(0, |section| section.count()))
    }

    /// The names of the exports.
    pub(super) fn export_names(&self) -> Result<Vec<&'m str>, InstrumentError> {
        self.exports.clone().into_iter().flatten().map(|export| Ok(export?.name)).collect()
    }

    /// Which functions may be called through a table or by the host, as far as it is told outside the code.
    pub(super) fn add_references(
        &self,
        module: &[u8],
        signatures: &Signatures,
        reachable: &mut Reachable,
    ) -> Result<(), InstrumentError> {
        for export in self.exports.clone().into_iter().flatten() {
            let export = export?;
            if export.kind == ExternalKind::Func {
                reachable.add_export(export.name, export.index, signatures);
            }
        }
        let mut referred = Vec::new();
        for global in self.globals.clone().into_iter().flatten() {
            referred_functions(module, &global?.init_expr, &mut referred)?;
        }
        for element in self.elements.clone().into_iter().flatten() {
            match element?.items {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        referred.push(function?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        referred_functions(module, &expression?, &mut referred)?;
                    }
                }
            }
        }
        for function in referred {
            reachable.add_reference(function, signatures);
        }
        Ok(())
    }
}

/// Collects the functions that a constant expression refers to.
fn referred_functions(module: &[u8], expression: &ConstExpr<'_>, into: &mut Vec<u32>) -> Result<(), InstrumentError> {
    let place = range(expression.get_binary_reader().range())?;
    let mut reader = InstructionReader::new(module, place.start, place.end);
    while !reader.is_at_end() {
        if let Instruction::RefFunc(function) = reader.next()? {
            into.push(function);
        }
    }
    Ok(())
}

/// A constant expression without its `end`, each `ref.func` with the index that `new_index` gives.
pub(super) fn constant_expression(
    module: &[u8],
    expression: &ConstExpr<'_>,
    mut ref_func: impl FnMut(&mut Vec<u8>, u32) -> Result<(), InstrumentError>,
) -> Result<Vec<u8>, InstrumentError> {
    let place = range(expression.get_binary_reader().range())?;
    let mut reader = InstructionReader::new(module, place.start, place.end);
    let mut bytes = Vec::with_capacity(place.len());
    while !reader.is_at_end() {
        let at = reader.at();
        match reader.next()? {
            Instruction::RefFunc(function) => ref_func(&mut bytes, function)?,
            Instruction::End if reader.is_at_end() => {}
            Instruction::Plain => bytes.extend_from_slice(module.get(at..reader.at()).unwrap_or_default()),
            _ => return Err(InstrumentError::Malformed { what: "an expression that is not constant", offset: offset(at) }),
        }
    }
    Ok(bytes)
}

/// A range of offsets as one of positions in memory.
pub(super) fn range(offsets: Range<u64>) -> Result<Range<usize>, InstrumentError> {
    let position = |offset| usize::try_from(offset).ok();
    position(offsets.start)
        .zip(position(offsets.end))
        .map(|(start, end)| start..end)
        .ok_or(InstrumentError::TooLarge { what: "the module", limit: u64::from(u32::MAX) })
}
