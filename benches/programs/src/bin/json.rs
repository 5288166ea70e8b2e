//! serde_json: a list of records on stdin is read untyped and typed, sorted, and written again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize, Serialize)]
struct Record {
    id: u64,
    name: String,
    score: f64,
    tags: Vec<String>,
    note: Option<String>,
}

fn numbers(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or_default(),
        Value::Array(list) => list.iter().map(numbers).sum(),
        Value::Object(fields) => fields.values().map(numbers).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0.0,
    }
}

fn main() {
    let text = std::io::read_to_string(std::io::stdin()).expect("text");
    let untyped: Value = serde_json::from_str(&text).expect("JSON");
    let sum = numbers(&untyped);
    let pretty = serde_json::to_string_pretty(&untyped).expect("it can be written");
    let mut records: Vec<Record> = serde_json::from_str(&pretty).expect("records");
    records.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.name.cmp(&other.name)));
    let compact = serde_json::to_string(&records).expect("it can be written");
    let best = records.first().map(|record| &record.name);
    println!("{}", serde_json::json!({ "sum": sum, "pretty": pretty.len(), "compact": compact.len(), "best": best }));
}
