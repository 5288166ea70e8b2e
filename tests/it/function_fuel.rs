//! `--profile`: which functions a run's fuel went to. The sum over the functions is the fuel of the run, and that is what it is without.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::proof::in_parallel;
use crate::samples::{run_in, table};
use serde_json::{Value, json};

/// The fuel, the functions' sum of it, and all that must not differ from a run without `--profile`.
fn told(document: &Value) -> (u64, u64, [&Value; 4]) {
    let functions = document["functions"].as_array().unwrap_or_else(|| panic!("no functions: {document}"));
    let sum = functions.iter().map(|function| function["fuel"].as_u64().unwrap()).sum();
    assert!(functions.is_sorted_by_key(|function| std::cmp::Reverse(function["fuel"].as_u64())), "{functions:#?}");
    assert!(functions.iter().all(|function| function["calls"].as_u64().unwrap() > 0), "{functions:#?}");
    (document["usage"]["fuel"].as_u64().unwrap(), sum, same(document))
}

fn same(document: &Value) -> [&Value; 4] {
    [&document["outcome"], &document["output"], &document["error"], &document["usage"]["fuel"]]
}

/// A skill whose `$leaf` is called `calls` times by a loop in `$work`.
fn working(calls: u32, leaf: &str) -> String {
    let functions = format!(
        "(func $leaf {leaf})
         (func $work (local $left i32)
           (local.set $left (i32.const {calls}))
           (loop $next
             (call $leaf)
             (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
         (data (i32.const 3000) \"1\\00\")"
    );
    d04(&functions, "(call $work) (i32.const 3000)")
}

fn function<'a>(document: &'a Value, name: &str) -> &'a Value {
    let functions = document["functions"].as_array().unwrap();
    functions.iter().find(|function| function["function"] == name).unwrap_or_else(|| panic!("no {name}: {functions:#?}"))
}

#[test]
fn every_function_tells_its_own_fuel_and_calls() {
    let workspace = Workspace::new();
    workspace.write("works.wat", working(10, "(memory.fill (i32.const 4000) (i32.const 0) (i32.const 33))"));
    for compiler in ["cranelift", "singlepass"] {
        let (document, code) = workspace.run_json("works", &["--profile", "--compiler", compiler]);
        assert_eq!(code, 0, "{document}");
        // Three constants, the instruction, and three times 16 bytes begun.
        assert_eq!((&function(&document, "leaf")["fuel"], &function(&document, "leaf")["calls"]), (&json!(70), &json!(10)));
        // Two before the loop; six in each turn.
        assert_eq!((&function(&document, "work")["fuel"], &function(&document, "work")["calls"]), (&json!(62), &json!(1)));
        assert_eq!(
            function(&document, "work")["function_index"],
            json!(function(&document, "leaf")["function_index"].as_u64().unwrap() + 1)
        );
        let (fuel, sum, _) = told(&document);
        assert_eq!(fuel, sum);
    }
}

#[test]
fn samples_use_the_same_fuel_profiled_and_all_of_it_is_some_functions() {
    let compared = in_parallel(&table(), |sample| {
        let words = sample.tries.first().map(|words| words.iter().map(String::as_str).collect::<Vec<_>>()).unwrap_or_default();
        let seed: &[&str] = if words.contains(&"--seed") { &[] } else { &["--seed", "1"] };
        let run = |flags: &[&str]| run_in(&Workspace::new(), &sample.name, &[words.as_slice(), seed, flags].concat()).0;
        let normal = run(&[]);
        assert!(normal.get("functions").is_none(), "{normal}");
        // What is refused used nothing; and some end only by the clock, or with the native stack.
        if normal["usage"]["fuel"] == 0 || normal["usage"]["fuel_exact"] == false || normal["outcome"] == "timeout" {
            return 0;
        }
        for compiler in ["cranelift", "singlepass"] {
            let profiled = run(&["--profile", "--compiler", compiler]);
            let (fuel, sum, outcome) = told(&profiled);
            assert_eq!(
                (fuel, outcome[0], outcome[1], outcome[3]),
                (sum, &normal["outcome"], &normal["output"], &normal["usage"]["fuel"]),
                "{}, {compiler}",
                sample.name
            );
        }
        1
    });
    let compared: u32 = compared.into_iter().sum();
    assert!(compared > 12, "{compared}");
}

#[test]
fn a_trap_an_exit_and_a_limit_leave_the_sum_as_right_as_the_fuel() {
    let workspace = Workspace::new();
    workspace.write("traps.wat", working(10, "(i32.store (i32.const -1) (i32.const 0))"));
    workspace.write("endless.wat", d04("(func $spin (loop $next (br $next)))", "(call $spin) (i32.const 0)"));
    workspace.write("fills.wat", working(100_000, "(memory.fill (i32.const 4000) (i32.const 0) (i32.const 60000))"));
    let exits = "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))";
    workspace.write("exits.wat", d04(exits, "(call $exit (i32.const 3)) (i32.const 0)"));
    let runs: [(&str, &[&str], &str); 6] = [
        ("traps", &[], "trap"),
        ("exits", &[], "exit"),
        ("endless", &["--fuel", "5000000"], "fuel"),
        ("fills", &["--fuel", "12345678"], "fuel"),
        ("fills", &["--fuel", "1"], "fuel"),
        ("fills", &["--fuel", "3000001"], "fuel"),
    ];
    for (skill, flags, outcome) in runs {
        let (normal, _) = workspace.run_json(skill, flags);
        assert_eq!(normal["outcome"], outcome, "{normal}");
        for compiler in ["cranelift", "singlepass"] {
            let (profiled, _) = workspace.run_json(skill, &[flags, &["--profile", "--compiler", compiler]].concat());
            let (fuel, sum, told) = told(&profiled);
            // Singlepass does not know the place of every trap.
            let kinds = |document: [&Value; 4]| [document[0].clone(), document[2]["kind"].clone(), document[3].clone()];
            assert_eq!((fuel, kinds(told)), (sum, kinds(same(&normal))), "{skill} {flags:?}, {compiler}");
            if compiler == "cranelift" {
                assert_eq!(told[2], &normal["error"], "{skill} {flags:?}: frames are those of the author's module");
            }
        }
    }
    // Where a timeout comes is not the module's to say.
    let (stopped, _) = workspace.run_json("endless", &["--profile", "--timeout", "50ms"]);
    let (fuel, sum, [outcome, ..]) = told(&stopped);
    assert_eq!((outcome, fuel), (&json!("timeout"), sum), "{stopped}");
    assert_eq!(function(&stopped, "spin")["calls"], 1);
}

#[test]
fn the_start_function_and_a_run_that_comes_to_nothing_have_their_functions_too() {
    let workspace = Workspace::new();
    let start = "(func $first (drop (i32.const 1))) (start $first) (data (i32.const 3000) \"1\\00\")";
    workspace.write("starts.wat", d04(start, "(i32.const 3000)"));
    let (document, code) = workspace.run_json("starts", &["--profile"]);
    assert_eq!((code, function(&document, "first")["fuel"].as_u64()), (0, Some(1)), "{document}");
    workspace.write("refused.wat", "(module)");
    let (document, code) = workspace.run_json("refused", &["--profile"]);
    assert_eq!((code, document.get("functions")), (4, None), "{document}");
}

#[test]
fn exports_of_a_module_that_bear_the_counters_names_stay_its_own() {
    let workspace = Workspace::new();
    let taken = "(global $mine (mut i64) (i64.const 77))
        (export \"skillscope.function.0.fuel\" (global $mine)) (export \"skillscope.function.0.calls\" (global $mine))
        (data (i32.const 3000) \"1\\00\")";
    workspace.write("taken.wat", d04(taken, "(i32.const 3000)"));
    let (document, code) = workspace.run_json("taken", &["--profile"]);
    let (fuel, sum, _) = told(&document);
    assert_eq!((code, fuel), (0, sum), "{document}");
}

#[test]
fn profiled_code_and_normal_code_are_cached_apart() {
    let workspace = Workspace::new();
    workspace.write("works.wat", working(3, "nop"));
    let cache = |flags: &[&str]| {
        let (document, code) = workspace.run_json("works", flags);
        assert_eq!((code, document.get("functions").is_some()), (0, flags.contains(&"--profile")), "{document}");
        document["usage"]["cache"].as_str().unwrap().to_owned()
    };
    // The first ones may find what another test has left.
    let _ = (cache(&[]), cache(&["--profile"]));
    assert_eq!([cache(&[]), cache(&["--profile"]), cache(&[])], ["disk", "disk", "disk"]);
}

#[test]
fn people_get_a_table_below_the_report_and_programs_a_list_in_the_last_event() {
    let workspace = Workspace::new();
    workspace.write("works.wat", working(1000, "nop"));
    let ran = workspace.skillscope(&["--run", "works", "--profile"]);
    let lines: Vec<&str> = ran.expect(0).stderr.lines().collect();
    let header =
        lines.iter().position(|line| line.ends_with("function (its own fuel)")).unwrap_or_else(|| panic!("{}", ran.stderr));
    assert!(lines[header - 1].starts_with("ok in "), "{}", ran.stderr);
    assert!(lines[header + 1].starts_with("6,002 ") && lines[header + 1].ends_with("  1  work"), "{}", ran.stderr);
    assert!(!workspace.skillscope(&["--run", "works"]).expect(0).stderr.contains("its own fuel"));
    let ran = workspace.skillscope(&["--run", "works", "--profile", "--format", "jsonl"]);
    let finished = ran.expect(0).stdout.lines().find(|line| line.contains(r#""type":"finished""#)).unwrap();
    let finished: Value = serde_json::from_str(finished).unwrap();
    assert_eq!(function(&finished, "work")["fuel"], 6002);
    assert_eq!(
        function(&finished, "leaf"),
        &json!({"function": "leaf", "function_index": function(&finished, "leaf")["function_index"], "fuel": 0, "calls": 1000})
    );
    workspace.skillscope(&["--list", "--profile"]).expect(2);
}
