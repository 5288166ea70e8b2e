//! NaNs out of conversions between floats, for the compiler that forgets them.
//!
//! Singlepass canonicalizes the NaNs of arithmetic, but hands those of `f64.promote_f32` and `f32.demote_f64` on with the sign and
//! the payload that went in, where Cranelift makes them canonical. Results could then differ between the two, and with them fuel. A
//! multiplication by 1 changes no number, and its NaNs are canonicalized.

use wasmer::sys::{FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware};
use wasmer_types::{LocalFunctionIndex, MiddlewareError};
use wasmparser::Operator;

/// Puts a multiplication by 1 behind each conversion between floats.
#[derive(Debug)]
pub(super) struct CanonicalConversions;

impl ModuleMiddleware for CanonicalConversions {
    fn generate_function_middleware<'a>(&self, _function: LocalFunctionIndex) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(Self)
    }
}

impl<'a> FunctionMiddleware<'a> for CanonicalConversions {
    fn feed(&mut self, operator: Operator<'a>, state: &mut MiddlewareReaderState<'a>) -> Result<(), MiddlewareError> {
        let by_one = match operator {
            Operator::F64PromoteF32 => Some([Operator::F64Const { value: 1.0_f64.into() }, Operator::F64Mul]),
            Operator::F32DemoteF64 => Some([Operator::F32Const { value: 1.0_f32.into() }, Operator::F32Mul]),
            _ => None,
        };
        state.push_operator(operator);
        state.extend(by_one.into_iter().flatten());
        Ok(())
    }
}
