//! Loops of which every turn meets a test anyway: in a function that is called, before a bulk instruction, or at the header of a loop within.
//! They need none at their own header.
//!
//! Each way is followed from a loop's header to the branches back to it. Which of the open loops met a test on all ways since their
//! header is one number: a test counts for all that are open, so it is always the outer ones, up to some depth, that did.

use super::mark::{Mark, MarkKind};
use super::ways::{Known, Ways};

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

/// How many blocks, from the outermost on, are such that those of them that are loops met a test since their header, on all ways.
#[derive(Clone, Copy)]
struct Met(usize);

impl Known for Met {
    fn and(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

struct Turns {
    /// By mark: whether it is a loop's that repeats, and no turn without a test was found yet.
    tested: Vec<bool>,
    /// The loops' marks, by how many blocks are open round them; of the other blocks, nothing that means anything.
    headers: Vec<usize>,
    ways: Ways<Met>,
}

impl Turns {
    fn follow(module: &[u8], marks: &[Mark], tests: &impl Fn(&Mark) -> bool, tested_header: impl Fn(usize) -> bool) -> Vec<bool> {
        let repeating = marks.iter().map(|mark| mark.kind == MarkKind::Loop && mark.repeats);
        let mut turns = Self { tested: repeating.collect(), headers: Vec::new(), ways: Ways::new() };
        turns.ways.begin(Met(0));
        for (position, mark) in marks.iter().enumerate() {
            turns.pass(module, mark);
            match mark.kind {
                MarkKind::Loop => turns.open_loop(position, tested_header(position)),
                MarkKind::EndBlock | MarkKind::EndLoop | MarkKind::EndFunction => turns.close(),
                MarkKind::Call(_) | MarkKind::CallIndirect(_) if !tests(mark) => {}
                MarkKind::Call(_) | MarkKind::CallIndirect(_) | MarkKind::BulkBytes | MarkKind::BulkEntries => {
                    turns.meet_a_test();
                }
                _ => {}
            }
        }
        turns.tested
    }

    /// A branch to a loop's header that met no test since is a turn without one.
    fn pass(&mut self, module: &[u8], mark: &Mark) {
        let Self { tested, headers, ways } = self;
        ways.pass_and_turn(module, mark, |outer, Met(met)| {
            let header = headers.get(outer).filter(|_| met <= outer);
            if let Some(tested) = header.and_then(|header| tested.get_mut(*header)) {
                *tested = false;
            }
        });
    }

    fn open_loop(&mut self, position: usize, tested: bool) {
        let outer = self.ways.depth().saturating_sub(1);
        self.headers.resize(outer, usize::MAX);
        self.headers.push(position);
        self.ways.change(|Met(met)| Met(if tested { outer } else { met.min(outer) }));
    }

    fn close(&mut self) {
        let depth = self.ways.depth();
        self.ways.change(|Met(met)| Met(met.min(depth)));
    }

    fn meet_a_test(&mut self) {
        let depth = self.ways.depth();
        self.ways.change(|_| Met(depth));
    }
}
