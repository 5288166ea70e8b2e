//! What Singlepass gets wrong, and how it is kept from it: results, and with them fuel, are to be the same with both compilers.
//!
//! It canonicalizes the NaN of an arithmetic instruction late, where its result is stored or looked at, and forgets that it has to where
//! the result goes through `neg` or `abs` first; and it hands the NaNs of `f64.promote_f32` and `f32.demote_f64` on with the sign and the
//! payload that went in. Cranelift makes all of them canonical. So
//! - a multiplication by 1 comes behind each conversion between floats: it changes no number, and its NaNs are canonicalized,
//! - `neg` and `abs` look at the bits of what may wait for that: the compiler then does it there,
//! - a module that hands floats to a loop as parameters is refused, since they are never canonicalized on their way there, neither at the
//!   loop's begin nor at the branches back: Cranelift compiles it instead.
//!
//! A module with an `if` that has parameters is refused too: where it is not entered and has no `else`, its operands are handed on without
//! being canonicalized, and the machine's stack stands elsewhere than the code behind it takes it to.
//!
//! Compilers that write such loops and such an `if` are rare.

use std::sync::{Arc, OnceLock};
use wasmer::sys::{FunctionMiddleware, MiddlewareReaderState, ModuleMiddleware};
use wasmer_types::{LocalFunctionIndex, MiddlewareError, ModuleInfo, Type};
use wasmparser::{BlockType, Operator};

/// Adds what Singlepass needs to make all NaNs canonical, and refuses what it cannot compile; one for each compile.
#[derive(Debug, Default)]
pub(super) struct SinglepassFaults {
    /// What each type of the module takes.
    parameters: OnceLock<Arc<[Parameters]>>,
}

/// What a block of some type takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parameters {
    None,
    NoFloats,
    Floats,
}

impl Parameters {
    fn of(types: &[Type]) -> Self {
        let is_float = |of: &Type| matches!(of, Type::F32 | Type::F64);
        match types {
            [] => Self::None,
            types if types.iter().any(is_float) => Self::Floats,
            _ => Self::NoFloats,
        }
    }
}

impl ModuleMiddleware for SinglepassFaults {
    fn generate_function_middleware<'a>(&self, _function: LocalFunctionIndex) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        let parameters = self.parameters.get().map(Arc::clone).unwrap_or_default();
        Box::new(InFunction { may_wait: false, parameters })
    }

    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        let _for_this_module = self
            .parameters
            .get_or_init(|| module.signatures.values().map(|signature| Parameters::of(signature.params())).collect());
        Ok(())
    }
}

#[derive(Debug)]
struct InFunction {
    parameters: Arc<[Parameters]>,
    /// Whether the topmost operand may be one whose NaN is not canonical yet.
    may_wait: bool,
}

impl InFunction {
    /// What a block takes; `None` where its type is not known, which validation has excluded.
    fn taken(&self, blockty: BlockType) -> Option<Parameters> {
        let BlockType::FuncType(index) = blockty else { return Some(Parameters::None) };
        self.parameters.get(usize::try_from(index).ok()?).copied()
    }

    /// Why the module is to be compiled by the other one, where it is. Plain blocks are no reason: what they are given stays where it is.
    fn refusal(&self, operator: &Operator<'_>) -> Option<&'static str> {
        match operator {
            Operator::Loop { blockty } if !matches!(self.taken(*blockty), Some(Parameters::None | Parameters::NoFloats)) => {
                Some("a loop has float parameters")
            }
            Operator::If { blockty } if self.taken(*blockty) != Some(Parameters::None) => Some("an `if` has parameters"),
            _ => None,
        }
    }
}

impl<'a> FunctionMiddleware<'a> for InFunction {
    fn feed(&mut self, operator: Operator<'a>, state: &mut MiddlewareReaderState<'a>) -> Result<(), MiddlewareError> {
        if let Some(reason) = self.refusal(&operator) {
            return Err(MiddlewareError::new("what Singlepass gets wrong", reason));
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
