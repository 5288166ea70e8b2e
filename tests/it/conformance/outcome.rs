//! What came of a step, and whether it is what was expected.

use super::steps::{Expected, Pattern};
use crate::proof::observed::{TrapKind, Value};

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Returned(Vec<Value>),
    Trapped(TrapKind),
    TooDeep,
    Unlinkable,
    /// The step cannot be done; the words say why.
    Impossible(String),
}

impl Outcome {
    /// Whether it is what the suite expects.
    pub fn is(&self, expected: &Expected) -> bool {
        match (self, expected) {
            (Self::Returned(_), Expected::Returns(patterns)) if matches!(patterns.as_slice(), [Pattern::Anything]) => true,
            (Self::Returned(values), Expected::Returns(patterns)) => {
                values.len() == patterns.len() && values.iter().zip(patterns).all(|(value, pattern)| pattern.takes(*value))
            }
            (Self::Trapped(kind), Expected::Traps(message)) => words(*kind).iter().any(|words| message.starts_with(words)),
            (Self::TooDeep, Expected::Exhaustion) | (Self::Unlinkable, Expected::Unlinkable) => true,
            _ => false,
        }
    }
}

/// The beginnings of the specification's messages for a trap.
const fn words(kind: TrapKind) -> &'static [&'static str] {
    match kind {
        TrapKind::Unreachable => &["unreachable"],
        TrapKind::MemoryOutOfBounds => &["out of bounds memory access"],
        TrapKind::TableOutOfBounds => &["out of bounds table access", "undefined element"],
        TrapKind::IntegerDivideByZero => &["integer divide by zero"],
        TrapKind::IntegerOverflow => &["integer overflow"],
        TrapKind::InvalidConversion => &["invalid conversion to integer"],
        TrapKind::IndirectCallToNull => &["uninitialized element"],
        TrapKind::IndirectCallTypeMismatch => &["indirect call type mismatch"],
    }
}

impl Pattern {
    fn takes(&self, value: Value) -> bool {
        match (self, value) {
            (Self::Is(wanted), value) => *wanted == value,
            (Self::F32Canonical, Value::F32(bits)) => bits & 0x7fff_ffff == 0x7fc0_0000,
            (Self::F32Arithmetic, Value::F32(bits)) => bits & 0x7fc0_0000 == 0x7fc0_0000,
            (Self::F64Canonical, Value::F64(bits)) => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
            (Self::F64Arithmetic, Value::F64(bits)) => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
            (Self::Lanes32(patterns), Value::V128(bits)) => patterns.iter().enumerate().all(|(lane, pattern)| {
                let bytes = bits.to_le_bytes();
                pattern.takes(Value::F32(u32::from_le_bytes(bytes[lane * 4..lane * 4 + 4].try_into().unwrap())))
            }),
            (Self::Lanes64(patterns), Value::V128(bits)) => patterns.iter().enumerate().all(|(lane, pattern)| {
                let bytes = bits.to_le_bytes();
                pattern.takes(Value::F64(u64::from_le_bytes(bytes[lane * 8..lane * 8 + 8].try_into().unwrap())))
            }),
            (Self::NonNullFunction, Value::FuncRef(Some(_))) | (Self::NonNullExtern, Value::ExternRef(Some(_))) => true,
            (Self::Null, Value::FuncRef(None) | Value::ExternRef(None)) => true,
            _ => false,
        }
    }
}
