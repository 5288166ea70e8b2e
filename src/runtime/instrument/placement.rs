//! Where the counter is tested: at the header of every loop, at the entry of recursive functions, and wherever else a way
//! through the code could cost more than [`UNTESTED_LIMIT`] without a test.
//!
//! For each function, callees first, the costliest way since the last test is followed through its blocks; since every loop
//! and every recursion is tested, there are no cycles on these ways.

use super::call_graph::{CallOrder, Callee, Reachable};
use super::mark::{FunctionBody, Mark, MarkKind};
use super::signature::Signatures;
use super::turns::find_tested_turns;
use super::ways::{Known, Ways};

/// How much fuel may go by without a test, give or take one segment.
const UNTESTED_LIMIT: u64 = 16_384;

/// How much of that may be left when a function returns: little, so that callers need no test behind each call.
const UNTESTED_LIMIT_AT_RETURN: u64 = 2048;

/// How much is taken to be left where a loop repeats whose turns are tested elsewhere than at its header.
const UNTESTED_AT_TURN: u64 = 2048;

/// What a caller must know of a callee.
#[derive(Clone, Copy, Default)]
struct Residue {
    /// The most that may be untested when it returns, counted from its entry where it has no test.
    at_return: u64,
    /// Whether every way through it meets a test.
    tested: bool,
}

/// The module, as placing tests sees it.
pub(super) struct Code<'m> {
    pub(super) module: &'m [u8],
    pub(super) bodies: &'m [FunctionBody],
    pub(super) marks: &'m [Mark],
    pub(super) reachable: &'m Reachable,
    pub(super) signatures: &'m Signatures,
}

/// Tells of each mark whether its segment begins with a test.
pub(super) fn place_tests(code: &Code<'_>, order: &CallOrder) -> Vec<bool> {
    let mut all_tests = vec![false; code.marks.len()];
    let mut residues = Residues::before_any_is_known(code, order);
    for circle in &order.callees_first {
        // What a type stands for is known but for the functions of this circle.
        for group in circle.iter().filter(|callee| !matches!(callee, Callee::Function(_))) {
            residues.set_group(code, *group);
        }
        for callee in circle {
            let Callee::Function(function) = *callee else {
                residues.set_group(code, *callee);
                continue;
            };
            if let Some(body) = code.bodies.get(function) {
                let tested = order.tested.get(function).copied().unwrap_or(false);
                let tests = |mark: &Mark| {
                    let called = code.reachable.callee(mark, code.signatures);
                    called.is_some_and(|called| residues.of(called).tested)
                };
                let marks = body.of_its_marks(code.marks);
                let tested_turns = if body.repeats { find_tested_turns(code.module, marks, tests) } else { Vec::new() };
                let mut placing = Placing { code, residues: &residues, tested_turns: &tested_turns, ways: Ways::new() };
                let at_return = placing.follow(marks, body.of_its_marks_mut(&mut all_tests), tested);
                residues.set(*callee, Residue { at_return, tested });
            }
        }
    }
    all_tests
}

struct Residues {
    functions: Vec<Residue>,
    types: Vec<Residue>,
    host: Residue,
}

impl Residues {
    /// A function that is met before it is known is one that is called from below itself: it has a test at its entry. What is left
    /// when it returns is taken to be one segment.
    fn before_any_is_known(code: &Code<'_>, order: &CallOrder) -> Self {
        let functions = code.bodies.iter().map(|body| Residue { at_return: u64::from(body.longest_segment), tested: true });
        Self { functions: functions.collect(), types: vec![Residue::default(); order.types], host: Residue::default() }
    }

    fn set_group(&mut self, code: &Code<'_>, group: Callee) {
        let residue = self.of_members(code.reachable.members(group));
        self.set(group, residue);
    }

    fn of(&self, callee: Callee) -> Residue {
        match callee {
            Callee::Function(function) => self.functions.get(function).copied(),
            Callee::AnyOfType(class) => self.types.get(class).copied(),
            Callee::Host => Some(self.host),
        }
        .unwrap_or_default()
    }

    fn set(&mut self, callee: Callee, residue: Residue) {
        let slot = match callee {
            Callee::Function(function) => self.functions.get_mut(function),
            Callee::AnyOfType(class) => self.types.get_mut(class),
            Callee::Host => Some(&mut self.host),
        };
        if let Some(slot) = slot {
            *slot = residue;
        }
    }

    /// The worst of all.
    fn of_members(&self, functions: &[usize]) -> Residue {
        let members = functions.iter().map(|function| self.of(Callee::Function(*function)));
        members.fold(Residue { at_return: 0, tested: !functions.is_empty() }, |worst, member| Residue {
            at_return: worst.at_return.max(member.at_return),
            tested: worst.tested && member.tested,
        })
    }
}

/// The most fuel that went by without a test, on any way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Untested(u64);

impl Known for Untested {
    fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Places the tests of one function.
struct Placing<'p> {
    code: &'p Code<'p>,
    residues: &'p Residues,
    /// By mark: whether it is a loop's of which every turn is tested elsewhere. Nothing where none repeats.
    tested_turns: &'p [bool],
    ways: Ways<Untested>,
}

impl Placing<'_> {
    /// Returns the most that is untested when the function returns.
    fn follow(&mut self, marks: &[Mark], tests: &mut [bool], tested_at_entry: bool) -> u64 {
        let mut at_return = None;
        self.ways.begin(Untested(0));
        for (position, (mark, test)) in marks.iter().zip(tests).enumerate() {
            if mark.kind == MarkKind::Return {
                at_return = at_return.max(self.ways.here());
            }
            self.ways.pass(self.code.module, mark);
            match mark.kind {
                MarkKind::EndFunction => at_return = at_return.max(self.ways.here()),
                MarkKind::Call(_) | MarkKind::CallIndirect(_) => self.call(mark),
                MarkKind::BulkBytes | MarkKind::BulkEntries => self.ways.change(|_| Untested(0)),
                _ => {}
            }
            if mark.opens_segment {
                let tested_turns = self.tested_turns.get(position).copied().unwrap_or(false);
                let must = match mark.kind {
                    MarkKind::Entry => tested_at_entry,
                    MarkKind::Loop => mark.repeats && !tested_turns,
                    _ => false,
                };
                if tested_turns {
                    let before = self.ways.here().unwrap_or(Untested(0));
                    self.ways.set(before.max(Untested(UNTESTED_AT_TURN)));
                }
                *test = self.begin_segment(mark, must);
            }
        }
        at_return.map_or(0, |Untested(fuel)| fuel)
    }

    /// Returns whether it begins with a test.
    fn begin_segment(&mut self, mark: &Mark, must_test: bool) -> bool {
        let cost = u64::from(mark.cost);
        let before = self.ways.here().map_or(0, |Untested(fuel)| fuel);
        let with_it = before.saturating_add(cost);
        let limit = if mark.leaves { UNTESTED_LIMIT_AT_RETURN } else { UNTESTED_LIMIT };
        let tested = must_test || (before > 0 && with_it > limit);
        self.ways.set(Untested(if tested { cost } else { with_it }));
        tested
    }

    fn call(&mut self, mark: &Mark) {
        if let Some(callee) = self.code.reachable.callee(mark, self.code.signatures) {
            let residue = self.residues.of(callee);
            self.ways.change(|Untested(before)| {
                let kept = if residue.tested { 0 } else { before };
                Untested(kept.saturating_add(residue.at_return))
            });
        }
    }
}
