//! What is done with a module: it is instantiated, then its exports are called one after the other, whatever becomes of each.

use super::observed::Value;
use wasmparser::{ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

/// A call of an export.
#[derive(Clone, Debug)]
pub struct Call {
    pub export: String,
    pub arguments: Vec<Value>,
}

/// The calls, in order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub calls: Vec<Call>,
}

impl Script {
    /// A call of each exported function, at most so many, with arguments that `number` makes up.
    pub fn of_all_exports(module: &[u8], most: usize, number: &mut dyn FnMut() -> u64) -> Self {
        let mut calls = Vec::new();
        for (export, of_type) in exported_functions(module).into_iter().take(most) {
            let arguments = of_type.params().iter().map(|parameter| argument(*parameter, number())).collect();
            calls.push(Call { export, arguments });
        }
        Self { calls }
    }

    /// One call.
    pub fn of_one_call(export: &str, arguments: &[Value]) -> Self {
        Self { calls: vec![Call { export: export.to_owned(), arguments: arguments.to_vec() }] }
    }
}

/// An argument of a type: small numbers, numbers near the borders, and any numbers.
fn argument(of_type: ValType, number: u64) -> Value {
    let bits = match number % 4 {
        0 => number >> 60,
        1 => (number >> 60).wrapping_sub(8),
        _ => number.rotate_left(17),
    };
    let low = u32::try_from(bits & 0xffff_ffff).unwrap();
    match of_type {
        ValType::I32 => Value::I32(low.cast_signed()),
        ValType::I64 => Value::I64(bits.cast_signed()),
        ValType::F32 => Value::F32(low),
        ValType::F64 => Value::F64(bits),
        ValType::Ref(of_type) if of_type.is_func_ref() => Value::FuncRef(None),
        ValType::Ref(_) => Value::ExternRef(number.is_multiple_of(2).then_some(low & 0xff)),
        ValType::V128 => panic!("vectors cannot be passed through this interface"),
    }
}

/// The functions that a valid module exports, with their types.
pub fn exported_functions(module: &[u8]) -> Vec<(String, FuncType)> {
    let (mut types, mut functions, mut exports) = (Vec::new(), Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::TypeSection(section) => {
                types = section.into_iter_err_on_gc_types().map(|of_type| of_type.unwrap()).collect::<Vec<_>>();
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(of_type) = import.unwrap().ty {
                        functions.push(of_type);
                    }
                }
            }
            Payload::FunctionSection(section) => functions.extend(section.into_iter().map(|of_type| of_type.unwrap())),
            Payload::ExportSection(section) => exports.extend(section.into_iter().map(|export| export.unwrap())),
            _ => {}
        }
    }
    let functions = |export: wasmparser::Export<'_>| {
        let of_type = functions[usize::try_from(export.index).unwrap()];
        (export.name.to_owned(), types[usize::try_from(of_type).unwrap()].clone())
    };
    exports
        .into_iter()
        .filter(|export| export.kind == ExternalKind::Func)
        .map(functions)
        .filter(|(_, of_type)| !of_type.params().iter().chain(of_type.results()).any(|of_type| *of_type == ValType::V128))
        .collect()
}
