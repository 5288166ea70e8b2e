//! The comparison itself: one script in the interpreter, and bare, instrumented and profiled on both compilers.

use super::engine_run::Subject;
use super::interpreter_run::interpret;
use super::meter::Budget;
use super::observed::{Ended, Observed, Used};
use super::script::Script;
use skillscope::runtime::Compiler;

/// Bounds of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// A run that uses more fuel is stopped.
    pub fuel: u64,
    /// The slices in which the host hands it out.
    pub slice: i64,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub calls: u64,
    pub traps: u64,
    pub out_of_fuel: u64,
    pub too_deep: u64,
    pub fuel: u64,
    /// Compilers that refused the bare module.
    pub refused: u64,
    /// Traps that Cranelift places elsewhere than the interpreter, bare as instrumented.
    pub misplaced: u64,
}

impl std::ops::AddAssign for Compared {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.traps += other.traps;
        self.out_of_fuel += other.out_of_fuel;
        self.too_deep += other.too_deep;
        self.fuel += other.fuel;
        self.refused += other.refused;
        self.misplaced += other.misplaced;
    }
}

/// How deep the interpreter goes. A machine's stack ends somewhere else: there the comparison ends.
const DEEP: usize = 20_000;

/// Compares all exports of a module, with arguments, fuel and slices that `number` makes up.
pub fn compare_with_numbers(module: &[u8], number: &mut dyn FnMut() -> u64) -> Compared {
    let script = Script::of_all_exports(module, 8, number);
    let mut one_of = |choices: &[i64]| choices[usize::try_from(number() % choices.len() as u64).unwrap()];
    let slice = one_of(&[0, 1, 97, 2_000_000]);
    // Short limits end runs in many places, long ones let them go on.
    let fuel = one_of(&[20, 500, 50_000]).unsigned_abs();
    compare(module, &script, Bounds { fuel, slice })
}

/// Runs a script in all ways and compares all that can be seen.
///
/// # Panics
/// Where two of them differ.
pub fn compare(bytes: &[u8], script: &Script, bounds: Bounds) -> Compared {
    let expected = interpret(bytes, script, bounds.fuel, DEEP);
    let budget = Budget { slice: bounds.slice, limit: i64::try_from(bounds.fuel).unwrap() };
    let (finite, cut_short) = finite_part(script, &expected);
    let mut compared = Compared::default();
    for compiler in Compiler::ALL {
        let Ok(bare) = Subject::bare(bytes, compiler) else {
            // What the engine has no code for is refused by skillscope too, or compiled by the other one.
            compared.refused += 1;
            continue;
        };
        let instrumented = Subject::instrumented(bytes, compiler)
            .unwrap_or_else(|words| panic!("instrumented alone is refused by {compiler}: {words}"));
        let run = instrumented.run(script, budget);
        let what = format!("instrumented, {compiler}, against the interpreter");
        let same = compare_with_interpreter(&what, script, &run, &expected);
        if run.ends.get(same) == Some(&Ended::OutOfFuel) {
            compare_where_it_stopped(bytes, script, compiler, &run);
        }
        compare_profiled(bytes, script, compiler, budget, &run, &expected);
        compare_with_bare(compiler, &instrumented, &bare, &finite, budget, cut_short);
        let misplaced = if compiler == Compiler::Cranelift { misplaced(&run, &expected) } else { compared.misplaced };
        compared = Compared { refused: compared.refused, misplaced, ..counts(&run) };
    }
    compared
}

/// The calls that come to an end, as far as the interpreter knows, and whether there are others.
fn finite_part(script: &Script, expected: &Observed) -> (Option<Script>, bool) {
    let finite = expected.ends.iter().take_while(|end| !end.is_last()).count();
    // The first end is that of the start.
    let Some(calls) = finite.checked_sub(1) else { return (None, true) };
    (Some(Script { calls: script.calls[..calls].to_vec() }), finite < expected.ends.len())
}

/// Compares as far as both go; returns how many ends are the same.
fn compare_with_interpreter(what: &str, script: &Script, run: &Observed, expected: &Observed) -> usize {
    for (at, (seen, wanted)) in run.ends.iter().zip(&expected.ends).enumerate() {
        if seen.is_last() || wanted.is_last() {
            return at;
        }
        assert_eq!(seen.without_place(), wanted.without_place(), "{what}, end {at} of {script:?}");
        if let (Some(seen), Some(wanted)) = (run.fuel[at], expected.fuel[at]) {
            assert_eq!(seen, wanted, "{what}: the fuel after end {at}, {:?}", expected.ends[at]);
        }
    }
    assert_eq!(run.ends.len(), expected.ends.len(), "{what}");
    if let (Some(seen), Some(wanted)) = (&run.state, &expected.state) {
        assert_eq!(seen.difference(wanted), None, "{what}");
    }
    run.ends.len()
}

/// How many traps the engine places elsewhere than the interpreter. That is the engine's own doing where a bare module's are there too,
/// which is compared elsewhere.
fn misplaced(run: &Observed, expected: &Observed) -> u64 {
    let place = |end: &Ended| if let Ended::Trapped(_, place) = end { *place } else { None };
    let places = run.ends.iter().zip(&expected.ends).map(|(seen, wanted)| (place(seen), place(wanted)));
    places.filter(|(seen, wanted)| seen.is_some() && wanted.is_some() && seen != wanted).count() as u64
}

