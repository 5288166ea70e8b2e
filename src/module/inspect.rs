//! What a module is made of, for people who look at it: also of one that is refused, as far as it can be read.

use super::function_names::FunctionNames;
use super::host_functions::{Grant, find_host_function};
use super::signature::signature;
use super::wasi_functions::{WASI_MODULE, find_wasi_function};
use crate::event::{Payload, ReportSection, figures};
use std::io;
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Parser, Payload as Part, TypeRef};
use wasmprinter::Print;

/// The most functions and data segments that are listed, the largest first.
const MAX_LISTED: usize = 500;
/// The most bytes of the text form.
const MAX_WAT: usize = 2 << 20;

/// The parts of a binary module, and its text form; what cannot be read is left out.
pub fn inspect(module: &[u8]) -> (Vec<ReportSection>, Payload) {
    let mut inventory = Inventory { names: FunctionNames::of(module), ..Inventory::default() };
    for part in Parser::new(0).parse_all(module).map_while(Result::ok) {
        inventory.take(part);
    }
    (inventory.sections(), Payload::from(wat_of(module)))
}

/// What was found so far.
#[derive(Default)]
struct Inventory {
    names: FunctionNames,
    types: Vec<Option<FuncType>>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    imported_functions: u32,
    exports: Vec<(String, ExternalKind, u32)>,
    imports: Vec<[String; 3]>,
    memories: Vec<[String; 3]>,
    tables: Vec<[String; 3]>,
    globals: u32,
    /// Name and bytes of each section, custom ones told as such.
    sizes: Vec<(String, u64, bool)>,
    bodies: Vec<(u32, u64)>,
}

impl Inventory {
    fn take(&mut self, part: Part<'_>) {
        if let Some((name, bytes)) = size_of(&part) {
            self.sizes.push((name, bytes, matches!(part, Part::CustomSection(_))));
        }
        match part {
            Part::TypeSection(types) => {
                for group in types.into_iter().map_while(Result::ok) {
                    self.types.extend(group.into_types().map(|ty| match ty.composite_type.inner {
                        CompositeInnerType::Func(function) => Some(function),
                        _ => None,
                    }));
                }
            }
            Part::ImportSection(imports) => {
                for import in imports.into_imports().map_while(Result::ok) {
                    self.import(import.module, import.name, import.ty);
                }
            }
            Part::FunctionSection(functions) => self.functions.extend(functions.into_iter().map_while(Result::ok)),
            Part::TableSection(tables) => {
                for table in tables.into_iter().map_while(Result::ok) {
                    self.tables.push(table_row(&table.ty, "its own"));
                }
            }
            Part::MemorySection(memories) => {
                for memory in memories.into_iter().map_while(Result::ok) {
                    self.memories.push(memory_row(&memory, "its own"));
                }
            }
            Part::GlobalSection(globals) => self.globals = self.globals.saturating_add(globals.count()),
            Part::ExportSection(exports) => {
                let exports = exports.into_iter().map_while(Result::ok);
                self.exports.extend(exports.map(|export| (export.name.to_owned(), export.kind, export.index)));
            }
            Part::CodeSectionEntry(body) => {
                let index = self.imported_functions.saturating_add(u32::try_from(self.bodies.len()).unwrap_or(u32::MAX));
                let range = body.range();
                self.bodies.push((index, range.end.saturating_sub(range.start)));
            }
            _ => {}
        }
    }

    fn import(&mut self, module: &str, name: &str, ty: TypeRef) {
        let shown = format!("{module}.{name}");
        match ty {
            TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                self.imported_functions = self.imported_functions.saturating_add(1);
                self.functions.push(index);
                let kind = self.function_type(index);
                self.imports.push([shown, kind, served_by(module, name)]);
            }
            TypeRef::Memory(memory) => {
                self.memories.push(memory_row(&memory, &format!("imported as {shown}")));
                self.imports.push([shown, "memory".into(), String::new()]);
            }
            TypeRef::Table(table) => {
                self.tables.push(table_row(&table, &format!("imported as {shown}")));
                self.imports.push([shown, "table".into(), String::new()]);
            }
            TypeRef::Global(_) => self.imports.push([shown, "global".into(), String::new()]),
            TypeRef::Tag(_) => self.imports.push([shown, "tag".into(), String::new()]),
        }
    }

    fn function_type(&self, index: u32) -> String {
        let function = usize::try_from(index).ok().and_then(|index| self.types.get(index)).and_then(Option::as_ref);
        function.map_or_else(|| format!("type {index}"), |function| signature(function.params(), function.results()))
    }

    fn type_of(&self, function: u32) -> String {
        let index = usize::try_from(function).ok().and_then(|function| self.functions.get(function));
        index.map_or_else(String::new, |index| self.function_type(*index))
    }

    fn sections(self) -> Vec<ReportSection> {
        let exports = self.exports.iter().map(|(name, kind, index)| match kind {
            ExternalKind::Func | ExternalKind::FuncExact => [name.clone(), self.type_of(*index), format!("function {index}")],
            ExternalKind::Table => [name.clone(), "table".into(), String::new()],
            ExternalKind::Memory => [name.clone(), "memory".into(), String::new()],
            ExternalKind::Global => [name.clone(), "global".into(), String::new()],
            ExternalKind::Tag => [name.clone(), "tag".into(), String::new()],
        });
        let mut bodies = self.bodies.clone();
        bodies.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let code: u64 = bodies.iter().map(|(_, bytes)| *bytes).sum();
        let functions = bodies.iter().take(MAX_LISTED).map(|(index, bytes)| {
            let name = self.names.name(*index).unwrap_or_else(|| format!("function {index}"));
            [name, figures::count(*bytes), share(*bytes, code)]
        });
        let all: u64 = self.sizes.iter().map(|(_, bytes, _)| *bytes).sum();
        let sizes = |custom: bool| {
            let chosen = self.sizes.iter().filter(move |(.., is_custom)| *is_custom == custom);
            chosen.map(move |(name, bytes, _)| [name.clone(), figures::count(*bytes), share(*bytes, all)]).collect()
        };
        let section = |title: &str, rows: Vec<[String; 3]>| ReportSection { title: title.to_owned(), rows };
        vec![
            section("Exports", exports.collect()),
            section("Imports", self.imports.clone()),
            section("Memories", self.memories.clone()),
            section("Tables", self.tables.clone()),
            section("Sections, in bytes", sizes(false)),
            section("Custom sections, in bytes", sizes(true)),
            section("Functions by size, in bytes", functions.collect()),
        ]
    }
}

