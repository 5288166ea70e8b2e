//! A module made ready for the compiler: instrumented, and with its start function as an export.
//!
//! A start function would run before the engine hands out the instance's memory and its fuel counter, so that the host
//! functions that it calls could see neither. As an export it is called first of all, by the run. Nothing in the module can
//! tell the difference.

use super::cache::AddedExports;
use super::engine::Compiler;
use super::instrument::{InstrumentError, Origins, instrument, instrument_profiled};
use crate::module::ValidModule;
use std::borrow::Cow;
use std::ops::Range;
use wasm_encoder::{Encode, ExportKind, RawSection, SectionId};
use wasmparser::{ExportSectionReader, Parser, Payload};

/// The version of what is done here besides instrumenting: a part of the key under which compiled modules are kept.
pub(super) const PREPARATION_VERSION: u32 = 1;

const START_EXPORT: &str = "skillscope.start";

/// What is made of a module. Both do the same and use the same fuel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Build {
    /// What is run.
    Normal,
    /// What also tells which functions the fuel went to; it is slower.
    Profiled,
}

impl Build {
    /// A word of its own, for the cache's key.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Profiled => "profiled",
        }
    }
}

/// A module as the compiler takes it, and the way back to the original.
pub(super) struct Prepared {
    pub(super) bytes: Vec<u8>,
    pub(super) exports: AddedExports,
    origins: Origins,
    /// How much further behind the code lies in what was instrumented than in the original.
    shift: i64,
}

impl Prepared {
    pub(super) fn new(module: &ValidModule, compiler: Compiler, build: Build) -> Result<Self, InstrumentError> {
        let exported = if module.has_start { export_start(&module.bytes)? } else { Exported::unchanged(&module.bytes) };
        let instrumented = match build {
            Build::Normal => instrument(&exported.bytes, compiler.trap_places())?,
            Build::Profiled => instrument_profiled(&exported.bytes, compiler.trap_places())?,
        };
        let exports = AddedExports { fuel: instrumented.fuel_export, start: exported.name, counters: instrumented.counters };
        Ok(Self { bytes: instrumented.bytes, exports, origins: instrumented.origins, shift: exported.shift })
    }

    /// The offset in the original module of the instruction at this offset.
    pub(super) fn original_offset(&self, offset: u64) -> Option<u64> {
        self.origins.offset(offset)?.checked_sub_signed(self.shift)
    }

    /// The fuel that was used and not yet counted where the instruction at this offset trapped; below 0 where more was counted.
    pub(super) fn owed(&self, offset: u64) -> i64 {
        self.origins.owed(offset)
    }

    /// The index in the original module of this function.
    pub(super) fn original_function(&self, index: u32) -> Option<u32> {
        self.origins.function_index(index)
    }
}

struct Exported<'a> {
    bytes: Cow<'a, [u8]>,
    name: Option<String>,
    shift: i64,
}

impl<'a> Exported<'a> {
    const fn unchanged(module: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(module), name: None, shift: 0 }
    }
}

/// The module with an export in the place of its start section.
fn export_start(module: &[u8]) -> Result<Exported<'_>, InstrumentError> {
    let Some(start) = find_start(module)? else { return Ok(Exported::unchanged(module)) };
    let mut rewritten = wasm_encoder::Module::new();
    let mut shift = 0;
    let mut name = None;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        let data = slice(module, &range);
        match payload {
            Payload::ExportSection(exports) => {
                let (section, added) = with_export(Some(exports), start)?;
                name = Some(added);
                rewritten.section(&RawSection { id, data: &section });
            }
            // Comes right after the exports, so where there were none these are the exports.
            Payload::StartSection { .. } if name.is_none() => {
                let (section, added) = with_export(None, start)?;
                name = Some(added);
                rewritten.section(&RawSection { id: SectionId::Export.into(), data: &section });
            }
            Payload::StartSection { .. } => {}
            Payload::CodeSectionStart { .. } => {
                rewritten.section(&RawSection { id, data });
                let begins = rewritten.len().saturating_sub(data.len());
                shift = distance(range.start, begins);
            }
            _ => {
                rewritten.section(&RawSection { id, data });
            }
        }
    }
    Ok(Exported { bytes: Cow::Owned(rewritten.finish()), name, shift })
}

fn find_start(module: &[u8]) -> Result<Option<u32>, InstrumentError> {
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::StartSection { func, .. } => return Ok(Some(func)),
            Payload::CodeSectionStart { .. } => return Ok(None),
            _ => {}
        }
    }
    Ok(None)
}

/// The content of an export section with one export more, and the name of that.
fn with_export(exports: Option<ExportSectionReader<'_>>, function: u32) -> Result<(Vec<u8>, String), InstrumentError> {
    let mut section = wasm_encoder::ExportSection::new();
    let mut names = Vec::new();
    if let Some(exports) = exports {
        for export in exports {
            let export = export?;
            section.export(export.name, kind_of(export.kind), export.index);
            names.push(export.name);
        }
    }
    let name = (1_u32..).map(numbered).find(|name| !names.contains(&name.as_str())).unwrap_or_default();
    section.export(&name, ExportKind::Func, function);
    let mut content = Vec::new();
    section.encode(&mut content);
    // Without the section's size, which the raw section writes itself.
    let content = strip_leb128(&content).to_vec();
    Ok((content, name))
}

fn numbered(number: u32) -> String {
    if number == 1 { START_EXPORT.to_owned() } else { format!("{START_EXPORT}{number}") }
}

const fn kind_of(kind: wasmparser::ExternalKind) -> ExportKind {
    match kind {
        wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact => ExportKind::Func,
        wasmparser::ExternalKind::Table => ExportKind::Table,
        wasmparser::ExternalKind::Memory => ExportKind::Memory,
        wasmparser::ExternalKind::Global => ExportKind::Global,
        wasmparser::ExternalKind::Tag => ExportKind::Tag,
    }
}

fn strip_leb128(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|byte| **byte & 0x80 != 0).count().saturating_add(1);
    bytes.get(length..).unwrap_or_default()
}

fn slice<'a>(module: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let (start, end) = (usize::try_from(range.start).unwrap_or(usize::MAX), usize::try_from(range.end).unwrap_or(usize::MAX));
    module.get(start..end).unwrap_or_default()
}

fn distance(from: u64, to: usize) -> i64 {
    let (from, to) = (i64::try_from(from).unwrap_or(i64::MAX), i64::try_from(to).unwrap_or(i64::MAX));
    to.saturating_sub(from)
}
