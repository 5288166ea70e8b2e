//! Summarizes notes with an AI, and remembers them.
//!
//! - `{"note": "…", "id": "…"}` summarizes the note and stores both under `notes/by-id/ID`; the id may be left out. A note that
//!   is already stored with the same text is answered from memory, and no AI is asked.
//! - `{"read": "ID"}` returns a stored note.
//! - Anything else lists the stored ids.

use serde_json::{Value, json};
use skill_sdk::{HostError, Level, ai_prompt, log, memory_get, memory_set};

skill_sdk::d04!(run);

const INDEX: &str = "notes/index";

fn run(input: &str) -> String {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let answer = match (&input["note"], &input["read"]) {
        (Value::String(note), _) => summarize(note, input["id"].as_str()),
        (_, Value::String(id)) => read(id),
        _ => list(),
    };
    answer.unwrap_or_else(|error| json!({ "error": error.to_string(), "code": error.code })).to_string()
}

fn summarize(note: &str, id: Option<&str>) -> Result<Value, HostError> {
    let id = id.map_or_else(|| slug(note), str::to_owned);
    if let Some(stored) = stored(&id)?
        && stored["note"] == note
    {
        log(Level::Debug, &format!("{id} is known"));
        return Ok(json!({ "id": id, "summary": stored["summary"], "from_memory": true }));
    }
    let summary = ai_prompt(&format!("Summarize this note in one sentence:\n\n{note}"))?;
    memory_set(&key(&id), json!({ "note": note, "summary": summary }).to_string().as_bytes());
    remember(&id)?;
    log(Level::Info, &format!("{id} is stored"));
    Ok(json!({ "id": id, "summary": summary, "from_memory": false }))
}

fn read(id: &str) -> Result<Value, HostError> {
    let stored = stored(id)?.ok_or(HostError { code: -1 })?;
    Ok(json!({ "id": id, "note": stored["note"], "summary": stored["summary"] }))
}

fn list() -> Result<Value, HostError> {
    Ok(json!({ "notes": index()?, "usage": "give {\"note\": \"…\"} or {\"read\": \"ID\"}" }))
}

fn stored(id: &str) -> Result<Option<Value>, HostError> {
    Ok(memory_get(&key(id))?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn index() -> Result<Vec<Value>, HostError> {
    let bytes = memory_get(INDEX)?.unwrap_or_default();
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

fn remember(id: &str) -> Result<(), HostError> {
    let mut ids = index()?;
    if !ids.iter().any(|known| known == id) {
        ids.push(id.into());
        memory_set(INDEX, Value::from(ids).to_string().as_bytes());
    }
    Ok(())
}

fn key(id: &str) -> String {
    format!("notes/by-id/{id}")
}

/// The first words of a note, as an id.
fn slug(note: &str) -> String {
    let words: Vec<String> = note
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { "empty".into() } else { words.join("-") }
}
