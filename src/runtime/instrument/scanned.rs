//! All functions of a module, scanned in parts, with what must be known of all of them together.

use super::InstrumentError;
use super::in_parts::in_parts;
use super::locals::DeclaredLocals;
use super::mark::{FunctionBody, Mark, MarkKind};
use super::scan::{Surroundings, scan};
use std::ops::Range;

/// How many bytes of code have a mark among them; not many functions have more marks.
const BYTES_A_MARK: usize = 6;

/// What scanning some functions that follow each other leaves behind.
#[derive(Default)]
pub(super) struct Scanned {
    pub(super) bodies: Vec<FunctionBody>,
    pub(super) marks: Vec<Mark>,
    /// The functions that their code refers to, in its order.
    pub(super) references: Vec<u32>,
    /// The types of their indirect calls, in the order of the code.
    pub(super) called_types: Vec<u32>,
    /// The types that their blocks name, in the order of the code.
    pub(super) block_types: Vec<u32>,
}

impl Scanned {
    fn with_room_for(bodies: &[(usize, usize)]) -> Self {
        let bytes: usize = bodies.iter().map(|(start, end)| end.saturating_sub(*start)).sum();
        let marks = Vec::with_capacity(bytes / BYTES_A_MARK);
        Self { bodies: Vec::with_capacity(bodies.len()), marks, ..Self::default() }
    }

    fn list_what_marks_name(&mut self) {
        for mark in &self.marks {
            match mark.kind {
                MarkKind::RefFunc(function) => self.references.push(function),
                MarkKind::CallIndirect(of_type) => self.called_types.push(of_type),
                _ => {}
            }
        }
    }

    /// Takes in the functions behind these.
    fn append(&mut self, part: Self) {
        let before = self.marks.len();
        self.bodies.extend(part.bodies.into_iter().map(|body| body.with_marks_behind(before)));
        self.marks.extend(part.marks);
        self.references.extend(part.references);
        self.called_types.extend(part.called_types);
        self.block_types.extend(part.block_types);
    }
}

/// Scans the functions: those of each part on one thread.
///
/// # Errors
/// Those of scanning.
pub(super) fn scan_all(
    surroundings: &Surroundings<'_>,
    bodies: &[(usize, usize)],
    locals: &[DeclaredLocals],
    parts: &[Range<usize>],
) -> Result<Scanned, InstrumentError> {
    let scanned = in_parts(parts.len(), parts.to_vec(), |part| {
        let of_part = bodies.get(part.clone()).unwrap_or_default();
        let mut scanned = Scanned::with_room_for(of_part);
        let types = surroundings.function_types.get(part.clone()).unwrap_or_default();
        let functions = of_part.iter().zip(types).zip(locals.get(part).unwrap_or_default());
        for ((place, type_index), declared) in functions {
            let Scanned { bodies, marks, block_types, .. } = &mut scanned;
            bodies.push(scan(surroundings, *place, *type_index, *declared, marks, block_types)?);
        }
        scanned.list_what_marks_name();
        Ok(scanned)
    })?;
    let mut scanned = scanned.into_iter();
    let mut all = scanned.next().unwrap_or_default();
    scanned.for_each(|part| all.append(part));
    Ok(all)
}
