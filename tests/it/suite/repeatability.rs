//! A case comes out the same each time, with both compilers, and however many run beside it.

use super::{holds, test_json, write};
use crate::program::Workspace;
use crate::script::Script;
use serde_json::Value;

/// Time, randomness, and the calls of both.
fn of_chance() -> String {
    let wasi = Script::new().wasi("random_get", "(param i32 i32) (result i32)");
    let twice = wasi.call("env.host_now", &[]).wat("(drop (call $random_get (i32.const 0x8000) (i32.const 8)))").show(0x8000, 8);
    twice.call("env.host_now", &[]).module()
}

fn outcome(document: &Value) -> Vec<(Value, Value, Value)> {
    let of = |result: &Value| {
        let attempt = &result["attempts"][0];
        (result["case"].clone(), attempt["usage"]["fuel"].clone(), attempt["mismatches"].clone())
    };
    document["results"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn cases_are_repeatable_to_the_bit_unless_they_are_live() {
    let workspace = Workspace::new();
    // What it says is told by what does not hold.
    let cases = "[[case]]\nname = \"a\"\noutput = 0\n[[case]]\nname = \"b\"\nseed = 7\noutput = 0\n";
    write(&workspace, &of_chance(), cases);
    let run = |more: &[&str]| outcome(&test_json(&workspace, more).0);
    let first = run(&[]);
    assert_ne!(first[0].2, first[1].2, "a seed of its own");
    for more in [
        &["--jobs", "1"][..],
        &["--compiler", "singlepass"],
        &["--compiler", "cranelift", "--no-cache"],
        &["--seed", "0", "--select", "a"],
    ] {
        assert_eq!(run(more)[..1], first[..1], "{more:?}");
    }
    assert_eq!(run(&["--seed", "7"])[1], first[1]);
    assert_eq!(run(&["--seed", "7"])[0].2, first[1].2, "the flag wins");
    assert_ne!(run(&["--live"])[0].2, first[0].2);
}

#[test]
fn the_sample_skills_cases_all_hold_with_the_same_fuel_on_both_compilers() {
    let workspace = crate::samples::samples();
    let root = Workspace::new();
    let directory = workspace.to_str().unwrap();
    let with = |compiler| holds(test_json(&root, &[directory, "--compiler", compiler]));
    let exact = |document: &Value| -> Vec<(Value, Value, Value)> {
        // What a deadline ends has no figure of its own.
        outcome(document).into_iter().filter(|(case, ..)| case != "is ended by its time limit").collect()
    };
    let (cranelift, singlepass) = (with("cranelift"), with("singlepass"));
    assert_eq!(exact(&cranelift), exact(&singlepass));
    assert!(cranelift["totals"]["passed"].as_u64() >= Some(20), "{}", cranelift["totals"]);
}
