//! Traps: the fuel on them is that of the rule, and their place is that of the original module.

use super::super::{fuel_export, instrument};
use super::harness::{BOTH, Compiler, UNLIMITED, binary, compare, run_module};
use wasmer::Value;

/// Runs `run`, which must trap, and gives its fuel; the innermost frame must be at the instruction that `marker` stands before.
fn trap(text: &str, message: &str) -> i64 {
    let module = binary(text);
    let ran = compare(&module, "run", &[], &BOTH);
    let error = ran.result.unwrap_err();
    assert!(error.contains(message), "{error}");
    let (offset, function) = *ran.frames.first().expect("a frame");
    let offset = usize::try_from(offset.expect("an offset in the original module")).unwrap();
    assert!(offset < module.len());
    assert!(function.is_some());
    ran.fuel
}

fn body(code: &str) -> String {
    format!(
        "(module (memory 1) (table 2 funcref) (type $t (func)) (elem (i32.const 0) $other) (func $other (param i32))
         (func $deep i32.const 1 drop unreachable)
         (func (export \"run\") (local $i i32) {code}))"
    )
}

#[test]
fn a_trap_has_paid_up_to_the_end_of_its_segment() {
    assert_eq!(trap(&body("i32.const 1 i32.const 0 i32.div_u drop i32.const 5 drop"), "divide by zero"), 4);
    assert_eq!(
        trap(
            &body("i32.const 1 i32.const 0 i32.rem_u drop i32.const 5 drop block i32.const 1 drop end i32.const 1 drop"),
            "zero"
        ),
        5
    );
    assert_eq!(trap(&body("i32.const 0x80000000 i32.const -1 i32.div_s drop"), "overflow"), 3);
    assert_eq!(trap(&body("f32.const nan i32.trunc_f32_s drop"), "conversion"), 2);
    assert_eq!(trap(&body("i32.const 65536 i32.load drop i32.const 1 drop"), "out of bounds"), 3);
    assert_eq!(trap(&body("i32.const 65534 i32.const 1 i32.store"), "out of bounds"), 3);
    assert_eq!(trap(&body("i32.const 1 drop unreachable"), "unreachable"), 1);
    assert_eq!(trap(&body("i32.const 9 table.get 0 drop"), "out of bounds"), 2);
    assert_eq!(trap(&body("i32.const 1 call_indirect (type $t) i32.const 3 drop"), "uninitialized"), 2);
    assert_eq!(trap(&body("i32.const 0 call_indirect (type $t)"), "type mismatch"), 2);
    assert_eq!(trap(&body("i32.const 9 call_indirect (type $t)"), ""), 2);
    assert_eq!(trap(&body("i32.const 7 drop call $deep i32.const 3 drop"), "unreachable"), 3);
}

#[test]
fn a_trap_in_a_call_free_loop_keeps_the_count() {
    let text = body(
        "loop $l
           local.get $i i32.const 100 i32.add local.tee $i                 ;; 4
           i32.const 1 i32.and br_if $l                                    ;; 3
           local.get $i i32.load drop                                      ;; 2
           local.get $i i32.const 70000 i32.lt_u br_if $l                  ;; 4
         end",
    );
    // 65536 is passed in the 656th turn.
    assert_eq!(trap(&text, "out of bounds"), 656 * 13);
    let after_a_segment_that_cannot_trap =
        body("loop $l local.get $i i32.const 1 i32.add local.tee $i i32.const 10 i32.lt_u br_if $l end unreachable");
    assert_eq!(trap(&after_a_segment_that_cannot_trap, "unreachable"), 70);
}

#[test]
fn a_load_before_a_loop_that_computes_with_it_keeps_the_count() {
    // A compiler takes the addition out of the loop and makes it one instruction with the load, at the place of the addition: where the module
    // is not rewritten, that is where it traps.
    const I32_LOAD: u8 = 0x28;
    let text =
        "(module (memory 1) (func (export \"run\") (param $p i32) (param $y i32) (result i32) (local $x i32) (local $i i32)
      local.get $p i32.load local.set $x                                                    ;; 3
      block $exit
        loop $l
          local.get $i i32.const 1 i32.add local.set $i                                     ;; 4
          local.get $x local.get $y i32.add local.get $i i32.store                          ;; 5
          local.get $i i32.const 500 i32.eq br_if $exit                                     ;; 4
          local.get $i i32.const 1000 i32.lt_u br_if $l                                     ;; 4
        end
      end
      local.get $i))";
    let module = binary(text);
    let name = fuel_export(&module).unwrap();
    for compiler in BOTH {
        let new = instrument(&module, compiler.trap_places()).unwrap();
        for (pointer, fuel) in [(0, 3 + 499 * 17 + 13 + 1), (65_536, 3)] {
            let arguments = [Value::I32(pointer), Value::I32(10)];
            let ran = run_module(&new.bytes, Some((&new, &name)), compiler, UNLIMITED, "run", &arguments);
            assert_eq!((ran.fuel, ran.result.is_err()), (fuel, pointer > 0), "{compiler:?}, {pointer}");
            let place = ran.frames.first().and_then(|(offset, _)| *offset);
            let instruction = place.and_then(|place| module.get(usize::try_from(place).unwrap()));
            assert!(ran.result.is_ok() || instruction == Some(&I32_LOAD), "{compiler:?}: {place:?}");
        }
    }
}

