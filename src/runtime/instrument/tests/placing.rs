//! Where payments and tests are, and where there are none.

use super::super::{Form, TrapPlaces, fuel_export, instrument_in};
use super::harness::{BOTH, Compiler, Limits, UNLIMITED, binary, compare, rewritten, run_limited, run_module};
use wasmer::Value;

/// How often the counter is paid from, in the text of a rewritten module.
fn payments(text: &str) -> usize {
    const IN_THE_FUNCTION_THAT_CALLS_THE_CHECKPOINT: usize = 1;
    rewritten(text).matches("i64.sub").count() - IN_THE_FUNCTION_THAT_CALLS_THE_CHECKPOINT
}

fn tests(text: &str) -> usize {
    rewritten(text).matches("i64.lt_s").count()
}

#[test]
fn segments_in_which_nobody_can_look_leave_what_they_cost_to_others() {
    let straight = "(module (func (param i32) block local.get 0 drop end block local.get 0 drop end local.get 0 drop))";
    assert_eq!(payments(straight), 1);
    let arms = "(module (func (param i32) local.get 0 if local.get 0 drop else local.get 0 drop end local.get 0 drop))";
    assert_eq!(payments(arms), 2, "in the arms, of which only one is run");
    let traps = "(module (memory 1) (func (param i32) local.get 0 i32.load drop block end local.get 0 i32.load drop))";
    assert_eq!(payments(traps), 1, "what is owed at a trap is known from its place");
    let gives_up = "(module (func (param i32) local.get 0 if i32.const 1 drop unreachable end local.get 0 drop))";
    assert_eq!(payments(gives_up), 2);
}

#[test]
fn a_load_that_may_be_joined_with_what_has_no_place_finds_all_paid() {
    let payments_of = |code: &str| {
        let text = format!(
            "(module (memory 1) (table 1 funcref) (global $g (mut i32) (i32.const 0))
             (func (param i32) (local i32 i64 f64) local.get 0 drop block end {code} block end local.get 0 drop))"
        );
        payments(&text)
    };
    let joined = [
        "i32.const 5 local.get 0 i32.load i32.xor drop",
        "local.get 0 i32.load i32.eqz drop",
        "local.get 0 i32.load local.set 1 i32.const 0 local.get 1 i32.sub drop",
        "i32.const 0 local.get 0 i32.load local.tee 1 i32.store i32.const 3 local.get 1 i32.add drop",
        "local.get 0 i64.load i32.wrap_i64 drop",
        "i32.const 1 i32.const 2 local.get 0 i32.load select drop",
        "local.get 0 f64.load f64.neg drop",
        "local.get 0 v128.load v128.not drop",
        "local.get 0 i32.load global.set $g",
        "local.get 0 i32.load i32.const 1 i32.const 2 i32.add drop i32.popcnt drop",
    ];
    for code in joined {
        assert_eq!(payments_of(code), 2, "{code}");
    }
    let not_joined = [
        "local.get 0 i32.load drop",
        "i32.const 5 local.get 0 i32.load8_u i32.xor drop",
        "i32.const 0 local.get 0 i32.load i32.store",
        "local.get 0 i32.load i32.load drop",
        "local.get 0 f64.load f64.const 1 f64.add drop",
        "local.get 0 f32.load i32.trunc_sat_f32_s drop",
        "local.get 0 i32.load drop i32.const 1 i32.const 2 i32.add drop",
        "local.get 0 i32.load local.set 1 i32.const 1 local.set 1 local.get 1 i32.eqz drop",
    ];
    for code in not_joined {
        assert_eq!(payments_of(code), 1, "{code}");
    }
}

#[test]
fn the_global_is_left_behind_where_it_is_known_by_how_much() {
    const IN_THE_FUNCTION_THAT_CALLS_THE_CHECKPOINT: usize = 2;
    let stores = |code: &str| {
        let text = format!("(module (memory 1) (func $f) (func (param i32) {code}))");
        rewritten(&text).matches("global.set").count() - IN_THE_FUNCTION_THAT_CALLS_THE_CHECKPOINT
    };
    let load = "local.get 0 i32.load drop";
    assert_eq!(stores(load), 1);
    assert_eq!(stores(&format!("{load} local.get 0 if {load} local.get 0 br_if 0 {load} end")), 1);
    assert_eq!(stores(&format!("{load} local.get 0 if {load} end {load}")), 2, "two ways meet");
    assert_eq!(stores(&format!("{load} call $f {load}")), 2, "a callee has its own");
    assert_eq!(stores(&format!("loop {load} local.get 0 br_if 0 {load} end")), 1, "in each turn");
}

