//! Conversions between numbers, instruction by instruction.

use crate::floats::Float as _;
use crate::stack::{Stack, low};
use crate::value::TrapKind;
use wasmparser::Operator;

/// -2^63 - 2^11: the largest `f64` that is too small for an `i64`.
const BELOW_I64: f64 = -9_223_372_036_854_777_856.0;

/// Executes a conversion; `false` where the instruction is none.
#[allow(clippy::too_many_lines, reason = "a list of instructions is no shorter in two halves")]
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Stack) -> Result<bool, TrapKind> {
    match operator {
        Operator::I32WrapI64 => {
            let x = stack.pop();
            stack.push_u32(low(x));
        }
        Operator::I64ExtendI32S => {
            let x = stack.pop_i32();
            stack.push(i64::from(x).cast_unsigned());
        }
        Operator::I64ExtendI32U => {
            let x = stack.pop_u32();
            stack.push_u32(x);
        }
        Operator::I32TruncSatF32S => {
            let x = stack.pop_f32();
            stack.push_u32((x as i32).cast_unsigned());
        }
        Operator::I32TruncF32S => {
            let x = stack.pop_f32();
            stack.push_u32((truncated(f64::from(x), -2_147_483_649.0, 2_147_483_648.0)? as i32).cast_unsigned());
        }
        Operator::I32TruncSatF32U => {
            let x = stack.pop_f32();
            stack.push_u32(x as u32);
        }
        Operator::I32TruncF32U => {
            let x = stack.pop_f32();
            stack.push_u32(truncated(f64::from(x), -1.0, 4_294_967_296.0)? as u32);
        }
        Operator::I32TruncSatF64S => {
            let x = stack.pop_f64();
            stack.push_u32((x as i32).cast_unsigned());
        }
        Operator::I32TruncF64S => {
            let x = stack.pop_f64();
            stack.push_u32((truncated(x, -2_147_483_649.0, 2_147_483_648.0)? as i32).cast_unsigned());
        }
        Operator::I32TruncSatF64U => {
            let x = stack.pop_f64();
            stack.push_u32(x as u32);
        }
        Operator::I32TruncF64U => {
            let x = stack.pop_f64();
            stack.push_u32(truncated(x, -1.0, 4_294_967_296.0)? as u32);
        }
        Operator::I64TruncSatF32S => {
            let x = stack.pop_f32();
            stack.push((x as i64).cast_unsigned());
        }
        Operator::I64TruncF32S => {
            let x = stack.pop_f32();
            stack.push((truncated(f64::from(x), BELOW_I64, 9_223_372_036_854_775_808.0)? as i64).cast_unsigned());
        }
        Operator::I64TruncSatF32U => {
            let x = stack.pop_f32();
            stack.push(x as u64);
        }
        Operator::I64TruncF32U => {
            let x = stack.pop_f32();
            stack.push(truncated(f64::from(x), -1.0, 18_446_744_073_709_551_616.0)? as u64);
        }
        Operator::I64TruncSatF64S => {
            let x = stack.pop_f64();
            stack.push((x as i64).cast_unsigned());
        }
        Operator::I64TruncF64S => {
            let x = stack.pop_f64();
            stack.push((truncated(x, BELOW_I64, 9_223_372_036_854_775_808.0)? as i64).cast_unsigned());
        }
        Operator::I64TruncSatF64U => {
            let x = stack.pop_f64();
            stack.push(x as u64);
        }
        Operator::I64TruncF64U => {
            let x = stack.pop_f64();
            stack.push(truncated(x, -1.0, 18_446_744_073_709_551_616.0)? as u64);
        }
        Operator::F32ConvertI32S => {
            let x = stack.pop_i32();
            stack.push_f32(x as f32);
        }
        Operator::F32ConvertI32U => {
            let x = stack.pop_u32();
            stack.push_f32(x as f32);
        }
        Operator::F32ConvertI64S => {
            let x = stack.pop_i64();
            stack.push_f32(x as f32);
        }
        Operator::F32ConvertI64U => {
            let x = stack.pop();
            stack.push_f32(x as f32);
        }
        Operator::F64ConvertI32S => {
            let x = stack.pop_i32();
            stack.push_f64(x as f64);
        }
        Operator::F64ConvertI32U => {
            let x = stack.pop_u32();
            stack.push_f64(x as f64);
        }
        Operator::F64ConvertI64S => {
            let x = stack.pop_i64();
            stack.push_f64(x as f64);
        }
        Operator::F64ConvertI64U => {
            let x = stack.pop();
            stack.push_f64(x as f64);
        }
        Operator::F32DemoteF64 => {
            let x = stack.pop_f64();
            stack.push_f32((x as f32).canonical());
        }
        Operator::F64PromoteF32 => {
            let x = stack.pop_f32();
            stack.push_f64(f64::from(x).canonical());
        }
        Operator::I32ReinterpretF32 | Operator::F32ReinterpretI32 | Operator::I64ReinterpretF64 | Operator::F64ReinterpretI64 => {
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Checks that a float, cut off at its point, lies strictly between two bounds.
fn truncated(float: f64, above: f64, below: f64) -> Result<f64, TrapKind> {
    if float.is_nan() {
        return Err(TrapKind::InvalidConversion);
    }
    if float <= above || float >= below {
        return Err(TrapKind::IntegerOverflow);
    }
    Ok(float.trunc())
}
