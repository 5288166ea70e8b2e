//! Keeps a tally of the mood of messages: a skill of the `cis-sdk` profile, which is sent events.
//!
//! - `message` with `{"text": "…"}`: an AI says the mood in one word; the tally grows. The result is the tally of that mood.
//! - `report`: logs the tally. The result is the number of messages.
//! - Any other event is refused with a negative result.

use serde_json::{Map, Value};
use skill_sdk::{HostError, Level, ai_chat, config_get, log, memory_get, memory_set, now};

const TALLY: &str = "mood/tally";
const UNKNOWN_EVENT: i32 = -1;
const NO_TEXT: i32 = -2;

#[unsafe(no_mangle)]
extern "C" fn alloc(len: usize) -> *mut u8 {
    skill_sdk::allocate(len)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dealloc(pointer: *mut u8, len: usize) {
    // SAFETY: the host gives back what `alloc` returned, with the same length.
    unsafe { skill_sdk::deallocate(pointer, len) }
}

#[unsafe(no_mangle)]
extern "C" fn skill_init() -> i32 {
    let greeting = config_get("greeting").ok().flatten().unwrap_or_else(|| "Ready".into());
    log(Level::Info, &format!("{greeting} (it is {} s after 1970)", now()));
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn skill_on_event(kind: *const u8, kind_len: usize, data: *const u8, data_len: usize) -> i32 {
    // SAFETY: the host wrote both ranges, and nobody else writes there during the call.
    let (kind, data) = unsafe { (std::slice::from_raw_parts(kind, kind_len), std::slice::from_raw_parts(data, data_len)) };
    let data: Value = serde_json::from_slice(data).unwrap_or_default();
    match kind {
        b"message" => message(&data).unwrap_or_else(|error| {
            log(Level::Error, &error.to_string());
            error.code
        }),
        b"report" => report(),
        _ => {
            log(Level::Warn, &format!("no such event: {}", String::from_utf8_lossy(kind)));
            UNKNOWN_EVENT
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn skill_shutdown() -> i32 {
    log(Level::Info, "Good bye");
    0
}

fn message(data: &Value) -> Result<i32, HostError> {
    let Some(text) = data["text"].as_str() else {
        log(Level::Error, "the event's data has no \"text\"");
        return Ok(NO_TEXT);
    };
    let answer = ai_chat(&format!("What is the mood of this message? Answer with one word.\n\n{text}"))?;
    let mood: String = answer.trim().chars().take_while(|letter| letter.is_alphabetic()).collect::<String>().to_lowercase();
    let mut tally = tally()?;
    let count = tally.get(&mood).and_then(Value::as_i64).unwrap_or(0) + 1;
    tally.insert(mood.clone(), count.into());
    memory_set(TALLY, Value::from(tally).to_string().as_bytes());
    log(Level::Info, &format!("{mood}: {count}"));
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

fn report() -> i32 {
    let tally = tally().unwrap_or_default();
    let total: i64 = tally.values().filter_map(Value::as_i64).sum();
    log(Level::Info, &Value::from(tally).to_string());
    i32::try_from(total).unwrap_or(i32::MAX)
}

fn tally() -> Result<Map<String, Value>, HostError> {
    let bytes = memory_get(TALLY)?.unwrap_or_default();
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}
