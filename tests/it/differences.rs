//! Random modules and mutations of real ones do the same bare and instrumented, with both compilers, and cost what the interpreter counts.

use crate::proof::compare::{Bounds, Compared, compare};
use crate::proof::generate::{Random, config};
use crate::proof::in_parallel;
use crate::proof::mutate::mutated;
use crate::proof::script::Script;
use std::path::Path;

const SLICES: [i64; 4] = [0, 1, 97, 2_000_000];

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

/// Compares all exports of a module, with fuel and slices that come of the seed.
fn compare_with_seed(module: &[u8], random: &mut Random) -> Compared {
    let script = Script::of_all_exports(module, 8, &mut || random.number());
    let slice = SLICES[usize::try_from(random.below(4)).unwrap()];
    // Short limits end runs in many places, long ones let them go on.
    let fuel = [20, 500, 50_000][usize::try_from(random.below(3)).unwrap()];
    compare(module, &script, Bounds { fuel, slice })
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
        let module = random.module(&config());
        let _told = Told("generated", *seed, &module);
        compare_with_seed(&module, &mut random)
    }));
    println!("{all:?}");
    assert!(all.calls > 1000 && all.traps > 50 && all.out_of_fuel > 50 && all.refused == 0, "{all:?}");
}

/// Small modules that compilers made, without the sections that say nothing to an engine.
fn real_modules() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["tests/modules/em-hello/em-hello.wasm", "tests/modules/as-skill/as-skill.wasm", "sample-skills/word-count/word-count.wasm"]
        .map(|file| std::fs::read(root.join(file)).unwrap())
        .into()
}

#[test]
fn mutations_of_real_modules_do_the_same_in_every_way() {
    let real = real_modules();
    let seeds = seeds(150);
    let all = sum(in_parallel(&seeds, |seed| {
        let mut random = Random::new(*seed);
        let module = &real[usize::try_from(seed % 3).unwrap()];
        let times = usize::try_from(1 + random.below(4)).unwrap();
        match mutated(module, random.number(), times) {
            Some(mutated) => {
                let _told = Told("mutated", *seed, &mutated);
                compare_with_seed(&mutated, &mut random)
            }
            None => Compared::default(),
        }
    }));
    println!("{all:?}");
    assert!(all.calls > 100 && all.traps > 20, "{all:?}");
}
