//! From places in the rewritten module back to the module as its author built it.

/// Where each instruction of the rewritten module came from.
///
/// Kept as runs, one wherever the distance between the two modules changes, not as one entry an instruction.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// Ascending by `rewritten`.
    runs: Vec<Run>,
    /// What is owed from an offset on where something may trap, ascending.
    debts: Vec<(u32, i64)>,
    /// The offset in the rewritten module that the runs count from.
    base: u64,
    imported_functions: u32,
    own_functions: u32,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    rewritten: u32,
    original: u32,
    kind: RunKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunKind {
    /// Bytes as they were: the distance is the same all along.
    Copied,
    /// Bytes put in or changed: all of them belong to one instruction.
    Written,
    /// No part of a function: counts and sizes.
    Nothing,
}

impl Origins {
    pub(super) fn new(imported_functions: u32, own_functions: u32) -> Self {
        Self { imported_functions, own_functions, ..Self::default() }
    }

    /// The offset in the original module of the instruction that stands at this offset of the rewritten one. Code that the
    /// rewriter put in belongs to the instruction before which it stands, declarations of locals to the beginning of the function (where
    /// an engine says that it does not know better). `None` outside functions.
    pub fn offset(&self, rewritten: u64) -> Option<u64> {
        let relative = u32::try_from(rewritten.checked_sub(self.base)?).ok()?;
        let after = self.runs.partition_point(|run| run.rewritten <= relative);
        let run = self.runs.get(after.checked_sub(1)?)?;
        match run.kind {
            RunKind::Copied => Some(u64::from(run.original) + u64::from(relative - run.rewritten)),
            RunKind::Written => Some(u64::from(run.original)),
            RunKind::Nothing => None,
        }
    }

    /// The fuel that was used and not yet counted where the instruction at this offset of the rewritten module traps; below 0 where more was
    /// counted than used. For modules made for [`TrapPlaces::Told`](super::TrapPlaces::Told); with others it is 0.
    /// So it is where no instruction of the original's is at the offset: an optimizer that joins a load with what it has made of the
    /// instruction behind it forgets where both came from, and where that may happen all is paid before.
    pub fn owed(&self, rewritten: u64) -> i64 {
        if self.offset(rewritten).is_none() {
            return 0;
        }
        let relative = rewritten.checked_sub(self.base).and_then(|relative| u32::try_from(relative).ok());
        let after = self.debts.partition_point(|(from, _)| relative.is_some_and(|relative| *from <= relative));
        after.checked_sub(1).and_then(|last| self.debts.get(last)).map_or(0, |(_, owed)| *owed)
    }

    /// The original index of a function of the rewritten module; `None` for those that were added.
    pub fn function_index(&self, rewritten: u32) -> Option<u32> {
        match rewritten.checked_sub(self.imported_functions) {
            None => Some(rewritten),
            Some(0) => None,
            Some(behind) => (behind <= self.own_functions).then(|| rewritten - 1),
        }
    }

    /// From `rewritten` on, bytes are copied from `original` on.
    pub(super) fn copied(&mut self, rewritten: u32, original: u32) {
        let goes_on = self.runs.last().is_some_and(|run| {
            run.kind == RunKind::Copied
                && rewritten
                    .checked_sub(run.rewritten)
                    .zip(original.checked_sub(run.original))
                    .is_some_and(|(new, old)| new == old)
        });
        if !goes_on {
            self.runs.push(Run { rewritten, original, kind: RunKind::Copied });
        }
    }

    /// From `rewritten` on, bytes belong to the instruction at `original`.
    pub(super) fn written(&mut self, rewritten: u32, original: u32) {
        self.runs.push(Run { rewritten, original, kind: RunKind::Written });
    }

    /// From `rewritten` on, there is no part of a function.
    pub(super) fn nothing(&mut self, rewritten: u32) {
        self.runs.push(Run { rewritten, original: 0, kind: RunKind::Nothing });
    }

    /// From `rewritten` on, up to where this is said again, a trap finds so much owed.
    pub(super) fn owes(&mut self, rewritten: u32, owed: i64) {
        if self.debts.last().map_or(0, |(_, before)| *before) != owed {
            self.debts.push((rewritten, owed));
        }
    }

    /// What was written apart from this, and now begins at `at`.
    pub(super) fn append(&mut self, part: &Self, at: u32) {
        self.runs.extend(part.runs.iter().map(|run| Run { rewritten: run.rewritten.saturating_add(at), ..*run }));
        // What a part says nothing of is what it began with: nothing.
        self.owes(at, 0);
        self.debts.extend(part.debts.iter().map(|(from, owed)| (from.saturating_add(at), *owed)));
    }

    /// Whatever may trap finds all paid.
    pub(super) fn forget_debts(&mut self) {
        self.debts = Vec::new();
    }

    /// Fixes where in the module the runs begin.
    pub(super) fn set_base(&mut self, base: u64) {
        self.base = base;
        self.runs.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_found_in_copied_and_in_written_code_and_nowhere_else() {
        let mut origins = Origins::new(2, 2);
        origins.nothing(0);
        origins.copied(3, 50);
        origins.copied(5, 52);
        origins.written(8, 55);
        origins.copied(12, 55);
        origins.nothing(20);
        origins.set_base(100);
        assert_eq!(origins.runs.len(), 5, "a run that goes on is one run");
        let found: Vec<_> = [99, 102, 103, 107, 108, 111, 112, 119, 120].iter().map(|at| origins.offset(*at)).collect();
        assert_eq!(found, [None, None, Some(50), Some(54), Some(55), Some(55), Some(55), Some(62), None]);
    }

    #[test]
    fn functions_behind_the_checkpoint_move_back_by_one_and_wrappers_are_none() {
        let origins = Origins::new(2, 2);
        let found = [0, 1, 2, 3, 4, 5].map(|index| origins.function_index(index));
        assert_eq!(found, [Some(0), Some(1), None, Some(2), Some(3), None]);
    }
}
