//! How long the programs run, instrumented and not; how long they take to compile; how fast they are rewritten.

use crate::engine::{Runnable, Variant};
use crate::programs::Program;
use crate::samples::{Ratio, Samples, in_turn};
use crate::table::Table;
use skillscope::runtime::instrument::{TrapPlaces, instrument};
use std::time::Instant;

const VARIANTS: usize = Variant::ALL.len();

/// The samples of one program, in the order of [`Variant::ALL`].
pub struct Measured {
    pub name: &'static str,
    pub library: &'static str,
    pub bytes: usize,
    pub fuel: u64,
    pub run: [Samples; VARIANTS],
    pub compile: [Samples; VARIANTS],
    pub rewrite: Samples,
}

impl Measured {
    pub fn run_ratio(&self, one: Variant, over: Variant) -> Ratio {
        Ratio::of(of(&self.run, one), of(&self.run, over))
    }

    fn compile_ratio(&self, one: Variant, over: Variant) -> Ratio {
        Ratio::of(of(&self.compile, one), of(&self.compile, over))
    }
}

fn of(samples: &[Samples; VARIANTS], variant: Variant) -> &Samples {
    &samples[Variant::ALL.iter().position(|known| *known == variant).expect("all variants are there")]
}

/// Measures one program in every variant; all of them must give the same output.
///
/// Each compile's code is run, and all of it is kept until the end, so that each lies elsewhere: where code lies makes some programs run at
/// half their speed (`hash`, in one compile of 25), and would else be a matter of luck for all samples of a variant.
pub fn measure(program: &Program, runs: usize, compiles: usize) -> Measured {
    eprintln!("{}: {} KB, {} KB of input", program.name, program.module.len() / 1000, program.input.len() / 1000);
    let mut compiled: [Vec<Box<dyn Runnable>>; VARIANTS] = Default::default();
    let compile = in_turn(compiles, |at| {
        let (ready, took) = Variant::ALL[at].compile(&program.module);
        compiled[at].push(ready);
        took
    });
    let warm = compiled.each_ref().map(|ready| ready[0].run(program.profile, &program.input));
    for (ran, variant) in warm.iter().zip(Variant::ALL) {
        assert_eq!(ran.output, warm[0].output, "{} with {variant:?}", program.name);
    }
    let mut turns = [0; VARIANTS];
    let run = in_turn(runs.max(compiles), |at| {
        turns[at] += 1;
        compiled[at][turns[at] % compiles].run(program.profile, &program.input).time
    });
    let mut rewrite = Samples::default();
    for _ in 0..compiles.max(5) {
        let began = Instant::now();
        std::hint::black_box(instrument(&program.module, TrapPlaces::Told).expect("it can be instrumented"));
        rewrite.add(began.elapsed());
    }
    let fuel = warm[1].fuel.unwrap_or_default();
    assert_eq!(Some(fuel), warm[4].fuel, "{}: the fuel of both compilers", program.name);
    Measured { name: program.name, library: program.library, bytes: program.module.len(), fuel, run, compile, rewrite }
}

/// The rows of the summary.
pub fn rows(table: &mut Table, all: &[Measured]) {
    use Variant::{Bare, Metering, Ours, SinglepassBare, SinglepassOurs, Wasmtime, WasmtimeEpochs, WasmtimeFuel};
    let samples = all.first().map_or(0, |one| one.run[0].count());
    let mut run = |what: &str, one, over, reach: &str| {
        let ratios: Vec<Ratio> = all.iter().map(|program| program.run_ratio(one, over)).collect();
        let worst = all.iter().max_by(|a, b| a.run_ratio(one, over).min.total_cmp(&b.run_ratio(one, over).min));
        let worst = worst.map_or_else(String::new, |at| format!("; worst ×{:.2} ({})", at.run_ratio(one, over).min, at.name));
        table.row(&[what, &format!("{}{worst}", Ratio::mean(&ratios)), reach, &samples.to_string()]);
    };
    run("run time, skillscope over bare wasmer, Cranelift", Ours, Bare, "≤ 1.20, none over 1.9");
    run("— wasmer's Metering over bare wasmer, Cranelift", Metering, Bare, "");
    run("— wasmtime's fuel over bare wasmtime", WasmtimeFuel, Wasmtime, "");
    run("— wasmtime's epochs over bare wasmtime", WasmtimeEpochs, Wasmtime, "");
    run("— bare wasmtime over bare wasmer, Cranelift", Wasmtime, Bare, "");
    run("run time, skillscope over bare wasmer, Singlepass", SinglepassOurs, SinglepassBare, "");
    run("— Singlepass over Cranelift, both skillscope", SinglepassOurs, Ours, "");
    let samples = all.first().map_or(0, |one| one.compile[0].count());
    let mut compile = |what: &str, one, over, reach: &str| {
        let ratios: Vec<Ratio> = all.iter().map(|program| program.compile_ratio(one, over)).collect();
        table.row(&[what, &Ratio::mean(&ratios).to_string(), reach, &samples.to_string()]);
    };
    compile("compile time, with instrumentation over without, Cranelift", Ours, Bare, "≤ 1.40");
    compile("— wasmer's Metering over bare wasmer, Cranelift", Metering, Bare, "");
    compile("— wasmtime's fuel over bare wasmtime", WasmtimeFuel, Wasmtime, "");
    compile("— wasmtime's epochs over bare wasmtime", WasmtimeEpochs, Wasmtime, "");
    compile("compile time, with instrumentation over without, Singlepass", SinglepassOurs, SinglepassBare, "");
    compile("— Singlepass over Cranelift, both skillscope", SinglepassOurs, Ours, "");
    let bytes: f64 = all.iter().map(|program| program.bytes as f64).sum();
    let speed = |seconds: f64| format!("{:.0} MB/s", bytes / 1e6 / seconds);
    let (min, median) = (all.iter().map(|one| one.rewrite.min()).sum(), all.iter().map(|one| one.rewrite.median()).sum());
    let samples = all.first().map_or(0, |one| one.rewrite.count());
    let told = format!("{} (median {}), {:.1} MB of modules", speed(min), speed(median), bytes / 1e6);
    table.row(&["rewriting", &told, "≥ 25 MB/s", &samples.to_string()]);
}

/// A row for each program.
pub fn each(all: &[Measured]) -> Table {
    use Variant::{Bare, Metering, Ours, SinglepassBare, SinglepassOurs, Wasmtime, WasmtimeEpochs, WasmtimeFuel};
    let mut table = Table::new(&[
        "program",
        "library",
        "bare",
        "skillscope",
        "Metering",
        "wasmtime fuel",
        "wasmtime epochs",
        "Singlepass",
        "compile",
        "fuel",
    ]);
    for program in all {
        let run = |one, over| format!("×{:.2}", program.run_ratio(one, over).min);
        table.row(&[
            program.name,
            program.library,
            &format!("{:.0} ms", of(&program.run, Bare).min() * 1e3),
            &run(Ours, Bare),
            &run(Metering, Bare),
            &run(WasmtimeFuel, Wasmtime),
            &run(WasmtimeEpochs, Wasmtime),
            &run(SinglepassOurs, SinglepassBare),
            &format!("×{:.2}", program.compile_ratio(Ours, Bare).min),
            &program.fuel.to_string(),
        ]);
    }
    table
}
