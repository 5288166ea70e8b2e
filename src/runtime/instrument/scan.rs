//! From a function's bytes to its marks, and to what the whole of it needs: which locals are added, and whether it hands the counter on.

use super::InstrumentError;
use super::TrapPlaces;
use super::instruction::{InstructionReader, index};
use super::locals::DeclaredLocals;
use super::mark::{Counter, FunctionBody, Mark};
use super::scanner::{Found, Scanner};
use super::signature::Signatures;

/// The module, as scanning a function sees it.
pub(super) struct Surroundings<'m> {
    pub(super) module: &'m [u8],
    pub(super) signatures: &'m Signatures,
    /// The types of the module's own functions.
    pub(super) function_types: &'m [u32],
    pub(super) imported_functions: u32,
    pub(super) places: TrapPlaces,
}

impl Surroundings<'_> {
    /// Whether the function hands the counter on.
    pub(super) fn callee_carries(&self, function: u32) -> bool {
        let own = function.checked_sub(self.imported_functions).and_then(|own| self.function_types.get(index(own)));
        own.is_some_and(|type_index| self.signatures.carries(*type_index))
    }
}

/// Reads the body `start..end` (declarations of locals, then code) of a function with type `type_index`; its marks go behind `marks`, the
/// types that its blocks name behind `block_types`.
pub(super) fn scan(
    surroundings: &Surroundings<'_>,
    (start, end): (usize, usize),
    type_index: u32,
    locals: DeclaredLocals,
    marks: &mut Vec<Mark>,
    block_types: &mut Vec<u32>,
) -> Result<FunctionBody, InstrumentError> {
    let parameters = surroundings.signatures.parameters(type_index);
    let carries = surroundings.signatures.carries(type_index);
    let first_mark = marks.len();
    let code = InstructionReader::new(surroundings.module, index(locals.end), end);
    let moved = (carries && locals.any()).then_some(parameters);
    let mut scanner = Scanner::new(surroundings, carries, moved, marks, block_types);
    scanner.run(code)?;
    let Found { branches_out, calls_indirectly } = scanner.found();
    let own_marks = marks.get(first_mark..).unwrap_or_default();
    let gains_by_a_local = own_marks.iter().any(|mark| mark.opens_segment && mark.counter() != Counter::Global);
    let repeats = own_marks.iter().any(|mark| mark.repeats);
    let longest_segment = own_marks.iter().map(|mark| mark.cost).max().unwrap_or(0);
    let counter_local = if carries { Some(parameters) } else { (gains_by_a_local && locals.has_room()).then(|| locals.count()) };
    let mut next_local = locals.count().saturating_add(u32::from(counter_local.is_some()));
    let mut local = |is_used: bool| {
        let local = (is_used && locals.has_room()).then_some(next_local);
        next_local = next_local.saturating_add(u32::from(local.is_some()));
        local
    };
    let callee_local = local(calls_indirectly);
    // Singlepass folds nothing, and keeps every local in memory.
    let base_local = local(counter_local.is_some() && surroundings.places == TrapPlaces::Told);
    Ok(FunctionBody {
        start: offset32(start)?,
        locals,
        type_index,
        carries,
        end: offset32(end)?,
        counter_local,
        callee_local,
        base_local,
        branches_out,
        marks: (first_mark, marks.len()),
        repeats,
        longest_segment,
    })
}

/// An offset in a module, which is never over 4 GiB.
pub(super) fn offset32(at: usize) -> Result<u32, InstrumentError> {
    u32::try_from(at).map_err(|_| InstrumentError::TooLarge { what: "the module", limit: u64::from(u32::MAX) })
}
