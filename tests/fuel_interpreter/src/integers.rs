//! Integer arithmetic, instruction by instruction.

use crate::stack::{Stack, low};
use crate::value::TrapKind;
use wasmparser::Operator;

/// Executes an instruction on integers; `false` where it is none.
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Stack) -> Result<bool, TrapKind> {
    Ok(integers(operator, stack) || divisions(operator, stack)?)
}

#[allow(clippy::too_many_lines, reason = "a list of instructions is no shorter in two halves")]
fn integers(operator: &Operator<'_>, stack: &mut Stack) -> bool {
    match operator {
        Operator::I32Eqz => {
            let x = stack.pop_u32();
            stack.push_bool(x == 0);
        }
        Operator::I32Eq => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x == y);
        }
        Operator::I32Ne => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x != y);
        }
        Operator::I32LtS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            stack.push_bool(x < y);
        }
        Operator::I32LtU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x < y);
        }
        Operator::I32GtS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            stack.push_bool(x > y);
        }
        Operator::I32GtU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x > y);
        }
        Operator::I32LeS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            stack.push_bool(x <= y);
        }
        Operator::I32LeU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x <= y);
        }
        Operator::I32GeS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            stack.push_bool(x >= y);
        }
        Operator::I32GeU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_bool(x >= y);
        }
        Operator::I32Clz => {
            let x = stack.pop_u32();
            stack.push_u32(x.leading_zeros());
        }
        Operator::I32Ctz => {
            let x = stack.pop_u32();
            stack.push_u32(x.trailing_zeros());
        }
        Operator::I32Popcnt => {
            let x = stack.pop_u32();
            stack.push_u32(x.count_ones());
        }
        Operator::I32Add => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.wrapping_add(y));
        }
        Operator::I32Sub => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.wrapping_sub(y));
        }
        Operator::I32Mul => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.wrapping_mul(y));
        }
        Operator::I32And => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x & y);
        }
        Operator::I32Or => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x | y);
        }
        Operator::I32Xor => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x ^ y);
        }
        Operator::I32Shl => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.wrapping_shl(y));
        }
        Operator::I32ShrU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.wrapping_shr(y));
        }
        Operator::I32ShrS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            stack.push_u32(x.wrapping_shr(y.cast_unsigned()).cast_unsigned());
        }
        Operator::I32Rotl => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.rotate_left(y % 32));
        }
        Operator::I32Rotr => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.rotate_right(y % 32));
        }
        Operator::I32Extend8S => {
            let x = stack.pop_u32();
            stack.push_u32(i32::from(x as i8).cast_unsigned());
        }
        Operator::I32Extend16S => {
            let x = stack.pop_u32();
            stack.push_u32(i32::from(x as i16).cast_unsigned());
        }
        Operator::I64Eqz => {
            let x = stack.pop();
            stack.push_bool(x == 0);
        }
        Operator::I64Eq => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x == y);
        }
        Operator::I64Ne => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x != y);
        }
        Operator::I64LtS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            stack.push_bool(x < y);
        }
        Operator::I64LtU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x < y);
        }
        Operator::I64GtS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            stack.push_bool(x > y);
        }
        Operator::I64GtU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x > y);
        }
        Operator::I64LeS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            stack.push_bool(x <= y);
        }
        Operator::I64LeU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x <= y);
        }
        Operator::I64GeS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            stack.push_bool(x >= y);
        }
        Operator::I64GeU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push_bool(x >= y);
        }
        Operator::I64Clz => {
            let x = stack.pop();
            stack.push(u64::from(x.leading_zeros()));
        }
        Operator::I64Ctz => {
            let x = stack.pop();
            stack.push(u64::from(x.trailing_zeros()));
        }
        Operator::I64Popcnt => {
            let x = stack.pop();
            stack.push(u64::from(x.count_ones()));
        }
        Operator::I64Add => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.wrapping_add(y));
        }
        Operator::I64Sub => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.wrapping_sub(y));
        }
        Operator::I64Mul => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.wrapping_mul(y));
        }
        Operator::I64And => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x & y);
        }
        Operator::I64Or => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x | y);
        }
        Operator::I64Xor => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x ^ y);
        }
        Operator::I64Shl => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.wrapping_shl(low(y)));
        }
        Operator::I64ShrU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.wrapping_shr(low(y)));
        }
        Operator::I64ShrS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            stack.push(x.wrapping_shr(low(y.cast_unsigned())).cast_unsigned());
        }
        Operator::I64Rotl => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.rotate_left(low(y) % 64));
        }
        Operator::I64Rotr => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.rotate_right(low(y) % 64));
        }
        Operator::I64Extend8S => {
            let x = stack.pop();
            stack.push(i64::from(x as i8).cast_unsigned());
        }
        Operator::I64Extend16S => {
            let x = stack.pop();
            stack.push(i64::from(x as i16).cast_unsigned());
        }
        Operator::I64Extend32S => {
            let x = stack.pop();
            stack.push(i64::from(x as i32).cast_unsigned());
        }
        _ => return false,
    }
    true
}

fn divisions(operator: &Operator<'_>, stack: &mut Stack) -> Result<bool, TrapKind> {
    match operator {
        Operator::I32DivS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            if y == 0 {
                return Err(TrapKind::IntegerDivideByZero);
            }
            stack.push_u32(x.checked_div(y).ok_or(TrapKind::IntegerOverflow)?.cast_unsigned());
        }
        Operator::I32DivU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.checked_div(y).ok_or(TrapKind::IntegerDivideByZero)?);
        }
        Operator::I32RemS => {
            let (y, x) = (stack.pop_i32(), stack.pop_i32());
            if y == 0 {
                return Err(TrapKind::IntegerDivideByZero);
            }
            stack.push_u32(x.wrapping_rem(y).cast_unsigned());
        }
        Operator::I32RemU => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32(x.checked_rem(y).ok_or(TrapKind::IntegerDivideByZero)?);
        }
        Operator::I64DivS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            if y == 0 {
                return Err(TrapKind::IntegerDivideByZero);
            }
            stack.push(x.checked_div(y).ok_or(TrapKind::IntegerOverflow)?.cast_unsigned());
        }
        Operator::I64DivU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.checked_div(y).ok_or(TrapKind::IntegerDivideByZero)?);
        }
        Operator::I64RemS => {
            let (y, x) = (stack.pop_i64(), stack.pop_i64());
            if y == 0 {
                return Err(TrapKind::IntegerDivideByZero);
            }
            stack.push(x.wrapping_rem(y).cast_unsigned());
        }
        Operator::I64RemU => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push(x.checked_rem(y).ok_or(TrapKind::IntegerDivideByZero)?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}
