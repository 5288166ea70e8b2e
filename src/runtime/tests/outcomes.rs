//! What goes wrong in a skill, in the contract's words, at the places of the original module.

use super::{d04, run, trial};
use crate::event::Phase;
use crate::runtime::Compiler;

/// `execute` returns a pointer to this text, which data puts there.
fn returning(data: &str) -> String {
    d04("(i32.const 1024)", &format!("(data (i32.const 1024) \"{data}\")"))
}

#[test]
fn the_four_faults_of_an_output_are_told_apart() {
    let ran = run(&d04("(i32.const 0)", ""));
    assert_eq!((ran.word(), ran.kind()), ("output", "null"));
    assert_eq!(ran.finished.error.as_ref().unwrap().phase, Some(Phase::Output));

    for outside in ["65536", "-1"] {
        let ran = run(&d04(&format!("(i32.const {outside})"), ""));
        assert_eq!((ran.word(), ran.kind()), ("output", "no-nul"), "{}", ran.message());
    }
    let ran = run(&d04("(memory.fill (i32.const 60000) (i32.const 32) (i32.const 5536)) (i32.const 60000)", ""));
    assert_eq!((ran.word(), ran.kind()), ("output", "no-nul"));

    for (text, words) in [("", "empty"), ("{", "EOF"), ("1 2", "trailing"), ("\\ff", "not JSON")] {
        let ran = run(&returning(text));
        assert_eq!((ran.word(), ran.kind()), ("output", "not-json"));
        assert!(ran.message().contains(words), "{}", ran.message());
        assert!(ran.finished.output_text.is_some() && ran.finished.output.is_none());
    }

    let wat = d04("(local.get $input)", "").replace("i32.const 4096", "i32.const 65534");
    let ran = trial(&wat).input("1234").run();
    assert_eq!((ran.word(), ran.kind()), ("output", "alloc"), "{}", ran.message());
    assert_eq!(trial(&wat).input("1").run().word(), "ok", "the last two bytes of memory are enough for this one");
}

#[test]
fn an_output_may_be_as_large_as_its_limit_and_no_larger() {
    let limited = |bytes| trial(&returning("[1,2,3]")).limited(|limits| limits.output_bytes = bytes).run();
    assert_eq!(limited(7).word(), "ok");
    let ran = limited(6);
    assert_eq!((ran.word(), ran.kind()), ("memory", "output-limit"));
    assert!(ran.message().contains("6 bytes"), "{}", ran.message());
}

/// The byte of the original module that a frame points to.
fn at(binary: &[u8], offset: Option<u64>) -> Option<u8> {
    offset.map(|offset| binary[usize::try_from(offset).unwrap()])
}

#[test]
fn traps_have_words_frames_and_names_with_both_compilers() {
    let more = r#"(func $outer_one (param i32) (call $inner_one (local.get 0)))
        (func $inner_one (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))"#;
    let wat = d04("(call $outer_one (i32.const 0)) (i32.const 0)", more);
    let binary = wat::parse_str(&wat).unwrap();
    for compiler in Compiler::ALL {
        let ran = trial(&wat).compiler(compiler).run();
        assert_eq!((ran.word(), ran.kind()), ("trap", "integer-divide-by-zero"));
        assert!(ran.message().contains("`execute`") && ran.message().contains("inner_one"), "{}", ran.message());
        let frames = &ran.finished.error.as_ref().unwrap().backtrace;
        let names: Vec<_> = frames.iter().map(|frame| frame.function.as_deref().unwrap_or("")).collect();
        assert_eq!(names, ["inner_one", "outer_one", "execute"], "{compiler}");
        match compiler {
            Compiler::Cranelift => assert_eq!(at(&binary, frames[0].module_offset), Some(0x6e), "i32.div_u"),
            // It has one place in each function for all of its divisions by zero, and that is none of the author's.
            Compiler::Singlepass => assert_eq!(frames[0].module_offset, None),
        }
        assert_eq!(at(&binary, frames[1].module_offset), Some(0x10), "call");
        assert!(ran.finished.usage.fuel_exact);
    }
}

#[test]
fn frames_are_right_also_where_there_is_a_start_function() {
    let more = r#"(func $first) (start $first) (func $broken unreachable)"#;
    let wat = d04("(call $broken) (i32.const 0)", more);
    let binary = wat::parse_str(&wat).unwrap();
    let ran = run(&wat);
    let frame = &ran.finished.error.as_ref().unwrap().backtrace[0];
    assert_eq!(frame.function.as_deref(), Some("broken"));
    assert_eq!(at(&binary, frame.module_offset), Some(0x00), "unreachable");
}

