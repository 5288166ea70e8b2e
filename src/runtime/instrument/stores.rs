//! Where the global gets the count that a function keeps in its local: where someone could look at it, and it is not known how far it lags behind.
//!
//! By how much the global is above the local is followed through the function's blocks. It is not known at its entry and behind calls, where
//! the count came by parameter or result, where ways meet on which it is not the same, and at the header of a loop that repeats, each turn of which
//! costs something. Behind a store it is nothing, and behind a payment as much more as was paid. Where the engine tells the place of a trap,
//! that is enough: what is owed there is then known too. Where it does not, or the host looks at the global itself, nothing may be between them.

use super::mark::{Counter, Mark, MarkKind};
use super::payment::Payment;
use super::ways::{Known, Ways};

/// Decides at which of a function's segments the global is stored to, and with that how far it lags in each, where it is known what they pay.
pub(super) fn place_stores(module: &[u8], marks: &[Mark], payments: &mut [Payment]) {
    let mut ways = Ways::new();
    for (mark, payment) in marks.iter().zip(payments) {
        pass(&mut ways, module, mark);
        if mark.opens_segment {
            begin_segment(&mut ways, mark, payment);
        }
    }
}

/// How much more the global has than the local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lag {
    Known(i64),
    Unknown,
}

const IN_STEP: Lag = Lag::Known(0);

impl Known for Lag {
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

fn pass(ways: &mut Ways<Lag>, module: &[u8], mark: &Mark) {
    ways.pass(module, mark);
    match mark.kind {
        MarkKind::Entry => ways.begin(behind_code_of_others(mark)),
        MarkKind::Loop if mark.repeats => ways.change(|_| Lag::Unknown),
        MarkKind::Call(_) | MarkKind::CallIndirect(_) => ways.change(|_| behind_code_of_others(mark)),
        // What it costs is paid in both.
        MarkKind::BulkBytes | MarkKind::BulkEntries => ways.change(|_| IN_STEP),
        _ => {}
    }
}

fn begin_segment(ways: &mut Ways<Lag>, mark: &Mark, payment: &mut Payment) {
    let lag = match ways.here() {
        Some(Lag::Known(before)) => Lag::Known(before.saturating_add(payment.pays)),
        Some(Lag::Unknown) | None => Lag::Unknown,
    };
    // A block that does nothing but trap may be made a part of the branch to it, whose segment is another.
    let is_held = mark.gives_up && mark.cost > 0;
    payment.stores = is_held || (mark.exact && lag != IN_STEP) || (mark.traps && lag == Lag::Unknown);
    let lag = if payment.stores { IN_STEP } else { lag };
    payment.lag = match lag {
        Lag::Known(lag) => lag,
        Lag::Unknown => 0,
    };
    ways.set(lag);
}

/// What is known where other code comes back, or hands over.
fn behind_code_of_others(mark: &Mark) -> Lag {
    if mark.counter() == Counter::Global { IN_STEP } else { Lag::Unknown }
}
