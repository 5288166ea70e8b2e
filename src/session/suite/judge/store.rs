//! What the store holds after a case.

use super::json::first_difference;
use super::{Measured, difference_of_json, text_mismatch};
use crate::event::{Mismatch, MismatchKind};
use crate::skill::cases::{StoreAfter, StoredValue};
use std::collections::BTreeMap;

/// What is wrong with the store.
pub fn judge(expected: &StoreAfter, measured: &Measured<'_>) -> Vec<Mismatch> {
    let stored: BTreeMap<&str, &[u8]> = measured.stored.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect();
    let mut mismatches = Vec::new();
    let wanted = expected.whole.iter().flatten().chain(&expected.includes);
    for (key, value) in wanted {
        match stored.get(key.as_str()) {
            Some(found) => mismatches.extend(judge_value(key, value, found, measured)),
            None => {
                let keys: Vec<String> = stored.keys().take(10).map(|key| format!("{key:?}")).collect();
                let there =
                    if keys.is_empty() { "the memory is empty".to_owned() } else { format!("there are {}", keys.join(", ")) };
                let message = format!("the memory has no value under {key:?}");
                mismatches.push(Mismatch::new(MismatchKind::Store, message).with_details(there));
            }
        }
    }
    let surplus = |key: &&str| expected.whole.as_ref().is_some_and(|whole| !whole.contains_key(*key));
    for key in stored.keys().copied().filter(surplus) {
        mismatches.push(unexpected(key, &stored));
    }
    for key in &expected.lacks {
        if stored.contains_key(key.as_str()) {
            mismatches.push(unexpected(key, &stored));
        }
    }
    mismatches
}

fn unexpected(key: &str, stored: &BTreeMap<&str, &[u8]>) -> Mismatch {
    let found = String::from_utf8_lossy(stored.get(key).copied().unwrap_or_default());
    let message = format!("the memory has a value under {key:?}, and none was expected there");
    Mismatch::new(MismatchKind::Store, message).with_details(super::difference::found_only(&found))
}

fn judge_value(key: &str, expected: &StoredValue, found: &[u8], measured: &Measured<'_>) -> Option<Mismatch> {
    let what = format!("the value under {key:?}");
    match expected {
        StoredValue::Text(wanted) => {
            let text = String::from_utf8_lossy(found);
            (!wanted.fits(&text)).then(|| text_mismatch(MismatchKind::Store, &what, wanted, &text))
        }
        StoredValue::Json(wanted) => match serde_json::from_slice(found) {
            Ok(value) => first_difference(wanted, &value).map(|at| {
                let message = format!("{what} is not what was expected: it differs at {}", super::json::place(&at));
                Mismatch::new(MismatchKind::Store, message).with_details(difference_of_json(wanted, &value))
            }),
            Err(error) => Some(Mismatch::new(MismatchKind::Store, format!("{what} is not JSON: {error}"))),
        },
        StoredValue::Is(content) => match content.bytes(measured.directory) {
            Ok(wanted) if *wanted == *found => None,
            Ok(wanted) => {
                let message =
                    format!("{what} is not what was expected: {} bytes, and {} were expected", found.len(), wanted.len());
                let shown = super::difference(&String::from_utf8_lossy(&wanted), &String::from_utf8_lossy(found));
                Some(Mismatch::new(MismatchKind::Store, message).with_details(shown))
            }
            Err(error) => Some(Mismatch::new(MismatchKind::File, error.to_string())),
        },
    }
}
