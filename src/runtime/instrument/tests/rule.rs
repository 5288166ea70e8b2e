//! Figures computed by hand from the fuel rule.

use super::harness::{BOTH, Compiler, binary, compare, fuel, run};
use wasmer::Value;

fn body(code: &str) -> String {
    format!("(module (memory 1 2) (func (export \"run\") (local $i i32) (local $j i32) {code}))")
}

#[test]
fn free_instructions_cost_nothing_and_all_others_one() {
    assert_eq!(fuel(&body("")), 0);
    assert_eq!(fuel(&body("nop nop block nop end loop end return")), 0);
    assert_eq!(fuel(&body("i32.const 1 drop")), 1);
    assert_eq!(fuel(&body("i32.const 1 i32.const 2 i32.add local.set $i")), 4);
    assert_eq!(fuel(&body("memory.size drop i32.const 1 memory.grow drop i32.const 9 memory.grow drop")), 5);
    assert_eq!(fuel(&body("i32.const 0 i32.const 1 i32.const 1 select drop f64.const 1.5 f64.sqrt drop")), 6);
}

#[test]
fn an_if_costs_one_and_its_arms_only_when_taken() {
    let text =
        |condition| body(&format!("i32.const {condition} if i32.const 1 drop i32.const 1 drop else i32.const 1 drop end nop"));
    assert_eq!(fuel(&text(1)), 4);
    assert_eq!(fuel(&text(0)), 3);
    let without_else = |condition| body(&format!("i32.const {condition} if i32.const 1 drop end i32.const 2 drop"));
    assert_eq!(fuel(&without_else(1)), 4);
    assert_eq!(fuel(&without_else(0)), 3);
}

#[test]
fn a_loop_pays_for_each_turn() {
    // A turn: get, const, add, tee, const, lt_u, br_if.
    let text = body("loop $l local.get $i i32.const 1 i32.add local.tee $i i32.const 1000 i32.lt_u br_if $l end");
    assert_eq!(fuel(&text), 7_000);
}

#[test]
fn nested_loops_and_branches_out_of_them_are_counted_by_the_way_taken() {
    let text = body(
        "block $out
           loop $outer
             i32.const 0 local.set $j                                            ;; 2
             loop $inner
               local.get $j i32.const 1 i32.add local.tee $j i32.const 10 i32.lt_u br_if $inner ;; 7 * 10
             end
             local.get $i i32.const 1 i32.add local.tee $i                       ;; 4
             i32.const 5 i32.eq br_if $out                                       ;; 3
             br $outer                                                           ;; 1
           end
         end
         i32.const 1 drop",
    );
    assert_eq!(fuel(&text), 5 * (2 + 70 + 4 + 3) + 4 + 1);
}

#[test]
fn a_br_table_goes_out_of_wrapped_loops_to_the_right_label() {
    let text = |way| {
        format!(
            "(module (func (export \"run\") (result i32) (local $n i32)
               block $c
                 block $b
                   loop $a
                     local.get $n i32.const 1 i32.add local.set $n          ;; 4
                     local.get $n i32.const 3 i32.lt_u                       ;; 3
                     if loop $z br $a end end                               ;; 1, and 1 where taken
                     i32.const {way} br_table $b $c $b                       ;; 2
                   end
                   unreachable
                 end
                 i32.const 10 return                                         ;; 1
               end
               i32.const 20))"
        )
    };
    for (way, result) in [(0, 10), (1, 20), (2, 10), (9, 10)] {
        assert_eq!(run(&text(way), &[]), (3 * 8 + 2 + 2 + 1, Ok(format!("[I32({result})]"))));
    }
}

