//! A WASI command: JSON on stdin, JSON on stdout. It fills a template from the directory `/templates`.
//!
//! `{"template": "welcome", "values": {"name": "Ada"}}` → `{"skill": "fill-template", "text": "…"}`. Each `{name}` of the
//! template is replaced by its value, and `{signature}` by the environment's `SIGNATURE`. Without an input, it lists the templates.

use serde_json::{Map, Value, json};
use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Value, String> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).map_err(|error| format!("stdin: {error}"))?;
    let input: Value = serde_json::from_str(&input).map_err(|error| format!("the input is not JSON: {error}"))?;
    match input["template"].as_str() {
        Some(name) => fill(name, input["values"].as_object().cloned().unwrap_or_default()),
        None => list(),
    }
}

fn fill(name: &str, mut values: Map<String, Value>) -> Result<Value, String> {
    let path = format!("/templates/{name}.txt");
    let template = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    if let Ok(signature) = std::env::var("SIGNATURE") {
        values.entry("signature").or_insert(signature.into());
    }
    let text = values.iter().fold(template, |text, (name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.replace(&format!("{{{name}}}"), &value)
    });
    let skill = std::env::args().next();
    Ok(json!({ "skill": skill, "text": text.trim_end() }))
}

fn list() -> Result<Value, String> {
    let entries = std::fs::read_dir("/templates").map_err(|error| format!("/templates: {error}"))?;
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned)).collect();
    names.sort();
    Ok(json!({ "templates": names }))
}
