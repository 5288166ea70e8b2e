//! sha2 and blake3: `{"megabytes": n}` in, the digests of that much data out.

use sha2::{Digest, Sha256, Sha512};

fn main() {
    let input: serde_json::Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let megabytes = input["megabytes"].as_u64().expect("megabytes");
    let mut block: Vec<u8> = (0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let (mut sha256, mut sha512, mut blake) = (Sha256::new(), Sha512::new(), blake3::Hasher::new());
    for number in 0..megabytes {
        block[0] = number as u8;
        sha256.update(&block);
        sha512.update(&block);
        blake.update(&block);
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let output = serde_json::json!({
        "sha256": hex(&sha256.finalize()), "sha512": hex(&sha512.finalize()), "blake3": blake.finalize().to_hex().as_str(),
    });
    println!("{output}");
}
