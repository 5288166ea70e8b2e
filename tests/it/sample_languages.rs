//! The sample skills in other languages, by the README's words: each toolchain's module does its work, with both compilers and the
//! same fuel.

use crate::program::Workspace;
use crate::samples::{run_in, sample, samples, table, went_well};
use serde_json::{Value, json};

/// The README's words for a sample, and more.
fn tried(name: &str, more: &[&str]) -> (Value, i32) {
    let sample = sample(name);
    let words: Vec<&str> = sample.tries[0].iter().map(String::as_str).collect();
    run_in(&Workspace::new(), name, &[&words, more].concat())
}

fn with_input(name: &str, input: &str, more: &[&str]) -> (Value, i32) {
    run_in(&Workspace::new(), name, &[&["--input", input], more].concat())
}

fn log_lines(report: &Value) -> Vec<&str> {
    report["logs"].as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap()).collect()
}

/// What the README's commands give.
fn outputs() -> Vec<(&'static str, Value)> {
    vec![
        ("initials", json!({ "initials": "AKL" })),
        ("days-between", json!({ "days": 2 })),
        ("word-index", json!({ "be": [1, 2], "not": [2], "or": [2], "to": [1, 2] })),
        ("contrast", json!({ "ratio": 12.63, "AA": true, "AAA": true })),
        ("slugify", json!({ "slug": "creme-brulee-a-la-carte" })),
        ("translate", json!({ "text": "Bonjour", "from_memory": false })),
        ("redact", json!({ "user": "a***@example.com", "password": "***" })),
        ("budget", json!({ "code": 87 })),
    ]
}

