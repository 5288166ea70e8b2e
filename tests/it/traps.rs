//! Traps of every kind, told in terms of the module as its author built it.

use crate::acceptance::d04;
use crate::program::Workspace;
use crate::script::{ended, import, succeeded, tells};
use serde_json::{Value, json};

#[track_caller]
fn run(module: impl AsRef<[u8]>, arguments: &[&str]) -> (Value, i32) {
    let workspace = Workspace::new();
    workspace.write("probe.wat", module);
    workspace.run_json("probe", arguments)
}

const COMPILERS: [&str; 2] = ["cranelift", "singlepass"];

#[test]
fn every_kind_of_trap_has_its_word() {
    let table = "(type $none (func)) (table 3 funcref) (elem (i32.const 1) $f) (func $f (param i64))";
    let cases = [
        ("unreachable", "unreachable"),
        ("(i32.load (i32.const 65533))", "out-of-bounds-memory"),
        ("(i32.store8 (i32.const -1) (i32.const 0)) (i32.const 0)", "out-of-bounds-memory"),
        ("(i32.load offset=0xffffffff (i32.const -1))", "out-of-bounds-memory"),
        ("(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)) (i32.const 0)", "out-of-bounds-memory"),
        ("(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2)) (i32.const 0)", "out-of-bounds-memory"),
        ("(i32.div_s (local.get $input) (i32.const 0))", "integer-divide-by-zero"),
        ("(i32.rem_u (local.get $input) (i32.const 0))", "integer-divide-by-zero"),
        ("(i32.div_s (i32.const 0x80000000) (i32.sub (i32.const 0) (i32.const 1)))", "integer-overflow"),
        ("(i32.trunc_f64_s (f64.const nan))", "invalid-conversion"),
        ("(i32.trunc_f32_u (f32.const -1.5))", "integer-overflow"),
        ("(call_indirect (type $none) (i32.const 3)) (i32.const 0)", "out-of-bounds-table"),
        ("(call_indirect (type $none) (i32.const 0)) (i32.const 0)", "indirect-call-null"),
        ("(call_indirect (type $none) (i32.const 1)) (i32.const 0)", "indirect-call-type-mismatch"),
        ("(drop (table.get (i32.const 3))) (i32.const 0)", "out-of-bounds-table"),
        ("(table.fill (i32.const 2) (ref.null func) (i32.const 2)) (i32.const 0)", "out-of-bounds-table"),
    ];
    for compiler in COMPILERS {
        for (body, kind) in cases {
            let (document, code) = run(
                d04("", body).replace("(func (export \"execute\")", &format!("{table} (func (export \"execute\")")),
                &["--compiler", compiler],
            );
            let seen = document["error"]["kind"].as_str().unwrap_or_default();
            // A float out of range is one trap in the specification; engines tell it from NaN or do not.
            let fits = seen == kind || (kind == "integer-overflow" && seen == "invalid-conversion");
            assert!(fits && code == 1 && document["outcome"] == "trap", "{compiler}: {body}: {document:#}");
            assert_eq!(
                (&document["error"]["phase"], &document["usage"]["fuel_exact"]),
                (&json!("execute"), &json!(true)),
                "{body}"
            );
        }
    }
}

/// A skill that traps three named functions deep, with loops and calls before, so that the rewritten module differs much.
fn deep() -> String {
    d04(
        &import("env.host_now"),
        "(loop $l (drop (call $env.host_now))) (call $outer (i32.const 5)) (i32.const 0)",
    )
    .replace(
        "(func (export \"execute\")",
        r#"(func $outer (param i32) (local $n i32)
            (loop $again (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_u (local.get $n) (i32.const 9))))
            (call $inner (local.get 0)))
          (func $inner (param i32) (call $_ZN4demo7nothing17h0123456789abcdefE) (call $trapping (local.get 0)))
          (func $_ZN4demo7nothing17h0123456789abcdefE)
          (func $trapping (param i32) (if (local.get 0) (then (drop (i32.div_u (i32.const 1) (i32.const 0))))))
          (func $execute (export "execute")"#,
    )
}

