//! The engine's traps in words for the skill's author.

use super::ending::size_in_words;
use crate::event::Failure;
use wasmer::RuntimeError;
use wasmer::sys::vm::TrapCode;

/// A trap, described.
pub(super) struct Trap {
    pub(super) failure: Failure,
    /// Whether it is how compilers end a program that gives up: a panic, an abort, a failed allocation.
    pub(super) gives_up: bool,
    /// Whether the count of fuel came through.
    pub(super) fuel_exact: bool,
}

/// What the engine raised, where memory has `memory` bytes.
pub(super) fn describe(error: &RuntimeError, memory: Option<u64>) -> Trap {
    let Some(code) = error.clone().to_trap() else {
        return Trap { failure: Failure::new("trap", error.message()), gives_up: false, fuel_exact: true };
    };
    Trap {
        failure: failure(code, memory),
        gives_up: code == TrapCode::UnreachableCodeReached,
        fuel_exact: code != TrapCode::StackOverflow,
    }
}

fn failure(code: TrapCode, memory: Option<u64>) -> Failure {
    match code {
        TrapCode::UnreachableCodeReached => Failure::new("unreachable", "the skill ran into `unreachable`").with_hint(
            "this is how panics, aborts and failed assertions end; what the skill said before is in its log and stderr",
        ),
        TrapCode::HeapAccessOutOfBounds => {
            let size = memory.map_or_else(|| "there is none".to_owned(), |bytes| format!("there are {}", size_in_words(bytes)));
            Failure::new("out-of-bounds-memory", format!("the skill accessed memory out of bounds ({size})"))
        }
        TrapCode::StackOverflow => Failure::new("stack-exhausted", "the skill exhausted the stack").with_hint(
            "a recursion without an end, or one too deep; the engine cannot tell the frames, and the fuel is a lower bound",
        ),
        TrapCode::IntegerDivisionByZero => Failure::new("integer-divide-by-zero", "the skill divided an integer by zero"),
        TrapCode::IntegerOverflow => {
            Failure::new("integer-overflow", "an integer overflowed: a division of the smallest integer by -1, or a conversion")
        }
        TrapCode::BadConversionToInteger => Failure::new(
            "invalid-conversion",
            "the skill converted a float to an integer that cannot hold it (NaN, or out of range)",
        ),
        TrapCode::BadSignature => {
            Failure::new("indirect-call-type-mismatch", "an indirect call found a function of another type")
                .with_hint("a function pointer was cast to another type, or is not one")
        }
        TrapCode::IndirectCallToNull => Failure::new("indirect-call-null", "an indirect call found a null entry in its table")
            .with_hint("a function pointer is null or was never set"),
        TrapCode::TableAccessOutOfBounds => Failure::new("out-of-bounds-table", "the skill accessed a table out of bounds")
            .with_hint("a function pointer that is none, or a `call_indirect` index that is too large"),
        other => Failure::new("trap", other.message().to_owned()),
    }
}
