//! What an instruction does to the operand stack and to what Cranelift's optimizer may make of it.
//!
//! This is not what the fuel rule must know ([`Instruction`](super::instruction::Instruction)), and it is asked of few instructions: it is
//! read off the opcode only where [`JoinedLoads`](super::joined_loads::JoinedLoads) follows a load's value.

use super::instruction::index;

/// An instruction that stays within its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Takes an address or an index and gives what is there, of 32 bits or more and not widened.
    Load,
    /// A load that widens.
    Widening,
    /// Takes an address and a value, and puts the value into the memory.
    Store,
    /// A number that stands in the code.
    Literal(i64),
    /// So many operands and results, and the optimizer makes nothing of it that takes its operands.
    Other { takes: u8, gives: u8 },
    /// So many operands and one result, and the optimizer may make instructions of its own of it. `keeps` tells for which literals as its last
    /// operand it leaves the instruction as it is, where the operand before is a load's value.
    Optimized { takes: u8, keeps: Literals },
    /// Keeps so many operands where another instruction may get them from.
    Kept { takes: u8 },
    /// An instruction of vectors, which the optimizer may make others of.
    Vector,
    /// `local.get`
    Get(u32),
    /// `local.set`
    Set(u32),
    /// `local.tee`
    Tee(u32),
}

/// With which literal behind it the optimizer keeps an instruction (`cprop.isle`, `arithmetic.isle`, `bitops.isle`, `shifts.isle` and `icmp.isle`
/// of Cranelift 0.135: no rule for such an operation, an operand of which nothing is known and such a literal gives another operation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literals {
    /// With none, as far as is known.
    None,
    /// With any; and where the instruction has one operand.
    Any,
    /// An addition: with any but 0.
    Added,
    /// A subtraction: with those above 1.
    Subtracted,
    /// With those of which some bits are set and some are not.
    Mixed,
    /// A shift: with those that are less than the operand has bits.
    Shifts { bits: i64 },
    /// A comparison by size: with those near which no number's successor is of another sign, or none is.
    Ordinary,
}

impl Literals {
    pub(super) const fn have(self, literal: i64) -> bool {
        const I32_MIN: i64 = i32::MIN as i64;
        const I32_MAX: i64 = i32::MAX as i64;
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Added => literal != 0,
            Self::Subtracted => literal > 1,
            Self::Mixed => literal != 0 && literal != -1,
            Self::Shifts { bits } => literal > 0 && literal < bits,
            Self::Ordinary => !matches!(literal, -1..=1 | I32_MIN | I32_MAX | i64::MIN | i64::MAX),
        }
    }

    /// Whether those are the literals of a comparison, which gives 0 or 1.
    pub(super) const fn compared(self) -> bool {
        matches!(self, Self::Any | Self::Ordinary)
    }
}

impl Operation {
    /// Whether the instruction at this offset of the module is a [`Load`](Self::Load).
    pub(super) fn is_load(module: &[u8], at: u32) -> bool {
        match module.get(index(at)) {
            Some(0x25 | 0x28..=0x2b) => true,
            Some(0xfd) => matches!(Self::at(module, at), Some(Self::Load)),
            _ => false,
        }
    }

    /// The operation at this offset of the module; `None` where it is of those that end a segment or do nothing.
    pub(super) fn at(module: &[u8], at: u32) -> Option<Self> {
        let code = module.get(index(at)..)?;
        let (opcode, immediate) = code.split_first()?;
        let operation = match opcode {
            0x20 => Self::Get(leb(immediate)?),
            0x21 => Self::Set(leb(immediate)?),
            0x22 => Self::Tee(leb(immediate)?),
            0x25 | 0x28..=0x2b => Self::Load,
            0x24 => Self::Kept { takes: 1 },
            0x26 => Self::Kept { takes: 2 },
            0x41 | 0x42 => Self::Literal(signed_leb(immediate)?),
            0x45 | 0x50 => Self::Optimized { takes: 1, keeps: Literals::Any },
            0x67..=0x69 | 0x79..=0x7b | 0x8c | 0x9a | 0xa7 | 0xac | 0xad | 0xc0..=0xc4 | 0xd1 => {
                Self::Optimized { takes: 1, keeps: Literals::None }
            }
            0x46 | 0x47 | 0x51 | 0x52 => Self::Optimized { takes: 2, keeps: Literals::Any },
            0x48..=0x4f | 0x53..=0x5a => Self::Optimized { takes: 2, keeps: Literals::Ordinary },
            0x6a | 0x7c => Self::Optimized { takes: 2, keeps: Literals::Added },
            0x6b | 0x7d => Self::Optimized { takes: 2, keeps: Literals::Subtracted },
            0x71..=0x73 | 0x83..=0x85 => Self::Optimized { takes: 2, keeps: Literals::Mixed },
            0x74..=0x76 => Self::Optimized { takes: 2, keeps: Literals::Shifts { bits: 32 } },
            0x86..=0x88 => Self::Optimized { takes: 2, keeps: Literals::Shifts { bits: 64 } },
            0x6c..=0x70 | 0x77 | 0x78 | 0x7e..=0x82 | 0x89 | 0x8a => Self::Optimized { takes: 2, keeps: Literals::None },
            0x1b | 0x1c => Self::Optimized { takes: 3, keeps: Literals::None },
            0x23 | 0x3f | 0x43 | 0x44 | 0xd0 | 0xd2 => Self::Other { takes: 0, gives: 1 },
            0x1a => Self::Other { takes: 1, gives: 0 },
            0x2c..=0x35 => Self::Widening,
            // Conversions and the like.
            0x40 | 0x8b | 0x8d..=0x91 | 0x99 | 0x9b..=0x9f | 0xa8..=0xab | 0xae..=0xbf => Self::Other { takes: 1, gives: 1 },
            0x36..=0x3e => Self::Store,
            0x5b..=0x66 | 0x92..=0x98 | 0xa0..=0xa6 => Self::Other { takes: 2, gives: 1 },
            0xfc => Self::prefixed_fc(leb(immediate)?)?,
            0xfd => Self::prefixed_fd(leb(immediate)?),
            _ => return None,
        };
        Some(operation)
    }

    const fn prefixed_fc(opcode: u32) -> Option<Self> {
        let (takes, gives) = match opcode {
            0..=7 => (1, 1),
            8 | 10..=12 | 14 | 17 => (3, 0),
            15 => (2, 1),
            16 => (0, 1),
            _ => return None,
        };
        Some(Self::Other { takes, gives })
    }

    const fn prefixed_fd(opcode: u32) -> Self {
        match opcode {
            0..=10 | 92 | 93 => Self::Load,
            11 => Self::Other { takes: 2, gives: 0 },
            12 => Self::Other { takes: 0, gives: 1 },
            _ => Self::Vector,
        }
    }
}

/// A signed number of at most ten bytes.
fn signed_leb(bytes: &[u8]) -> Option<i64> {
    let mut value = 0;
    for (byte, shift) in bytes.iter().zip((0_u32..).step_by(7)).take(10) {
        value |= i64::from(byte & 0x7f).checked_shl(shift)?;
        if *byte < 0x80 {
            let unused = i64::BITS.saturating_sub(shift.saturating_add(7));
            return Some(value.wrapping_shl(unused).wrapping_shr(unused));
        }
    }
    None
}

/// A number of at most five bytes.
fn leb(bytes: &[u8]) -> Option<u32> {
    let mut value = 0;
    for (byte, shift) in bytes.iter().zip([0, 7, 14, 21, 28]) {
        value |= u32::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}
