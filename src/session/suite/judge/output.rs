//! The output of a case.

use super::json::{compare, first_absence, first_difference, place};
use super::{Measured, difference, difference_of_json, text_mismatch};
use crate::event::{JsonDocument, Mismatch, MismatchKind};
use crate::skill::cases::{Assertion, CheckedSchema, Content, JsonType, Operator, OutputCheck};
use serde_json::Value;
use std::cmp::Ordering;

/// What is wrong with the output.
pub fn judge(checks: &[OutputCheck], measured: &Measured<'_>) -> Vec<Mismatch> {
    if checks.is_empty() {
        return Vec::new();
    }
    let Some(document) = &measured.finished.output else {
        let message = match &measured.finished.output_text {
            Some(_) => "the output is not JSON",
            None => "there is no output",
        };
        return vec![Mismatch::new(MismatchKind::Output, message)];
    };
    let found = match serde_json::from_str::<Value>(document.as_str()) {
        Ok(found) => found,
        Err(error) => {
            let message =
                format!("the output cannot be compared, since it is nested too deeply or holds what no number can: {error}");
            return vec![Mismatch::new(MismatchKind::Output, message)];
        }
    };
    checks.iter().flat_map(|check| judge_one(check, document, &found, measured)).collect()
}

fn judge_one(check: &OutputCheck, document: &JsonDocument, found: &Value, measured: &Measured<'_>) -> Vec<Mismatch> {
    match check {
        OutputCheck::Equals(content) => match document_of(content, measured) {
            Ok(expected) => equals("the output", &expected, found).into_iter().collect(),
            Err(mismatch) => vec![mismatch],
        },
        OutputCheck::Includes(expected) => first_absence(expected, found)
            .map(|at| {
                let message = format!("the output does not include what was expected: it differs at {}", place(&at));
                Mismatch::new(MismatchKind::Output, message).with_details(difference_of_json(expected, found))
            })
            .into_iter()
            .collect(),
        OutputCheck::Text(expected) => {
            let text = found.as_str().unwrap_or(document.as_str());
            let is_wrong = !expected.fits(text);
            is_wrong.then(|| text_mismatch(MismatchKind::Output, "the output's text", expected, text)).into_iter().collect()
        }
        OutputCheck::Schema(schema) => by_schema(schema, found),
        OutputCheck::SchemaFile(content) => match document_of(content, measured).map(CheckedSchema::new) {
            Ok(Ok(schema)) => by_schema(&schema, found),
            Ok(Err(error)) => vec![Mismatch::new(MismatchKind::File, format!("{}: {error}", named(content)))],
            Err(mismatch) => vec![mismatch],
        },
        OutputCheck::Snapshot => snapshot(found, measured).into_iter().collect(),
        OutputCheck::Assert(assertion) => assert(assertion, found),
    }
}

/// What is wrong with a value that is to be another.
pub fn equals(what: &str, expected: &Value, found: &Value) -> Option<Mismatch> {
    let at = first_difference(expected, found)?;
    let message = format!("{what} is not what was expected: it differs at {}", place(&at));
    Some(Mismatch::new(MismatchKind::Output, message).with_details(difference_of_json(expected, found)))
}

