//! Host calls: what a skill asked of its host and what it was given.

use super::Payload;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// The number of a host call within its run, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// What a call was given, field by field, in a fixed order (`prompt`; `key`, `value`; `url`, `method`, `body`; …).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRequest(pub Vec<(Cow<'static, str>, Payload)>);

impl CallRequest {
    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Payload> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }
}

impl Serialize for CallRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for CallRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

/// Reads the fields in the order in which they are written, which is a part of what was asked.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = CallRequest;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of what was asked")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CallRequest, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Payload>()? {
            fields.push((Cow::Owned(name), value));
        }
        Ok(CallRequest(fields))
    }
}

/// A host call begins: its arguments were read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStarted {
    /// Which call of the run this is.
    pub id: CallId,
    /// The import as module and name, `cis.ai_prompt`.
    pub name: Cow<'static, str>,
    /// What the skill asked.
    pub request: CallRequest,
}

/// What becomes of a host call that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// It goes on as it would have, or as its request was changed.
    Resumed,
    /// The user answered it.
    Answered,
    /// The user let it fail with a code.
    Failed,
    /// It went on after a delay.
    Delayed,
}

/// A host call ends, also when the run dies inside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFinished {
    /// The same id as in [`CallStarted`].
    pub id: CallId,
    /// What the import returned; `None` where it returns nothing, or where the run ended inside the call.
    pub result: Option<i64>,
    /// The whole response, also where the skill's buffer was too small for it.
    pub response: Option<Payload>,
    /// Whether the skill's buffer was too small for the response.
    pub truncated: bool,
    /// Whether this was the held response of the call before, with nothing sent again.
    pub held: bool,
    /// Time inside the host, in microseconds.
    pub elapsed_us: u64,
    /// Who answered: a provider's name and model for AI calls (`mock`, `local (llama3.2)`).
    pub provider: Option<String>,
    /// Tokens, where the provider tells them.
    pub tokens: Option<Tokens>,
    /// What failed, in words, where the result is an error code or the run ended here.
    pub error: Option<String>,
}

/// Tokens of one AI call, as the provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Tokens of the prompt.
    pub prompt: Option<u64>,
    /// Tokens of the answer.
    pub answer: Option<u64>,
}

/// What another provider answered to the same prompt, asked beside the lead for comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowAnswer {
    /// The provider's name and model, as in [`CallFinished::provider`].
    pub provider: String,
    /// The answer, where there is one.
    pub response: Option<String>,
    /// What failed, where there is no answer.
    pub error: Option<String>,
    /// From asking to the answer, in microseconds.
    pub elapsed_us: u64,
    /// Tokens, where the provider tells them.
    pub tokens: Option<Tokens>,
}

/// One call of a WASI function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasiCall {
    /// The function's name, `fd_write`.
    pub name: Cow<'static, str>,
    /// The arguments, as raw integers.
    pub arguments: Vec<i64>,
    /// The errno that it returned; `None` where it does not return.
    pub errno: Option<i32>,
    /// Time inside the host, in microseconds.
    pub elapsed_us: u64,
    /// What guest memory holds after the call where the call may have written; gathered in recorded runs only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<GuestWrite>,
    /// What the call read from guest memory to know what is asked: paths, what is written to files, what is waited for, in the order of
    /// its arguments; gathered in recorded runs only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<GuestRead>,
    /// Whether `writes` was left out, since there was too much of it; in recorded runs only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
}

/// What a call read from guest memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuestRead(#[serde(serialize_with = "super::payload::serialize_compact")] pub Payload);

/// A piece of guest memory as a call left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestWrite {
    /// Its address.
    pub ptr: u32,
    /// Its content. Written as text only where it is text without control characters but line feeds and tabs.
    #[serde(serialize_with = "super::payload::serialize_compact")]
    pub bytes: Payload,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_request_keep_their_order() {
        let json = r#"{"url":"http://x/","method":"POST","body":"{}"}"#;
        let request: CallRequest = serde_json::from_str(json).unwrap();
        assert_eq!(request.0.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["url", "method", "body"]);
        assert_eq!(serde_json::to_string(&request).unwrap(), json);
        assert!(serde_json::from_str::<CallRequest>(r#"["url"]"#).unwrap_err().to_string().contains("what was asked"));
    }

    #[test]
    fn what_a_wasi_call_wrote_is_exact_and_left_out_where_nothing_was_gathered() {
        let mut call =
            WasiCall { name: "fd_read".into(), arguments: vec![0, -1], errno: Some(0), elapsed_us: 3, ..WasiCall::default() };
        assert_eq!(serde_json::to_string(&call).unwrap(), r#"{"name":"fd_read","arguments":[0,-1],"errno":0,"elapsed_us":3}"#);
        let contents = [&b"a line\n"[..], &[5, 0, 0, 0], &[0xff], b"", "h\u{e9}".as_bytes(), b"\x7f"];
        call.writes = contents.iter().map(|bytes| GuestWrite { ptr: 16, bytes: Payload::from(*bytes) }).collect();
        let json = serde_json::to_string(&call).unwrap();
        assert!(json.contains(r#"{"ptr":16,"bytes":"a line\n"},{"ptr":16,"bytes":{"base64":"BQAAAA=="}}"#), "{json}");
        assert_eq!(serde_json::from_str::<WasiCall>(&json).unwrap(), call);
    }
}