/// A run that the limit stopped did exactly what that much fuel pays for: the interpreter meets the same count, with the same
/// state either when it has paid for the segment that follows, or when it has also executed it (the test stands before or behind).
fn compare_where_it_stopped(bytes: &[u8], script: &Script, compiler: Compiler, run: &Observed) {
    let Some(Some(used)) = run.fuel.last() else { return };
    let before = interpret(bytes, script, used - 1, DEEP);
    if before.ends.last() == Some(&Ended::TooDeep) {
        return;
    }
    assert_eq!(before.ends.last(), Some(&Ended::OutOfFuel), "{compiler}: it stopped after {used}");
    assert_eq!(before.fuel.last(), Some(&Some(*used)), "{compiler}: a count that the run never comes by");
    let (Some(seen), Some(wanted)) = (&run.state, &before.state) else { return };
    if seen.difference(wanted).is_some() {
        let behind = interpret(bytes, script, *used, DEEP);
        let wanted = behind.state.as_ref().expect("a state, as before");
        assert_eq!(seen.difference(wanted), None, "{compiler}: the state where it stopped, after {used}");
    }
}

/// The profiled module does the same for the same fuel, and tells which functions it went to: all of it, and as the interpreter counts it.
fn compare_profiled(bytes: &[u8], script: &Script, compiler: Compiler, budget: Budget, run: &Observed, expected: &Observed) {
    let profiled =
        Subject::profiled(bytes, compiler).unwrap_or_else(|words| panic!("profiled alone is refused by {compiler}: {words}"));
    let profiled = profiled.run(script, budget);
    let what = format!("profiled, {compiler}");
    let deep = |run: &Observed| run.ends.contains(&Ended::TooDeep);
    if deep(run) || deep(&profiled) {
        // How deep the native stack reaches is nobody's promise.
        return;
    }
    assert_eq!((&profiled.ends, &profiled.fuel), (&run.ends, &run.fuel), "{what}, against the normal build");
    if let (Some(seen), Some(wanted)) = (&profiled.state, &run.state) {
        assert_eq!(seen.difference(wanted), None, "{what}, against the normal build");
    }
    let (Some(functions), Some(Some(used))) = (&profiled.functions, profiled.fuel.last()) else { return };
    assert_eq!(sum(functions), *used, "{what}: the functions' fuel is that of the run");
    // The interpreter stops at its limit at once, the engine at the next test: so it is asked anew, where they did not end alike.
    let is_stopped = profiled.ends.last() == Some(&Ended::OutOfFuel);
    let anew = match (is_stopped, expected.ends.last()) {
        (true, _) => Some(interpret(bytes, script, used - 1, DEEP)),
        (false, Some(Ended::OutOfFuel)) => Some(interpret(bytes, script, *used, DEEP)),
        (false, _) => None,
    };
    let expected = anew.as_ref().unwrap_or(expected);
    let Some(wanted) = expected.functions.as_ref().filter(|_| !deep(expected)) else { return };
    if is_stopped {
        // What costs nothing may come before the stop or behind it.
        assert_eq!(fuel_of(functions), fuel_of(wanted), "{what}, against the interpreter, stopped after {used}");
    } else {
        assert_eq!(functions, wanted, "{what}, against the interpreter");
    }
}

fn sum(functions: &[Used]) -> u64 {
    functions.iter().map(|used| used.fuel).sum()
}

fn fuel_of(functions: &[Used]) -> Vec<u64> {
    functions.iter().map(|used| used.fuel).collect()
}

fn compare_with_bare(
    compiler: Compiler,
    instrumented: &Subject,
    bare: &Subject,
    finite: &Option<Script>,
    budget: Budget,
    cut_short: bool,
) {
    // What does not end in the interpreter would not end here.
    let Some(finite) = finite else { return };
    let bare = bare.run(finite, budget);
    let run = instrumented.run(finite, budget);
    let what = format!("instrumented against bare, {compiler}{}", if cut_short { ", cut short" } else { "" });
    for (at, (seen, wanted)) in run.ends.iter().zip(&bare.ends).enumerate() {
        if seen.is_last() || wanted.is_last() {
            return;
        }
        assert_eq!(seen, wanted, "{what}, end {at}");
    }
    if let (Some(seen), Some(wanted)) = (&run.state, &bare.state) {
        assert_eq!(seen.difference(wanted), None, "{what}");
    }
}

fn counts(run: &Observed) -> Compared {
    let count = |is: fn(&Ended) -> bool| run.ends.iter().filter(|end| is(end)).count() as u64;
    Compared {
        calls: run.ends.len() as u64,
        traps: count(|end| matches!(end, Ended::Trapped(..))),
        out_of_fuel: count(|end| *end == Ended::OutOfFuel),
        too_deep: count(|end| *end == Ended::TooDeep),
        fuel: run.fuel.last().copied().flatten().unwrap_or(0),
        refused: 0,
        misplaced: 0,
    }
}
