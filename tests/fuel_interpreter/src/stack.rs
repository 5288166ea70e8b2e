//! The operand stack.

/// Operands of all open calls.
#[derive(Default)]
pub(crate) struct Stack {
    pub(crate) slots: Vec<u64>,
}

impl Stack {
    pub(crate) fn push(&mut self, slot: u64) {
        self.slots.push(slot);
    }

    pub(crate) fn push_u32(&mut self, number: u32) {
        self.push(u64::from(number));
    }

    pub(crate) fn push_bool(&mut self, holds: bool) {
        self.push(u64::from(holds));
    }

    pub(crate) fn pop(&mut self) -> u64 {
        self.slots.pop().expect("valid")
    }

    pub(crate) fn pop_u32(&mut self) -> u32 {
        low(self.pop())
    }

    pub(crate) fn pop_i32(&mut self) -> i32 {
        self.pop_u32().cast_signed()
    }

    pub(crate) fn pop_i64(&mut self) -> i64 {
        self.pop().cast_signed()
    }

    pub(crate) fn pop_f32(&mut self) -> f32 {
        f32::from_bits(self.pop_u32())
    }

    pub(crate) fn pop_f64(&mut self) -> f64 {
        f64::from_bits(self.pop())
    }

    pub(crate) fn push_f32(&mut self, number: f32) {
        self.push_u32(number.to_bits());
    }

    pub(crate) fn push_f64(&mut self, number: f64) {
        self.push(number.to_bits());
    }

    /// Takes away what lies between a height and the topmost `kept` operands.
    pub(crate) fn unwind(&mut self, height: usize, kept: usize) {
        let top = self.slots.len() - kept;
        self.slots.drain(height..top);
    }
}

/// The `i32` in a slot.
#[allow(clippy::cast_possible_truncation, reason = "the high half of a slot is not part of an i32")]
pub(crate) const fn low(slot: u64) -> u32 {
    slot as u32
}
