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
    /// So many operands and results, and the optimizer makes nothing of it that takes its operands.
    Other { takes: u8, gives: u8 },
    /// So many operands and one result, and the optimizer may make instructions of its own of it.
    Optimized { takes: u8 },
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
            0x45 | 0x50 | 0x67..=0x69 | 0x79..=0x7b | 0x8c | 0x9a | 0xa7 | 0xac | 0xad | 0xc0..=0xc4 | 0xd1 => {
                Self::Optimized { takes: 1 }
            }
            0x46..=0x4f | 0x51..=0x5a | 0x6a..=0x78 | 0x7c..=0x8a => Self::Optimized { takes: 2 },
            0x1b | 0x1c => Self::Optimized { takes: 3 },
            0x23 | 0x3f | 0x41..=0x44 | 0xd0 | 0xd2 => Self::Other { takes: 0, gives: 1 },
            0x1a => Self::Other { takes: 1, gives: 0 },
            // Loads that widen, conversions, and the like.
            0x2c..=0x35 | 0x40 | 0x8b | 0x8d..=0x91 | 0x99 | 0x9b..=0x9f | 0xa8..=0xab | 0xae..=0xbf => {
                Self::Other { takes: 1, gives: 1 }
            }
            0x36..=0x3e => Self::Other { takes: 2, gives: 0 },
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