#[test]
fn every_built_sample_gives_the_same_with_both_compilers_for_the_same_fuel() {
    let outputs = outputs();
    let mut compared = 0;
    for sample in table() {
        let name = sample.name.as_str();
        // What asks a server has a test of its own.
        if name == "page-title" || !samples().join(format!("{name}/{name}.wasm")).exists() {
            continue;
        }
        let words: Vec<&str> = sample.tries.first().map(|words| words.iter().map(String::as_str).collect()).unwrap_or_default();
        let [one, other] = ["cranelift", "singlepass"].map(|compiler| {
            let seeded = [words.as_slice(), &["--seed", "1", "--compiler", compiler]].concat();
            run_in(&Workspace::new(), name, &seeded).0
        });
        let seen = ["outcome", "output", "logs", "stdout", "stderr"];
        assert_eq!(seen.map(|field| &one[field]), seen.map(|field| &other[field]), "{name}");
        let fuel = |report: &Value| (report["usage"]["fuel"].as_u64().unwrap(), report["usage"]["fuel_exact"] == true);
        assert_eq!(fuel(&one), fuel(&other), "the fuel of {name}");
        assert!(fuel(&one).1, "the fuel of {name} is not exact");
        if let Some((_, output)) = outputs.iter().find(|(sample, _)| *sample == name) {
            assert_eq!((&one["outcome"], &one["output"]), (&json!("ok"), output), "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, outputs.len(), "README.md lacks a sample, or one has no built module");
}

#[test]
fn nothing_is_warned_of_where_all_went_well() {
    for (name, _) in outputs() {
        let report = went_well(tried(name, &[]));
        assert_eq!(report["warnings"], json!([]), "{name}");
    }
}

#[test]
fn days_between_and_contrast_log_what_is_wrong_with_their_input() {
    let dates = went_well(with_input("days-between", r#"{"from": "soon", "to": "2024-03-01"}"#, &[]));
    assert_eq!(dates["output"], json!({ "error": "no two dates" }));
    assert!(log_lines(&dates)[0].starts_with("give two dates"), "{:?}", log_lines(&dates));
    let colors = went_well(with_input("contrast", r#"{"text": "red"}"#, &[]));
    assert_eq!(colors["output"], json!({ "error": "no two colors" }));
    assert!(log_lines(&colors)[0].starts_with("give two colors"), "{:?}", log_lines(&colors));
    let backwards = went_well(with_input("days-between", r#"{"from": "2001-01-01", "to": "1970-01-01"}"#, &[]));
    assert_eq!(backwards["output"], json!({ "days": -11323 }));
    let gray = went_well(with_input("contrast", r##"{"background": "#FFF", "text": "#777777"}"##, &[]));
    assert_eq!(gray["output"], json!({ "ratio": 4.48, "AA": false, "AAA": false }));
}

#[test]
fn word_index_and_slugify_take_any_document() {
    let words = went_well(with_input("word-index", r#"{"text": "Über\n\n\"Über\" all"}"#, &[]));
    assert_eq!(words["output"]["all"], json!([3]));
    assert_eq!(words["output"]["Über"], json!([1, 3]));
    for input in ["[]", "null", "{}"] {
        for name in ["word-index", "slugify"] {
            let report = went_well(with_input(name, input, &[]));
            assert!(report["output"]["error"].as_str().unwrap().starts_with("give a t"), "{name}: {}", report["output"]);
        }
    }
    let slug = |input: &str| went_well(with_input("slugify", input, &[]))["output"]["slug"].clone();
    assert_eq!(slug(r#"{"title": "Ada's  Œuvre: 3rd"}"#), "adas-oeuvre-3rd");
    assert_eq!(slug(r#"{"title": "the quick brown fox", "longest": 12}"#), "the-quick");
    assert_eq!(slug(r#"{"title": "…"}"#), "");
}

#[test]
fn translate_remembers_and_aborts_with_a_place() {
    let workspace = Workspace::new();
    let phrase = r#"{"text": "Good morning", "to": "German"}"#;
    let run = |more: &[&str]| run_in(&workspace, "translate", &[&["--input", phrase], more].concat());
    assert_eq!(
        went_well(run(&["--store-out", "phrases.json"]))["output"],
        json!({ "text": "Guten Morgen", "from_memory": false })
    );
    let again = went_well(run(&["--store-in", "phrases.json"]));
    assert_eq!(again["output"], json!({ "text": "Guten Morgen", "from_memory": true }));
    let (aborted, code) = with_input("translate", "{}", &[]);
    assert_eq!((code, &aborted["outcome"], &aborted["error"]["kind"]), (1, &json!("trap"), &json!("abort")));
    let message = aborted["error"]["message"].as_str().unwrap();
    assert!(message.contains("give a text") && message.contains("assembly/translate.ts:"), "{message}");
}

#[test]
fn redact_copies_what_is_no_secret_and_tells_what_is_no_json() {
    let document =
        r#"{"list": ["x", "to bob@b.org or c@d"], "nested": {"Api_Key": {"a": [1]}, "n": null, "password": []}, "f": 1.50}"#;
    let masked =
        r#"{"list": ["x", "to b***@b.org or c@d"], "nested": {"Api_Key": "***", "n": null, "password": "***"}, "f": 1.50}"#;
    let report = went_well(with_input("redact", document, &[]));
    assert_eq!(report["output"], masked.parse::<Value>().unwrap());
    let workspace = Workspace::new();
    workspace.write("broken.txt", "{\"a\" 1}");
    let (broken, code) = run_in(&workspace, "redact", &["--stdin", "@broken.txt"]);
    assert_eq!((code, &broken["outcome"]), (1, &json!("exit")));
    assert!(broken["stderr"].as_str().unwrap().contains("jsontext"), "{}", broken["stderr"]);
}

#[test]
fn budget_keeps_the_sum_over_runs() {
    let workspace = Workspace::new();
    let event = |kind: &str, input: &str| {
        let kept = ["--store-in", "sum.json", "--store-out", "sum.json", "--event", kind, "--input", input];
        run_in(&workspace, "budget", &kept[if workspace.path().join("sum.json").exists() { 0 } else { 2 }..])
    };
    assert_eq!(went_well(event("spend", "60"))["output"], json!({ "code": 40 }));
    let (overdrawn, code) = event("spend", "60");
    assert_eq!((code, &overdrawn["outcome"], &overdrawn["output"]), (1, &json!("failed"), &json!({ "code": -1 })));
    assert_eq!(log_lines(&overdrawn), ["left: -20.00"]);
    assert_eq!(went_well(event("new-month", "null"))["output"], json!({ "code": 0 }));
    assert_eq!(went_well(event("spend", "1.5"))["output"], json!({ "code": 98 }));
    let (unknown, _) = event("storm", "null");
    assert_eq!((&unknown["output"], log_lines(&unknown)), (&json!({ "code": -2 }), vec!["no such event: storm"]));
}
