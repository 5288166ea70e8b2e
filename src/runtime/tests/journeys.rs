//! The journeys of the profiles, step by step.

use super::{d04, run, trial};
use crate::event::Phase;
use crate::runtime::Compiler;

const ECHO: &str = "(local.get $input)";

#[test]
fn d04_hands_the_document_over_and_takes_it_back_with_both_compilers() {
    let document = r#"{"name":"wörld","n":[1,2.5,null]}"#;
    let figures = Compiler::ALL.map(|compiler| {
        let ran = trial(&d04(ECHO, "")).input(document).compiler(compiler).run();
        assert_eq!((ran.word(), ran.output()), ("ok", document.to_owned()), "{}", ran.message());
        assert_eq!(ran.phases(), [Phase::Start, Phase::Alloc, Phase::Execute, Phase::Output, Phase::Dealloc]);
        assert!(ran.warnings().is_empty() && ran.samples() == 1);
        let usage = ran.finished.usage;
        assert!(usage.fuel_exact && usage.memory_bytes == Some(65_536) && usage.memory_peak_bytes == Some(65_536));
        usage.fuel
    });
    assert!(figures[0] > 0 && figures[0] == figures[1], "{figures:?}");
}

#[test]
fn d04_gives_dealloc_what_alloc_gave_and_the_same_length() {
    // "7" and its NUL are two bytes; dealloc puts both arguments where a trap would show them.
    let more = r#"(func $check (param i32 i32) (if (i32.ne (local.get 1) (i32.const 2)) (then unreachable))
        (if (i32.ne (local.get 0) (i32.const 4096)) (then unreachable)))"#;
    let wat = d04(ECHO, more).replace(
        "(func $dealloc (export \"dealloc\") (param i32 i32))",
        "(func $dealloc (export \"dealloc\") (param i32 i32) (call $check (local.get 0) (local.get 1)))",
    );
    let ran = trial(&wat).input("7").run();
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", "7"));
    assert!(ran.warnings().is_empty(), "{:?}", ran.warnings());
}

#[test]
fn a_trap_in_dealloc_is_a_warning_and_a_limit_there_is_not() {
    let with_dealloc = |body: &str| {
        d04(ECHO, "").replace(
            "(func $dealloc (export \"dealloc\") (param i32 i32))",
            &format!("(func $dealloc (export \"dealloc\") (param i32 i32) {body})"),
        )
    };
    let ran = run(&with_dealloc("unreachable"));
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", "null"));
    assert!(ran.warnings().len() == 1 && ran.warnings()[0].contains("dealloc"));
    let ran = trial(&with_dealloc("(loop $again (br $again))")).limited(|limits| limits.timeout_ms = 50).run();
    assert_eq!((ran.word(), ran.output().as_str()), ("timeout", "null"));
    assert!(ran.message().contains("`dealloc`"), "{}", ran.message());
}

#[test]
fn initialize_comes_before_anything_else() {
    let more = r#"(global $ready (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $ready (i32.const 1)))"#;
    let ran = run(&d04("(if (i32.eqz (global.get $ready)) (then unreachable)) (local.get $input)", more));
    assert_eq!(ran.word(), "ok");
    assert_eq!(ran.phases()[..3], [Phase::Start, Phase::Initialize, Phase::Alloc]);
}

#[test]
fn an_input_with_a_nul_is_handed_over_with_a_warning() {
    let ran = trial(&d04(ECHO, "")).input("1\0 2").run();
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", "1"));
    assert!(ran.warnings()[0].contains("offset 1"));
}

/// A `cis-sdk` module. `skill_on_event` returns the length of the type times 1000, and that of the data.
fn cis(more: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 1) (global $next (mut i32) (i32.const 64))
            (func $malloc (export "malloc") (param $len i32) (result i32) (local $ptr i32)
                (local.set $ptr (global.get $next))
                (global.set $next (i32.add (global.get $next) (local.get $len)))
                (local.get $ptr))
            (func $free (export "free") (param i32))
            {more})"#
    )
}

const ON_EVENT: &str = r#"(func (export "skill_on_event") (param i32 i32 i32 i32) (result i32)
    (i32.add (i32.mul (local.get 1) (i32.const 1000)) (local.get 3)))"#;

