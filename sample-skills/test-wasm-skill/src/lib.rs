//! The smallest skill that shows each side of the engine:
//!
//! - `{"prompt": "…"}` asks the AI and returns `{"response": "…"}`;
//! - `{"spin": true}` never returns;
//! - `{"allocate_mib": n}` tries to allocate that much and returns whether it could;
//! - anything else is returned as it came: `{"echo": …}`.

use serde_json::{Value, json};
use skill_sdk::ai_prompt;

skill_sdk::d04!(run);

fn run(input: &str) -> String {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    if let Some(prompt) = input["prompt"].as_str() {
        ask(prompt)
    } else if input["spin"] == true {
        spin()
    } else if let Some(mib) = input["allocate_mib"].as_u64() {
        allocate(mib)
    } else {
        json!({ "echo": input })
    }
    .to_string()
}

fn ask(prompt: &str) -> Value {
    match ai_prompt(prompt) {
        Ok(response) => json!({ "response": response }),
        Err(error) => json!({ "error": error.to_string(), "code": error.code }),
    }
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

fn allocate(mib: u64) -> Value {
    let bytes = usize::try_from(mib.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
    let mut buffer: Vec<u8> = Vec::new();
    let allocated = buffer.try_reserve_exact(bytes).is_ok();
    std::hint::black_box(&buffer);
    json!({ "allocated": allocated, "mib": mib })
}