#[test]
fn calls_cost_one_and_what_is_called_pays_for_itself() {
    let text = "(module
      (import \"env\" \"add\" (func $add (param i32 i32) (result i32)))
      (func $fib (param i32) (result i32)
        local.get 0 i32.const 2 i32.lt_u                       ;; 3
        if (result i32)                                        ;; 1
          local.get 0                                          ;; 1
        else
          local.get 0 i32.const 1 i32.sub call $fib            ;; 4
          local.get 0 i32.const 2 i32.sub call $fib call $add  ;; 5
        end)
      (func (export \"run\") (param i32) (result i32) local.get 0 call $fib))";
    let (fuel, result) = run(text, &[Value::I32(10)]);
    assert_eq!(result.unwrap(), "[I32(55)]");
    let (leaves, inner) = (89, 88);
    assert_eq!(fuel, 2 + leaves * 5 + inner * 13);
}

#[test]
fn indirect_calls_and_references_keep_their_functions() {
    let text = "(module
      (import \"env\" \"add\" (func $add (param i32 i32) (result i32)))
      (type $binary (func (param i32 i32) (result i32)))
      (table $t 8 funcref)
      (table $u 4 funcref)
      (global $g funcref (ref.func $sub))
      (elem (table $t) (i32.const 0) func $add $sub)
      (elem $passive func $mul $sub)
      (elem (table $u) (i32.const 0) funcref (ref.func $mul) (ref.null func) (item ref.func $sub))
      (elem declare func $div)
      (func $sub (param i32 i32) (result i32) local.get 0 local.get 1 i32.sub)
      (func $mul (param i32 i32) (result i32) local.get 0 local.get 1 i32.mul)
      (func $div (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_u)
      (func (export \"run\") (result i32 i32 i32 i32 i32 i32)
        (call_indirect $t (type $binary) (i32.const 20) (i32.const 4) (i32.const 0))
        (call_indirect $t (type $binary) (i32.const 20) (i32.const 4) (i32.const 1))
        (table.init $t $passive (i32.const 2) (i32.const 0) (i32.const 2))
        (call_indirect $t (type $binary) (i32.const 20) (i32.const 4) (i32.const 2))
        (table.set $t (i32.const 5) (ref.func $div))
        (call_indirect $t (type $binary) (i32.const 20) (i32.const 4) (i32.const 5))
        (call_indirect $u (type $binary) (i32.const 20) (i32.const 4) (i32.const 2))
        (table.set $t (i32.const 6) (global.get $g))
        (call_indirect $t (type $binary) (i32.const 20) (i32.const 4) (i32.const 6))))";
    let (fuel, result) = run(text, &[]);
    assert_eq!(result.unwrap(), "[I32(24), I32(16), I32(80), I32(5), I32(16), I32(16)]");
    // Six calls of 4, five callees of 3; table.init of 4 and 2 entries; two times table.set of 3.
    assert_eq!(fuel, 6 * 4 + 5 * 3 + 4 + 2 + 2 * 3);
}

#[test]
fn multi_value_blocks_and_loops_with_parameters_are_counted() {
    let text = "(module (func (export \"run\") (param i32) (result i64 i32)
        i64.const 1                                            ;; 1
        local.get 0                                            ;; 1
        loop $l (param i64 i32) (result i64 i32)
          i32.const 1 i32.sub local.tee 0                      ;; 3
          i64.extend_i32_u i64.add                             ;; 2
          local.get 0                                          ;; 1
          local.get 0 br_if $l                                 ;; 2
        end
        block (param i64 i32) (result i64 i32) end))";
    let (fuel, result) = run(text, &[Value::I32(5)]);
    assert_eq!(result.unwrap(), "[I64(11), I32(0)]");
    assert_eq!(fuel, 2 + 5 * 8);
}

#[test]
fn bulk_memory_costs_one_more_for_each_started_16_bytes() {
    let module = |instruction: &str, length: i32| {
        format!(
            "(module (memory 1) (data $d \"0123456789abcdef0123456789abcdef0123\")
               (func (export \"run\") i32.const 0 i32.const 0 i32.const {length} {instruction}))"
        )
    };
    for (length, units) in [(0, 0), (1, 1), (16, 1), (17, 2), (36, 3)] {
        for instruction in ["memory.fill", "memory.copy", "memory.init $d"] {
            assert_eq!(fuel(&module(instruction, length)), 4 + units, "{instruction} of {length}");
        }
    }
    for instruction in ["memory.fill", "memory.copy", "memory.init $d"] {
        let (fuel, result) = run(&module(instruction, -1), &[]);
        assert!(result.is_err());
        assert_eq!(fuel, 4 + (1 << 28), "{instruction} out of bounds, with its length read as unsigned");
    }
}

#[test]
fn bulk_table_instructions_cost_one_more_for_each_entry() {
    let module = |instruction: &str, length: i32| {
        format!(
            "(module (table 10 funcref) (elem $e funcref (ref.null func) (ref.func $f)) (func $f)
               (func (export \"run\") i32.const 0 {instruction}))"
        )
        .replace("LENGTH", &format!("i32.const {length}"))
    };
    let instructions = ["ref.null func LENGTH table.fill 0", "i32.const 0 LENGTH table.copy", "i32.const 0 LENGTH table.init $e"];
    for instruction in instructions {
        assert_eq!(fuel(&module(instruction, 0)), 4);
        assert_eq!(fuel(&module(instruction, 2)), 6);
        let (fuel, result) = run(&module(instruction, -1), &[]);
        assert!(result.is_err());
        assert_eq!(fuel, 4 + 0xffff_ffff);
    }
    let grow = "(module (table 1 externref) (func (export \"run\") ref.null extern i32.const 500 table.grow drop))";
    assert_eq!(fuel(grow), 3);
}

#[test]
fn dead_code_is_copied_and_never_charged() {
    let text = "(module (func $f (param i32) (result i32) local.get 0)
      (func (export \"run\") (result i32)
        block $a (result i32)
          i32.const 1                                   ;; 1
          br $a                                         ;; 1
          i32.const 2 call $f loop br 0 block br 1 end if unreachable else i32.const 3 br 1 end end drop
        end
        loop (result i32)
          i32.const 4                                   ;; 1
          return                                        ;; 0
          loop i32.const 5 br_if 0 i32.const 1 br_table 0 0 end
        end
        i32.add unreachable))";
    let (fuel, result) = run(text, &[]);
    assert_eq!((fuel, result.unwrap().as_str()), (3, "[I32(4)]"));
}

#[test]
fn a_host_call_sees_the_exact_fuel_from_within_a_loop() {
    let text = "(module (import \"env\" \"look\" (func $look))
      (func (export \"run\") (local $i i32) (local $j i32)
        loop $l
          i32.const 3 local.set $j
          loop $m local.get $j i32.const 1 i32.sub local.tee $j br_if $m end
          call $look
          local.get $i i32.const 1 i32.add local.tee $i i32.const 4 i32.lt_u br_if $l
        end
        call $look))";
    let ran = compare(&binary(text), "run", &[], &BOTH);
    assert_eq!(ran.looks, [18, 43, 68, 93, 101]);
    assert_eq!(ran.fuel, 101);
}

#[test]
fn vectors_are_counted_and_kept_by_the_compiler_that_has_them() {
    let text = "(module (memory 1) (func (export \"run\") (param i32) (result i32) (local $v v128)
        loop $l
          local.get $v                                                      ;; 1
          v128.const i32x4 1 2 3 4                                          ;; 1
          i32x4.add                                                         ;; 1
          local.tee $v                                                      ;; 1
          drop
          i32.const 16 local.get $v v128.store offset=3 align=1             ;; 3
          i32.const 16 v128.load8_lane offset=1 15 (local.get $v)           ;; placed below
          local.set $v                                                      ;; 1
          local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l              ;; 5
        end
        local.get $v local.get $v i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 i32x4.extract_lane 2))"
        .replace(
            "i32.const 16 v128.load8_lane offset=1 15 (local.get $v)           ;; placed below",
            "i32.const 16 local.get $v v128.load8_lane offset=1 15",
        );
    let ran = compare(&binary(&text), "run", &[Value::I32(10)], &[Compiler::Cranelift]);
    assert_eq!(ran.result.unwrap(), "[I32(30)]");
    assert_eq!(ran.fuel, 10 * (4 + 3 + 3 + 1 + 5) + 4);
}

#[test]
fn the_example_of_the_documentation_costs_what_it_says() {
    let page = include_str!("../../../../docs/fuel.md");
    let example = page.split("```wat").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let module =
        |pages: u32| format!("(module (memory {pages}) {})", example.replace("(func (param", "(func (export \"run\") (param"));
    assert_eq!(run(&module(1), &[Value::I32(5)]), (69, Ok("[I32(0)]".to_owned())));
    let (fuel, result) = run(&module(1).replace("i32.const 1 ", "i32.const 0x7fff0000 "), &[Value::I32(0x7fff_0005)]);
    assert!(result.is_err());
    assert_eq!(fuel, 13);
    assert!(page.contains(&format!("**version {}**", super::super::FUEL_RULE)));
}
