//! What scanning a function leaves behind, and placing tests and writing code work on: marks at the points of change.

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
    /// Whether that segment may trap, or leave the function: the counter must then be right in the global.
    pub(super) exact: bool,
    /// Of a loop: whether live code branches back to it.
    pub(super) repeats: bool,
    /// Of a loop, and of its end: whether it calls nothing and takes no parameters.
    pub(super) call_free: bool,
    /// Whether the counter is tested when the segment begins.
    pub(super) tested: bool,
    /// Whether it stands in live code.
    pub(super) live: bool,
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
    /// `return`, `unreachable`.
    Leave,
    Call(u32),
    CallIndirect(u32),
    RefFunc(u32),
    BulkBytes,
    BulkEntries,
}

/// A function's body as scanned; offsets are those of the original module.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionBody {
    /// Where it begins, with the declarations of locals.
    pub(super) start: u32,
    /// Where the groups of declared locals begin, behind their count.
    pub(super) locals_start: u32,
    /// How many groups of locals are declared.
    pub(super) local_groups: u32,
    /// Where the code begins.
    pub(super) code_start: u32,
    /// Where the code ends.
    pub(super) end: u32,
    /// The index of a local to keep the counter in, where the function has a use for one and room.
    pub(super) counter_local: Option<u32>,
    /// The range of its marks among all of the module's.
    pub(super) marks: (usize, usize),
    /// The cost of its costliest segment.
    pub(super) longest_segment: u32,
}

impl FunctionBody {
    /// Its marks among all of the module's.
    pub(super) fn marks<'m>(&self, all: &'m [Mark]) -> &'m [Mark] {
        all.get(self.marks.0..self.marks.1).unwrap_or_default()
    }

    /// Its marks among all of the module's, to be changed.
    pub(super) fn marks_mut<'m>(&self, all: &'m mut [Mark]) -> &'m mut [Mark] {
        all.get_mut(self.marks.0..self.marks.1).unwrap_or_default()
    }
}
