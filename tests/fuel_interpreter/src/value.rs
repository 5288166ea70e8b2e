//! Values, and why a run stops.

use wasmparser::ValType;

/// A value as a caller sees it. Floats are bits, so that NaNs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// The bits of a `v128`: the engines have them, the interpreter does not.
    V128(u128),
    /// The store's index of a function, or null.
    FuncRef(Option<u32>),
    /// What the host put in, or null.
    ExternRef(Option<u32>),
}

impl Value {
    /// As it lies on the stack. A null reference is 0, so that a fresh local is one.
    pub(crate) fn to_slot(self) -> u64 {
        match self {
            Self::I32(number) => u64::from(number.cast_unsigned()),
            Self::I64(number) => number.cast_unsigned(),
            Self::F32(bits) => u64::from(bits),
            Self::F64(bits) => bits,
            Self::V128(_) => panic!("vectors are left out"),
            Self::FuncRef(reference) | Self::ExternRef(reference) => reference.map_or(0, |index| u64::from(index) + 1),
        }
    }

    pub(crate) fn from_slot(slot: u64, of_type: ValType) -> Self {
        let low = u32::try_from(slot & 0xffff_ffff).unwrap();
        let reference = || slot.checked_sub(1).map(|index| u32::try_from(index).unwrap());
        match of_type {
            ValType::I32 => Self::I32(low.cast_signed()),
            ValType::I64 => Self::I64(slot.cast_signed()),
            ValType::F32 => Self::F32(low),
            ValType::F64 => Self::F64(slot),
            ValType::Ref(of_type) if of_type.is_func_ref() => Self::FuncRef(reference()),
            ValType::Ref(_) => Self::ExternRef(reference()),
            ValType::V128 => panic!("vectors are left out"),
        }
    }
}

/// Why a run did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A trap.
    Trap(Trap),
    /// A host function ended it.
    Host(String),
    /// More fuel was used than the store allows.
    OutOfFuel,
    /// More calls were open than the store allows: where a machine's stack would end, nobody knows.
    TooDeep,
}

/// A trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    /// What went wrong.
    pub kind: TrapKind,
    /// The byte offset of the instruction in its module; `None` where a segment did not fit when the module was instantiated.
    pub offset: Option<u64>,
}

/// What went wrong in a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum TrapKind {
    Unreachable,
    MemoryOutOfBounds,
    TableOutOfBounds,
    IntegerDivideByZero,
    IntegerOverflow,
    InvalidConversion,
    IndirectCallToNull,
    IndirectCallTypeMismatch,
}
