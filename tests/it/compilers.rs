//! Both compilers give a skill the same numbers, also where a host function's result has a fraction.

use crate::acceptance::d04;
use crate::program::Workspace;

#[test]
fn a_seed_arrives_bit_for_bit_with_both_compilers() {
    let workspace = Workspace::new();
    // Writes the 64 bits of the seed as 16 letters.
    let body = r#"(local $bits i64) (local $at i32)
      (local.set $bits (i64.reinterpret_f64 (call $seed)))
      (local.set $at (i32.const 2001))
      (i32.store8 (i32.const 2000) (i32.const 34))
      (loop $next
        (i32.store8 (local.get $at) (i32.add (i32.const 97) (i32.wrap_i64 (i64.and (local.get $bits) (i64.const 15)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $bits (i64.shr_u (local.get $bits) (i64.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 2017))))
      (i32.store16 (local.get $at) (i32.const 34))
      (i32.const 2000)"#;
    workspace.write("seeded.wat", d04(r#"(import "env" "seed" (func $seed (result f64)))"#, body));
    let run = |compiler| {
        let (document, code) = workspace.run_json("seeded", &["--seed", "7", "--compiler", compiler]);
        assert_eq!(code, 0, "{document}");
        (document["output"].clone(), document["usage"]["fuel"].clone())
    };
    let first = run("cranelift");
    for _ in 0..5 {
        assert_eq!(run("singlepass"), first);
    }
}

/// A NaN that no compiler has made canonical yet is handed to a loop, at its begin and by a branch back to it; and past an `if` that is not
/// entered and has no `else`.
#[test]
fn a_nan_that_is_handed_to_a_loop_or_past_an_if_is_the_same_with_both_compilers() {
    let workspace = Workspace::new();
    let zero_by_zero = |float: &str| format!("({float}.div ({float}.const 0) ({float}.const 0))");
    let at_its_begin = |float: &str| format!("{} (loop (param {float}) (result {float}))", zero_by_zero(float));
    let by_a_branch = |float: &str| {
        let again = "(local.tee $again (i32.eqz (local.get $again)))";
        let nan = zero_by_zero(float);
        format!("({float}.const 1) (loop $next (param {float}) (result {float}) (drop) {nan} (br_if $next {again}))")
    };
    let past_an_if =
        |float: &str| format!("{} (local.get $again) (if (param {float}) (result {float}) (then))", zero_by_zero(float));
    for (float, int, top) in [("f32", "i32", "31"), ("f64", "i64", "63")] {
        for (name, code) in [("begin", at_its_begin(float)), ("branch", by_a_branch(float)), ("past", past_an_if(float))] {
            let digit = if int == "i32" { "i32.add (i32.const 48)" } else { "i32.add (i32.const 48) (i32.wrap_i64" };
            let end = if int == "i32" { ")" } else { "))" };
            let body = format!(
                "(local $again i32) (local $bits {int}) {code} ({int}.reinterpret_{float}) (local.set $bits)
                 (i32.store8 (i32.const 2000) ({digit} ({int}.shr_u (local.get $bits) ({int}.const {top})){end})
                 (i32.const 2000)"
            );
            let skill = format!("{name}-{float}");
            workspace.write(&format!("{skill}.wat"), d04("", &body));
            for compiler in ["cranelift", "singlepass"] {
                let (document, code) = workspace.run_json(&skill, &["--compiler", compiler]);
                assert_eq!((code, &document["output"]), (0, &serde_json::json!(0)), "{skill}, {compiler}: {document}");
            }
        }
    }
}

/// Where an `if` with parameters is not entered, and has no `else`, what comes behind it is as it should be: calls, traps, locals.
#[test]
fn behind_an_if_with_parameters_that_is_not_entered_all_is_as_it_should_be() {
    let workspace = Workspace::new();
    let body = |behind: &str| {
        format!(
            "(local $none i32) (table.size $entries) (local.get $none) (if (param i32) (result i32) (then (i32.const 1) (i32.add))) (drop)
             {behind} (i32.store8 (i32.const 2000) (i32.const 49)) (i32.const 2000)"
        )
    };
    workspace.write("traps.wat", d04("(table $entries 3 funcref)", &body("(unreachable)")));
    workspace.write("goes-on.wat", d04("(table $entries 3 funcref)", &body("")));
    for compiler in ["cranelift", "singlepass"] {
        let (document, _) = workspace.run_json("traps", &["--compiler", compiler]);
        assert_eq!(
            (&document["outcome"], &document["error"]["kind"]),
            (&"trap".into(), &"unreachable".into()),
            "{compiler}: {document}"
        );
        let (document, code) = workspace.run_json("goes-on", &["--compiler", compiler]);
        assert_eq!((code, &document["output"]), (0, &serde_json::json!(1)), "{compiler}: {document}");
    }
}

/// Cranelift turns the operands of `xor` round, joins it with the load, and forgets where both came from. So it does with others.
#[test]
fn fuel_is_exact_where_the_engine_does_not_tell_the_place_of_a_trap() {
    let workspace = Workspace::new();
    let far = "(i32.load offset=169860 (global.get $far))";
    let wide = "(i64.load offset=169860 (global.get $far))";
    let forms = [
        format!("(i32.xor (i32.const 5) {far})"),
        format!("(i32.sub {far} (i32.const 5))"),
        format!("(i32.mul (i32.const 8) {far})"),
        format!("(i32.and (i32.const 7) (i32.or {far} (i32.const 1)))"),
        format!("(i32.eqz (i32.eqz {far}))"),
        format!("(i32.eqz (i32.lt_s {far} (i32.const 5)))"),
        format!("(i32.div_u {far} (i32.const 16))"),
        format!("(i32.xor (i32.const 5) (local.tee $kept {far}))"),
        format!("(local.set $kept {far}) (i32.add (i32.const 5) (local.get $kept))"),
        format!("(i32.wrap_i64 (i64.add (i64.const 5) {wide}))"),
        format!("(select (i32.const 1) {far} (i32.eqz (i32.const 0)))"),
        "(i32.trunc_sat_f64_s (f64.mul (f64.neg (f64.load offset=169860 (global.get $far))) (f64.neg (f64.const 3))))".to_owned(),
    ];
    for form in forms {
        let body = format!("(local $kept i32) (if (i32.const 1) (then (global.set $sum {form}))) (i32.const 2000)");
        let globals = "(global $far (mut i32) (i32.const -1431655766)) (global $sum (mut i32) (i32.const 0))";
        workspace.write("far.wat", d04(globals, &body));
        let run = |compiler| {
            let (document, _) = workspace.run_json("far", &["--compiler", compiler]);
            assert_eq!(document["error"]["kind"], "out-of-bounds-memory", "{form}: {document}");
            (document["usage"]["fuel"].clone(), document["usage"]["fuel_exact"].clone())
        };
        assert_eq!(run("cranelift"), run("singlepass"), "{form}");
        assert_eq!(run("cranelift").1, true, "{form}");
    }
}
