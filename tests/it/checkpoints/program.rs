//! Random skills that work for a while: loops in loops, calls, recursion, calls through a table, bulk instructions.

use crate::proof::generate::Random;
use std::fmt::Write as _;

const FUNCTIONS: u64 = 5;

/// A skill of profile `d04`. Its input is a number: how often it does all of its work; with 0 it never ends.
pub fn random_skill(random: &mut Random) -> String {
    let mut functions = String::new();
    for number in 0..FUNCTIONS {
        let mut budget = 8;
        let body = statements(random, number, 0, &mut budget);
        write!(
            functions,
            "(func $f{number} (param $depth i32) (result i32) (local $i0 i32) (local $i1 i32) (local $i2 i32) (local $sum i64) {body}
               (i32.wrap_i64 (local.get $sum)))\n"
        )
        .unwrap();
    }
    let table: String = (0..FUNCTIONS).map(|number| format!(" $f{number}")).collect();
    let depth = random.below(12);
    format!(
        r#"(module (type $work (func (param $depth i32) (result i32)))
        (memory (export "memory") 2) (table {FUNCTIONS} funcref) (elem (i32.const 0){table})
        (data (i32.const 16) "0\00")
        (func (export "alloc") (param i32) (result i32) (i32.const 1024))
        (func (export "dealloc") (param i32 i32))
        {functions}
        (func $number (param $at i32) (result i32) (local $sum i32) (local $digit i32)
          (loop $next
            (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
            (if (i32.lt_u (local.get $digit) (i32.const 10)) (then
              (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (local.get $digit)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $next))))
          (local.get $sum))
        (func (export "execute") (param $input i32) (result i32) (local $left i32)
          (local.set $left (call $number (local.get $input)))
          (loop $again
            (drop (call $f0 (i32.const {depth})))
            (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
          (i32.const 16)))"#
    )
}

/// Some statements of a function, inside so many loops.
fn statements(random: &mut Random, function: u64, loops: u64, budget: &mut u32) -> String {
    let mut code = String::new();
    for _ in 0..=random.below(3) {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        code.push_str(&statement(random, function, loops, budget));
        code.push('\n');
    }
    code
}

fn statement(random: &mut Random, function: u64, loops: u64, budget: &mut u32) -> String {
    let later = |random: &mut Random| function + 1 + random.below(FUNCTIONS - function - 1);
    match random.below(8) {
        0..=2 if loops < 3 => {
            let (turns, body) = (1 + random.below(12), statements(random, function, loops + 1, budget));
            format!(
                "(local.set $i{loops} (i32.const {turns}))
                 (loop $l{loops} {body}
                   (br_if $l{loops} (local.tee $i{loops} (i32.sub (local.get $i{loops}) (i32.const 1)))))"
            )
        }
        3 if function + 1 < FUNCTIONS => format!("(drop (call $f{} (local.get $depth)))", later(random)),
        4 if function + 1 < FUNCTIONS => {
            format!("(drop (call_indirect (type $work) (local.get $depth) (i32.const {})))", later(random))
        }
        5 if loops == 0 => format!(
            "(if (i32.gt_s (local.get $depth) (i32.const 0))
               (then (drop (call $f{function} (i32.sub (local.get $depth) (i32.const 1))))))"
        ),
        6 => {
            let (instruction, length) = (["fill", "copy"][usize::try_from(random.below(2)).unwrap()], random.below(3000));
            format!("(memory.{instruction} (i32.const 70000) (i32.const 66000) (i32.const {length}))")
        }
        _ => {
            let number = random.number();
            format!("(local.set $sum (i64.mul (i64.add (local.get $sum) (i64.const {number})) (i64.const 31)))")
        }
    }
}
