//! The rewritten module: the original's sections in their order, with what the rewriter adds.

use super::layout::{self, Layout};
use super::sequence::{Added, write_u32};
use super::{CHECKPOINT, InstrumentError};
use std::ops::Range;
use wasm_encoder::reencode::{Error as ReencodeError, Reencode};
use wasm_encoder::{
    ConstExpr, ElementSection, Encode, ExportKind, ExportSection, GlobalSection, GlobalType, Module, RawSection, SectionId,
    StartSection, TableSection, ValType,
};
use wasmparser::BinaryReader;

const REF_FUNC: u8 = 0xd2;

/// Puts the module together around its new code section; also tells where that section's content lies.
pub(super) fn assemble(
    module: &[u8],
    layout: &Layout<'_>,
    added: Added,
    checkpoint_type: u32,
    fuel_export: &str,
    code: &[u8],
) -> Result<(Vec<u8>, u64), InstrumentError> {
    let mut assembly = Assembly { module, added, out: Module::HEADER.to_vec() };
    assembly.types(layout)?;
    assembly.imports(layout, checkpoint_type)?;
    assembly.raw(SectionId::Function, layout.functions.as_ref().map(|section| section.range()).map(layout::range).transpose()?);
    assembly.tables(layout)?;
    assembly.raw(SectionId::Memory, layout.memories.clone());
    assembly.globals(layout)?;
    assembly.exports(layout, fuel_export)?;
    if let Some(function) = layout.start {
        let function_index = assembly.moved(function);
        assembly.section(&StartSection { function_index });
    }
    assembly.elements(layout)?;
    if let Some(count) = layout.data_count {
        assembly.section(&wasm_encoder::DataCountSection { count });
    }
    let code_ends = layout.functions.is_some().then(|| {
        assembly.section(&RawSection { id: SectionId::Code.into(), data: code });
        assembly.out.len()
    });
    assembly.raw(SectionId::Data, layout.data.clone());
    let code_begins = code_ends.map_or(assembly.out.len(), |end| end.saturating_sub(code.len()));
    Ok((assembly.out, super::instruction::offset(code_begins)))
}

struct Assembly<'m> {
    module: &'m [u8],
    added: Added,
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

    /// A section as it was, with one more entry.
    fn raw_and_one(&mut self, id: SectionId, content: Option<Range<u64>>, entry: &[u8]) -> Result<(), InstrumentError> {
        let content = content.map(layout::range).transpose()?.and_then(|range| self.module.get(range)).unwrap_or(&[0]);
        let mut reader = BinaryReader::new(content, 0);
        let count = reader.read_var_u32()?;
        let entries = content.get(reader.current_position()..).unwrap_or_default();
        let mut data = Vec::with_capacity(content.len().saturating_add(entry.len()).saturating_add(1));
        write_u32(&mut data, count.saturating_add(1));
        data.extend_from_slice(entries);
        data.extend_from_slice(entry);
        self.section(&RawSection { id: id.into(), data: &data });
        Ok(())
    }

    fn types(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        const I64_TO_I64: [u8; 5] = [0x60, 1, 0x7e, 1, 0x7e];
        self.raw_and_one(SectionId::Type, layout.types.as_ref().map(|section| section.range()), &I64_TO_I64)
    }

    fn imports(&mut self, layout: &Layout<'_>, checkpoint_type: u32) -> Result<(), InstrumentError> {
        const FUNCTION: u8 = 0;
        let mut entry = Vec::new();
        CHECKPOINT.0.encode(&mut entry);
        CHECKPOINT.1.encode(&mut entry);
        entry.push(FUNCTION);
        write_u32(&mut entry, checkpoint_type);
        self.raw_and_one(SectionId::Import, layout.imports.as_ref().map(|section| section.range()), &entry)
    }

    fn tables(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        if let Some(section) = layout.tables.clone() {
            let mut tables = TableSection::new();
            self.parse_table_section(&mut tables, section).map_err(plain_error)?;
            self.section(&tables);
        }
        Ok(())
    }

    fn globals(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        let mut globals = GlobalSection::new();
        if let Some(section) = layout.globals.clone() {
            self.parse_global_section(&mut globals, section).map_err(plain_error)?;
        }
        let mutable = |val_type| GlobalType { val_type, mutable: true, shared: false };
        globals.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
        globals.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
        self.section(&globals);
        Ok(())
    }

    fn exports(&mut self, layout: &Layout<'_>, fuel_export: &str) -> Result<(), InstrumentError> {
        let mut exports = ExportSection::new();
        if let Some(section) = layout.exports.clone() {
            self.parse_export_section(&mut exports, section).map_err(plain_error)?;
        }
        exports.export(fuel_export, ExportKind::Global, self.added.fuel);
        self.section(&exports);
        Ok(())
    }

    fn elements(&mut self, layout: &Layout<'_>) -> Result<(), InstrumentError> {
        if let Some(section) = layout.elements.clone() {
            let mut elements = ElementSection::new();
            self.parse_element_section(&mut elements, section).map_err(plain_error)?;
            self.section(&elements);
        }
        Ok(())
    }

    /// The index of a function in the rewritten module.
    const fn moved(&self, function: u32) -> u32 {
        if function < self.added.checkpoint { function } else { function.saturating_add(1) }
    }
}

impl Reencode for Assembly<'_> {
    type Error = InstrumentError;

    fn function_index(&mut self, function: u32) -> Result<u32, ReencodeError<InstrumentError>> {
        Ok(self.moved(function))
    }

    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, ReencodeError<InstrumentError>> {
        let bytes = layout::constant_expression(self.module, &expression, |bytes, function| {
            bytes.push(REF_FUNC);
            write_u32(bytes, self.moved(function));
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
