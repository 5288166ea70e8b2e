//! The counter as a parameter and a result: who hands it over, who does not, and what the host sees.

use super::harness::{BOTH, Compiler, binary, compare, fuel, rewritten, run};
use wasmer::Value;

#[test]
fn a_host_function_called_through_a_table_sees_the_exact_fuel() {
    let text = "(module (import \"env\" \"look\" (func $look)) (type $t (func))
      (table 2 funcref) (elem (i32.const 0) $look $inner)
      (func $inner i32.const 1 drop call $look)
      (func (export \"run\")
        i32.const 0 call_indirect (type $t)       ;; 2
        i32.const 1 call_indirect (type $t)       ;; 2, and 2 within
        call $look))";
    let ran = compare(&binary(text), "run", &[], &BOTH);
    assert_eq!(ran.looks, [2, 6, 7]);
}

#[test]
fn a_type_that_nothing_needs_as_it_was_takes_the_counter_in_its_place() {
    const ADDED_TO_EVERY_MODULE: usize = 2;
    let types = |text: &str| rewritten(text).matches("(type (;").count() - ADDED_TO_EVERY_MODULE;
    let within = "(module (type $t (func (param i32) (result i32))) (func (type $t) local.get 0 call 0))";
    assert_eq!(types(within), 1);
    let imported = "(module (type $t (func)) (import \"env\" \"look\" (func (type $t))) (func (type $t) call 0))";
    assert_eq!(types(imported), 2);
    let exported = "(module (type $t (func)) (func (export \"run\") (type $t)))";
    assert_eq!(types(exported), 2);
    for block in ["block (type $t) end", "loop (type $t) end", "if (type $t) else end"] {
        let condition = if block.starts_with("if") { "i32.const 1" } else { "" };
        let text = format!(
            "(module (type $t (func (param i32) (result i32)))
              (func $f (type $t) local.get 0 {condition} {block})
              (func (export \"run\") (result i32) i32.const 7 call $f))"
        );
        assert_eq!(types(&text), 2 + 2, "{block}");
        assert_eq!(run(&text, &[]).1, Ok("[I32(7)]".to_owned()), "{block}");
    }
}

#[test]
fn an_import_may_be_exported_and_referred_to_as_it_is() {
    let text = "(module (import \"env\" \"add\" (func $add (param i32 i32) (result i32)))
      (type $binary (func (param i32 i32) (result i32)))
      (table $t 1 funcref) (elem declare func $add)
      (export \"add\" (func $add))
      (func (export \"run\") (result i32)
        i32.const 0 ref.func $add table.set $t
        i32.const 30 i32.const 12 i32.const 0 call_indirect (type $binary)))";
    assert_eq!(run(text, &[]), (3 + 4, Ok("[I32(42)]".to_owned())));
    let ran = compare(&binary(text), "add", &[Value::I32(2), Value::I32(3)], &BOTH);
    assert_eq!((ran.result.unwrap().as_str(), ran.fuel), ("[I32(5)]", 0));
}

#[test]
fn a_reference_that_only_an_export_declares_stays_valid() {
    let text = "(module (table 1 funcref) (func $f (export \"f\") (result i32) i32.const 7)
      (func (export \"run\") (result i32) i32.const 0 ref.func $f table.set 0 i32.const 0 call_indirect (result i32)))";
    assert_eq!(run(text, &[]), (5 + 1, Ok("[I32(7)]".to_owned())));
}

#[test]
fn functions_with_many_results_and_functions_without_room_call_and_are_called() {
    let locals = "i32 ".repeat(49_998);
    let text = format!(
        "(module (type $t (func (param i32) (result i32))) (table 3 funcref) (elem (i32.const 0) $one $full)
          (func $one (param i32) (result i32) local.get 0 i32.const 1 i32.add)
          (func $two (param i32) (result i32 i32) local.get 0 call $one local.get 0 i32.const 0 call_indirect (type $t))
          (func $full (param i32) (result i32) (local {locals})
            local.get 0 call $two i32.add local.set 49998 local.get 49998)
          (func (export \"run\") (result i32 i32)
            i32.const 5 call $full i32.const 6 i32.const 1 call_indirect (type $t)))"
    );
    let ran = compare(&binary(&text), "run", &[], &[Compiler::Cranelift]);
    assert_eq!(ran.result.unwrap(), "[I32(12), I32(14)]");
    assert_eq!(ran.fuel, 5 + 2 * (5 + 5 + 2 * 3));
}

#[test]
fn the_first_local_of_any_type_moves_for_the_counter() {
    for (of_type, set) in [
        ("i32", "i32.const 9"),
        ("i64", "i64.const 9"),
        ("f32", "f32.const 9"),
        ("f64", "f64.const 9"),
        ("funcref", "ref.null func"),
        ("externref", "ref.null extern"),
    ] {
        let text = format!(
            "(module (func (export \"run\") (param i32) (result i32) (local {of_type} i64 {of_type}) (local i32)
               {set} local.tee 1 local.set 3 local.get 1 local.set 3 i64.const 1 local.set 2
               local.get 0 i32.const 2 i32.add local.tee 4))"
        );
        assert_eq!(run(&text, &[Value::I32(40)]), (11, Ok("[I32(42)]".to_owned())), "{of_type}");
    }
}

#[test]
fn every_way_out_of_a_function_returns_the_counter() {
    let text = |way: i32| {
        format!(
            "(module (func $f (param i32) (result i32)
               (br_if 0 (i32.const 1) (i32.eqz (local.get 0)))                                ;; 4
               drop
               (if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 2))))        ;; 4, then 1
               (br_if 0 (i32.const 3) (i32.eq (local.get 0) (i32.const 2)))                   ;; 5
               drop
               block (br_table 0 1 (i32.const 4) (i32.eq (local.get 0) (i32.const 3))) end    ;; 5
               i32.const 5)                                                                   ;; 1
             (func (export \"run\") (result i32) i32.const {way} call $f))"
        )
        .replace("block (br_table 0 1", "block (result i32) (br_table 0 1")
        .replace("end    ;; 5", "end drop ;; 5")
    };
    let costs = [(0, 1, 4), (1, 2, 9), (2, 3, 13), (3, 4, 18), (9, 5, 19)];
    for (way, result, cost) in costs {
        assert_eq!(run(&text(way), &[]), (2 + cost, Ok(format!("[I32({result})]"))), "{way}");
    }
}

#[test]
fn calls_between_own_functions_leave_the_global_alone() {
    let text = "(module (func $f (param i32) (result i32) local.get 0) (func $g i32.const 1 call $f drop call $h) (func $h))";
    let new = rewritten(text);
    let uses = new.matches("global.get 0").count() + new.matches("global.set 0").count();
    assert_eq!(uses, 2, "only at the checkpoint: {new}");
    assert_eq!(fuel("(module (func $f) (func (export \"run\") call $f call $f))"), 2);
}
