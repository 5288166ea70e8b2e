//! toml: a document on stdin is read, changed and written again.

use toml::{Table, Value};

fn double(value: &mut Value) -> usize {
    match value {
        Value::Integer(number) => {
            *number = number.wrapping_mul(2);
            1
        }
        Value::Array(list) => list.iter_mut().map(double).sum(),
        Value::Table(table) => table.iter_mut().map(|(_, value)| double(value)).sum(),
        Value::String(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => 0,
    }
}

fn main() {
    let text = std::io::read_to_string(std::io::stdin()).expect("text");
    let mut document: Table = text.parse().expect("TOML");
    let doubled: usize = document.iter_mut().map(|(_, value)| double(value)).sum();
    let written = toml::to_string_pretty(&document).expect("it can be written");
    let again: Table = written.parse().expect("TOML");
    println!("{}", serde_json::json!({ "doubled": doubled, "bytes": written.len(), "same": again == document }));
}
