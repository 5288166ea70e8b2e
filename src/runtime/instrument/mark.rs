//! What scanning a function leaves behind, and placing tests and payments and writing code work on: marks at the points of change.

use super::locals::DeclaredLocals;

/// A place in a function's code at which control goes on, or at which something must be put in or changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) kind: MarkKind,
    /// Where the instruction begins, in the original module.
    pub(super) at: u32,
    /// Where the instruction behind it begins.
    pub(super) next: u32,
    /// What the segment that begins at `next` costs; 0 where none begins.
    pub(super) cost: u32,
    /// Whether a segment of live code begins at `next`.
    pub(super) opens_segment: bool,
    /// Whether someone may look at the global in that segment, as it traps, calls the host, or returns: the count must then be right
    /// there.
    pub(super) exact: bool,
    /// Whether that segment may trap at a place that the engine tells: the global must then have the local's count, and what is owed is
    /// known of the place.
    pub(super) traps: bool,
    /// Whether that segment ends in `unreachable`.
    pub(super) gives_up: bool,
    /// Of a loop: whether a fence stands right before it.
    pub(super) fenced: bool,
    /// Whether that segment may leave the function.
    pub(super) leaves: bool,
    /// Of a call, and of a function's entry: whether the counter comes along.
    pub(super) carries: bool,
    /// Of a loop: whether live code branches back to it.
    pub(super) repeats: bool,
    /// Of a loop: whether it repeats, calls nothing and takes no parameters.
    pub(super) call_free: bool,
    /// Whether it stands in live code.
    pub(super) live: bool,
}

/// Where the counter is when a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counter {
    /// In the function's local.
    Local,
    /// In the global alone, as code ran that does not carry it.
    Global,
    /// On top of the stack, as a call's last result.
    Stack,
}

impl Mark {
    /// Where a function that has a local for the counter finds it.
    pub(super) const fn counter(&self) -> Counter {
        match self.kind {
            MarkKind::Entry if !self.carries => Counter::Global,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) if self.carries => Counter::Stack,
            MarkKind::Call(_) | MarkKind::CallIndirect(_) => Counter::Global,
            _ => Counter::Local,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkKind {
    /// The beginning of the function's code.
    Entry,
    Block,
    Loop,
    If,
    Else,
    /// The end of a `block`, `if` or `else`: a label.
    EndBlock,
    /// The end of a `loop`: no label.
    EndLoop,
    EndFunction,
    Br(u32),
    BrIf(u32),
    BrTable,
    Return,
    Unreachable,
    Call(u32),
    CallIndirect(u32),
    RefFunc(u32),
    /// An access to the local whose index the counter takes.
    Local,
    BulkBytes,
    BulkEntries,
}

/// A function's body as scanned; offsets are those of the original module.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionBody {
    /// Where it begins, with the declarations of locals.
    pub(super) start: u32,
    /// Its locals.
    pub(super) locals: DeclaredLocals,
    /// The type of the function.
    pub(super) type_index: u32,
    /// Whether it takes and returns the counter.
    pub(super) carries: bool,
    /// Where the code ends.
    pub(super) end: u32,
    /// The index of a local to keep the counter in, where the function has a use for one and room.
    pub(super) counter_local: Option<u32>,
    /// The index of a local for the index of a `call_indirect`, in a function that has any and room.
    pub(super) callee_local: Option<u32>,
    /// The index of a local for the value from which payments are subtracted, where the compiler folds them and there is room.
    pub(super) base_local: Option<u32>,
    /// Whether any branch leaves it.
    pub(super) branches_out: bool,
    /// The range of its marks among all of the module's.
    pub(super) marks: (usize, usize),
    /// Whether any loop of it repeats.
    pub(super) repeats: bool,
    /// The cost of its costliest segment.
    pub(super) longest_segment: u32,
}

impl FunctionBody {
    /// The counter is kept in the global alone.
    pub(super) const fn keep_to_the_global(&mut self) {
        self.counter_local = None;
        self.base_local = None;
    }

    /// The index that the first declared local gets, where the counter takes its place.
    pub(super) fn moved_local(&self) -> Option<u32> {
        (self.carries && self.locals.any()).then(|| self.locals.count())
    }

    /// The same, where so many marks of other functions came to stand before its own.
    pub(super) fn with_marks_behind(self, others: usize) -> Self {
        let (begin, end) = self.marks;
        Self { marks: (begin.saturating_add(others), end.saturating_add(others)), ..self }
    }

    /// What is known of its marks among what is known of all of the module's, in their order.
    pub(super) fn of_its_marks<'m, T>(&self, all: &'m [T]) -> &'m [T] {
        all.get(self.marks.0..self.marks.1).unwrap_or_default()
    }

    /// The same, to be changed.
    pub(super) fn of_its_marks_mut<'m, T>(&self, all: &'m mut [T]) -> &'m mut [T] {
        all.get_mut(self.marks.0..self.marks.1).unwrap_or_default()
    }
}
