//! Figures computed by hand from `docs/fuel.md`: the interpreter, which all else is held against, must find them, and both compilers too.

use crate::proof::compare::{Bounds, compare};
use crate::proof::interpreter_run::interpret;
use crate::proof::observed::{Ended, TrapKind, Value};
use crate::proof::script::Script;

/// The end of the export `run` of a text module, and the fuel of the run.
fn run(text: &str, arguments: &[Value]) -> (Ended, u64) {
    let bytes = wat::parse_str(text).unwrap();
    let script = Script::of_one_call("run", arguments);
    let observed = interpret(&bytes, &script, 1 << 40, 10_000);
    for slice in [0, 13, 2_000_000] {
        compare(&bytes, &script, Bounds { fuel: 1 << 40, slice });
    }
    (observed.ends[1].clone(), observed.fuel[1].unwrap())
}

fn in_a_function(code: &str) -> String {
    format!(
        "(module (memory (export \"m\") 1) (table (export \"t\") 4 funcref) (type $t (func)) (elem (i32.const 0) $one $typed)
           (func $one i32.const 1 drop) (func $typed (param i32))
           (func (export \"run\") (local $i i32) {code}))"
    )
}

fn fuel(code: &str) -> u64 {
    let (end, fuel) = run(&in_a_function(code), &[]);
    assert_eq!(end, Ended::Returned(Vec::new()), "{code}");
    fuel
}

fn trap(code: &str, wanted: TrapKind) -> u64 {
    let (end, fuel) = run(&in_a_function(code), &[]);
    assert!(matches!(end, Ended::Trapped(kind, _) if kind == wanted), "{code}: {end:?}");
    fuel
}

#[test]
fn what_costs_nothing_costs_nothing_and_all_else_1() {
    assert_eq!(fuel(""), 0);
    assert_eq!(fuel("nop block nop end loop end return"), 0);
    assert_eq!(fuel("i32.const 1 drop"), 1);
    assert_eq!(fuel("i32.const 1 i32.const 2 i32.const 3 select drop"), 4);
    assert_eq!(fuel("memory.size memory.grow drop"), 2);
    assert_eq!(fuel("block br 0 i32.const 1 drop end"), 1);
    assert_eq!(fuel("i32.const 1 br_if 0 i32.const 1 drop"), 2);
    assert_eq!(fuel("block block i32.const 1 br_table 0 1 0 end i32.const 1 drop end i32.const 1 drop"), 3);
}

#[test]
fn arms_loops_and_calls_are_paid_by_the_way_taken() {
    let arms = |condition| {
        format!("i32.const {condition} if i32.const 1 drop i32.const 1 drop else i32.const 1 drop end i32.const 1 drop")
    };
    assert_eq!((fuel(&arms(1)), fuel(&arms(0))), (5, 4));
    let lone = |condition| format!("i32.const {condition} if i32.const 1 drop end");
    assert_eq!((fuel(&lone(1)), fuel(&lone(0))), (3, 2));
    assert_eq!(fuel("loop local.get $i i32.const 1 i32.add local.tee $i i32.const 10 i32.lt_u br_if 0 end"), 70);
    assert_eq!(fuel("call $one call $one"), 4);
    assert_eq!(fuel("i32.const 0 call_indirect (type $t)"), 3);
    // Behind the end of a loop the segment goes on; behind a block's a new one begins: no difference without a trap.
    assert_eq!(fuel("loop i32.const 1 drop end i32.const 2 drop block i32.const 3 drop end i32.const 4 drop"), 4);
}

#[test]
fn a_trap_has_paid_its_whole_segment() {
    let divide = "i32.const 1 i32.const 0 i32.div_u drop";
    assert_eq!(trap(&format!("{divide} i32.const 5 drop"), TrapKind::IntegerDivideByZero), 4);
    assert_eq!(trap(&format!("{divide} block i32.const 1 drop end i32.const 1 drop"), TrapKind::IntegerDivideByZero), 4);
    assert_eq!(trap(&format!("{divide} loop i32.const 1 drop end i32.const 1 drop"), TrapKind::IntegerDivideByZero), 3);
    assert_eq!(trap(&format!("loop {divide} end i32.const 1 drop"), TrapKind::IntegerDivideByZero), 4);
    assert_eq!(trap(&format!("block {divide} end i32.const 1 drop"), TrapKind::IntegerDivideByZero), 3);
    assert_eq!(trap(&format!("{divide} call $one i32.const 1 drop"), TrapKind::IntegerDivideByZero), 4);
    assert_eq!(trap(&format!("{divide} i32.const 0 br_if 0 i32.const 1 drop"), TrapKind::IntegerDivideByZero), 5);
    assert_eq!(trap(&format!("{divide} br 0"), TrapKind::IntegerDivideByZero), 4);
    assert_eq!(trap(&format!("{divide} return"), TrapKind::IntegerDivideByZero), 3);
    assert_eq!(trap("i32.const 1 drop unreachable", TrapKind::Unreachable), 1);
    assert_eq!(trap("i32.const 9 call_indirect (type $t) i32.const 1 drop", TrapKind::TableOutOfBounds), 2);
    assert_eq!(trap("i32.const 3 call_indirect (type $t) i32.const 1 drop", TrapKind::IndirectCallToNull), 2);
    assert_eq!(trap("i32.const 1 call_indirect (type $t)", TrapKind::IndirectCallTypeMismatch), 2);
    assert_eq!(trap("f32.const nan i32.trunc_f32_s drop", TrapKind::InvalidConversion), 2);
    assert_eq!(trap("f32.const 3e9 i32.trunc_f32_s drop", TrapKind::IntegerOverflow), 2);
}

#[test]
fn bulk_instructions_pay_for_their_length_first() {
    let fill = |length: i32| format!("i32.const 0 i32.const 7 i32.const {length} memory.fill");
    assert_eq!([0, 1, 16, 17, 65536].map(|length| fuel(&fill(length))), [4, 5, 5, 6, 4 + 4096]);
    assert_eq!(trap(&fill(-1), TrapKind::MemoryOutOfBounds), 4 + (1 << 28));
    assert_eq!(fuel("i32.const 0 i32.const 9 i32.const 33 memory.copy"), 7);
    assert_eq!(fuel("i32.const 0 ref.null func i32.const 3 table.fill"), 7);
    assert_eq!(fuel("i32.const 0 i32.const 1 i32.const 2 table.copy"), 6);
    assert_eq!(trap("i32.const 0 i32.const 1 i32.const 9 table.copy i32.const 1 drop", TrapKind::TableOutOfBounds), 5 + 9);
    assert_eq!(fuel("ref.null func i32.const 5 table.grow drop"), 3);
}

#[test]
fn the_example_of_the_documentation_costs_what_it_says() {
    let page = include_str!("../../../docs/fuel.md");
    let example = page.split("```wat").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let text = format!("(module (memory 1) {})", example.replace("(func (param", "(func (export \"run\") (param"));
    assert_eq!(run(&text, &[Value::I32(5)]), (Ended::Returned(vec![Value::I32(0)]), 69));
    assert!(page.contains("it would cost 3 × (3 + 10) = 39"));
}
