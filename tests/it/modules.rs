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

/// The keys that the README explains; another one would be passed over in silence.
const KEYS: &[&str] = &[
    "name",
    "input",
    "flags",
    "outcome",
    "output",
    "output_has",
    "output_text",
    "stdout",
    "stderr",
    "stderr_contains",
    "log_contains",
    "error_contains",
    "error_kind",
];

/// Runs a case; the report, seeded, so that fuel can be compared.
fn run(directory: &Path, module: &str, case: &toml::Table, how: &[&str]) -> Value {
    let path = directory.join(module);
    let flags: Vec<String> = texts(case, "flags")
        .into_iter()
        .map(|flag| flag.strip_prefix('@').map_or_else(|| flag.to_owned(), |file| format!("@{}", directory.join(file).display())))
        .collect();
    let mut arguments = vec!["--run", path.to_str().unwrap(), "--format", "json"];
    arguments.extend(how);
    if !flags.iter().any(|flag| flag == "--seed") {
        arguments.extend(["--seed", "1"]);
    }
    if let Some(input) = text(case, "input") {
        arguments.extend(["--input", input]);
    }
    arguments.extend(flags.iter().map(String::as_str));
    Workspace::new().skillscope(&arguments).json()
}

/// What differs from what the case foresees, for a module of that profile.
fn differences(profile: Option<&str>, case: &toml::Table, report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(case.keys().filter(|key| !KEYS.contains(&key.as_str())).map(|key| format!("unknown key {key}")));
    let mut expect = |what: &str, holds: bool, seen: &Value| {
        if !holds {
            wrong.push(format!("{what}: saw {seen}"));
        }
    };
    let as_json = |key: &str| text(case, key).map(|json| serde_json::from_str::<Value>(json).unwrap());
    // What is refused before it runs may be refused before its profile is known.
    expect("profile", report["outcome"] == "invalid" || report["profile"].as_str() == profile, &report["profile"]);
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
fn every_case_holds_with_both_compilers_and_profiled_for_the_same_fuel() {
    let mut wrong = Vec::new();
    for (directory, cases) in all_cases() {
        let (module, profile) = (cases["module"].as_str().unwrap(), text(&cases, "profile"));
        for case in cases["case"].as_array().unwrap() {
            let case = case.as_table().unwrap();
            let profiled = ["--compiler", "singlepass", "--profile"];
            let ways = [&["--compiler", "cranelift"], &profiled[..2], &profiled];
            let reports = ways.map(|how| run(&directory, module, case, how));
            let name = format!("{module}, {}", text(case, "name").unwrap());
            wrong.extend(
                reports.iter().flat_map(|report| differences(profile, case, report)).map(|fault| format!("{name}: {fault}")),
            );
            let [one, other, profiled] = reports.each_ref().map(|report| &report["usage"]);
            // A run that the clock ended, or one that exhausted the native stack, ends where the machine was just then.
            let usages = [one, other, profiled];
            let is_exact = usages.iter().all(|usage| usage["fuel_exact"] == true) && reports[0]["outcome"] != "timeout";
            if is_exact && usages.iter().any(|usage| usage["fuel"] != one["fuel"]) {
                let [one, other, profiled] = usages.map(|usage| &usage["fuel"]);
                wrong.push(format!("{name}: {one} fuel with Cranelift, {other} with Singlepass, {profiled} profiled"));
            }
            let functions =
                reports[2]["functions"].as_array().map(|functions| functions.iter().map(|one| one["fuel"].as_u64().unwrap()));
            if let Some(sum) = functions.map(Iterator::sum::<u64>)
                && profiled["fuel_exact"] == true
                && profiled["fuel"] != sum
            {
                wrong.push(format!("{name}: {} fuel, and {sum} in its functions", profiled["fuel"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The digests of `SHA256SUMS`, each with its file.
fn digests() -> Vec<(String, String)> {
    let sums = std::fs::read_to_string(modules().join("SHA256SUMS")).unwrap();
    sums.lines().map(|line| line.split_once("  ").unwrap()).map(|(digest, file)| (digest.into(), file.into())).collect()
}

#[test]
fn the_modules_are_those_of_the_digests() {
    use sha2::{Digest, Sha256};
    for (digest, file) in digests() {
        let bytes = std::fs::read(modules().join(&file)).unwrap();
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, digest, "{file}");
    }
}

#[test]
fn every_module_has_cases_a_digest_and_a_row_in_the_readme() {
    let readme = std::fs::read_to_string(modules().join("README.md")).unwrap();
    let mut with_cases: Vec<String> = Vec::new();
    for (directory, cases) in all_cases() {
        let name = directory.file_name().unwrap().to_str().unwrap();
        let wanted = text(&cases, "profile").unwrap_or("refused");
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("tests/modules/README.md has no row for {name}"));
        let documented = row.split('|').nth(2).unwrap();
        assert!(documented.trim().starts_with(wanted), "{name} is documented as{documented}and tested as {wanted}");
        assert!(!cases["case"].as_array().unwrap().is_empty(), "{name} has no case");
        with_cases.push(format!("{name}/{}", cases["module"].as_str().unwrap()));
    }
    let on_disk: Vec<String> = std::fs::read_dir(modules())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && path.file_name().unwrap() != "target")
        .flat_map(|directory| std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| path.strip_prefix(modules()).unwrap().to_str().unwrap().to_owned())
        .collect();
    let sorted = |mut files: Vec<String>| {
        files.sort();
        files
    };
    assert_eq!(sorted(with_cases.clone()), sorted(on_disk), "modules with cases, and modules on disk");
    assert_eq!(sorted(with_cases), sorted(digests().into_iter().map(|(_, file)| file).collect()), "SHA256SUMS");
}
