//! Whether JSON values are the same, or one is in the other; and at which place they first differ.

use serde_json::{Number, Value};

/// The first place at which two values differ, as a JSON Pointer; `None` where they are equal. The order of keys does not count, and
/// neither does how a number is written.
pub fn first_difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Number(expected), Value::Number(found)) => (!same_number(expected, found)).then(String::new),
        (Value::Array(expected), Value::Array(found)) => {
            let below = expected.iter().zip(found).enumerate();
            let differs = below
                .filter_map(|(index, (expected, found))| first_difference(expected, found).map(|rest| format!("/{index}{rest}")));
            let is_longer = || (expected.len() != found.len()).then(|| format!("/{}", expected.len().min(found.len())));
            differs.into_iter().next().or_else(is_longer)
        }
        (Value::Object(expected), Value::Object(found)) => {
            let missing = expected.iter().find_map(|(key, expected)| match found.get(key) {
                Some(found) => first_difference(expected, found).map(|rest| format!("/{}{rest}", escaped(key))),
                None => Some(format!("/{}", escaped(key))),
            });
            missing.or_else(|| found.keys().find(|key| !expected.contains_key(*key)).map(|key| format!("/{}", escaped(key))))
        }
        _ => (expected != found).then(String::new),
    }
}

/// The first place at which `found` has not what `expected` has, as a JSON Pointer; `None` where it has all of it.
pub fn first_absence(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(key, expected)| match found.get(key) {
            Some(found) => first_absence(expected, found).map(|rest| format!("/{}{rest}", escaped(key))),
            None => Some(format!("/{}", escaped(key))),
        }),
        (Value::Array(expected), Value::Array(found)) => {
            let mut rest = found.iter();
            expected.iter().enumerate().find_map(|(index, expected)| {
                let is_there = rest.any(|found| first_absence(expected, found).is_none());
                (!is_there).then(|| format!("/{index}"))
            })
        }
        _ => first_difference(expected, found),
    }
}

/// How two numbers are to each other; `None` where one of them is none of this world.
pub fn compare(left: &Number, right: &Number) -> Option<std::cmp::Ordering> {
    match (as_integer(left), as_integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    compare(left, right) == Some(std::cmp::Ordering::Equal)
}

fn as_integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A place in words.
pub fn place(pointer: &str) -> String {
    if pointer.is_empty() { "the document".to_owned() } else { pointer.to_owned() }
}