/// What serves an import, and which grant it needs.
fn served_by(module: &str, name: &str) -> String {
    if module == WASI_MODULE {
        return if find_wasi_function(name).is_some() { "WASI" } else { "unknown: refused" }.to_owned();
    }
    match find_host_function(module, name) {
        None => "unknown: refused".to_owned(),
        Some(function) => match function.grant {
            Grant::None => function.doc.to_owned(),
            Grant::Ai => format!("needs ai = true; {}", function.doc),
            Grant::Memory => format!("needs memory = [\"KEY\"]; {}", function.doc),
            Grant::Http => format!("needs http = [\"HOST\"]; {}", function.doc),
        },
    }
}

fn memory_row(memory: &wasmparser::MemoryType, origin: &str) -> [String; 3] {
    let maximum = memory.maximum.map_or_else(|| "no maximum".to_owned(), |maximum| format!("at most {maximum}"));
    [origin.to_owned(), format!("{} pages, {maximum}", memory.initial), String::new()]
}

fn table_row(table: &wasmparser::TableType, origin: &str) -> [String; 3] {
    let maximum = table.maximum.map_or_else(|| "no maximum".to_owned(), |maximum| format!("at most {maximum}"));
    [origin.to_owned(), format!("{} entries, {maximum}", table.initial), table.element_type.to_string()]
}

fn share(bytes: u64, of: u64) -> String {
    let tenths = bytes.saturating_mul(1_000).checked_div(of).unwrap_or_default();
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// The name and the bytes of a part that is a section.
fn size_of(part: &Part<'_>) -> Option<(String, u64)> {
    let name = match part {
        Part::TypeSection(_) => "type",
        Part::ImportSection(_) => "import",
        Part::FunctionSection(_) => "function",
        Part::TableSection(_) => "table",
        Part::MemorySection(_) => "memory",
        Part::GlobalSection(_) => "global",
        Part::ExportSection(_) => "export",
        Part::StartSection { .. } => "start",
        Part::ElementSection(_) => "element",
        Part::DataCountSection { .. } => "data count",
        Part::DataSection(_) => "data",
        Part::CodeSectionStart { .. } => "code",
        Part::CustomSection(custom) => custom.name(),
        _ => return None,
    };
    let (_, range) = part.as_section()?;
    Some((name.to_owned(), range.end.saturating_sub(range.start)))
}

/// The text form, as much of it as is shown.
fn wat_of(module: &[u8]) -> String {
    let mut text = BoundedText(String::new());
    let whole = wasmprinter::Config::new().print(module, &mut text);
    let BoundedText(mut text) = text;
    if let Err(error) = whole {
        text.push_str(if text.len() >= MAX_WAT { "\n;; more is not shown" } else { "\n;; what follows cannot be printed: " });
        if text.len() < MAX_WAT {
            text.push_str(&error.to_string());
        }
    }
    text
}

struct BoundedText(String);

impl Print for BoundedText {
    fn write_str(&mut self, text: &str) -> io::Result<()> {
        self.0.push_str(text);
        if self.0.len() > MAX_WAT { Err(io::Error::other("long enough")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_told_by_its_parts() {
        let module = wat::parse_str(
            r#"(module
                (import "cis" "ai_prompt" (func $ask (param i32 i32 i32 i32) (result i32)))
                (import "env" "nobody" (func))
                (memory (export "memory") 1 4)
                (func $work (export "execute") (param i32) (result i32) local.get 0))"#,
        )
        .unwrap();
        let (sections, wat) = inspect(&module);
        let rows = |title: &str| sections.iter().find(|section| section.title.starts_with(title)).unwrap().rows.clone();
        assert_eq!(rows("Exports")[1], ["execute", "(i32) -> i32", "function 2"]);
        assert_eq!(rows("Imports")[0][..2], ["cis.ai_prompt", "(i32, i32, i32, i32) -> i32"]);
        assert!(rows("Imports")[0][2].starts_with("needs ai = true"));
        assert_eq!(rows("Imports")[1][2], "unknown: refused");
        assert_eq!(rows("Memories")[0][1], "1 pages, at most 4");
        assert_eq!(rows("Functions")[0][0], "work");
        assert!(wat.as_text().unwrap().contains("(func $work"));
    }

    #[test]
    fn a_damaged_module_is_told_as_far_as_it_can_be_read() {
        let module = wat::parse_str("(module (func (export \"execute\") (param i32) (result i32) local.get 0))").unwrap();
        for end in 0..module.len() {
            inspect(&module[..end]);
        }
    }
}
