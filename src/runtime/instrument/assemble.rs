//! The rewritten module: the original's sections in their order, with what the rewriter adds.

use super::counters::FunctionCounters;
use super::indices::Indices;
use super::layout::{self, Layout};
use super::sequence::{Added, write_u32};
use super::signature::Signatures;
use super::{CHECKPOINT, InstrumentError};
use std::ops::Range;
use wasm_encoder::reencode::{Error as ReencodeError, Reencode};
use wasm_encoder::{
    ConstExpr, ElementSection, Elements, Encode, ExportKind, ExportSection, GlobalSection, GlobalType, Module, RawSection,
    SectionId, StartSection, TableSection, TypeSection, ValType,
};
use wasmparser::{BinaryReader, FuncType};

/// Puts the module together around its new code section; also tells where that section's content lies.
pub(super) fn assemble(
    module: &[u8],
    layout: &Layout<'_>,
    functions: &Functions<'_>,
    added_exports: &Exports<'_>,
    code: &[u8],
) -> Result<(Vec<u8>, u64), InstrumentError> {
    let mut assembly = Assembly { module, functions, out: Module::HEADER.to_vec() };
    assembly.types()?;
    assembly.imports(layout)?;
    assembly.functions();
    assembly.tables(layout)?;
    assembly.raw(SectionId::Memory, layout.memories.clone());
    assembly.globals(layout, added_exports.counters.map_or(0, FunctionCounters::globals))?;
    assembly.exports(layout, added_exports)?;
    if let Some(function) = layout.start {
        let function_index = functions.indices.for_the_host(function);
        assembly.section(&StartSection { function_index });
    }
    assembly.elements(layout)?;
    if let Some(count) = layout.data_count {
        assembly.section(&wasm_encoder::DataCountSection { count });
    }
    let code_ends = (functions.indices.bodies() > 0).then(|| {
        assembly.section(&RawSection { id: SectionId::Code.into(), data: code });
        assembly.out.len()
    });
    assembly.raw(SectionId::Data, layout.data.clone());
    let code_begins = code_ends.map_or(assembly.out.len(), |end| end.saturating_sub(code.len()));
    Ok((assembly.out, super::instruction::offset(code_begins)))
}

/// What is exported besides.
pub(super) struct Exports<'e> {
    /// The name of the fuel counter.
    pub(super) fuel: &'e str,
    /// The functions' counters, in a profiled module.
    pub(super) counters: Option<&'e FunctionCounters>,
}

/// What becomes of functions and their types.
pub(super) struct Functions<'m> {
    pub(super) added: Added,
    pub(super) signatures: &'m Signatures,
    pub(super) indices: &'m Indices,
    /// The types of the module's own functions, in the original module.
    pub(super) types: &'m [u32],
    /// The functions of the original module that its code refers to, ascending.
    pub(super) referred_in_code: &'m [u32],
}

struct Assembly<'m> {
    module: &'m [u8],
    functions: &'m Functions<'m>,
    out: Vec<u8>,
}

