//! The instructions that are put in: charging, testing, handing the counter over, and what a bulk instruction costs.
//!
//! The counter lives in a global of the module, where the host sees it. Where a function keeps it in a local too, only the local is
//! always right, but for what is owed; the global is brought up to date at the beginning of every segment in which someone could look and could
//! not tell by how much it is behind.

use super::counters::Globals;
use super::mark::{Counter, Mark, MarkKind};
use super::payment::Payment;

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
const I32_CONST: u8 = 0x41;
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
    /// The function that calls it, with the count less what is owed, and returns the new slice and what is owed; the global has the same
    /// then.
    pub(super) next_slice: u32,
    /// The global that counts down.
    pub(super) fuel: u32,
    /// The global in which an operand waits while something is put below it.
    pub(super) length: u32,
    /// The first of the globals of the functions' counters, in a profiled module.
    pub(super) counters: Option<u32>,
}

/// A mark, and what was decided for the segment that begins behind it.
#[derive(Clone, Copy)]
pub(super) struct Decided<'m> {
    pub(super) mark: &'m Mark,
    pub(super) payment: Payment,
    /// Whether the counter is tested when it begins.
    pub(super) tested: bool,
}

/// The local from which a payment is subtracted.
#[derive(Clone, Copy)]
pub(super) struct Base {
    pub(super) local: u32,
    /// How much less than it the counter has; `None` where the counter's value is put into it first.
    pub(super) subtracted: Option<i64>,
}

/// Writes sequences for one function.
pub(super) struct Sequences<'o> {
    pub(super) added: Added,
    /// The local in which the function keeps the counter.
    pub(super) counter_local: Option<u32>,
    /// The function's own counters, in a profiled module.
    pub(super) counters: Option<Globals>,
    pub(super) out: &'o mut Vec<u8>,
}

