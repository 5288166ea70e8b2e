//! Float arithmetic, instruction by instruction, with canonical NaNs.

use crate::stack::Stack;
use wasmparser::Operator;

/// What one width of floats can do.
pub(crate) trait Float: Copy + PartialOrd {
    fn canonical(self) -> Self;
    fn is_nan(self) -> bool;
    fn is_negative(self) -> bool;
}

macro_rules! float {
    ($float:ty, $infinity:expr, $canonical:expr) => {
        impl Float for $float {
            fn canonical(self) -> Self {
                // By bits: between floats, an optimizer may take one NaN for any other.
                let bits = self.to_bits();
                <$float>::from_bits(if bits << 1 > $infinity << 1 { $canonical } else { bits })
            }
            fn is_nan(self) -> bool {
                self != self
            }
            fn is_negative(self) -> bool {
                self.is_sign_negative()
            }
        }
    };
}

float!(f32, 0x7f80_0000, 0x7fc0_0000);
float!(f64, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000);

/// The smaller one; -0 is smaller than 0, and a NaN wins.
fn min<F: Float>(left: F, right: F) -> F {
    if Float::is_nan(left) {
        left
    } else if Float::is_nan(right) || right < left {
        right
    } else if left < right || left.is_negative() {
        left
    } else {
        right
    }
}

/// The larger one; 0 is larger than -0, and a NaN wins.
fn max<F: Float>(left: F, right: F) -> F {
    if Float::is_nan(left) {
        left
    } else if Float::is_nan(right) || right > left {
        right
    } else if left > right || !left.is_negative() {
        left
    } else {
        right
    }
}

/// Executes an instruction on floats; `false` where it is none.
#[allow(clippy::too_many_lines, reason = "a list of instructions is no shorter in two halves")]
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Stack) -> bool {
    match operator {
        Operator::F32Eq => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x == y);
        }
        Operator::F32Ne => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x != y);
        }
        Operator::F32Lt => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x < y);
        }
        Operator::F32Gt => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x > y);
        }
        Operator::F32Le => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x <= y);
        }
        Operator::F32Ge => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_bool(x >= y);
        }
        Operator::F32Abs => {
            let x = stack.pop_u32();
            stack.push_u32(x & !0x8000_0000);
        }
        Operator::F32Neg => {
            let x = stack.pop_u32();
            stack.push_u32(x ^ 0x8000_0000);
        }
        Operator::F32Copysign => {
            let (y, x) = (stack.pop_u32(), stack.pop_u32());
            stack.push_u32((x & !0x8000_0000) | (y & 0x8000_0000));
        }
        Operator::F32Ceil => {
            let x = stack.pop_f32();
            stack.push_f32(x.ceil().canonical());
        }
        Operator::F32Floor => {
            let x = stack.pop_f32();
            stack.push_f32(x.floor().canonical());
        }
        Operator::F32Trunc => {
            let x = stack.pop_f32();
            stack.push_f32(x.trunc().canonical());
        }
        Operator::F32Nearest => {
            let x = stack.pop_f32();
            stack.push_f32(x.round_ties_even().canonical());
        }
        Operator::F32Sqrt => {
            let x = stack.pop_f32();
            stack.push_f32(x.sqrt().canonical());
        }
        Operator::F32Add => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32((x + y).canonical());
        }
        Operator::F32Sub => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32((x - y).canonical());
        }
        Operator::F32Mul => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32((x * y).canonical());
        }
        Operator::F32Div => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32((x / y).canonical());
        }
        Operator::F32Min => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32(min(x, y).canonical());
        }
        Operator::F32Max => {
            let (y, x) = (stack.pop_f32(), stack.pop_f32());
            stack.push_f32(max(x, y).canonical());
        }
        Operator::F64Eq => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x == y);
        }
        Operator::F64Ne => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x != y);
        }
        Operator::F64Lt => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x < y);
        }
        Operator::F64Gt => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x > y);
        }
        Operator::F64Le => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x <= y);
        }
        Operator::F64Ge => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_bool(x >= y);
        }
        Operator::F64Abs => {
            let x = stack.pop();
            stack.push(x & !0x8000_0000_0000_0000);
        }
        Operator::F64Neg => {
            let x = stack.pop();
            stack.push(x ^ 0x8000_0000_0000_0000);
        }
        Operator::F64Copysign => {
            let (y, x) = (stack.pop(), stack.pop());
            stack.push((x & !0x8000_0000_0000_0000) | (y & 0x8000_0000_0000_0000));
        }
        Operator::F64Ceil => {
            let x = stack.pop_f64();
            stack.push_f64(x.ceil().canonical());
        }
        Operator::F64Floor => {
            let x = stack.pop_f64();
            stack.push_f64(x.floor().canonical());
        }
        Operator::F64Trunc => {
            let x = stack.pop_f64();
            stack.push_f64(x.trunc().canonical());
        }
        Operator::F64Nearest => {
            let x = stack.pop_f64();
            stack.push_f64(x.round_ties_even().canonical());
        }
        Operator::F64Sqrt => {
            let x = stack.pop_f64();
            stack.push_f64(x.sqrt().canonical());
        }
        Operator::F64Add => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64((x + y).canonical());
        }
        Operator::F64Sub => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64((x - y).canonical());
        }
        Operator::F64Mul => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64((x * y).canonical());
        }
        Operator::F64Div => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64((x / y).canonical());
        }
        Operator::F64Min => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64(min(x, y).canonical());
        }
        Operator::F64Max => {
            let (y, x) = (stack.pop_f64(), stack.pop_f64());
            stack.push_f64(max(x, y).canonical());
        }
        _ => return false,
    }
    true
}
