//! What event an input document stands for (profile `cis-sdk`).

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// The type where neither the caller nor the input names one.
const DEFAULT_KIND: &str = "execute";

/// An event for `skill_on_event`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SkillEvent<'a> {
    /// Its type.
    pub(super) kind: Cow<'a, str>,
    /// Its data: a JSON document, byte for byte as it was given.
    pub(super) data: &'a [u8],
}

/// `{"type": …, "data": …}` with exactly these keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "data")]
    _data: IgnoredAny,
}

impl<'a> SkillEvent<'a> {
    /// The event of type `kind`, where the caller names it: its data is then the whole input. Else the event that the input
    /// itself is, or else an event of type `execute` with the whole input.
    pub(super) fn of(input: &'a [u8], kind: Option<&'a str>) -> Self {
        if let Some(kind) = kind {
            return Self { kind: kind.into(), data: input };
        }
        let enveloped =
            serde_json::from_slice::<Envelope>(input).ok().and_then(|envelope| Some((envelope.kind, data_of(input)?)));
        match enveloped {
            Some((kind, data)) => Self { kind: kind.into(), data },
            None => Self { kind: DEFAULT_KIND.into(), data: input },
        }
    }
}

/// The bytes of the member `data` of an object, so that numbers and the order of keys stay as they were written.
fn data_of(object: &[u8]) -> Option<&[u8]> {
    let mut rest = after(object, b'{')?;
    loop {
        let (key, after_key) = next::<String>(rest)?;
        let after_colon = after(after_key, b':')?;
        let (IgnoredAny, after_value) = next::<IgnoredAny>(after_colon)?;
        if key == "data" {
            let value = after_colon.get(..after_colon.len().checked_sub(after_value.len())?)?;
            return Some(value.trim_ascii());
        }
        rest = after(after_value, b',')?;
    }
}

/// The first JSON value, and what comes after it.
fn next<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<(T, &'a [u8])> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, bytes.get(values.byte_offset()..)?))
}

fn after(bytes: &[u8], byte: u8) -> Option<&[u8]> {
    bytes.trim_ascii_start().strip_prefix(&[byte])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(input: &str) -> (String, String) {
        let event = SkillEvent::of(input.as_bytes(), None);
        (event.kind.into_owned(), String::from_utf8(event.data.to_vec()).unwrap())
    }

    #[test]
    fn an_envelope_is_opened_and_its_data_kept_byte_for_byte() {
        let big = r#"{"n": 123456789012345678901234567890, "b":1,"a":2}"#;
        for input in
            [format!(r#"{{"type":"saved","data":{big}}}"#), format!(" {{ \"data\" : {big} , \"type\" : \"s\\u0061ved\" }} ")]
        {
            assert_eq!(event(&input), ("saved".into(), big.into()));
        }
        assert_eq!(event(r#"{"type":"t","data":7}"#), ("t".into(), "7".into()));
        assert_eq!(event(r#"{"data":null,"type":""}"#), (String::new(), "null".into()));
    }

    #[test]
    fn what_is_not_exactly_an_envelope_is_data_as_a_whole() {
        for input in [
            "null",
            "7",
            "",
            "not json",
            r#"{"type":"t"}"#,
            r#"{"data":1}"#,
            r#"{"type":1,"data":1}"#,
            r#"{"type":"t","data":1,"more":2}"#,
            r#"{"type":"t","data":1,"data":2}"#,
            r#"["t",1]"#,
        ] {
            assert_eq!(event(input), ("execute".into(), input.into()));
        }
    }

    #[test]
    fn the_callers_type_wins_and_leaves_the_input_whole() {
        let input = br#"{"type":"t","data":1}"#;
        assert_eq!(SkillEvent::of(input, Some("mine")), SkillEvent { kind: "mine".into(), data: input });
    }
}
