//! Modules that other people's compilers and libraries made run as their `cases.toml` says, with both compilers and the same fuel.

use crate::program::Workspace;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules")
}

/// The directories with cases, each with its file's content.
fn all_cases() -> Vec<(PathBuf, toml::Table)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(modules()).unwrap() {
        let directory = entry.unwrap().path();
        if let Ok(text) = std::fs::read_to_string(directory.join("cases.toml")) {
            found.push((directory, text.parse().unwrap()));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(found.len() >= 10, "only {} modules have cases", found.len());
    found
}

fn text<'a>(case: &'a toml::Table, key: &str) -> Option<&'a str> {
    case.get(key).map(|value| value.as_str().unwrap())
}

fn texts<'a>(case: &'a toml::Table, key: &str) -> Vec<&'a str> {
    case.get(key).map(|list| list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()).unwrap_or_default()
}

/// Runs a case; the report, seeded, so that fuel can be compared.
fn run(directory: &Path, module: &str, case: &toml::Table, compiler: &str) -> Value {
    let path = directory.join(module);
    let flags: Vec<String> = texts(case, "flags")
        .into_iter()
        .map(|flag| flag.strip_prefix('@').map_or_else(|| flag.to_owned(), |file| format!("@{}", directory.join(file).display())))
        .collect();
    let mut arguments = vec!["--run", path.to_str().unwrap(), "--format", "json", "--compiler", compiler];
    if !flags.iter().any(|flag| flag == "--seed") {
        arguments.extend(["--seed", "1"]);
    }
    if let Some(input) = text(case, "input") {
        arguments.extend(["--input", input]);
    }
    arguments.extend(flags.iter().map(String::as_str));
    Workspace::new().skillscope(&arguments).json()
}

/// What differs from what the case foresees.
fn differences(case: &toml::Table, report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, holds: bool, seen: &Value| {
        if !holds {
            wrong.push(format!("{what}: saw {seen}"));
        }
    };
    let as_json = |key: &str| text(case, key).map(|json| serde_json::from_str::<Value>(json).unwrap());
    expect("outcome", report["outcome"].as_str() == text(case, "outcome"), &report["outcome"]);
    if let Some(output) = as_json("output") {
        expect("output", report["output"] == output, &report["output"]);
    }
    if let Some(Value::Object(has)) = as_json("output_has") {
        expect("output_has", has.iter().all(|(key, value)| &report["output"][key] == value), &report["output"]);
    }
    for key in ["output_text", "stdout", "stderr"] {
        if let Some(wanted) = text(case, key) {
            expect(key, report[key].as_str() == Some(wanted), &report[key]);
        }
    }
    let error = &report["error"];
    if let Some(kind) = text(case, "error_kind") {
        expect("error_kind", error["kind"].as_str() == Some(kind), error);
    }
    let logs = report["logs"].as_array().unwrap();
    let joined = |parts: &[&Value]| parts.iter().filter_map(|part| part.as_str()).collect::<Vec<_>>().join("\n");
    for (key, seen) in [
        ("stderr_contains", joined(&[&report["stderr"]])),
        ("error_contains", joined(&[&error["message"], &error["hint"]])),
        ("log_contains", joined(&logs.iter().map(|log| &log["message"]).collect::<Vec<_>>())),
    ] {
        for wanted in texts(case, key) {
            expect(key, seen.contains(wanted), &Value::from(seen.as_str()));
        }
    }
    wrong
}

#[test]
fn every_case_holds_with_both_compilers_and_the_same_fuel() {
    let mut wrong = Vec::new();
    for (directory, cases) in all_cases() {
        let module = cases["module"].as_str().unwrap();
        for case in cases["case"].as_array().unwrap() {
            let case = case.as_table().unwrap();
            let reports = ["cranelift", "singlepass"].map(|compiler| run(&directory, module, case, compiler));
            let name = format!("{module}, {}", text(case, "name").unwrap());
            wrong.extend(reports.iter().flat_map(|report| differences(case, report)).map(|fault| format!("{name}: {fault}")));
            let [one, other] = reports.each_ref().map(|report| &report["usage"]);
            // A run that the clock ended, or one that exhausted the native stack, ends where the machine was just then.
            let is_exact = one["fuel_exact"] == true && other["fuel_exact"] == true && reports[0]["outcome"] != "timeout";
            if is_exact && one["fuel"] != other["fuel"] {
                wrong.push(format!("{name}: {} fuel with Cranelift, {} with Singlepass", one["fuel"], other["fuel"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_modules_are_those_of_the_digests() {
    use sha2::{Digest, Sha256};
    let sums = std::fs::read_to_string(modules().join("SHA256SUMS")).unwrap();
    assert!(sums.lines().count() >= 10);
    for line in sums.lines() {
        let (digest, file) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(modules().join(file)).unwrap();
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, digest, "{file}");
    }
}