#[test]
fn each_kind_of_trap_has_its_word() {
    let table = r#"(table 2 funcref) (elem (i32.const 1) $alloc) (type $none (func))"#;
    for (body, more, kind, opcode) in [
        ("unreachable", "", "unreachable", 0x00),
        ("(i32.load (i32.const 65533))", "", "out-of-bounds-memory", 0x28),
        ("(i32.load offset=4294967295 (i32.const -1))", "", "out-of-bounds-memory", 0x28),
        ("(i32.div_s (i32.const 0x80000000) (i32.const -1))", "", "integer-overflow", 0x6d),
        ("(i32.trunc_f32_s (f32.const nan))", "", "invalid-conversion", 0xa8),
        ("(call_indirect (type $none) (i32.const 1)) (i32.const 0)", table, "indirect-call-type-mismatch", 0x11),
        ("(call_indirect (type $none) (i32.const 0)) (i32.const 0)", table, "indirect-call-null", 0x11),
        ("(call_indirect (type $none) (i32.const 9)) (i32.const 0)", table, "out-of-bounds-table", 0x11),
        ("(memory.fill (i32.const 65530) (i32.const 0) (i32.const 7)) (i32.const 0)", "", "out-of-bounds-memory", 0xfc),
        ("(call $execute (local.get $input))", "", "stack-exhausted", 0x10),
    ] {
        let wat = d04(body, more);
        let binary = wat::parse_str(&wat).unwrap();
        for compiler in Compiler::ALL {
            let ran = trial(&wat).compiler(compiler).run();
            assert_eq!((ran.word(), ran.kind()), ("trap", kind), "{compiler} {body}: {}", ran.message());
            assert_eq!(ran.finished.usage.fuel_exact, kind != "stack-exhausted");
            let frames = ran.finished.error.unwrap().backtrace;
            if kind == "stack-exhausted" {
                assert!(frames.is_empty());
            } else {
                let byte = at(&binary, frames[0].module_offset);
                assert!(
                    byte == Some(opcode) || (compiler == Compiler::Singlepass && byte.is_none()),
                    "{compiler} {kind}: {byte:x?}"
                );
            }
        }
    }
}

#[test]
fn segments_out_of_bounds_are_a_trap_at_the_start() {
    let ran = run(&d04("(i32.const 0)", r#"(data (i32.const 65535) "ab")"#));
    assert_eq!(ran.word(), "trap", "{}", ran.message());
    assert_eq!(ran.finished.error.unwrap().phase, Some(Phase::Start));
}

const GROW_TOO_FAR: &str = "(drop (memory.grow (i32.const 100)))";

#[test]
fn a_skill_that_gives_up_after_a_refused_growth_ran_out_of_memory() {
    let limited = |body: &str| trial(&d04(body, "")).limited(|limits| limits.memory_bytes = 4 << 16).run();
    let ran = limited(&format!("{GROW_TOO_FAR} unreachable"));
    assert_eq!((ran.word(), ran.kind()), ("memory", "memory"));
    let message = ran.message();
    assert!(
        message.contains("limit of 256 KiB") && message.contains("to 6464 KiB") && message.contains("`execute`"),
        "{message}"
    );

    let ran = limited(&format!("{GROW_TOO_FAR} (drop (memory.grow (i32.const 1))) unreachable"));
    assert_eq!((ran.word(), ran.kind()), ("trap", "unreachable"), "it got memory in between");
    let ran = limited(&format!("{GROW_TOO_FAR} (i32.load (i32.const -4))"));
    assert_eq!((ran.word(), ran.kind()), ("trap", "out-of-bounds-memory"));
    assert!(ran.hint().contains("256 KiB"), "{}", ran.hint());
    let ran = limited(&format!("{GROW_TOO_FAR} (local.get $input)"));
    assert_eq!(ran.word(), "ok", "a refused growth alone is no failure");
}

#[test]
fn a_null_from_alloc_is_out_of_memory() {
    let wat = d04("(i32.const 0)", "").replace("(local.get $ptr))", "(drop (memory.grow (i32.const 9999))) (i32.const 0))");
    let ran = run(&wat);
    assert_eq!((ran.word(), ran.kind()), ("memory", "memory"));
    assert!(
        ran.message().contains("`alloc` returned null for 5 bytes") && ran.message().contains("512 MiB"),
        "{}",
        ran.message()
    );
    let wat = d04("(i32.const 0)", "").replace("(local.get $ptr))", "(i32.const 0))");
    assert_eq!(run(&wat).word(), "memory");
}

#[test]
fn a_module_whose_memory_is_larger_than_the_limit_does_not_run() {
    let ran = trial(&d04("(local.get $input)", "").replace("\"memory\") 1", "\"memory\") 9"))
        .limited(|limits| limits.memory_bytes = 8 << 16)
        .run();
    assert_eq!((ran.word(), ran.kind()), ("invalid", "memory-limit"), "{}", ran.message());
}
