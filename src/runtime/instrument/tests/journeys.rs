//! Whole modules of all shapes, and runs that only a checkpoint ends.

use super::super::{CHECKPOINT, TrapPlaces, fuel_export, instrument};
use super::harness::{BOTH, Compiler, binary, compare, run_limited};
use wasmer::Value;

#[test]
fn a_module_with_every_kind_of_import_keeps_its_indices() {
    let text = "(module
      (import \"env\" \"add\" (func $add (param i32 i32) (result i32)))
      (import \"env\" \"memory\" (memory 1))
      (import \"env\" \"global\" (global $g (mut i32)))
      (import \"env\" \"table\" (table 4 funcref))
      (global $own (export \"own\") (mut i32) (i32.add (i32.const 2) (i32.const 3)))
      (global $f funcref (ref.func $start))
      (elem (i32.const 1) $inc)
      (data (i32.const 8) \"\\05\")
      (start $start)
      (func $start global.get $own i32.const 10 i32.add global.set $own)
      (func $inc (param i32) (result i32) local.get 0 i32.const 1 call $add)
      (func (export \"run\") (result i32)
        global.get $g i32.const 1 i32.add global.set $g
        global.get $g global.get $own i32.add
        i32.const 8 i32.load8_u i32.add
        i32.const 1 call_indirect (param i32) (result i32)))";
    let ran = compare(&binary(text), "run", &[], &BOTH);
    assert_eq!(ran.result.unwrap(), "[I32(29)]");
    assert_eq!(ran.fuel, 4 + 4 + 3 + 3 + 2 + 3);
}

#[test]
fn a_start_function_is_counted_and_a_trap_in_it_is_the_same_trap() {
    let text = "(module (func $s i32.const 1 drop unreachable) (start $s) (func (export \"run\")))";
    let ran = compare(&binary(text), "run", &[], &BOTH);
    assert!(ran.result.unwrap_err().contains("unreachable"));
}

#[test]
fn an_endless_loop_ends_at_a_checkpoint_and_tells_the_fuel() {
    for compiler in BOTH {
        let ran = run_limited("(module (func (export \"run\") loop br 0 end))", compiler, 50_000);
        assert!(ran.stopped);
        assert!((50_000..52_000).contains(&ran.fuel), "{}", ran.fuel);
        let with_call = "(module (func $f) (func (export \"run\") loop call $f br 0 end))";
        assert!(run_limited(with_call, compiler, 50_000).stopped);
        let outer = "(module (func (export \"run\") (local i32) loop $o loop $i local.get 0 br_if $i br $o end end))";
        assert!(run_limited(outer, compiler, 50_000).stopped);
    }
}

#[test]
fn recursion_of_every_kind_ends_at_a_checkpoint_before_the_stack_does() {
    let through_a_table =
        "(module (table 1 funcref) (elem (i32.const 0) $f) (func $f (export \"run\") i32.const 0 call_indirect))";
    let direct = "(module (func $f (export \"run\") call $f))";
    let mutual = "(module (func $f (export \"run\") call $g) (func $g call $h) (func $h call $f))";
    for text in [through_a_table, direct, mutual] {
        for compiler in BOTH {
            let ran = run_limited(text, compiler, 1_000);
            assert!(ran.stopped, "{text}: {:?}", ran.result);
        }
    }
}

/// `depth` functions, each calling the next one twice: 2^depth calls without a loop or a recursion.
fn doubling(depth: u32) -> String {
    let functions: String = (0..depth).map(|n| format!("(func $f{n} call $f{next} call $f{next})", next = n + 1)).collect();
    format!("(module {functions} (func $f{depth} nop) (func (export \"run\") call $f0))")
}

#[test]
fn exponential_work_without_loops_ends_at_a_checkpoint() {
    for compiler in BOTH {
        let ran = run_limited(&doubling(60), compiler, 1_000_000);
        assert!(ran.stopped);
        assert!(ran.fuel < 1_010_000, "{}", ran.fuel);
    }
    let ran = compare(&binary(&doubling(12)), "run", &[], &[Compiler::Cranelift]);
    assert_eq!(ran.fuel, 1 + (0..12).map(|level| 2_i64 << level).sum::<i64>());
}

#[test]
fn a_module_of_nothing_gets_all_that_it_needs() {
    let new = instrument(b"\0asm\x01\0\0\0", TrapPlaces::Told).unwrap();
    wasmparser::validate(&new.bytes).unwrap();
    let text = wasmprinter::print_bytes(&new.bytes).unwrap();
    assert!(text.contains("skillscope.fuel") && text.contains(CHECKPOINT.1), "{text}");
}

#[test]
fn the_counters_export_takes_a_name_that_is_free() {
    let module = binary("(module (func (export \"skillscope.fuel\")) (func (export \"run\") (export \"skillscope.fuel2\") nop))");
    assert_eq!(fuel_export(&module).unwrap(), "skillscope.fuel3");
    compare(&module, "run", &[], &BOTH);
}

#[test]
fn custom_sections_are_dropped_and_the_same_bytes_come_out_again() {
    let module = binary("(module (@custom \"x\" \"secret-bytes\") (func $named (export \"run\") loop end))");
    let (one, other) = (instrument(&module, TrapPlaces::Told).unwrap(), instrument(&module, TrapPlaces::Told).unwrap());
    assert_eq!(one.bytes, other.bytes);
    for word in [b"secret".as_slice(), b"named"] {
        assert!(!one.bytes.windows(word.len()).any(|window| window == word));
    }
}

#[test]
fn a_function_with_as_many_locals_as_there_may_be_still_counts() {
    let text = format!(
        "(module (func (export \"run\") (param $n i32) (result i32) (local {}) loop $l local.get $n i32.const 1 i32.sub local.tee $n br_if $l end local.get 49999))",
        "i32 ".repeat(49_999)
    );
    let ran = compare(&binary(&text), "run", &[Value::I32(50)], &[Compiler::Cranelift]);
    assert_eq!(ran.fuel, 251);
}

#[test]
fn deep_nesting_and_huge_tables_take_linear_time() {
    const DEPTH: usize = 100_000;
    let nested = [[0x03, 0x40].repeat(DEPTH), vec![0x41, 0, 0x0d, 0], vec![0x0b; DEPTH + 1]].concat();
    let mut targets = vec![0x02, 0x40, 0x03, 0x40, 0x41, 0, 0x0e];
    wasm_encoder::Encode::encode(&100_000_u32, &mut targets);
    targets.extend((0..=100_000_u32).map(|n| u8::try_from(n % 3).unwrap()));
    targets.extend([0x0b, 0x0b, 0x0b]);
    let tables = [targets[..targets.len() - 1].repeat(20), vec![0x0b]].concat();
    let started = std::time::Instant::now();
    for code in [nested, tables] {
        let mut module = wasm_encoder::Module::new();
        let mut types = wasm_encoder::TypeSection::new();
        types.ty().function([], []);
        let mut functions = wasm_encoder::FunctionSection::new();
        functions.function(0);
        let mut bodies = wasm_encoder::CodeSection::new();
        bodies.raw(&[vec![0], code].concat());
        module.section(&types).section(&functions).section(&bodies);
        let module = module.finish();
        wasmparser::validate(&module).unwrap();
        wasmparser::validate(&instrument(&module, TrapPlaces::Told).unwrap().bytes).unwrap();
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn many_indirect_calls_of_a_leaf_from_within_a_recursion_meet_a_test() {
    // `$h` is reached through the table that it calls through; `$leaf` leads nowhere, and is not tested at entry.
    let calls = "i32.const 1 call_indirect (type $t) ".repeat(3000);
    let costly = "i32.const 1 drop ".repeat(900);
    let text = format!(
        "(module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $h $leaf) (global $once (mut i32) (i32.const 1))
           (func $h global.get $once if i32.const 0 global.set $once i32.const 0 call_indirect (type $t) end {calls})
           (func $leaf {costly})
           (func (export \"run\") call $h))"
    );
    for compiler in BOTH {
        let ran = run_limited(&text, compiler, 100_000);
        assert!(ran.stopped && ran.fuel < 110_000, "{}", ran.fuel);
    }
}

#[test]
fn a_leaf_that_shares_its_type_with_a_recursion_is_not_tested() {
    let text = "(module (type $t (func)) (table 2 funcref) (elem (i32.const 0) $h $leaf)
       (func $h i32.const 0 call_indirect (type $t)) (func $leaf nop i32.const 1 drop))";
    let new = wasmprinter::print_bytes(&instrument(&binary(text), TrapPlaces::Told).unwrap().bytes).unwrap();
    assert_eq!(new.matches("i64.lt_s").count(), 1, "{new}");
}
