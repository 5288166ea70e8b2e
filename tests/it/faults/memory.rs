//! What faults do to the growth of memory.

use crate::script::{Script, ended, succeeded, tells};
use serde_json::json;

/// Grows by a page, three times; it says what it got.
fn growing() -> Script {
    let grow = "(memory.grow (i32.const 1))";
    Script::new().number(grow).number(grow).number("(memory.grow (i32.const 0))").number(grow)
}

#[test]
fn memory_does_not_grow_from_the_nth_growth_on() {
    assert_eq!(growing().answer(&[]), json!([1, 2, 3, 3]));
    for (fault, answer) in [
        ("memory=refused", json!([-1, -1, 1, -1])),
        ("memory#2=refused", json!([1, -1, 2, -1])),
        ("memory#3+=refused", json!([1, 2, 3, -1])),
    ] {
        let document = growing().document(&["--fault", fault]);
        assert_eq!(document["output"], answer, "{fault}");
        assert_eq!(document["faults"], json!([{"fault": fault, "call": null}]), "told once");
    }
}

#[test]
fn a_lower_limit_holds_as_the_limit_does_and_a_higher_one_changes_nothing() {
    let document = growing().document(&["--fault", "memory=limit:128KiB"]);
    assert_eq!(document["output"], json!([1, -1, 2, -1]));
    assert_eq!(
        (&document["limits"]["memory_bytes"], &document["faults"][0]["fault"]),
        (&json!(512 << 20), &json!("memory=limit:128KiB"))
    );
    let document = growing().document(&["--max-memory", "128KiB", "--fault", "memory=limit:1MiB"]);
    assert_eq!(document["output"], json!([1, -1, 2, -1]));
    assert_eq!(document["faults"], json!([]));
    tells(&document["warnings"][0], &["memory=limit:1MiB befell nothing"]);
    let refused = Script::new().pages(3).run(&["--fault", "memory=limit:128KiB"]);
    let document = ended(refused, "invalid", "memory-limit", 4);
    tells(&document["error"]["message"], &["192 KiB", "128 KiB", "memory=limit:128KiB"]);
}

#[test]
fn a_skill_that_gives_up_for_want_of_memory_ends_as_memory_and_the_message_names_the_fault() {
    let script = Script::new()
        .number("(i32.const 7)")
        .wat("(if (i32.lt_s (memory.grow (i32.const 1)) (i32.const 0)) (then (unreachable)))");
    assert_eq!(succeeded(script.run(&[]))["output"], json!([7]));
    for fault in ["memory=refused", "memory=limit:64KiB"] {
        let document = ended(script.run(&["--fault", fault]), "memory", "memory", 5);
        tells(&document["error"]["message"], &[&format!("the fault {fault} refused a growth"), "64 KiB", "128 KiB", "gave up"]);
    }
}

#[test]
fn a_growth_that_never_comes_is_told() {
    let document = Script::new().number("(i32.const 7)").document(&["--fault", "memory#2=refused"]);
    tells(&document["warnings"][0], &["memory#2=refused befell nothing", "0 times"]);
    assert_eq!(document["faults"], json!([]));
}

#[test]
fn both_compilers_meet_the_same_faults_with_the_same_fuel() {
    let run = |compiler| {
        let document = growing().document(&["--compiler", compiler, "--fault", "memory#2=refused"]);
        (document["output"].clone(), document["usage"]["fuel"].clone(), document["faults"].clone())
    };
    assert_eq!(run("cranelift"), run("singlepass"));
}