/// Where the bodies of a binary module's functions have an instruction that fits: function index and offset.
fn places(module: &[u8], fits: impl Fn(&wasmparser::Operator<'_>) -> bool) -> Vec<(u64, u64)> {
    let mut imported = 0;
    let mut found = Vec::new();
    let mut defined = 0;
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            wasmparser::Payload::ImportSection(imports) => imported = u64::from(imports.count()),
            wasmparser::Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().unwrap().into_iter_with_offsets() {
                    let (operator, offset) = operator.unwrap();
                    if fits(&operator) {
                        found.push((imported + defined, offset));
                    }
                }
                defined += 1;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn frames_have_the_names_indices_and_offsets_of_the_original_module() {
    let binary = wat::parse_str(deep()).unwrap();
    let division = places(&binary, |operator| matches!(operator, wasmparser::Operator::I32DivU))[0];
    let calls = places(&binary, |operator| matches!(operator, wasmparser::Operator::Call { .. }));
    let workspace = Workspace::new();
    workspace.write("probe.wasm", &binary);
    let document = ended(workspace.run_json("probe", &[]), "trap", "integer-divide-by-zero", 1);
    let frames = document["error"]["backtrace"].as_array().unwrap();
    let names: Vec<_> = frames.iter().map(|frame| frame["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["trapping", "inner", "outer", "execute"]);
    let place = |frame: &Value| (frame["function_index"].as_u64().unwrap(), frame["module_offset"].as_u64().unwrap());
    assert_eq!(place(&frames[0]), division, "{frames:#?}");
    for frame in &frames[1..] {
        assert!(calls.contains(&place(frame)), "{frame} is none of the calls {calls:?}");
    }
    tells(&document["error"]["message"], &["execute", "trapping"]);
}

#[test]
fn both_compilers_tell_the_same_functions_and_the_same_fuel() {
    let told = COMPILERS.map(|compiler| {
        let document = ended(run(deep(), &["--compiler", compiler]), "trap", "integer-divide-by-zero", 1);
        let frames = document["error"]["backtrace"].as_array().unwrap();
        let indices: Vec<_> = frames.iter().map(|frame| frame["function_index"].clone()).collect();
        (indices, document["usage"]["fuel"].clone(), document["usage"]["fuel_exact"].clone())
    });
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].2, json!(true));
}

#[test]
fn names_are_demangled() {
    let module = d04("", "(call $_ZN4demo5panic17h0123456789abcdefE) (i32.const 0)").replace(
        "(func (export \"execute\")",
        "(func $_ZN4demo5panic17h0123456789abcdefE (call $_ZN5space4nameEi (i32.const 0))) (func $_ZN5space4nameEi (param i32) unreachable) (func (export \"execute\")",
    );
    let document = ended(run(module, &[]), "trap", "unreachable", 1);
    let names: Vec<_> =
        document["error"]["backtrace"].as_array().unwrap().iter().map(|frame| frame["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["space::name(int)", "demo::panic", "execute"]);
}

#[test]
fn an_exhausted_stack_is_a_trap_whose_fuel_is_a_lower_bound() {
    let module = d04("", "(call $down (i32.const 0))")
        .replace("(func (export \"execute\")", "(func $down (param i32) (result i32) (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1))) (func (export \"execute\")");
    for compiler in COMPILERS {
        let document = ended(run(&module, &["--compiler", compiler]), "trap", "stack-exhausted", 1);
        assert_eq!(document["usage"]["fuel_exact"], json!(false), "{compiler}");
    }
}

#[test]
fn a_recursion_that_ends_is_no_trap() {
    let module = d04("", "(drop (call $down (i32.const 2000))) (local.get $input)").replace(
        "(func (export \"execute\")",
        "(func $down (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))) (else (i32.const 0)))) (func (export \"execute\")",
    );
    succeeded(run(module, &[]));
}

#[test]
fn segments_that_do_not_fit_are_a_trap_of_the_start() {
    for segment in ["(data (i32.const 65535) \"ab\")", "(table 1 funcref) (elem (i32.const 1) func $f) (func $f)"] {
        let (document, code) = run(d04(segment, "(local.get $input)"), &[]);
        assert_eq!((&document["outcome"], code), (&json!("trap"), 1), "{document:#}");
        assert_eq!(document["error"]["phase"], json!("start function"));
    }
}

#[test]
fn a_trap_in_the_start_function_and_in_initialize_names_its_phase() {
    let module = d04("(func $start unreachable) (start $start)", "(local.get $input)");
    // The memory must come after imports only, so any order of the rest is fine.
    let document = ended(run(module, &[]), "trap", "unreachable", 1);
    assert_eq!(document["error"]["phase"], json!("start function"));
    tells(&document["error"]["message"], &["start function"]);
    assert_eq!(document["error"]["backtrace"][0]["function"], json!("start"));
    let document =
        ended(run(d04("(func (export \"_initialize\") unreachable)", "(local.get $input)"), &[]), "trap", "unreachable", 1);
    assert_eq!(document["error"]["phase"], json!("_initialize"));
}
