//! The instructions that are put in: charging, testing, and what a bulk instruction costs.
//!
//! The counter lives in a global of the module. Where a function keeps it in a local too, the local is always right and the global is
//! brought up to date at the beginning of every segment in which someone could look: one that may trap, calls or returns.

use super::mark::{Mark, MarkKind};

const IF: u8 = 0x04;
const EMPTY_BLOCK_TYPE: u8 = 0x40;
const END: u8 = 0x0b;
const BR: u8 = 0x0c;
const CALL: u8 = 0x10;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const LOCAL_TEE: u8 = 0x22;
const GLOBAL_GET: u8 = 0x23;
const GLOBAL_SET: u8 = 0x24;
const I64_CONST: u8 = 0x42;
const I64_LT_S: u8 = 0x53;
const I64_ADD: u8 = 0x7c;
const I64_SUB: u8 = 0x7d;
const I64_SHR_U: u8 = 0x88;
const I64_EXTEND_I32_U: u8 = 0xad;

/// What the rewriter adds to the module, by index in the rewritten module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    /// The imported function.
    pub(super) checkpoint: u32,
    /// The global that counts down.
    pub(super) fuel: u32,
    /// The global in which the length of a bulk instruction waits.
    pub(super) length: u32,
}

/// Writes sequences for one function.
pub(super) struct Sequences<'o> {
    pub(super) added: Added,
    /// The local in which the function keeps the counter.
    pub(super) counter_local: Option<u32>,
    pub(super) out: &'o mut Vec<u8>,
}

impl Sequences<'_> {
    /// Puts in what the segment behind a mark needs at its beginning.
    pub(super) fn begin_segment(&mut self, mark: &Mark, hoisted_test: bool) {
        match self.counter_local {
            Some(local) => self.charge_local(mark, local),
            None => self.charge_global(mark.cost),
        }
        if mark.tested {
            self.test(hoisted_test.then_some(mark.cost));
        }
    }

    fn charge_global(&mut self, cost: u32) {
        if cost > 0 {
            self.op(GLOBAL_GET, self.added.fuel);
            self.subtract(cost);
            self.op(GLOBAL_SET, self.added.fuel);
        }
    }

    fn charge_local(&mut self, mark: &Mark, local: u32) {
        let is_stale = matches!(mark.kind, MarkKind::Entry | MarkKind::Call(_) | MarkKind::CallIndirect(_));
        let changes = mark.cost > 0;
        if !is_stale && !changes && !mark.exact {
            return;
        }
        if is_stale {
            self.op(GLOBAL_GET, self.added.fuel);
        } else {
            self.op(LOCAL_GET, local);
        }
        if changes {
            self.subtract(mark.cost);
        }
        match (is_stale || changes, mark.exact && (changes || !is_stale)) {
            (true, true) => {
                self.op(LOCAL_TEE, local);
                self.op(GLOBAL_SET, self.added.fuel);
            }
            (true, false) => self.op(LOCAL_SET, local),
            (false, _) => self.op(GLOBAL_SET, self.added.fuel),
        }
    }

    fn subtract(&mut self, cost: u32) {
        self.i64_const(i64::from(cost));
        self.out.push(I64_SUB);
    }

    /// Calls the checkpoint where the slice is spent. A test that is `hoisted` stands in a loop that another loop wraps: it goes on at
    /// the outer one, so that no call is in the inner one; the header, which is then run again, gets back what it charged.
    fn test(&mut self, hoisted: Option<u32>) {
        self.get_counter();
        self.i64_const(0);
        self.out.extend([I64_LT_S, IF, EMPTY_BLOCK_TYPE]);
        if let Some(local) = self.counter_local {
            self.op(LOCAL_GET, local);
            self.op(GLOBAL_SET, self.added.fuel);
        }
        self.get_counter();
        self.op(CALL, self.added.checkpoint);
        if let Some(cost) = hoisted.filter(|cost| *cost > 0) {
            self.i64_const(i64::from(cost));
            self.out.push(I64_ADD);
        }
        self.set_counter();
        if hoisted.is_some() {
            const OUTER_LOOP: u32 = 2;
            self.op(BR, OUTER_LOOP);
        }
        self.out.push(END);
    }

    /// Charges what a bulk instruction costs beside its 1; its length, an `i32`, is on top of the stack and stays there.
    pub(super) fn charge_bulk(&mut self, kind: MarkKind) {
        self.op(GLOBAL_SET, self.added.length);
        self.get_counter();
        self.op(GLOBAL_GET, self.added.length);
        self.out.push(I64_EXTEND_I32_U);
        if kind == MarkKind::BulkBytes {
            self.i64_const(15);
            self.out.push(I64_ADD);
            self.i64_const(4);
            self.out.push(I64_SHR_U);
        }
        self.out.push(I64_SUB);
        self.set_counter();
        self.test(None);
        self.op(GLOBAL_GET, self.added.length);
    }

    fn get_counter(&mut self) {
        match self.counter_local {
            Some(local) => self.op(LOCAL_GET, local),
            None => self.op(GLOBAL_GET, self.added.fuel),
        }
    }

    /// Sets the counter, in both places.
    fn set_counter(&mut self) {
        if let Some(local) = self.counter_local {
            self.op(LOCAL_TEE, local);
        }
        self.op(GLOBAL_SET, self.added.fuel);
    }

    fn op(&mut self, code: u8, operand: u32) {
        self.out.push(code);
        write_u32(self.out, operand);
    }

    fn i64_const(&mut self, value: i64) {
        self.out.push(I64_CONST);
        write_i64(self.out, value);
    }
}

/// Appends an unsigned number as LEB128.
pub(super) fn write_u32(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends a signed number as LEB128.
fn write_i64(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        let sign_is_clear = low & 0x40 == 0;
        if (value == 0 && sign_is_clear) || (value == -1 && !sign_is_clear) {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
