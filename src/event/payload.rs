//! Bytes that crossed the border between skill and host, as text where they are text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A request, a response, a value, or output of a skill.
///
/// In JSON, text is a string and anything else `{"base64": "…"}`; both directions are exact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Valid UTF-8.
    Text(String),
    /// Bytes that are not valid UTF-8.
    Bytes(Vec<u8>),
}

impl Payload {
    /// The bytes, whichever way they are held.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The text, where the bytes are text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The text, with bytes that are not UTF-8 replaced: for people's eyes only.
    pub fn to_text_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|refused| Self::Bytes(refused.into_bytes()), Self::Text)
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serialize_base64(bytes, serializer),
        }
    }
}

fn serialize_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry("base64", &STANDARD.encode(bytes))?;
    map.end()
}

/// Writes text with control characters as base64 too: numbers in memory are often such text, and JSON takes six characters for each.
pub(super) fn serialize_compact<S: Serializer>(payload: &Payload, serializer: S) -> Result<S::Ok, S::Error> {
    let is_plain = |text: &str| !text.bytes().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t'));
    match payload {
        Payload::Text(text) if is_plain(text) => serializer.serialize_str(text),
        _ => serialize_base64(payload.as_bytes(), serializer),
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads both forms, without looking at them twice: records have millions of them.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Payload;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text or {\"base64\": \"…\"}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Payload, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Payload, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload, A::Error> {
        match map.next_entry::<String, String>()? {
            Some((key, encoded)) if key == "base64" && map.next_key::<String>()?.is_none() => {
                STANDARD.decode(encoded).map(Payload::from).map_err(A::Error::custom)
            }
            _ => Err(A::Error::custom("an object in the place of bytes has \"base64\" and nothing else")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_string_and_other_bytes_are_base64() {
        let text = Payload::from("héllo".as_bytes());
        let bytes = Payload::from(&[0xff, 0x00][..]);
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"héllo\"");
        assert_eq!(serde_json::to_string(&bytes).unwrap(), r#"{"base64":"/wA="}"#);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for payload in [Payload::from("a\0b"), Payload::from(&[0xc0, 0x80][..]), Payload::from("")] {
            let json = serde_json::to_string(&payload).unwrap();
            assert_eq!(serde_json::from_str::<Payload>(&json).unwrap(), payload);
        }
        for json in [r#"{"base64":"!"}"#, r#"{"base64":"","more":""}"#, "{}", "5", r#"{"text":"x"}"#] {
            assert!(serde_json::from_str::<Payload>(json).is_err(), "{json}");
        }
    }
}
