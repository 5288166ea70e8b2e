//! The start function: called first, with all that a host function needs.

use super::{d04, run, trial};
use crate::event::{Phase, RunEvent};
use crate::runtime::Compiler;

#[test]
fn the_start_function_runs_before_initialize_and_counts() {
    let more = r#"(global $order (mut i32) (i32.const 0))
        (func $begin (global.set $order (i32.const 1))) (start $begin)
        (func (export "_initialize") (if (i32.ne (global.get $order) (i32.const 1)) (then unreachable)) (global.set $order (i32.const 2)))"#;
    let wat = d04("(if (i32.ne (global.get $order) (i32.const 2)) (then unreachable)) (local.get $input)", more);
    let ran = run(&wat);
    assert_eq!(ran.word(), "ok", "{}", ran.message());
    let without = run(&wat
        .replace("(start $begin)", "")
        .replace("(global $order (mut i32) (i32.const 0))", "(global $order (mut i32) (i32.const 1))"));
    assert!(ran.finished.usage.fuel > without.finished.usage.fuel);
}

#[test]
fn a_trap_in_the_start_function_says_so() {
    for compiler in Compiler::ALL {
        let ran = trial(&d04("(i32.const 0)", "(func $begin unreachable) (start $begin)")).compiler(compiler).run();
        assert_eq!((ran.word(), ran.kind()), ("trap", "unreachable"));
        assert_eq!(ran.finished.error.as_ref().unwrap().phase, Some(Phase::Start));
        assert!(ran.message().contains("start function") && ran.message().contains("begin"), "{}", ran.message());
    }
}

#[test]
fn the_export_that_is_added_never_takes_a_name_of_the_modules() {
    let more = r#"(func (export "skillscope.start")) (func (export "skillscope.start2")) (func $begin) (start $begin)"#;
    assert_eq!(run(&d04("(local.get $input)", more)).word(), "ok");
}

#[test]
fn an_imported_memory_is_limited_and_watched_like_an_own_one() {
    let wat = d04("(drop (memory.grow (i32.const 7))) (local.get $input)", "")
        .replace("(memory (export \"memory\") 1)", "(import \"env\" \"memory\" (memory 1 100))");
    let ran = trial(&wat).limited(|limits| limits.memory_bytes = 8 << 16).run();
    assert_eq!((ran.word(), ran.finished.usage.memory_peak_bytes), ("ok", Some(8 << 16)), "{}", ran.message());
    let ran = trial(&wat.replace("i32.const 7", "i32.const 8").replace("(local.get $input))", "unreachable)"))
        .limited(|limits| limits.memory_bytes = 8 << 16)
        .run();
    assert_eq!(ran.word(), "memory");
    let ran = trial(&wat).limited(|limits| limits.memory_bytes = 1).run();
    assert_eq!((ran.word(), ran.kind()), ("invalid", "memory-limit"));
}

#[test]
fn host_functions_see_memory_allocator_and_fuel_in_the_start_function() {
    let more = r#"(func $begin
            (call $log (i32.const 2) (i32.const 1024) (i32.const 5))
            (if (i32.eqz (call $host_alloc (i32.const 8))) (then unreachable))
            (call $log (i32.const 2) (i32.const 1024) (i32.const 5)))
        (start $begin) (data (i32.const 1024) "hello")"#;
    let wat = d04("(local.get $input)", more).replacen(
        "(module ",
        r#"(module (import "env" "host_log" (func $log (param i32 i32 i32))) (import "env" "host_alloc" (func $host_alloc (param i32) (result i32))) "#,
        1,
    );
    for compiler in Compiler::ALL {
        let ran = trial(&wat).compiler(compiler).run();
        assert_eq!(ran.word(), "ok", "{}", ran.message());
        let logged = |event: &&RunEvent| matches!(event, RunEvent::Log { message, .. } if message == "hello");
        assert_eq!(ran.events.iter().filter(logged).count(), 2, "{:?}", ran.events);
    }
}

#[test]
fn a_skill_that_was_built_as_a_command_is_told_so_where_it_traps() {
    let start = r#"(func (export "_start"))"#;
    let ran = run(&d04("unreachable", start));
    assert_eq!(ran.word(), "trap", "its start is not called: {}", ran.message());
    let hint = |ran: &super::Ran| ran.finished.error.as_ref().unwrap().hint.clone().unwrap();
    assert!(hint(&ran).contains("`_start`") && hint(&ran).contains("reactor"), "{}", hint(&ran));
    let reactor = run(&d04("unreachable", &format!(r#"{start} (func (export "_initialize"))"#)));
    assert!(!hint(&reactor).contains("reactor"), "{}", hint(&reactor));
    assert_eq!(run(&d04("(local.get $input)", start)).word(), "ok");
}
