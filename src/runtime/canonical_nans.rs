//! NaNs that one of the two compilers does not make canonical by itself.
//!
//! Singlepass canonicalizes the NaN of an arithmetic instruction late, where its result is stored or looked at, and forgets that it has to where
//! the result goes through `neg` or `abs` first; and it hands the NaNs of `f64.promote_f32` and `f32.demote_f64` on with the sign and the
//! payload that went in. Cranelift makes all of them canonical. Results could then differ between the two, and with them fuel. So
//! - a multiplication by 1 comes behind each conversion between floats: it changes no number, and its NaNs are canonicalized,
//! - `neg` and `abs` look at the bits of what may wait for that: the compiler then does it there.

use wasmer::sys::{FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware};
use wasmer_types::{LocalFunctionIndex, MiddlewareError};
use wasmparser::Operator;

/// Adds what Singlepass needs to make all NaNs canonical.
#[derive(Debug)]
pub(super) struct CanonicalNans;

impl ModuleMiddleware for CanonicalNans {
    fn generate_function_middleware<'a>(&self, _function: LocalFunctionIndex) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(InFunction { may_wait: false })
    }
}

#[derive(Debug)]
struct InFunction {
    /// Whether the topmost operand may be one whose NaN is not canonical yet.
    may_wait: bool,
}

impl<'a> FunctionMiddleware<'a> for InFunction {
    fn feed(&mut self, operator: Operator<'a>, state: &mut MiddlewareReaderState<'a>) -> Result<(), MiddlewareError> {
        let before = match operator {
            Operator::F32Neg | Operator::F32Abs if self.may_wait => {
                Some([Operator::I32ReinterpretF32, Operator::F32ReinterpretI32])
            }
            Operator::F64Neg | Operator::F64Abs if self.may_wait => {
                Some([Operator::I64ReinterpretF64, Operator::F64ReinterpretI64])
            }
            _ => None,
        };
        let behind = match operator {
            Operator::F64PromoteF32 => Some([Operator::F64Const { value: 1.0_f64.into() }, Operator::F64Mul]),
            Operator::F32DemoteF64 => Some([Operator::F32Const { value: 1.0_f32.into() }, Operator::F32Mul]),
            _ => None,
        };
        self.may_wait = !is_ready(&operator);
        state.extend(before.into_iter().flatten());
        state.push_operator(operator);
        state.extend(behind.into_iter().flatten());
        Ok(())
    }
}

/// Whether an instruction leaves an operand on top that waits for nothing.
const fn is_ready(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::LocalGet { .. }
            | Operator::GlobalGet { .. }
            | Operator::F32Const { .. }
            | Operator::F64Const { .. }
            | Operator::F32Load { .. }
            | Operator::F64Load { .. }
            | Operator::F32ReinterpretI32
            | Operator::F64ReinterpretI64
            | Operator::F32Neg
            | Operator::F64Neg
            | Operator::F32Abs
            | Operator::F64Abs
            | Operator::F32Copysign
            | Operator::F64Copysign
    )
}
