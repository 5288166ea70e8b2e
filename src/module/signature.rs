//! Types of functions and other items, as messages show them and as the tables expect them.

use super::Type;
use super::shown_name::shown_name;
use std::fmt::{self, Write as _};
use wasmparser::types::TypesRef;
use wasmparser::{CompositeInnerType, FuncType, GlobalType, MemoryType, TableType, ValType};

/// The most parameters or results that a message shows.
const MAX_SHOWN: usize = 16;

/// The function type behind a type index; `None` where it is no function type.
pub(super) fn function_type<'a>(types: &TypesRef<'a>, type_index: u32) -> Option<&'a FuncType> {
    if type_index >= types.core_type_count_in_module() {
        return None;
    }
    as_function(types, types.core_type_at_in_module(type_index))
}

/// The type of the function with that index.
pub(super) fn type_of_function<'a>(types: &TypesRef<'a>, function_index: u32) -> Option<&'a FuncType> {
    if function_index >= types.function_count() {
        return None;
    }
    as_function(types, types.core_function_at(function_index))
}

fn as_function<'a>(types: &TypesRef<'a>, id: wasmparser::types::CoreTypeId) -> Option<&'a FuncType> {
    match &types.get(id)?.composite_type.inner {
        CompositeInnerType::Func(function) => Some(function),
        _ => None,
    }
}

/// Whether a wasm type is that type of the tables.
fn is(found: ValType, expected: Type) -> bool {
    matches!((found, expected), (ValType::I32, Type::I32) | (ValType::I64, Type::I64) | (ValType::F64, Type::F64))
}

/// Whether a function has these parameters and results.
pub(super) fn has_type(found: &FuncType, parameters: impl ExactSizeIterator<Item = Type>, results: &[Type]) -> bool {
    let same = |found: &[ValType], expected: &mut dyn ExactSizeIterator<Item = Type>| {
        found.len() == expected.len() && found.iter().zip(expected).all(|(&found, expected)| is(found, expected))
    };
    let mut parameters = parameters;
    same(found.params(), &mut parameters) && same(found.results(), &mut results.iter().copied())
}

/// `(i32, i32) -> i32`, `() -> ()`.
pub(super) fn signature<T: fmt::Display>(parameters: &[T], results: &[T]) -> String {
    let mut text = list(parameters);
    text.push_str(" -> ");
    match results {
        [result] => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{result}");
        }
        _ => text.push_str(&list(results)),
    }
    text
}

fn list<T: fmt::Display>(types: &[T]) -> String {
    let mut text = String::from("(");
    for (position, ty) in types.iter().enumerate() {
        let separator = if position == 0 { "" } else { ", " };
        if position == MAX_SHOWN {
            let _ = write!(text, "{separator}… {} more", types.len() - MAX_SHOWN);
            break;
        }
        let _ = write!(text, "{separator}{ty}");
    }
    text.push(')');
    text
}

/// The function's type as a message shows it: `function (i32) -> i32`.
pub(super) fn function_words(found: Option<&FuncType>) -> String {
    found.map_or_else(|| "function".to_owned(), |found| format!("function {}", signature(found.params(), found.results())))
}

/// `global i32`, `mutable global i64`.
pub(super) fn global_words(global: GlobalType) -> String {
    format!("{}global {}", if global.mutable { "mutable " } else { "" }, global.content_type)
}

/// `table of funcref, minimum 1`.
pub(super) fn table_words(table: TableType) -> String {
    format!("table of {}, minimum {}", table.element_type, table.initial)
}

/// `memory, minimum 1 page`.
pub(super) fn memory_words(memory: MemoryType) -> String {
    format!("memory, minimum {} {}", memory.initial, if memory.initial == 1 { "page" } else { "pages" })
}

/// `env.memory`, as messages name an import.
pub(super) fn import_name(module: &str, name: &str) -> String {
    format!("{}.{}", shown_name(module), shown_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_like_wasm() {
        assert_eq!(signature::<Type>(&[], &[]), "() -> ()");
        assert_eq!(signature(&[Type::I32, Type::I64], &[Type::F64]), "(i32, i64) -> f64");
        assert_eq!(signature(&[ValType::F32], &[ValType::I32, ValType::V128]), "(f32) -> (i32, v128)");
        assert!(signature(&[Type::I32; 1000], &[]).ends_with("i32, … 984 more) -> ()"));
    }
}