#[test]
fn a_trap_where_the_global_is_behind_has_used_what_it_has() {
    // The argument tells which of the loads is out of bounds, by its bits which ways are taken before.
    let text = "(module (memory 1) (func $run (export \"run\") (param $at i32) (param $ways i32) (result i32) (local $n i32)
      (call $load (local.get $at) (i32.const 1))
      (if (i32.and (local.get $ways) (i32.const 1))
        (then (call $load (local.get $at) (i32.const 2)) (drop (i32.load (i32.mul (i32.eq (local.get $at) (i32.const 3)) (i32.const 65536))))
          (if (i32.and (local.get $ways) (i32.const 2))
            (then (drop (i32.load (i32.mul (i32.eq (local.get $at) (i32.const 4)) (i32.const 65536)))))
            (else (local.set $n (i32.const 5))))
          (drop (i32.load (i32.mul (i32.eq (local.get $at) (i32.const 5)) (i32.const 65536))))))
      (loop $l
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (if (i32.and (local.get $ways) (i32.const 4))
          (then (drop (i32.load (i32.mul (i32.eq (local.get $at) (i32.const 6)) (i32.const 65536))))))
        (drop (i32.load (i32.mul (i32.and (i32.eq (local.get $at) (i32.const 7)) (i32.gt_u (local.get $n) (i32.const 8))) (i32.const 65536))))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 12))))
      (drop (i32.load (i32.mul (i32.eq (local.get $at) (i32.const 8)) (i32.const 65536))))
      (local.get $n))
      (func $load (param i32 i32) (drop (i32.load (i32.mul (i32.eq (local.get 0) (local.get 1)) (i32.const 65536))))))";
    let module = binary(text);
    let name = fuel_export(&module).unwrap();
    for (at, ways) in (0..9).flat_map(|at| (0..8).map(move |ways| (at, ways))) {
        let arguments = [Value::I32(at), Value::I32(ways)];
        // Slices of a few units, so that tests and what comes behind them are met too.
        let plain = instrument_in(&module, Form::Plain, TrapPlaces::Untold).unwrap();
        let limits = Limits { slice: 10, fuel: UNLIMITED.fuel };
        let known = run_module(&plain.bytes, Some((&plain, &name)), Compiler::Singlepass, limits, "run", &arguments);
        for compiler in BOTH {
            let new = instrument_in(&module, Form::Refined, compiler.trap_places()).unwrap();
            for limits in [limits, UNLIMITED] {
                let ran = run_module(&new.bytes, Some((&new, &name)), compiler, limits, "run", &arguments);
                assert_eq!((ran.fuel, ran.result.is_err()), (known.fuel, known.result.is_err()), "{compiler:?} {at} {ways}");
            }
        }
    }
}

#[test]
fn what_is_owed_is_paid_by_the_way_taken_also_on_traps() {
    let text = "(module (memory 1) (func (export \"run\") (param i32) (result i32)
      block $a block $b block $c
        local.get 0 br_table $a $b $c                                        ;; 2
      end local.get 0 i32.const 2 i32.eq br_if $a                            ;; 4
      end local.get 0 drop nop local.get 0 i32.const 7 i32.add drop          ;; 4
      end
      local.get 0 i32.const 20000 i32.mul i32.load local.get 0 i32.const 1 i32.and     ;; 8 with the if
      if (result i32) i32.const 1 else i32.const 2 i32.const 3 i32.add end  ;; 1 or 3
      i32.add))                                                              ;; 1";
    let costs = [
        (0, 2 + 8 + 3 + 1, false),
        (1, 2 + 4 + 8 + 1 + 1, false),
        (2, 2 + 4 + 8 + 3 + 1, false),
        (3, 2 + 4 + 4 + 8 + 1 + 1, false),
        (4, 2 + 4 + 4 + 8, true),
    ];
    for (argument, fuel, traps) in costs {
        let ran = compare(&binary(text), "run", &[Value::I32(argument)], &BOTH);
        assert_eq!((ran.fuel, ran.result.is_err()), (fuel, traps), "{argument}");
    }
}

#[test]
fn a_loop_is_tested_once_where_every_turn_meets_a_test() {
    let inner_always = "(module (func (param i32)
      loop $o loop $i local.get 0 br_if $i end local.get 0 br_if $o end))";
    assert_eq!(tests(inner_always), 1);
    let inner_sometimes = "(module (func (param i32)
      loop $o local.get 0 if loop $i local.get 0 br_if $i end end local.get 0 br_if $o end))";
    assert_eq!(tests(inner_sometimes), 2);
    let callee = "(module (func $f (param i32) local.get 0 if i32.const 0 call $f end)
      (func (param i32) loop $o local.get 0 call $f local.get 0 br_if $o end))";
    assert_eq!(tests(callee), 1, "at the entry of the recursion");
    let past_the_callee = "(module (func $f (param i32) local.get 0 if i32.const 0 call $f end)
      (func (param i32) loop $o local.get 0 br_if $o local.get 0 call $f local.get 0 br_if $o end))";
    assert_eq!(tests(past_the_callee), 2);
    let bulk = "(module (memory 1) (func (param i32) loop $o i32.const 0 i32.const 0 i32.const 9 memory.fill br $o end))";
    assert_eq!(tests(bulk), 1);
    let siblings = "(module (func $f (param i32) local.get 0 if i32.const 0 call $f end)
      (func (param i32) loop $o
        loop $a local.get 0 br_if $a end
        loop $b local.get 0 call $f local.get 0 br_if $b end
        local.get 0 br_if $o end))";
    assert_eq!(tests(siblings), 2);
}

#[test]
fn loops_without_a_test_of_their_own_end_at_a_checkpoint() {
    let nests = [
        "loop $o loop $i local.get 0 br_if $i end br $o end",
        "loop $o local.get 0 if loop $i local.get 0 br_if $i end end br $o end",
        "loop $o loop $a loop $b local.get 0 br_if $b end local.get 0 br_if $a end loop $c local.get 0 br_if $c br $o end end",
        "loop $o i32.const 0 call $f br $o end",
        "loop $o local.get 0 if i32.const 0 call $f end br $o end",
    ];
    for nest in nests {
        let text = format!(
            "(module (func $f (param i32) local.get 0 if i32.const 0 call $f end) (func (export \"run\") (local i32) {nest}))"
        );
        for compiler in BOTH {
            let ran = run_limited(&text, compiler, 100_000);
            assert!(ran.stopped && ran.fuel < 120_000 && ran.overdrawn < 20_000, "{nest}: {}", ran.fuel);
        }
    }
}
