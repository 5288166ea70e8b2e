//! Many runs leave nothing behind.

use super::{d04, runtime, trial};
use crate::host::RunControl;
use crate::runtime::Compiler;

/// Kilobytes of address space, and the number of threads, of this process.
#[cfg(target_os = "linux")]
fn process_figures() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let figure = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (figure("VmSize:"), figure("Threads:"))
}

/// Other tests of this process come and go meanwhile, so only what would be left of every single run can be seen.
#[cfg(target_os = "linux")]
#[test]
fn two_hundred_runs_leave_no_memory_behind() {
    let runtime = runtime();
    let good = d04("(drop (memory.grow (i32.const 8))) (local.get $input)", "(func $begin) (start $begin)");
    let bad = d04("(drop (memory.grow (i32.const 8))) unreachable", "");
    for wat in [&good, &bad] {
        trial(wat).run_in(&runtime);
    }
    let (before, _) = process_figures();
    for _ in 0..100 {
        assert_eq!(trial(&good).run_in(&runtime).word(), "ok");
        assert_eq!(trial(&bad).run_in(&runtime).word(), "trap");
    }
    let (after, _) = process_figures();
    // Each memory reserves more than 4 GiB of addresses: one kept in ten runs would be 80 GiB. Tests beside this one have a few.
    assert!(after < before + (64 << 20), "{before} KiB before, {after} KiB after");
}

#[cfg(target_os = "linux")]
#[test]
fn code_that_is_held_no_more_is_given_back() {
    let runtime =
        crate::runtime::Runtime::new(crate::runtime::RuntimeConfig { cache_dir: None, held_max_bytes: 1, ..Default::default() });
    let control = RunControl::new(std::time::Duration::from_secs(60));
    let maps = || std::fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains("r-xp")).count();
    let before = maps();
    for number in 0..60 {
        let wat = d04(&format!("(drop (i32.const {number})) (local.get $input)"), "");
        drop(runtime.compile(&super::module(&wat), Compiler::Singlepass, &control).unwrap());
    }
    assert!(maps() < before + 40, "{before} executable mappings before, {} after", maps());
}

/// Not a test of speed: tells what a run and a load cost, with `cargo test -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures"]
fn figures() {
    use std::time::Instant;
    let home = tempfile::tempdir().unwrap();
    let config = || crate::runtime::RuntimeConfig { cache_dir: Some(home.path().to_owned()), ..Default::default() };
    let bytes = std::fs::read("sample-skills/summarize/summarize.wasm").unwrap();
    let module = crate::module::load("summarize.wasm", bytes, &crate::module::LoadOptions::default()).unwrap();
    for compiler in Compiler::ALL {
        for _ in 0..3 {
            let compiled = crate::runtime::Runtime::new(config())
                .compile(&module, compiler, &RunControl::new(std::time::Duration::from_secs(60)))
                .unwrap();
            println!("{compiler}: {} bytes, {:.2} ms, {:?}", module.bytes.len(), compiled.compile_ms, compiled.cache);
        }
    }
    let (wat, runtime) = (d04("(local.get $input)", ""), runtime());
    trial(&wat).run_in(&runtime);
    let begun = Instant::now();
    for _ in 0..500 {
        trial(&wat).run_in(&runtime);
    }
    println!("{:?} a run, its services made anew", begun.elapsed() / 500);
}
