//! Loads and stores, instruction by instruction.

use crate::memory::Memory;
use crate::stack::Stack;
use crate::value::TrapKind;
use wasmparser::Operator;

/// Executes a load or a store; `false` where the instruction is neither.
pub(crate) fn execute(operator: &Operator<'_>, stack: &mut Stack, memory: &mut Memory) -> Result<bool, TrapKind> {
    Ok(load(operator, stack, memory)? || store(operator, stack, memory)?)
}

fn load(operator: &Operator<'_>, stack: &mut Stack, memory: &Memory) -> Result<bool, TrapKind> {
    match operator {
        Operator::I32Load { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(u32::from_le_bytes(b));
        }
        Operator::I64Load { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(u64::from_le_bytes(b));
        }
        Operator::F32Load { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(u32::from_le_bytes(b));
        }
        Operator::F64Load { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(u64::from_le_bytes(b));
        }
        Operator::I32Load8S { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(i32::from(i8::from_le_bytes(b)).cast_unsigned());
        }
        Operator::I32Load8U { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(u32::from(u8::from_le_bytes(b)));
        }
        Operator::I32Load16S { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(i32::from(i16::from_le_bytes(b)).cast_unsigned());
        }
        Operator::I32Load16U { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push_u32(u32::from(u16::from_le_bytes(b)));
        }
        Operator::I64Load8S { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(i64::from(i8::from_le_bytes(b)).cast_unsigned());
        }
        Operator::I64Load8U { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(u64::from(u8::from_le_bytes(b)));
        }
        Operator::I64Load16S { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(i64::from(i16::from_le_bytes(b)).cast_unsigned());
        }
        Operator::I64Load16U { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(u64::from(u16::from_le_bytes(b)));
        }
        Operator::I64Load32S { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(i64::from(i32::from_le_bytes(b)).cast_unsigned());
        }
        Operator::I64Load32U { memarg } => {
            let b = memory.load(stack.pop_u32(), memarg.offset)?;
            stack.push(u64::from(u32::from_le_bytes(b)));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn store(operator: &Operator<'_>, stack: &mut Stack, memory: &mut Memory) -> Result<bool, TrapKind> {
    let (memarg, width) = match operator {
        Operator::I32Store { memarg } => (memarg, 4),
        Operator::I64Store { memarg } => (memarg, 8),
        Operator::F32Store { memarg } => (memarg, 4),
        Operator::F64Store { memarg } => (memarg, 8),
        Operator::I32Store8 { memarg } => (memarg, 1),
        Operator::I32Store16 { memarg } => (memarg, 2),
        Operator::I64Store8 { memarg } => (memarg, 1),
        Operator::I64Store16 { memarg } => (memarg, 2),
        Operator::I64Store32 { memarg } => (memarg, 4),
        _ => return Ok(false),
    };
    let bytes = stack.pop().to_le_bytes();
    memory.store(stack.pop_u32(), memarg.offset, &bytes[..width])?;
    Ok(true)
}