#[test]
fn cis_sdk_has_its_event_from_the_caller_the_input_or_by_default() {
    let code = |input: &str, event: Option<&str>| {
        let mut trial = trial(&cis(ON_EVENT)).input(input);
        if let Some(event) = event {
            trial = trial.event(event);
        }
        let ran = trial.run();
        assert_eq!(ran.word(), "ok", "{}", ran.message());
        ran.output()
    };
    assert_eq!(code("[1,2]", None), r#"{"code":7005}"#);
    assert_eq!(code(r#"{"type":"note","data":[1, 2]}"#, None), r#"{"code":4006}"#);
    assert_eq!(code(r#"{"type":"note","data":[1, 2]}"#, Some("by-me")), r#"{"code":5029}"#);
    assert_eq!(code("[1,2]", Some("")), r#"{"code":5}"#);
}

#[test]
fn cis_sdk_goes_through_all_its_phases() {
    let more = format!(
        r#"{ON_EVENT} (func (export "skill_init") (result i32) (i32.const 0)) (func (export "skill_shutdown") (result i32) (i32.const 0))"#
    );
    let ran = run(&cis(&more));
    assert_eq!(ran.word(), "ok");
    let phases = [Phase::Start, Phase::SkillInit, Phase::Alloc, Phase::SkillOnEvent, Phase::Dealloc, Phase::SkillShutdown];
    assert_eq!(ran.phases(), phases);
}

#[test]
fn cis_sdk_takes_missing_results_for_zero() {
    let more = r#"(func (export "skill_on_event") (param i32 i32 i32 i32)) (func (export "skill_init")) (func (export "skill_shutdown"))"#;
    let ran = run(&cis(more));
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", r#"{"code":0}"#));
}

#[test]
fn cis_sdk_failures_keep_their_document_and_are_shut_down() {
    let shutdown = r#"(func (export "skill_shutdown") (result i32) (i32.const 0))"#;
    let failing = r#"(func (export "skill_on_event") (param i32 i32 i32 i32) (result i32) (i32.const -7))"#;
    let ran = run(&cis(&format!("{failing} {shutdown}")));
    assert_eq!((ran.word(), ran.output().as_str()), ("failed", r#"{"code":-7}"#));
    assert!(ran.message().contains("-7") && ran.phases().contains(&Phase::SkillShutdown));

    let init = r#"(func (export "skill_init") (result i32) (i32.const -2))"#;
    let ran = run(&cis(&format!("{ON_EVENT} {init} {shutdown}")));
    assert_eq!((ran.word(), ran.output().as_str()), ("failed", r#"{"code":-2}"#));
    assert_eq!(ran.phases(), [Phase::Start, Phase::SkillInit, Phase::SkillShutdown]);

    let trapping = r#"(func (export "skill_shutdown") unreachable)"#;
    let ran = run(&cis(&format!("{failing} {trapping}")));
    assert_eq!((ran.word(), ran.output().as_str(), ran.warnings().len()), ("failed", r#"{"code":-7}"#, 1));

    let failing_shutdown = r#"(func (export "skill_shutdown") (result i32) (i32.const -1))"#;
    let ran = run(&cis(&format!("{ON_EVENT} {failing_shutdown}")));
    assert_eq!((ran.word(), ran.output().as_str()), ("failed", r#"{"code":7004}"#));
}

#[test]
fn cis_sdk_is_not_shut_down_after_a_trap() {
    let more = r#"(func (export "skill_on_event") (param i32 i32 i32 i32) unreachable) (func (export "skill_shutdown"))"#;
    let ran = run(&cis(more));
    assert_eq!((ran.word(), ran.output().as_str()), ("trap", ""));
    assert!(!ran.phases().contains(&Phase::SkillShutdown));
    let more = format!(r#"{ON_EVENT} (func (export "skill_shutdown"))"#);
    let ran = run(&cis(&more).replace("\"free\") (param i32)", "\"free\") (param i32) unreachable"));
    assert_eq!((ran.word(), ran.warnings().len()), ("ok", 1));
    assert!(!ran.phases().contains(&Phase::SkillShutdown));
}

#[test]
fn a_command_without_a_word_on_stdout_gives_an_empty_text() {
    let ran = run(r#"(module (memory (export "memory") 1) (func (export "_start")))"#);
    assert_eq!((ran.word(), ran.output().as_str()), ("ok", r#""""#));
    assert_eq!(ran.phases(), [Phase::Start, Phase::Command]);
}