fn document_of(content: &Content, measured: &Measured<'_>) -> Result<Value, Mismatch> {
    let bytes = content.bytes(measured.directory).map_err(|error| Mismatch::new(MismatchKind::File, error.to_string()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Mismatch::new(MismatchKind::File, format!("{} is not JSON: {error}", named(content))))
}

fn named(content: &Content) -> String {
    match content {
        Content::File(path) => path.display().to_string(),
        Content::Inline(_) => "what was expected".to_owned(),
    }
}

fn by_schema(schema: &CheckedSchema, found: &Value) -> Vec<Mismatch> {
    match schema.faults(found) {
        Ok(faults) if faults.is_empty() => Vec::new(),
        Ok(faults) => {
            vec![Mismatch::new(MismatchKind::Output, "the output is not valid by the schema").with_details(faults.join("\n"))]
        }
        Err(error) => vec![Mismatch::new(MismatchKind::Output, error.to_string())],
    }
}

fn snapshot(found: &Value, measured: &Measured<'_>) -> Option<Mismatch> {
    match measured.snapshots.output() {
        Ok(Some(expected)) => first_difference(&expected, found).map(|at| {
            let message = format!("the output is not the accepted one: it differs at {}", place(&at));
            Mismatch::new(MismatchKind::Snapshot, message).with_details(difference_of_json(&expected, found))
        }),
        Ok(None) => {
            let hint = "where it is right, `skillscope --test --accept` writes it down";
            let shown = difference("", &format!("{found:#}"));
            Some(Mismatch::new(MismatchKind::NotAccepted, "no output was accepted yet").with_details(format!("{shown}\n{hint}")))
        }
        Err(error) => Some(Mismatch::new(MismatchKind::File, error.to_string())),
    }
}

fn assert(assertion: &Assertion, document: &Value) -> Vec<Mismatch> {
    let found = document.pointer(&assertion.at);
    let wrong = assertion.operators.iter().filter_map(|operator| fault(operator, found));
    let at = place(&assertion.at);
    wrong
        .map(|(words, difference)| {
            let mismatch = Mismatch::new(MismatchKind::Output, format!("{at}: {words}")).at_line(assertion.line);
            match difference {
                Some(difference) => mismatch.with_details(difference),
                None => mismatch,
            }
        })
        .collect()
}

/// Why an operator does not hold: words, and a difference where there is one to see.
fn fault(operator: &Operator, found: Option<&Value>) -> Option<(String, Option<String>)> {
    let plain = |words: String| Some((words, None));
    let found = match (operator, found) {
        (Operator::Exists(true), Some(_)) | (Operator::Exists(false), None) => return None,
        (Operator::Exists(false), Some(found)) => return plain(format!("expected nothing there, and found {}", short(found))),
        (_, None) => return plain("there is nothing at this place".to_owned()),
        (_, Some(found)) => found,
    };
    match operator {
        Operator::Exists(_) => None,
        Operator::Equals(expected) => first_difference(expected, found).map(|_| {
            let is_small = !expected.is_object() && !expected.is_array();
            let details = (!is_small).then(|| difference_of_json(expected, found));
            (format!("expected {}, and found {}", short(expected), short(found)), details)
        }),
        Operator::Differs(other) if first_difference(other, found).is_none() => {
            plain(format!("expected anything but {}, and that is it", short(other)))
        }
        Operator::Includes(expected) => first_absence(expected, found).map(|at| {
            let words = format!("{} does not include {}: it differs at {}", short(found), short(expected), place(&at));
            (words, Some(difference_of_json(expected, found)))
        }),
        Operator::Contains(part) if !contains(found, part) => plain(format!("{} does not contain {}", short(found), short(part))),
        Operator::Matches(pattern) if !found.as_str().is_some_and(|text| pattern.0.is_match(text)) => {
            plain(format!("{} does not match {:?}", short(found), pattern.0.as_str()))
        }
        Operator::Type(expected) if !expected.fits(found) => {
            plain(format!("expected the type {}, and found {}: {}", expected.word(), type_of(found), short(found)))
        }
        Operator::Length(expected) => match length(found) {
            Some(length) if length == *expected => None,
            Some(length) => plain(format!("expected the length {expected}, and found {length}: {}", short(found))),
            None => plain(format!("{} has no length", short(found))),
        },
        Operator::Min(least) => bound(found, least, Ordering::Less, "less than"),
        Operator::Max(most) => bound(found, most, Ordering::Greater, "more than"),
        Operator::Differs(_) | Operator::Contains(_) | Operator::Matches(_) | Operator::Type(_) => None,
    }
}

fn bound(found: &Value, bound: &serde_json::Number, wrong: Ordering, words: &str) -> Option<(String, Option<String>)> {
    let Value::Number(number) = found else { return Some((format!("{} is no number", short(found)), None)) };
    (compare(number, bound) == Some(wrong)).then(|| (format!("{number} is {words} {bound}"), None))
}

fn contains(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(elements), part) => elements.iter().any(|element| first_difference(part, element).is_none()),
        (Value::Object(entries), Value::String(key)) => entries.contains_key(key),
        _ => false,
    }
}

fn length(found: &Value) -> Option<u64> {
    let count = match found {
        Value::String(text) => text.chars().count(),
        Value::Array(elements) => elements.len(),
        Value::Object(entries) => entries.len(),
        _ => return None,
    };
    u64::try_from(count).ok()
}

fn type_of(value: &Value) -> &'static str {
    JsonType::ALL.into_iter().find(|known| known.fits(value)).map_or("a value", JsonType::word)
}

/// A value in some words.
fn short(value: &Value) -> String {
    const MOST: usize = 120;
    let text = value.to_string();
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).collect::<String>() + "…" }
}