impl Assembly<'_> {
    fn section(&mut self, section: &impl wasm_encoder::Section) {
        section.append_to(&mut self.out);
    }

    fn raw(&mut self, id: SectionId, content: Option<Range<usize>>) {
        if let Some(data) = content.and_then(|range| self.module.get(range)) {
            self.section(&RawSection { id: id.into(), data });
        }
    }

    /// A section as it was, with so many more entries.
    fn raw_and_more(
        &mut self,
        id: SectionId,
        content: Option<Range<u64>>,
        more: u32,
        added: &[u8],
    ) -> Result<(), InstrumentError> {
        let content = content.map(layout::range).transpose()?.and_then(|range| self.module.get(range)).unwrap_or(&[0]);
        let mut reader = BinaryReader::new(content, 0);
        let count = reader.read_var_u32()?;
        let entries = content.get(reader.current_position()..).unwrap_or_default();
        let mut data = Vec::with_capacity(content.len().saturating_add(added.len()).saturating_add(1));
        write_u32(&mut data, count.saturating_add(more));
        data.extend_from_slice(entries);
        data.extend_from_slice(added);
        self.section(&RawSection { id: id.into(), data: &data });
        Ok(())
    }

    fn types(&mut self) -> Result<(), InstrumentError> {
        let signatures = self.functions.signatures;
        let always = [[ValType::I64].as_slice(), &[ValType::I64; 2]];
        let mut types = TypeSection::new();
        for (function, with_counter) in signatures.own() {
            self.function_type(&mut types, function, with_counter)?;
        }
        for parameters in always {
            types.ty().function(parameters.iter().copied(), [ValType::I64]);
        }
        for function in signatures.added() {
            self.function_type(&mut types, function, true)?;
        }
        self.section(&types);
        Ok(())
    }

    /// With the counter, it is one more parameter and one more result.
    fn function_type(&mut self, into: &mut TypeSection, function: &FuncType, with_counter: bool) -> Result<(), InstrumentError> {
        let mut with = |types: &[wasmparser::ValType]| {
            let own = types.iter().map(|of_type| self.val_type(*of_type).map_err(plain_error));
            own.chain(with_counter.then_some(Ok(ValType::I64))).collect::<Result<Vec<_>, _>>()
        };
        let (parameters, results) = (with(function.params())?, with(function.results())?);
        into.ty().function(parameters, results);
        Ok(())
    }

    /// The functions' types: those of the original module, then the wrappers'.
    fn functions(&mut self) {
        let Functions { signatures, indices, types, .. } = self.functions;
        if indices.bodies() > 0 {
            let mut data = Vec::with_capacity(types.len().saturating_mul(2));
            write_u32(&mut data, indices.bodies());
            for of_type in types.iter().map(|of_type| signatures.rewritten(*of_type)).chain(indices.wrapper_types(signatures)) {
                write_u32(&mut data, of_type);
            }
            self.section(&RawSection { id: SectionId::Function.into(), data: &data });
        }
    }

    fn imports(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        const FUNCTION: u8 = 0;
        let mut entry = Vec::new();
        CHECKPOINT.0.encode(&mut entry);
        CHECKPOINT.1.encode(&mut entry);
        entry.push(FUNCTION);
        write_u32(&mut entry, self.functions.signatures.checkpoint());
        self.raw_and_more(SectionId::Import, layout.imports.as_ref().map(|section| section.range()), 1, &entry)
    }

    fn tables(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        if let Some(section) = layout.tables.clone() {
            let mut tables = TableSection::new();
            self.parse_table_section(&mut tables, section).map_err(plain_error)?;
            self.section(&tables);
        }
        Ok(())
    }

    fn globals(&mut self, layout: &Layout<'_>, counters: u32) -> Result<(), InstrumentError> {
        let mut globals = GlobalSection::new();
        if let Some(section) = layout.globals.clone() {
            self.parse_global_section(&mut globals, section).map_err(plain_error)?;
        }
        let mutable = |val_type| GlobalType { val_type, mutable: true, shared: false };
        globals.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
        globals.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
        for _ in 0..counters {
            globals.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
        }
        self.section(&globals);
        Ok(())
    }

    fn exports(&mut self, layout: &Layout<'_>, added: &Exports<'_>) -> Result<(), InstrumentError> {
        let mut exports = ExportSection::new();
        for export in layout.exports.clone().into_iter().flatten() {
            let export = export?;
            let kind = self.export_kind(export.kind).map_err(plain_error)?;
            let index = match kind {
                ExportKind::Func => self.functions.indices.for_the_host(export.index),
                _ => export.index,
            };
            exports.export(export.name, kind, index);
        }
        exports.export(added.fuel, ExportKind::Global, self.functions.added.fuel);
        if let (Some(counters), Some(first)) = (added.counters, self.functions.added.counters) {
            for (name, position) in counters.exports() {
                exports.export(&name, ExportKind::Global, first.saturating_add(position));
            }
        }
        self.section(&exports);
        Ok(())
    }

    /// The element segments, and behind them one that declares what code refers to: exports, which declare it too, now are others.
    fn elements(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        let mut elements = ElementSection::new();
        if let Some(section) = layout.elements.clone() {
            self.parse_element_section(&mut elements, section).map_err(plain_error)?;
        }
        let Functions { indices, referred_in_code, .. } = self.functions;
        if !referred_in_code.is_empty() {
            let functions: Vec<u32> = referred_in_code.iter().map(|function| indices.for_a_reference(*function)).collect();
            elements.declared(Elements::Functions(functions.into()));
        }
        if !elements.is_empty() {
            self.section(&elements);
        }
        Ok(())
    }
}

impl Reencode for Assembly<'_> {
    type Error = InstrumentError;

    fn function_index(&mut self, function: u32) -> Result<u32, ReencodeError<InstrumentError>> {
        Ok(self.functions.indices.for_a_reference(function))
    }

    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, ReencodeError<InstrumentError>> {
        let indices = self.functions.indices;
        let bytes = layout::constant_expression(self.module, &expression, |bytes, function| {
            indices.ref_func(function, bytes);
            Ok(())
        });
        bytes.map(ConstExpr::raw).map_err(ReencodeError::UserError)
    }
}

fn plain_error(error: ReencodeError<InstrumentError>) -> InstrumentError {
    match error {
        ReencodeError::ParseError(error) => InstrumentError::Parse(error),
        ReencodeError::UserError(error) => error,
        _ => InstrumentError::Unsupported { what: "something outside WebAssembly 2.0", offset: 0 },
    }
}