impl Sequences<'_> {
    /// Puts in what the segment behind a mark needs at its beginning.
    pub(super) fn begin_segment(&mut self, decided: Decided<'_>, base: Option<Base>, goes_back: bool) {
        let Decided { mark, payment, tested } = decided;
        if let Some(counters) = self.counters {
            self.charge_function(mark, counters);
        }
        match self.counter_local {
            Some(local) => self.charge_local(mark, payment, base, local),
            None => self.charge_global(mark, payment),
        }
        if tested {
            self.test(payment, goes_back);
        }
    }

    /// Pays for the segment in the function's own counter, which owes nothing; the operands stay as they are.
    fn charge_function(&mut self, mark: &Mark, counters: Globals) {
        if mark.kind == MarkKind::Entry {
            self.add(counters.calls, 1);
        }
        if mark.cost > 0 {
            self.add(counters.fuel, i64::from(mark.cost));
        }
    }

    fn add(&mut self, global: u32, amount: i64) {
        self.op(GLOBAL_GET, global);
        self.i64_const(amount);
        self.out.push(I64_ADD);
        self.op(GLOBAL_SET, global);
    }

    fn charge_global(&mut self, mark: &Mark, payment: Payment) {
        let on_stack = mark.counter() == Counter::Stack;
        if payment.pays == 0 && !on_stack {
            return;
        }
        if !on_stack {
            self.op(GLOBAL_GET, self.added.fuel);
        }
        self.subtract(payment.pays);
        self.op(GLOBAL_SET, self.added.fuel);
    }

    fn charge_local(&mut self, mark: &Mark, payment: Payment, base: Option<Base>, local: u32) {
        let counter = mark.counter();
        let pays = payment.pays != 0;
        let (changes_local, changes_global) = (pays || counter != Counter::Local, payment.stores);
        if !changes_local && !changes_global {
            return;
        }
        match base {
            Some(Base { local: base, subtracted: Some(subtracted) }) => {
                self.op(LOCAL_GET, base);
                self.subtract(subtracted.saturating_add(payment.pays));
            }
            _ => {
                match counter {
                    Counter::Local => self.op(LOCAL_GET, local),
                    Counter::Global => self.op(GLOBAL_GET, self.added.fuel),
                    Counter::Stack => {}
                }
                if let Some(Base { local: base, .. }) = base {
                    self.op(LOCAL_TEE, base);
                }
                self.subtract(payment.pays);
            }
        }
        match (changes_local, changes_global) {
            (true, true) => {
                self.op(LOCAL_TEE, local);
                self.op(GLOBAL_SET, self.added.fuel);
            }
            (true, false) => self.op(LOCAL_SET, local),
            (false, _) => self.op(GLOBAL_SET, self.added.fuel),
        }
    }

    fn subtract(&mut self, amount: i64) {
        if amount != 0 {
            self.i64_const(amount);
            self.out.push(I64_SUB);
        }
    }

    /// Calls the checkpoint where the slice is spent, with what is owed after this payment. Where it `goes_back`, the code behind the call
    /// branches to the header of the loop in which the test stands, so that all ways into the loop's body come from the header, and what lives in
    /// registers there need not be where the call left it: the header, which is then run again, gets back what it paid.
    fn test(&mut self, payment: Payment, goes_back: bool) {
        self.get_counter();
        self.i64_const(payment.owes);
        self.out.extend([I64_LT_S, IF, EMPTY_BLOCK_TYPE]);
        self.get_counter();
        self.i64_const(payment.owes);
        self.op(CALL, self.added.next_slice);
        self.take_back();
        self.lag_again(payment);
        if goes_back {
            const LOOP: u32 = 1;
            if payment.pays != 0 {
                self.get_counter();
                self.subtract(payment.pays.saturating_neg());
                self.take_back();
            }
            self.op(BR, LOOP);
        }
        self.out.push(END);
    }

    /// Behind the checkpoint, the global has what the local has: it gets what it is known to have more on the way past the test.
    fn lag_again(&mut self, payment: Payment) {
        if payment.lag != 0 {
            self.get_counter();
            self.subtract(payment.lag.saturating_neg());
            self.op(GLOBAL_SET, self.added.fuel);
        }
    }

    /// Keeps what may trap in a segment before a loop apart from what a compiler takes out of the loop: one instruction made of both would trap
    /// at a place in the loop, where something else is owed. It is a store of a number that stands there for nothing else, so that no
    /// compiler finds it idle.
    pub(super) fn fence(&mut self, at: u32) {
        self.out.push(I32_CONST);
        write_i64(self.out, i64::from(at));
        self.op(GLOBAL_SET, self.added.length);
    }

    /// The counter for a callee that carries it, behind its parameters.
    pub(super) fn hand_over(&mut self) {
        self.get_counter();
    }

    /// The counter for a callee that carries it, below the index in a table that is on top of the stack.
    pub(super) fn hand_over_below(&mut self, callee_local: Option<u32>) {
        match callee_local {
            Some(local) => {
                self.op(LOCAL_SET, local);
                self.get_counter();
                self.op(LOCAL_GET, local);
            }
            None => {
                self.op(GLOBAL_SET, self.added.length);
                self.get_counter();
                self.op(GLOBAL_GET, self.added.length);
            }
        }
    }

    /// Takes the counter back from a callee, in code in which no segment does.
    pub(super) fn take_back(&mut self) {
        match self.counter_local {
            Some(local) => self.op(LOCAL_SET, local),
            None => self.op(GLOBAL_SET, self.added.fuel),
        }
    }

    /// Charges what a bulk instruction costs beside its 1; its length, an `i32`, is on top of the stack and stays there.
    pub(super) fn charge_bulk(&mut self, kind: MarkKind) {
        self.op(GLOBAL_SET, self.added.length);
        if let Some(counters) = self.counters {
            self.op(GLOBAL_GET, counters.fuel);
            self.bulk_cost(kind);
            self.out.push(I64_ADD);
            self.op(GLOBAL_SET, counters.fuel);
        }
        self.get_counter();
        self.bulk_cost(kind);
        self.out.push(I64_SUB);
        self.set_counter();
        self.test(Payment::default(), false);
        self.op(GLOBAL_GET, self.added.length);
    }

    /// What a bulk instruction costs whose length waits in the global.
    fn bulk_cost(&mut self, kind: MarkKind) {
        self.op(GLOBAL_GET, self.added.length);
        self.out.push(I64_EXTEND_I32_U);
        if kind == MarkKind::BulkBytes {
            self.i64_const(15);
            self.out.push(I64_ADD);
            self.i64_const(4);
            self.out.push(I64_SHR_U);
        }
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
