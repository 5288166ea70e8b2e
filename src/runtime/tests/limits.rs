//! Time, fuel, cancel and pause: in every phase, with both compilers.

use super::{ENDLESS, d04, runtime, trial};
use crate::event::Phase;
use crate::runtime::Compiler;
use std::time::{Duration, Instant};

/// Modules that never end, each in another phase, with the word that tells the phase.
fn endless() -> Vec<(String, Phase)> {
    let echo = "(local.get $input)";
    let alloc = d04(echo, "").replace("(local.get $ptr))", "(loop $again (br $again)) (local.get $ptr))");
    vec![
        (d04(ENDLESS, ""), Phase::Execute),
        (d04(echo, "(func $begin (loop $again (br $again))) (start $begin)"), Phase::Start),
        (d04(echo, r#"(func (export "_initialize") (loop $again (br $again)))"#), Phase::Initialize),
        (alloc, Phase::Alloc),
    ]
}

#[test]
fn the_deadline_ends_a_loop_in_every_phase() {
    for (wat, phase) in endless() {
        for compiler in Compiler::ALL {
            let begun = Instant::now();
            let ran = trial(&wat).compiler(compiler).limited(|limits| limits.timeout_ms = 60).run();
            assert_eq!((ran.word(), ran.kind()), ("timeout", "timeout"), "{compiler} {phase}");
            assert!(begun.elapsed() < Duration::from_secs(10));
            assert_eq!(ran.finished.error.as_ref().unwrap().phase, Some(phase));
            assert!(ran.message().contains("60ms") && ran.message().contains(phase.name()), "{}", ran.message());
            assert!(!ran.finished.error.as_ref().unwrap().backtrace.is_empty(), "where it was is known");
            assert!(ran.finished.usage.elapsed_ms >= 60.0 && ran.finished.usage.fuel > 0);
        }
    }
}

#[test]
fn a_fuel_limit_ends_a_loop_at_the_same_fuel_with_both_compilers() {
    for (wat, phase) in endless() {
        let used = Compiler::ALL.map(|compiler| {
            let ran = trial(&wat).compiler(compiler).limited(|limits| limits.fuel = Some(5_000_001)).run();
            assert_eq!((ran.word(), ran.kind()), ("fuel", "fuel"), "{compiler} {phase}");
            assert!(ran.message().contains("5000001"), "{}", ran.message());
            ran.finished.usage.fuel
        });
        assert_eq!(used[0], used[1]);
        assert!((5_000_002..5_000_100).contains(&used[0]), "{used:?}");
    }
}

#[test]
fn a_run_may_use_its_fuel_to_the_last_unit() {
    let wat = d04("(local.get $input)", "");
    let used = trial(&wat).run().finished.usage.fuel;
    let ran = trial(&wat).limited(|limits| limits.fuel = Some(used)).run();
    assert_eq!((ran.word(), ran.finished.usage.fuel), ("ok", used));
    assert_eq!(trial(&wat).limited(|limits| limits.fuel = Some(used - 1)).run().word(), "fuel");
    assert_eq!(trial(&wat).limited(|limits| limits.fuel = Some(0)).run().word(), "fuel");
}

#[test]
fn a_cancel_ends_a_loop_at_once() {
    for (wat, _) in endless() {
        let trial = trial(&wat);
        let control = trial.control.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(80));
            control.cancel();
            Instant::now()
        });
        let ran = trial.run();
        let waited = canceller.join().unwrap().elapsed();
        assert_eq!((ran.word(), ran.kind()), ("cancelled", "cancelled"));
        assert!(waited < Duration::from_secs(2), "{waited:?}");
    }
}

#[test]
fn a_pause_holds_the_fuel_and_the_clock() {
    let (trial, runtime) = (trial(&d04(ENDLESS, "")).limited(|limits| limits.timeout_ms = 300), runtime());
    // Compiled before, so that the times below are the run's.
    runtime.compile(&trial.module, trial.compiler, &trial.control).unwrap();
    let control = trial.control.clone();
    let watcher = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        control.pause();
        std::thread::sleep(Duration::from_millis(600));
        let elapsed = control.elapsed();
        control.resume();
        elapsed
    });
    let begun = Instant::now();
    let ran = trial.run_in(&runtime);
    let elapsed_while_paused = watcher.join().unwrap();
    assert_eq!(ran.word(), "timeout");
    assert!(elapsed_while_paused < Duration::from_millis(300), "{elapsed_while_paused:?}");
    assert!(begun.elapsed() >= Duration::from_millis(850), "{:?}", begun.elapsed());
    assert!(ran.finished.usage.elapsed_ms < 800.0, "{}", ran.finished.usage.elapsed_ms);
}

#[test]
fn the_timeline_of_a_long_run_is_sampled() {
    let ran = trial(&d04(ENDLESS, "")).limited(|limits| limits.timeout_ms = 400).run();
    assert!((3..=9).contains(&ran.samples()), "{}", ran.samples());
}

#[test]
fn a_compile_is_abandoned_when_its_run_is_cancelled() {
    let trial = trial(&d04("(local.get $input)", ""));
    trial.control.cancel();
    let refused = runtime().compile(&trial.module, trial.compiler, &trial.control);
    assert!(matches!(refused, Err(crate::runtime::CompileError::Cancelled)));
}
