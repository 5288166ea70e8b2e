//! A WASI command round regex and serde_json: `{"pattern": …, "text": …}` in, every match with its groups out.

use regex::Regex;
use serde_json::{Value, json};
use std::io::{read_to_string, stdin};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let input: Value = serde_json::from_str(&read_to_string(stdin())?)?;
    let pattern = Regex::new(input["pattern"].as_str().ok_or("no pattern")?)?;
    let text = input["text"].as_str().ok_or("no text")?;
    let matches: Vec<Value> = pattern
        .captures_iter(text)
        .map(|groups| groups.iter().map(|group| group.map(|found| found.as_str())).collect())
        .collect();
    println!("{}", json!({ "matches": matches }));
    Ok(())
}
