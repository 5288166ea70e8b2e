//! Loops of which every turn meets a test anyway: in a function that is called, before a bulk instruction, or at the header of a loop within.
//! They need none at their own header.
//!
//! Each way is followed from a loop's header to the branches back to it. Which of the open loops met a test on all ways since their
//! header is one number: a test counts for all that are open, so it is always the outer ones, up to some depth, that did.

use super::instruction::{InstructionReader, index};
use super::mark::{Mark, MarkKind};

/// Tells of each of a function's marks whether it is a loop's that repeats and of which every turn meets a test behind the header, as far as is
/// known; `tests` tells of a call whether it meets one for sure.
pub(super) fn find_tested_turns(module: &[u8], marks: &[Mark], tests: impl Fn(&Mark) -> bool) -> Vec<bool> {
    let tested = Turns::follow(module, marks, &tests, |_| false);
    // The innermost of those that need a test keep it, so that it counts for those round them.
    let innermost = innermost_untested(marks, &tested);
    if innermost.is_empty() {
        return tested;
    }
    Turns::follow(module, marks, &tests, |position| innermost.binary_search(&position).is_ok())
}

/// The positions of the loops that repeat without a test and have none such within them, ascending.
fn innermost_untested(marks: &[Mark], tested: &[bool]) -> Vec<usize> {
    // Of each open loop: its position, where it repeats without a test, and whether one within does.
    let mut open: Vec<(Option<usize>, bool)> = Vec::new();
    let mut found = Vec::new();
    for (position, (mark, tested)) in marks.iter().zip(tested).enumerate() {
        match mark.kind {
            MarkKind::Loop => open.push(((mark.repeats && !tested).then_some(position), false)),
            MarkKind::EndLoop => {
                let Some((own, inner)) = open.pop() else { continue };
                if !inner {
                    found.extend(own);
                }
                if let Some((_, has_inner)) = open.last_mut() {
                    *has_inner |= inner || own.is_some();
                }
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

struct Frame {
    /// On all branches to its end; `None` where there is no branch.
    at_label: Option<usize>,
    at_opening: Option<usize>,
    is_if: bool,
    /// The mark of a loop.
    header: Option<usize>,
}

struct Turns {
    /// By mark: whether it is a loop's that repeats, and no turn without a test was found yet.
    tested: Vec<bool>,
    frames: Vec<Frame>,
    /// How many frames, from the outermost on, are such that those of them that are loops met a test since their header, on all ways to
    /// here. `None` in dead code.
    met: Option<usize>,
}

impl Turns {
    fn follow(module: &[u8], marks: &[Mark], tests: &impl Fn(&Mark) -> bool, tested_header: impl Fn(usize) -> bool) -> Vec<bool> {
        let repeating = marks.iter().map(|mark| mark.kind == MarkKind::Loop && mark.repeats);
        let mut turns = Self { tested: repeating.collect(), frames: Vec::new(), met: Some(0) };
        for (position, mark) in marks.iter().enumerate() {
            match mark.kind {
                MarkKind::RefFunc(_) | MarkKind::Local => {}
                MarkKind::Entry | MarkKind::Block => turns.open(false, None),
                MarkKind::If => turns.open(true, None),
                MarkKind::Loop => turns.open_loop(position, tested_header(position)),
                MarkKind::Else => turns.turn_to_else(),
                MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => turns.close(),
                MarkKind::BrIf(depth) => turns.branch(depth),
                MarkKind::Br(depth) => {
                    turns.branch(depth);
                    turns.met = None;
                }
                MarkKind::BrTable => {
                    for depth in InstructionReader::targets(module, mark.at, mark.next) {
                        turns.branch(depth);
                    }
                    turns.met = None;
                }
                MarkKind::Return | MarkKind::Unreachable => turns.met = None,
                MarkKind::Call(_) | MarkKind::CallIndirect(_) if !tests(mark) => {}
                MarkKind::Call(_) | MarkKind::CallIndirect(_) | MarkKind::BulkBytes | MarkKind::BulkEntries => {
                    turns.met = turns.met.map(|_| turns.frames.len());
                }
            }
        }
        turns.tested
    }

    fn open(&mut self, is_if: bool, header: Option<usize>) {
        self.frames.push(Frame { at_label: None, at_opening: self.met, is_if, header });
    }

    fn open_loop(&mut self, position: usize, tested: bool) {
        let outer = self.frames.len();
        self.open(false, Some(position));
        self.met = self.met.map(|met| if tested { outer } else { met.min(outer) });
    }

    fn turn_to_else(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.at_label = earlier(frame.at_label, self.met);
            frame.is_if = false;
            self.met = frame.at_opening;
        }
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.met = earlier(self.met, frame.at_label);
            if frame.is_if {
                self.met = earlier(self.met, frame.at_opening);
            }
            self.met = self.met.map(|met| met.min(self.frames.len()));
        }
    }

    fn branch(&mut self, depth: u32) {
        let target = self.frames.len().checked_sub(1).and_then(|innermost| innermost.checked_sub(index(depth)));
        let Some(position) = target else { return };
        let (Some(frame), Some(met)) = (self.frames.get_mut(position), self.met) else { return };
        match frame.header {
            None => frame.at_label = earlier(frame.at_label, Some(met)),
            Some(header) if met <= position => {
                if let Some(tested) = self.tested.get_mut(header) {
                    *tested = false;
                }
            }
            Some(_) => {}
        }
    }
}

/// What holds on both ways, where there are two.
fn earlier(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
