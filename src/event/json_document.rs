//! A JSON document as somebody wrote it: checked, and never taken apart.
//!
//! Reading a document into numbers and maps would lose what does not fit there: long numbers and the way they are written,
//! equal keys, deep nesting. So its text is kept. Only white space between its tokens is left out, so that it is one line.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// One JSON document (RFC 8259), token by token as it was given: numbers, strings, the order of keys, equal keys. Cheap to
/// clone; equal where the texts are.
///
/// It is written into JSON as it stands and read back the same, at any depth. Only a serializer and a deserializer of JSON text
/// can do that, and no field that serde buffers can hold one (`flatten`, untagged and internally tagged enums).
#[derive(Clone, PartialEq, Eq)]
pub struct JsonDocument(Arc<str>);

/// Why bytes are no JSON document.
#[derive(Debug, thiserror::Error)]
pub enum JsonFault {
    /// They are no text.
    #[error("byte {offset} is not UTF-8 text")]
    NotText {
        /// The first byte that is wrong, from 0.
        offset: usize,
    },
    /// The text is not JSON.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
}

impl JsonDocument {
    /// Checks a document, in time and memory linear in its length, whatever its depth.
    ///
    /// # Errors
    /// Where it is not UTF-8, or not JSON by RFC 8259; with the place.
    pub fn parse(document: &[u8]) -> Result<Self, JsonFault> {
        let text = std::str::from_utf8(document).map_err(|error| JsonFault::NotText { offset: error.valid_up_to() })?;
        // What is ignored is checked all the same, by a loop that keeps open brackets on the heap.
        serde_json::from_str::<de::IgnoredAny>(text)?;
        Ok(Self::of_checked(text))
    }

    /// The document that is this text, as a JSON string.
    pub fn string(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string().into())
    }

    /// The document `{"code": n}`.
    pub fn code(code: i32) -> Self {
        Self(format!("{{\"code\":{code}}}").into())
    }

    /// The document's text, in one line.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its tokens in order: a bracket, a brace, a comma, a colon, a string with its quotes, a number, or a literal.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        Tokens(&self.0)
    }

    fn of_checked(text: &str) -> Self {
        if text.bytes().any(is_blank) { Self(Tokens(text).collect::<String>().into()) } else { Self(text.into()) }
    }
}

/// The tokens of a checked text.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_ascii_start();
        let length = match text.bytes().next()? {
            b'"' => string_length(text),
            b'[' | b']' | b'{' | b'}' | b',' | b':' => 1,
            _ => text.bytes().position(|byte| is_blank(byte) || matches!(byte, b']' | b'}' | b',')).unwrap_or(text.len()),
        };
        // Each of these ends at an ASCII character, so the split is never inside one.
        let (token, rest) = text.split_at_checked(length)?;
        self.0 = rest;
        Some(token)
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The length of the string that a text begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for JsonDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JsonDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonDocument").field(&&*self.0).finish()
    }
}

impl Serialize for JsonDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self::of_checked(raw.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        JsonDocument::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}")).to_string()
    }

    #[test]
    fn what_no_reader_of_values_keeps_is_kept() {
        for text in [
            "[1e400,-0,1.10,1E+2,123456789012345678901,0.1000000000000000055511151231257827]",
            r#"{"b":1,"a":2,"b":3,"":null}"#,
            r#""\u00e9é\/\ud800 \u0000 [1, 2] \" \\""#,
            "null",
            "-0.0",
        ] {
            assert_eq!(kept(text), text);
        }
    }

    #[test]
    fn white_space_between_tokens_is_left_out_and_no_other() {
        let spaced = " {\r\n\t\"a b\" : [ 1 ,\t2.0 , true ] , \"c\\\\\" : \" \\\" , \" }\n";
        assert_eq!(kept(spaced), r#"{"a b":[1,2.0,true],"c\\":" \" , "}"#);
        assert_eq!(kept(" 1.50 "), "1.50");
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let fault = |text: &[u8]| JsonDocument::parse(text).unwrap_err().to_string();
        assert_eq!(fault(b"\"a\xff\""), "byte 2 is not UTF-8 text");
        for text in
            ["", " ", "[1,]", "{'a':1}", "01", "1.", "+1", "nul", "\"\n\"", "\"\\x\"", "{} {}", "[", "]", "\u{feff}1", "{1:2}"]
        {
            assert!(fault(text.as_bytes()).contains("line "), "{text}");
        }
    }

    #[test]
    fn sixteen_mebibytes_of_brackets_are_checked_written_and_read_back() {
        let half = 8 << 20;
        let deep = format!("{}{}", "[".repeat(half), "]".repeat(half));
        let document = JsonDocument::parse(deep.as_bytes()).unwrap();
        let written = serde_json::to_string(&document).unwrap();
        assert!(written == deep && serde_json::from_str::<JsonDocument>(&written).unwrap() == document);
        assert!(JsonDocument::parse("[".repeat(half).as_bytes()).is_err());
    }

    #[test]
    fn texts_and_codes_are_documents() {
        assert_eq!(JsonDocument::string("a\"\n\u{7f}é").as_str(), "\"a\\\"\\n\u{7f}é\"");
        assert_eq!(JsonDocument::code(-7).as_str(), r#"{"code":-7}"#);
    }

    #[test]
    fn tokens_are_brackets_strings_numbers_and_literals() {
        let document = JsonDocument::parse(br#"{"a:,":[-1e9,true]}"#).unwrap();
        assert_eq!(document.tokens().collect::<Vec<_>>(), ["{", "\"a:,\"", ":", "[", "-1e9", ",", "true", "]", "}"]);
    }
}
