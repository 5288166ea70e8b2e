//! Random modules and mutations of real ones do the same bare and instrumented, with both compilers, and cost what the interpreter counts.

use crate::proof::compare::{Compared, compare_with_numbers};
use crate::proof::generate::{Random, config};
use crate::proof::in_parallel;
use crate::proof::mutate::{REAL_MODULES, mutated};
use std::path::Path;
use wasm_smith::Config;

/// Tells on a failure which module it was.
struct Told<'a>(&'a str, u64, &'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}.wasm", self.0, self.1));
            let written = std::fs::write(&path, self.2);
            eprintln!("the module of seed {}: {} ({written:?})", self.1, path.display());
        }
    }
}

/// The seeds of a test; more of them where the environment's `PROOF_SEEDS` says how many.
fn seeds(usual: u64) -> Vec<u64> {
    let wanted = std::env::var("PROOF_SEEDS").ok().and_then(|number| number.parse().ok());
    (0..wanted.unwrap_or(usual)).collect()
}

fn sum(all: Vec<Compared>) -> Compared {
    let mut sum = Compared::default();
    all.into_iter().for_each(|one| sum += one);
    sum
}

#[test]
fn generated_modules_do_the_same_in_every_way_and_cost_what_the_rule_says() {
    let seeds = seeds(300);
    let all = sum(in_parallel(&seeds, |seed| {
        let mut random = Random::new(*seed);
        // Floats for loops, which only Cranelift compiles, are in most modules with such types of blocks.
        let module = random.module(&Config { multi_value_enabled: seed % 4 == 0, ..config() });
        let _told = Told("generated", *seed, &module);
        compare_with_numbers(&module, &mut || random.number())
    }));
    println!("{all:?}");
    assert!(all.calls > 1000 && all.traps > 50 && all.out_of_fuel > 50, "{all:?}");
    assert!(all.refused < seeds.len() as u64 / 4, "{all:?}");
}

#[test]
fn mutations_of_real_modules_do_the_same_in_every_way() {
    let seeds = seeds(150);
    let all = sum(in_parallel(&seeds, |seed| {
        let mut random = Random::new(*seed);
        let module = REAL_MODULES[usize::try_from(seed % 3).unwrap()];
        let times = usize::try_from(1 + random.below(4)).unwrap();
        match mutated(module, random.number(), times) {
            Some(mutated) => {
                let _told = Told("mutated", *seed, &mutated);
                compare_with_numbers(&mutated, &mut || random.number())
            }
            None => Compared::default(),
        }
    }));
    println!("{all:?}");
    assert!(all.calls > 100 && all.traps > 20, "{all:?}");
}
