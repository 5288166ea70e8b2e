//! Accepted fuel and outputs: written, held to, and told where they moved.

use super::{came_to, details, holds, mismatches, test_json, write};
use crate::program::Workspace;

/// A skill that turns in `$work` as often as it is built to.
fn turning(turns: u32) -> String {
    format!(
        r#"(module (memory (export "memory") 1) (data (i32.const 8) "[{turns}]\00")
        (func (export "alloc") (param i32) (result i32) (i32.const 64)) (func (export "dealloc") (param i32 i32))
        (func $work (param $n i32) (loop $again (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $again (local.get $n))))
        (func (export "execute") (param i32) (result i32) (call $work (i32.const {turns})) (i32.const 8)))"#
    )
}

const CASES: &str = "\n# Before.\n[[case]] # here\nname = \"turns\"   # its name\nfuel = \"accept\"  # to be held to\noutput_snapshot = true\n# After.\n";

fn accepted() -> Workspace {
    let workspace = Workspace::new();
    write(&workspace, &turning(10), CASES);
    workspace
}

#[test]
fn what_was_not_accepted_fails_until_it_is_and_then_holds() {
    let workspace = accepted();
    let before = test_json(&workspace, &[]);
    let found = mismatches(&before);
    assert_eq!((found.len(), &found[0][..40]), (2, "not-accepted: no output was accepted yet"), "{found:?}");
    let document = holds(test_json(&workspace, &["--accept"]));
    let fuel = document["results"][0]["attempts"][0]["usage"]["fuel"].as_u64().unwrap();
    assert_eq!(document["results"][0]["accepted"], serde_json::json!(["the output", format!("{fuel} fuel")]));
    let manifest = std::fs::read_to_string(workspace.path().join("probe/skill.toml")).unwrap();
    let expected = CASES.replace("\"accept\"", &fuel.to_string());
    assert!(manifest.ends_with(&expected), "comments and order stay:\n{manifest}");
    holds(test_json(&workspace, &[]));
    let again = holds(test_json(&workspace, &["--accept"]));
    assert_eq!(again["results"][0]["accepted"], serde_json::json!([]), "nothing is written twice");
}

#[test]
fn more_fuel_fails_with_both_figures_and_the_functions_that_moved() {
    let workspace = accepted();
    let first = holds(test_json(&workspace, &["--accept"]));
    let fuel = first["results"][0]["attempts"][0]["usage"]["fuel"].as_u64().unwrap();
    workspace.write("probe/probe.wat", turning(20));
    let ran = test_json(&workspace, &[]);
    let now = ran.0["results"][0]["attempts"][0]["usage"]["fuel"].as_u64().unwrap();
    let found = mismatches(&ran);
    assert_eq!(found[0], "snapshot: the output is not the accepted one: it differs at /0");
    assert!(found[1].starts_with(&format!("fuel: used {now} fuel, and {fuel} were accepted: ")), "{found:?}");
    let told = ran.0["results"][0]["attempts"][0]["mismatches"][1]["details"].as_str().unwrap();
    // Each turn of the loop costs 6 more.
    assert!(told.contains("the functions whose fuel moved most:\n") && told.contains("+60  work ("), "{told}");
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(details(&ran).contains("-   10") && details(&ran).contains("+   20"), "{}", details(&ran));
    workspace.write("probe/probe.wat", turning(5));
    let text = std::fs::read_to_string(workspace.path().join("probe/skill.toml")).unwrap();
    workspace.write("probe/skill.toml", text.replace("output_snapshot = true\n", ""));
    let less = holds(test_json(&workspace, &[]));
    let note = less["results"][0]["attempts"][0]["notes"][0].as_str().unwrap();
    assert!(note.contains("less than the accepted"), "{note}");
}

#[test]
fn a_tolerance_takes_some_more() {
    let workspace = accepted();
    holds(test_json(&workspace, &["--accept"]));
    workspace.write("probe/probe.wat", turning(11));
    let file = workspace.path().join("probe/skill.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("output_snapshot = true", "fuel_tolerance = \"20%\"");
    std::fs::write(&file, &text).unwrap();
    holds(test_json(&workspace, &[]));
    std::fs::write(&file, text.replace("\"20%\"", "5")).unwrap();
    assert!(mismatches(&test_json(&workspace, &[]))[0].contains("more, and "), "a turn costs 6");
    std::fs::write(&file, text.replace("\"20%\"", "6")).unwrap();
    holds(test_json(&workspace, &[]));
}

#[test]
fn a_case_in_which_something_else_does_not_hold_is_not_accepted() {
    let workspace = Workspace::new();
    let other = "[[case]]\nname = \"other\"\nfuel = \"accept\"\noutput = 1\n[[case]]\nname = \"sound\"\nfuel = \"accept\"\n";
    write(&workspace, &turning(10), "");
    workspace.write("probe/cases/a.toml", other);
    let (document, code) = test_json(&workspace, &["--accept"]);
    let expected = [("other".to_owned(), "failed".to_owned()), ("sound".to_owned(), "passed".to_owned())];
    assert_eq!((code, came_to(&document)), (100, expected.to_vec()));
    let text = std::fs::read_to_string(workspace.path().join("probe/cases/a.toml")).unwrap();
    assert_eq!(text.matches("\"accept\"").count(), 1, "{text}");
}
