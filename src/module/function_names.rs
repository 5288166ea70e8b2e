//! The names of a module's functions, for backtraces and messages.

use std::collections::HashMap;
use std::fmt::Write;
use wasmparser::{ExternalKind, KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

/// The longest name that is given out, in bytes.
const MAX_NAME: usize = 500;
/// The longest mangled name that is demangled, in bytes: hostile ones unfold to any length.
const MAX_MANGLED: usize = 4096;

/// The names of functions by their index: from the name section, else from the exports and imports.
#[derive(Clone, Debug, Default)]
pub struct FunctionNames {
    names: HashMap<u32, Box<str>>,
    fallback: HashMap<u32, Box<str>>,
}

impl FunctionNames {
    /// Reads the names of a binary module; what cannot be read is left out.
    pub fn of(module: &[u8]) -> Self {
        let mut names = Self::default();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::ImportSection(section) => {
                    let functions = section.into_imports().map_while(Result::ok).filter(|import| is_function(&import.ty));
                    for (import, index) in functions.zip(0..) {
                        names.fallback.insert(index, format!("{}.{}", import.module, import.name).into());
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().map_while(Result::ok) {
                        if export.kind == ExternalKind::Func {
                            names.fallback.entry(export.index).or_insert_with(|| export.name.into());
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(reader) = section.as_known() {
                        names.read_section(reader);
                    }
                }
                _ => {}
            }
        }
        names
    }

    fn read_section(&mut self, reader: NameSectionReader<'_>) {
        for subsection in reader.into_iter().map_while(Result::ok) {
            if let Name::Function(functions) = subsection {
                for naming in functions.into_iter().map_while(Result::ok) {
                    if !naming.name.is_empty() {
                        self.names.insert(naming.index, naming.name.into());
                    }
                }
            }
        }
    }

    /// The function's name, demangled where it is a mangled one of Rust or C++, of at most 500 bytes.
    pub fn name(&self, function_index: u32) -> Option<String> {
        self.raw_name(function_index).map(demangle)
    }

    /// The function's name as the module has it.
    pub fn raw_name(&self, function_index: u32) -> Option<&str> {
        self.names.get(&function_index).or_else(|| self.fallback.get(&function_index)).map(AsRef::as_ref)
    }
}

const fn is_function(ty: &TypeRef) -> bool {
    matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_))
}

/// The index of the function in whose body that byte of the module lies.
pub fn function_at(module: &[u8], offset: u64) -> Option<u32> {
    let mut index: u32 = 0;
    for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
        match payload {
            Payload::ImportSection(section) => {
                let imported = section.into_imports().map_while(Result::ok).filter(|import| is_function(&import.ty)).count();
                index = u32::try_from(imported).ok()?;
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                if (range.start..range.end).contains(&offset) {
                    return Some(index);
                }
                index = index.checked_add(1)?;
            }
            _ => {}
        }
    }
    None
}

/// Text that stops growing.
#[derive(Default)]
struct Bounded {
    text: String,
    full: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let room = MAX_NAME - self.text.len();
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        self.text.push_str(part.get(..part.floor_char_boundary(room)).unwrap_or_default());
        self.full = true;
        Err(std::fmt::Error)
    }
}

impl Bounded {
    fn finish(mut self) -> String {
        if self.full {
            self.text.push('…');
        }
        self.text
    }
}

fn demangle(name: &str) -> String {
    let mut text = Bounded::default();
    if name.len() <= MAX_MANGLED {
        if let Ok(symbol) = rustc_demangle::try_demangle(name) {
            if write!(text, "{symbol:#}").is_ok() || text.full {
                return text.finish();
            }
        } else if name.starts_with("_Z")
            && let Ok(symbol) = cpp_demangle::Symbol::new(name)
            && (symbol.structured_demangle(&mut text, &cpp_demangle::DemangleOptions::default()).is_ok() || text.full)
        {
            return text.finish();
        }
    }
    let mut text = Bounded::default();
    // A name that is too long is cut.
    let _ = text.write_str(name);
    text.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> String {
        let wat = format!("(module (func (@name {name:?})))");
        FunctionNames::of(&wat::parse_str(wat).unwrap()).name(0).unwrap()
    }

    #[test]
    fn names_of_rust_and_cpp_are_demangled() {
        assert_eq!(named("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(named("_RNvCskwGfYPst2Cb_3foo16example_function"), "foo::example_function");
        assert_eq!(named("_ZN3foo3barEi"), "foo::bar(int)");
        assert_eq!(named("plain.name"), "plain.name");
        assert_eq!(named("_Znonsense"), "_Znonsense");
    }

    #[test]
    fn names_are_bounded() {
        assert!(named(&"é".repeat(400)).len() <= MAX_NAME + '…'.len_utf8());
        // Each substitution doubles what the one before unfolds to.
        let bomb = format!("_Z1fI{}E", "NS_IS_S_E".repeat(200));
        assert!(named(&bomb).len() <= bomb.len().max(MAX_NAME + 3));
    }

    #[test]
    fn imports_and_exports_name_what_the_name_section_does_not() {
        let mut bytes = wat::parse_str(
            r#"(module (import "env" "host_now" (func (result i64))) (func (export "run")) (func (@name "named") (export "x")))"#,
        )
        .unwrap();
        let names = FunctionNames::of(&bytes);
        assert_eq!(
            [0, 1, 2, 3].map(|index| names.name(index)),
            [Some("env.host_now".into()), Some("run".into()), Some("named".into()), None]
        );
        bytes.truncate(bytes.len() - 3);
        assert_eq!(FunctionNames::of(&bytes).name(1).as_deref(), Some("run"), "a broken name section is left out");
    }

    #[test]
    fn a_byte_of_a_body_tells_its_function() {
        let bytes = wat::parse_str(r#"(module (import "env" "host_now" (func (result i64))) (func) (func nop nop))"#).unwrap();
        let position = bytes.windows(3).position(|nops| nops == [1, 1, 0x0b]).unwrap();
        assert_eq!(function_at(&bytes, position as u64), Some(2));
        assert_eq!(function_at(&bytes, 0), None);
    }
}