#[test]
fn unreachable_code_behind_a_branch_keeps_the_count() {
    // A compiler may make a block that only traps a part of the branch to it.
    for (code, fuel) in [
        ("local.get $i i32.eqz if i32.const 1 drop unreachable end", 3 + 1),
        ("local.get $i i32.eqz if unreachable end", 3),
        ("block $b local.get $i i32.eqz br_if $b local.get $i drop return end unreachable", 3),
        ("block $b local.get $i i32.eqz br_if $b i32.const 5 i32.load drop return end i32.const 1 drop unreachable", 3 + 1),
        ("i32.const 8 i32.load if else local.get $i if else i32.const 1 i32.const 2 drop drop unreachable end end", 3 + 2 + 2),
        ("block $b i32.const 8 i32.load i32.eqz br_if $b local.get $i drop return end i32.const 1 drop unreachable", 4 + 1),
    ] {
        assert_eq!(trap(&body(code), "unreachable"), fuel, "{code}");
    }
}

#[test]
fn an_out_of_bounds_bulk_instruction_has_paid_for_all_of_it() {
    let (fill, fuel) = ("i32.const 65530 i32.const 0 i32.const 100 memory.fill i32.const 1 drop", 5 + 7);
    assert_eq!(trap(&body(fill), "out of bounds"), fuel);
    let in_a_loop = body("loop $l i32.const 65530 i32.const 0 i32.const 100 memory.fill local.get $i br_if $l end");
    assert_eq!(trap(&in_a_loop, "out of bounds"), 6 + 7);
}

#[test]
fn all_frames_of_a_trap_are_those_of_the_original() {
    let text = "(module
      (import \"env\" \"add\" (func $add (param i32 i32) (result i32)))
      (func $c (param i32) loop $l local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l end unreachable)
      (func $b (param i32) local.get 0 i32.const 1 call $add call $c)
      (func $a i32.const 2 call $b)
      (func (export \"run\") call $a))";
    let module = binary(text);
    let ran = compare(&module, "run", &[], &[Compiler::Cranelift]);
    let functions: Vec<_> = ran.frames.iter().map(|(_, function)| function.unwrap()).collect();
    assert_eq!(functions, [1, 2, 3, 4]);
    let opcodes: Vec<_> = ran.frames.iter().map(|(offset, _)| module[usize::try_from(offset.unwrap()).unwrap()]).collect();
    assert_eq!(opcodes, [0x00, 0x10, 0x10, 0x10], "`unreachable`, then the calls");
}

#[test]
fn what_is_owed_somewhere_is_of_no_account_to_an_engine_that_does_not_tell_places() {
    let text = "(module (func (export \"run\") (param $a i32) (result i32)
      local.get $a i32.eqz if i32.const 1 drop end
      block local.get $a br_if 0 i32.const 2 drop end
      i32.const 1 local.get $a i32.div_u))";
    for argument in [0, 3] {
        let ran = compare(&binary(text), "run", &[Value::I32(argument)], &BOTH);
        assert_eq!(ran.result.is_err(), argument == 0);
    }
}
