//! Host calls: what a skill asked of its host and what it was given.

use super::Payload;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

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
        deserializer.deserialize_map(Fields)
    }
}

/// Reads the fields in their order.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = CallRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a request")
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WasiCall {
    /// The function's name, `fd_write`.
    pub name: Cow<'static, str>,
    /// The arguments, as raw integers.
    pub arguments: Vec<i64>,
    /// The errno that it returned; `None` where it does not return.
    pub errno: Option<i32>,
    /// Time inside the host, in microseconds.
    pub elapsed_us: u64,
}
