//! The least memory and fuel, exactly, and the margin of time.

use super::{swept, workspace};
use crate::script::Script;
use serde_json::{Value, json};

fn run(workspace: &crate::program::Workspace, arguments: &[&str]) -> i32 {
    workspace.run_json("probe", arguments).1
}

#[test]
fn the_least_fuel_is_exact_to_the_unit_and_the_same_with_both_compilers() {
    let work = "(local $n i32) (loop $more (local.set $n (i32.add (local.get $n) (i32.const 1)))
         (br_if $more (i32.lt_u (local.get $n) (i32.const 12345))))";
    let workspace = workspace(&Script::new().with(&format!("(func $work {work})")).wat("(call $work)").number("(i32.const 1)"));
    let mut found = Vec::new();
    for compiler in ["cranelift", "singlepass"] {
        let (case, code) = swept(&workspace, &["--sweep", "fuel", "--compiler", compiler]);
        assert_eq!(code, 0);
        let least = case["fuel"]["least"].as_u64().unwrap();
        assert_eq!(run(&workspace, &["--compiler", compiler, "--fuel", &least.to_string()]), 0);
        assert_eq!(run(&workspace, &["--compiler", compiler, "--fuel", &(least - 1).to_string()]), 5);
        assert_eq!((&case["fuel"]["used"], &case["fuel"]["limit"]), (&json!(least), &Value::Null));
        found.push(least);
    }
    assert!(found[0] == found[1] && found[0] > 12_345, "{found:?}");
    let (case, _) = swept(&workspace, &["--sweep", "fuel", "--fuel", "1_000_000_000"]);
    assert_eq!((&case["fuel"]["least"], &case["fuel"]["limit"]), (&json!(found[0]), &json!(1_000_000_000)));
}

#[test]
fn the_least_memory_is_exact_to_the_page_also_where_the_skill_makes_do_with_less_than_it_takes() {
    // It takes 40 pages where it gets them, and needs 17 of them.
    let grow = |pages: u32| format!("(memory.grow (i32.const {pages}))");
    let script = Script::new()
        .wat(&format!("(if (i32.lt_s {} (i32.const 0)) (then (unreachable)))", grow(16)))
        .wat(&format!("(drop {})", grow(23)))
        .number("(i32.const 1)");
    let workspace = workspace(&script);
    let (case, code) = swept(&workspace, &["--sweep", "memory"]);
    let found = &case["memory"];
    assert_eq!((code, &found["least"], &found["used"]), (0, &json!(17 * 65_536), &json!(40 * 65_536)));
    assert_eq!(found["limit"], json!(512 << 20));
    assert!(found["runs"].as_u64().unwrap() <= 9, "{found}");
    assert_eq!(run(&workspace, &["--max-memory", &(17 * 65_536).to_string()]), 0);
    assert_eq!(run(&workspace, &["--max-memory", &(16 * 65_536).to_string()]), 5);
    let ran = workspace.skillscope(&["--run", "probe", "--sweep", "memory"]);
    let lines: Vec<&str> = ran.expect(0).stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("17 pages (1 MiB)") && lines[1].contains("40 pages (2.5 MiB)"), "{lines:?}");
}

#[test]
fn an_output_that_says_that_memory_was_short_is_none_that_passes() {
    let workspace = workspace(&Script::new().number("(memory.grow (i32.const 9))"));
    let (case, _) = swept(&workspace, &["--sweep", "memory"]);
    assert_eq!(case["memory"]["least"], json!(10 * 65_536));
}

#[test]
fn the_margin_of_time_is_a_ratio_and_said_to_be_measured() {
    let workspace = workspace(&Script::new().number("(i32.const 1)"));
    let (case, code) = swept(&workspace, &["--sweep", "timeout", "--timeout", "60s"]);
    let margin = &case["timeout"];
    assert_eq!((code, &margin["limit_ms"], &margin["runs"]), (0, &json!(60_000), &json!(5)));
    let (longest, median) = (margin["longest_ms"].as_f64().unwrap(), margin["median_ms"].as_f64().unwrap());
    assert!(median <= longest && margin["ratio"].as_f64().unwrap() >= 1.0, "{margin}");
    let ran = workspace.skillscope(&["--run", "probe", "--sweep", "timeout"]);
    assert!(ran.expect(0).stdout.contains("measured on this machine, now"), "{}", ran.stdout);
}

#[test]
fn what_depends_on_the_clock_is_the_same_each_time() {
    let workspace = workspace(
        &Script::new()
            .call("env.host_now", &[])
            .import("env.seed")
            .wat("(call $number (i64.trunc_sat_f64_u (f64.mul (call $env.seed) (f64.const 1e9))))"),
    );
    for sweep in ["fuel", "memory"] {
        let (case, code) = swept(&workspace, &["--sweep", sweep]);
        assert_eq!((code, &case["skipped"]), (0, &Value::Null), "{case:#}");
    }
}
