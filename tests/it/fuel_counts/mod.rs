//! The fuel of instrumented modules, and of each of their functions, is what the independent interpreter counts, on both compilers.

mod by_hand;
mod recorded;

use crate::program::Workspace;
use crate::proof::in_parallel;
use skillscope::module::{LoadOptions, ValidModule, load};
use skillscope::runtime::Compiler;
use skillscope::runtime::instrument::{instrument, instrument_profiled};
use std::path::{Path, PathBuf};

/// A run to count: a module and its input.
struct Case {
    path: PathBuf,
    input: Option<String>,
    stdin: Option<Vec<u8>>,
}

/// The samples that come to an end and need no network, each with an input that makes it work.
fn samples() -> Vec<Case> {
    let samples: [(&str, &str); 7] = [
        ("fill-template/fill-template.wasm", r#"{"template": "letter", "values": {"name": "Ada"}}"#),
        ("mood/mood.wasm", r#"{"text": "a fine day"}"#),
        ("page-title/page-title.wasm", r#"{"url": "http://127.0.0.1:1/"}"#),
        ("panics/panics.wasm", r#"{"numbers": []}"#),
        ("summarize/summarize.wasm", r#"{"note": "Wasm is a portable code format. It runs anywhere.", "id": "a"}"#),
        ("test-wasm-skill/test-wasm-skill.wasm", r#"{"action": "echo", "text": "x"}"#),
        ("word-count/word-count.wasm", r#"{"text": "to be or not to be"}"#),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
    samples.map(|(file, input)| Case { path: root.join(file), input: Some(input.to_owned()), stdin: None }).into()
}

/// The first case of each module that others wrote.
fn modules_of_others() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let directory = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(directory.join("cases.toml")) else { continue };
        let table: toml::Table = text.parse().unwrap();
        if !table.contains_key("profile") {
            continue;
        }
        let path = directory.join(table["module"].as_str().unwrap());
        let runs =
            table["case"].as_array().unwrap().iter().filter(|case| ["ok", "exit"].contains(&case["outcome"].as_str().unwrap()));
        for case in runs.take(1) {
            let flags: Vec<&str> = case
                .get("flags")
                .map(|flags| flags.as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect())
                .unwrap_or_default();
            let stdin = match flags.as_slice() {
                ["--stdin", file] => Some(std::fs::read(directory.join(file.trim_start_matches('@'))).unwrap()),
                [] => None,
                _ => continue,
            };
            let input = case.get("input").map(|input| input.as_str().unwrap().to_owned());
            cases.push(Case { path: path.clone(), input, stdin });
        }
    }
    cases
}

fn module(path: &Path) -> ValidModule {
    load("module", std::fs::read(path).unwrap(), &LoadOptions::default()).unwrap()
}

/// Counts a case in every way: on the engine with both compilers, in the interpreter, and by the program's own report. The fuel, or
/// what is wrong.
fn count(case: &Case) -> Result<u64, String> {
    let name = case.path.file_stem().unwrap().to_str().unwrap();
    let module = module(&case.path);
    let input = case.stdin.clone().or_else(|| case.input.clone().map(String::into_bytes)).unwrap_or_else(|| b"null".to_vec());
    let mut counts = Vec::new();
    for compiler in Compiler::ALL.into_iter().filter(|compiler| compiler.for_module(&module) == *compiler) {
        let normal = instrument(&module.bytes, compiler.trap_places()).unwrap();
        counts.push((compiler.word(), recorded::record(name, &module, &normal, &input, compiler).fuel));
        let profiled = instrument_profiled(&module.bytes, compiler.trap_places()).unwrap();
        let recorded = recorded::record(name, &module, &profiled, &input, compiler);
        counts.push(("profiled", recorded.fuel));
        let functions = recorded.functions.as_deref().unwrap();
        counts.push(("the sum over the functions", functions.iter().map(|used| used.fuel).sum()));
        if compiler == Compiler::Cranelift && !fuel_interpreter::uses_vectors(&module.bytes) {
            let (fuel, used) = recorded::replay(&module.bytes, &recorded);
            counts.push(("the interpreter", fuel));
            if used != functions {
                return Err(format!("{name}, {:?}: the interpreter counts otherwise for some functions", case.input));
            }
        }
    }
    // What the host answers may differ (names, limits, the mock's replies), and with it what a module does.
    if module.imports.is_empty() {
        counts.push(("the report", reported(case)));
    }
    let first = counts[0].1;
    if counts.iter().all(|(_, fuel)| *fuel == first) { Ok(first) } else { Err(format!("{name}, {:?}: {counts:?}", case.input)) }
}

/// The fuel that `--run` reports of the bare module.
fn reported(case: &Case) -> u64 {
    let workspace = Workspace::new();
    let mut arguments = vec!["--run", case.path.to_str().unwrap(), "--format", "json", "--seed", "1"];
    let stdin = case.stdin.as_ref().map(|stdin| format!("@{}", workspace.write("stdin", stdin).display()));
    if let Some(stdin) = &stdin {
        arguments.extend(["--stdin", stdin]);
    } else if let Some(input) = &case.input {
        arguments.extend(["--input", input]);
    }
    workspace.skillscope(&arguments).json()["usage"]["fuel"].as_u64().unwrap()
}

#[test]
fn real_modules_cost_what_the_interpreter_counts() {
    let cases: Vec<Case> = samples().into_iter().chain(modules_of_others()).collect();
    let counts = in_parallel(&cases, count);
    let wrong: Vec<_> = counts.iter().filter_map(|count| count.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let fuel: u64 = counts.iter().flatten().sum();
    println!("{} runs, {fuel} fuel", counts.len());
    assert!(counts.len() > 15 && fuel > 10_000_000, "{} runs, {fuel} fuel", counts.len());
}
