//! What is known at each point of a function's code, on all ways that lead there.
//!
//! The blocks are followed once, in the order in which they are written: what holds at a label is what holds on each branch to it and where the
//! block before it ends. It knows how ways part and meet, not what is known on them. What comes round to a loop's header is not
//! carried on, as it would have to be known before; whoever follows says what holds there.

use super::instruction::{InstructionReader, index};
use super::mark::{Mark, MarkKind};

/// Something that may be known at a point.
pub(super) trait Known: Copy {
    /// What is still known where a way meets another one.
    fn and(self, other: Self) -> Self;
}

/// Follows one function after the other.
pub(super) struct Ways<K> {
    frames: Vec<Frame<K>>,
    here: Option<K>,
}

struct Frame<K> {
    /// On all branches to its end; `None` where there is no branch.
    at_label: Option<K>,
    /// For `else`, and for an `if` without one.
    at_opening: Option<K>,
    kind: FrameKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FrameKind {
    /// The function, a `block`, or an `if` from its `else` on.
    Block,
    If,
    Loop,
}

impl<K: Known> Ways<K> {
    pub(super) const fn new() -> Self {
        Self { frames: Vec::new(), here: None }
    }

    /// Begins a function, at whose entry this is known.
    pub(super) fn begin(&mut self, known: K) {
        self.frames.clear();
        self.here = Some(known);
        self.open(FrameKind::Block);
    }

    /// What is known here; `None` where no way leads here.
    pub(super) const fn here(&self) -> Option<K> {
        self.here
    }

    /// From here on this is known.
    pub(super) const fn set(&mut self, known: K) {
        self.here = Some(known);
    }

    /// From here on something else is known, where a way leads here.
    pub(super) fn change(&mut self, change: impl FnOnce(K) -> K) {
        self.here = self.here.map(change);
    }

    /// How many blocks are open here, the function being one.
    pub(super) const fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Passes the next mark of the function.
    #[inline]
    pub(super) fn pass(&mut self, module: &[u8], mark: &Mark) {
        self.pass_and_turn(module, mark, |_, _| {});
    }

    /// The same; `turn` is told of each branch to a loop's header from where a way leads: how many blocks are open round the loop, and what
    /// is known.
    #[inline]
    pub(super) fn pass_and_turn(&mut self, module: &[u8], mark: &Mark, mut turn: impl FnMut(usize, K)) {
        match mark.kind {
            MarkKind::Entry | MarkKind::RefFunc(_) | MarkKind::Local => {}
            MarkKind::Call(_) | MarkKind::CallIndirect(_) | MarkKind::BulkBytes | MarkKind::BulkEntries => {}
            MarkKind::Block => self.open(FrameKind::Block),
            MarkKind::If => self.open(FrameKind::If),
            MarkKind::Loop => self.open(FrameKind::Loop),
            MarkKind::Else => self.turn_to_else(),
            MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => self.close(),
            MarkKind::BrIf(depth) => self.branch(depth, &mut turn),
            MarkKind::Br(depth) => {
                self.branch(depth, &mut turn);
                self.here = None;
            }
            MarkKind::BrTable => {
                for depth in InstructionReader::targets(module, mark.at, mark.next) {
                    self.branch(depth, &mut turn);
                }
                self.here = None;
            }
            MarkKind::Return | MarkKind::Unreachable => self.here = None,
        }
    }

    fn open(&mut self, kind: FrameKind) {
        self.frames.push(Frame { at_label: None, at_opening: self.here, kind });
    }

    fn turn_to_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at_label = both(frame.at_label, self.here);
            frame.kind = FrameKind::Block;
            self.here = frame.at_opening;
        }
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.here = both(self.here, frame.at_label);
            if frame.kind == FrameKind::If {
                self.here = both(self.here, frame.at_opening);
            }
        }
    }

    fn branch(&mut self, depth: u32, turn: &mut impl FnMut(usize, K)) {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        let Some(position) = target else { return };
        let (Some(frame), Some(here)) = (self.frames.get_mut(position), self.here) else { return };
        if frame.kind == FrameKind::Loop {
            turn(position, here);
        } else {
            frame.at_label = both(frame.at_label, Some(here));
        }
    }
}

/// What is known where two ways meet, of which there may be but one.
fn both<K: Known>(one: Option<K>, other: Option<K>) -> Option<K> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.and(other)),
        (one, other) => one.or(other),
    }
}
