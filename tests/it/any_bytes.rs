//! Manifests, modules and host-call arguments of any bytes: what the fuzz targets do without an end, here with bounds and fixed seeds.

use crate::proof::generate::Random;
use crate::proof::mutate::REAL_MODULES;
use crate::proof::{from_bytes, host_calls, in_parallel};

/// The bytes with a few of them changed, put in, or cut off.
fn damaged(content: &[u8], random: &mut Random) -> Vec<u8> {
    let mut content = content.to_vec();
    for _ in 0..=random.below(4) {
        let at = usize::try_from(random.below(content.len() as u64 + 1)).unwrap();
        let byte = random.number().to_le_bytes()[0];
        match random.below(8) {
            0 => content.truncate(at),
            1 => content.insert(at, byte),
            2 if at < content.len() => drop(content.remove(at)),
            _ if at < content.len() => content[at] = byte,
            _ => content.push(byte),
        }
    }
    content
}

/// Does it with each original, many times damaged.
fn with_damage(originals: &[Vec<u8>], times: u64, work: fn(&[u8])) {
    let seeds: Vec<u64> = (0..times).collect();
    in_parallel(&seeds, |seed| {
        let mut random = Random::new(*seed);
        let original = &originals[usize::try_from(seed % originals.len() as u64).unwrap()];
        work(&damaged(original, &mut random));
    });
}

#[test]
fn no_damaged_manifest_makes_a_panic() {
    let manifests = ["summarize", "fill-template", "page-title", "memory-hog"].map(|sample| {
        let path = format!("{}/sample-skills/{sample}/skill.toml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    });
    with_damage(&manifests, 4000, from_bytes::manifest);
}

#[test]
fn no_damaged_module_makes_a_panic() {
    let mut modules: Vec<Vec<u8>> = REAL_MODULES.iter().map(|module| module.to_vec()).collect();
    modules.push(wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"_start\") (loop (br 0))))").unwrap());
    with_damage(&modules, 1200, from_bytes::loading);
    let texts = ["infinite-loop/infinite-loop.wat", "refused/refused.wat", "memory-hog/memory-hog.wat"].map(|sample| {
        let path = format!("{}/sample-skills/{sample}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    });
    with_damage(&texts, 1200, from_bytes::loading);
}

#[test]
fn modules_of_any_bytes_do_the_same_in_every_way() {
    let seeds: Vec<u64> = (0..60).collect();
    in_parallel(&seeds, |seed| from_bytes::difference(&Random::new(*seed).bytes(2000)));
}

#[test]
fn host_calls_with_any_arguments_return_or_end_the_run() {
    let seeds: Vec<u64> = (0..1500).collect();
    let returned: usize = in_parallel(&seeds, |seed| host_calls::calls(&Random::new(*seed).bytes(1500))).iter().sum();
    assert!(returned > 3000, "{returned}");
}
