//! A skill's values as a JSON document, in and out: text as a string, other bytes as `{"base64": "…"}`.

use super::{StoreError, ValueStore};
use crate::event::{Failure, MAX_KEY_BYTES, MAX_TRANSFER_BYTES, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Why a document of values cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum StoreJsonError {
    /// It is not JSON, or not of this form; the message ends in line and column.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// The store refuses the values.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StoreJsonError> for Failure {
    fn from(error: StoreJsonError) -> Self {
        let message = error.to_string();
        match error {
            StoreJsonError::Malformed(_) => Self::new("store-json", message)
                .with_hint("the form is {\"key\": \"text\"}, with bytes that are not text as {\"key\": {\"base64\": \"…\"}}"),
            StoreJsonError::Store(_) => Self::new("store", message),
        }
    }
}

/// Writes all values of a document into a skill's namespace, or none of them. Returns how many there were.
///
/// # Errors
/// See [`StoreJsonError`].
pub fn load_json(store: &dyn ValueStore, skill: &str, document: &str) -> Result<usize, StoreJsonError> {
    let entries = parse_json(document)?;
    store.set_all(skill, &entries)?;
    Ok(entries.len())
}

/// The keys and values of a document, for a store that is told later whose they are.
///
/// # Errors
/// [`StoreJsonError::Malformed`].
pub fn parse_json(document: &str) -> Result<Vec<(String, Vec<u8>)>, StoreJsonError> {
    let mut reader = serde_json::Deserializer::from_str(document);
    let values = reader.deserialize_map(Document)?;
    reader.end()?;
    Ok(values.into_iter().collect())
}

/// All values of a skill as a document.
///
/// # Errors
/// Where the store fails.
pub fn to_json(store: &dyn ValueStore, skill: &str) -> Result<Value, StoreError> {
    let entries = store.entries(skill)?.into_iter().map(|(key, bytes)| {
        let value = match Payload::from(bytes) {
            Payload::Text(text) => Value::String(text),
            Payload::Bytes(bytes) => serde_json::json!({ "base64": STANDARD.encode(bytes) }),
        };
        (key, value)
    });
    Ok(Value::Object(entries.collect()))
}

struct Document;

impl<'de> Visitor<'de> for Document {
    type Value = BTreeMap<String, Vec<u8>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of keys and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if exceeds(key.len(), MAX_KEY_BYTES) {
                return Err(A::Error::custom(format!("a key of {} bytes is over the limit of {MAX_KEY_BYTES}", key.len())));
            }
            if values.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} is there twice")));
            }
            let value = map.next_value_seed(StoredValue { key: &key })?;
            values.insert(key, value);
        }
        Ok(values)
    }
}

struct StoredValue<'a> {
    key: &'a str,
}

impl StoredValue<'_> {
    fn within_limit<E: serde::de::Error>(&self, value: Vec<u8>) -> Result<Vec<u8>, E> {
        if exceeds(value.len(), MAX_TRANSFER_BYTES) {
            let (key, size) = (self.key, value.len());
            return Err(E::custom(format!("the value of {key:?} has {size} bytes, over the limit of {MAX_TRANSFER_BYTES}")));
        }
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for StoredValue<'_> {
    type Value = Vec<u8>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StoredValue<'_> {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string or {{\"base64\": \"…\"}} as the value of {:?}", self.key)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        self.within_limit(text.as_bytes().to_vec())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let (Some((field, encoded)), None) = (map.next_entry::<String, String>()?, map.next_key::<String>()?) else {
            return Err(A::Error::custom(format!("expected {{\"base64\": \"…\"}} as the value of {:?}", self.key)));
        };
        if field != "base64" {
            return Err(A::Error::custom(format!("unknown field {field:?} in the value of {:?}: expected \"base64\"", self.key)));
        }
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|error| A::Error::custom(format!("the value of {:?} is not base64: {error}", self.key)))?;
        self.within_limit(bytes)
    }
}

fn exceeds(size: usize, limit: u64) -> bool {
    u64::try_from(size).unwrap_or(u64::MAX) > limit
}

#[cfg(test)]
mod tests {
    use super::super::MemoryStore;
    use super::*;

    #[test]
    fn a_document_goes_in_and_comes_out_the_same() {
        let store = MemoryStore::new();
        let document = r#"{"a": "text", "b/é": {"base64": "/wA="}, "c": ""}"#;
        assert_eq!(load_json(&store, "skill", document).unwrap(), 3);
        assert_eq!(store.get("skill", "b/é").unwrap().unwrap(), [0xff, 0]);
        assert_eq!(to_json(&store, "skill").unwrap(), serde_json::from_str::<Value>(document).unwrap());
        assert_eq!(to_json(&store, "other").unwrap(), serde_json::json!({}));
    }

    #[test]
    fn a_wrong_document_is_refused_with_its_place_and_stores_nothing() {
        let store = MemoryStore::new();
        let long_key = "k".repeat(8193);
        for (document, part) in [
            ("{\"a\": \"x\",\n \"b\": 7}", "line 2 column"),
            ("{\"a\": \"x\",\n \"b\": 7}", "\"b\""),
            ("[]", "an object of keys"),
            ("{\"a\": {\"base65\": \"\"}}", "base65"),
            ("{\"a\": {\"base64\": \"\", \"x\": 1}}", "expected {\"base64\""),
            ("{\"a\": {}}", "expected {\"base64\""),
            ("{\"a\": {\"base64\": \"!\"}}", "not base64"),
            ("{\"a\": \"1\", \"a\": \"2\"}", "twice"),
            ("{\"a\": \"1\"} x", "trailing"),
            (&format!("{{\"{long_key}\": \"\"}}"), "8192"),
            ("", "EOF"),
        ] {
            let error = load_json(&store, "skill", document).unwrap_err().to_string();
            assert!(error.contains(part), "{document}: {error}");
            assert!(error.contains("line "), "{document}: {error}");
        }
        assert!(store.entries("skill").unwrap().is_empty());
    }

    #[test]
    fn a_value_over_the_limit_is_refused() {
        let store = MemoryStore::new();
        let document = format!("{{\"a\": \"{}\"}}", "x".repeat((16 << 20) + 1));
        assert!(load_json(&store, "skill", &document).unwrap_err().to_string().contains("16777216"));
    }
}
