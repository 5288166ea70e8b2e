//! NaNs that one of the two compilers does not make canonical by itself.
//!
//! Singlepass canonicalizes the NaN of an arithmetic instruction late, where its result is stored or looked at, and forgets that it has to where
//! the result goes through `neg` or `abs` first; and it hands the NaNs of `f64.promote_f32` and `f32.demote_f64` on with the sign and the
//! payload that went in. Cranelift makes all of them canonical. Results could then differ between the two, and with them fuel. So
//! - a multiplication by 1 comes behind each conversion between floats: it changes no number, and its NaNs are canonicalized,
//! - `neg` and `abs` look at the bits of what may wait for that: the compiler then does it there,
//! - a module that hands floats to a loop or to an `if` as parameters is refused, since they are never canonicalized on their way there,
//!   neither at the begin nor at a loop's branches back nor past an `if` without an `else`: Cranelift compiles it instead. Compilers that
//!   write such loops are rare.

use std::sync::{Arc, OnceLock};
use wasmer::sys::{FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware};
use wasmer_types::{LocalFunctionIndex, MiddlewareError, ModuleInfo, Type};
use wasmparser::{BlockType, Operator};

/// Adds what Singlepass needs to make all NaNs canonical; one for each compile.
#[derive(Debug, Default)]
pub(super) struct CanonicalNans {
    /// Of each type of the module, whether floats are among its parameters.
    takes_floats: OnceLock<Arc<[bool]>>,
}

impl ModuleMiddleware for CanonicalNans {
    fn generate_function_middleware<'a>(&self, _function: LocalFunctionIndex) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        let takes_floats = self.takes_floats.get().map(Arc::clone).unwrap_or_default();
        Box::new(InFunction { may_wait: false, takes_floats })
    }

    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        let is_float = |of: &Type| matches!(of, Type::F32 | Type::F64);
        let _for_this_module = self
            .takes_floats
            .get_or_init(|| module.signatures.values().map(|signature| signature.params().iter().any(is_float)).collect());
        Ok(())
    }
}

#[derive(Debug)]
struct InFunction {
    takes_floats: Arc<[bool]>,
    /// Whether the topmost operand may be one whose NaN is not canonical yet.
    may_wait: bool,
}

impl InFunction {
    /// Plain blocks are none of them: what they are given stays where it is, and keeps waiting.
    fn hands_floats_to_a_loop_or_an_if(&self, operator: &Operator<'_>) -> bool {
        let (Operator::Loop { blockty } | Operator::If { blockty }) = operator else { return false };
        let BlockType::FuncType(index) = blockty else { return false };
        usize::try_from(*index).ok().and_then(|index| self.takes_floats.get(index)).is_none_or(|takes_floats| *takes_floats)
    }
}

impl<'a> FunctionMiddleware<'a> for InFunction {
    fn feed(&mut self, operator: Operator<'a>, state: &mut MiddlewareReaderState<'a>) -> Result<(), MiddlewareError> {
        if self.hands_floats_to_a_loop_or_an_if(&operator) {
            return Err(MiddlewareError::new("canonical NaNs", "a loop or an `if` has float parameters"));
        }
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
