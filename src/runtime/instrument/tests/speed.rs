//! Figures, printed on demand: `SPEED_MODULES=DIR cargo test --release --lib instrument::tests::speed -- --ignored --nocapture`, with a
//! directory of modules that export `run`, without parameters, and import nothing.

use super::super::{CHECKPOINT, Form, TrapPlaces, fuel_export, instrument, instrument_in};
use super::harness::{BOTH, Compiler, engine};
use std::path::PathBuf;
use std::time::Instant;
use wasmer::{Function, Imports, Instance, Module, Store};

fn modules() -> Vec<(String, Vec<u8>)> {
    let directory = PathBuf::from(std::env::var_os("SPEED_MODULES").expect("SPEED_MODULES names a directory"));
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    files
        .into_iter()
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&file).unwrap()))
        .collect()
}

struct Prepared {
    store: Store,
    run: Function,
    compile_ms: f64,
}

fn prepare(bytes: &[u8], compiler: Compiler) -> Option<Prepared> {
    let mut store = Store::new(engine(compiler));
    let mut module = Module::new(&store, bytes).ok()?;
    let mut compile_ms = f64::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        module = Module::new(&store, bytes).ok()?;
        compile_ms = compile_ms.min(started.elapsed().as_secs_f64() * 1e3);
    }
    let mut imports = Imports::new();
    imports.define(CHECKPOINT.0, CHECKPOINT.1, Function::new_typed(&mut store, |_: i64| 2_000_000_i64));
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let run = instance.exports.get_function("run").unwrap().clone();
    Some(Prepared { store, run, compile_ms })
}

fn once(prepared: &mut Prepared) -> f64 {
    let started = Instant::now();
    prepared.run.call(&mut prepared.store, &[]).unwrap();
    started.elapsed().as_secs_f64() * 1e3
}

#[test]
#[ignore = "prints figures"]
fn ratios_over_bare_code() {
    for compiler in BOTH {
        let mut logarithms = [0.0; 4];
        let mut count = 0.0;
        for (name, module) in modules() {
            fuel_export(&module).unwrap();
            let forms =
                [Form::Plain, Form::Refined].map(|form| instrument_in(&module, form, compiler.trap_places()).unwrap().bytes);
            let Some(mut bare) = prepare(&module, compiler) else { continue };
            let mut new = forms.map(|bytes| prepare(&bytes, compiler).unwrap());
            let mut best = [f64::MAX; 3];
            for _ in 0..15 {
                best[0] = best[0].min(once(&mut bare));
                best[1] = best[1].min(once(&mut new[0]));
                best[2] = best[2].min(once(&mut new[1]));
            }
            let ratios =
                [best[1] / best[0], best[2] / best[0], new[0].compile_ms / bare.compile_ms, new[1].compile_ms / bare.compile_ms];
            count += 1.0;
            for (sum, ratio) in logarithms.iter_mut().zip(ratios) {
                *sum += f64::ln(ratio);
            }
            println!(
                "{compiler:?} {name:10} {:8.1} ms, run: plain {:.3} refined {:.3}; compile: {:.2} {:.2}",
                best[0], ratios[0], ratios[1], ratios[2], ratios[3]
            );
        }
        let means = logarithms.map(|sum| f64::exp(sum / count));
        println!(
            "{compiler:?} geometric means: run: plain {:.3} refined {:.3}; compile: {:.2} {:.2}",
            means[0], means[1], means[2], means[3]
        );
    }
}

#[test]
#[ignore = "prints figures"]
fn megabytes_a_second() {
    for (name, module) in modules() {
        let mut best = f64::MAX;
        let mut size = 0;
        for _ in 0..5 {
            let started = Instant::now();
            size = instrument(&module, TrapPlaces::Told).unwrap().bytes.len();
            best = best.min(started.elapsed().as_secs_f64());
        }
        let input = module.len() as f64;
        println!("{name:10} {:6.2} MB: {:6.1} MB/s, grows by {:.2}", input / 1e6, input / 1e6 / best, size as f64 / input);
    }
}
