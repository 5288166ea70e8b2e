//! The host calls that a case expects.

use super::TextMatch;
use crate::event::CallRequest;
use crate::event::filter::EntryKind;
use std::fmt;

/// The names of host functions that a case may expect calls of, without their modules.
pub const HOST_CALL_NAMES: [&str; 18] = [
    "ai_prompt",
    "memory_get",
    "memory_set",
    "http_request",
    "host_log",
    "host_memory_get",
    "host_memory_set",
    "host_memory_delete",
    "host_ai_chat",
    "host_http_post",
    "host_now",
    "host_alloc",
    "host_free",
    "host_config_get",
    "abort",
    "trace",
    "seed",
    "emscripten_notify_memory_growth",
];

/// The fields that requests of host calls have.
pub const REQUEST_FIELDS: [&str; 13] =
    ["prompt", "key", "value", "url", "method", "body", "level", "message", "size", "ptr", "memory_index", "file", "values"];

/// Which functions a call may be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallName {
    /// This one, from whichever module it is imported.
    Function(String),
    /// This one of that module, `cis.ai_prompt`.
    Import(String),
    /// Any of this kind, by the word of the filter language: `ai`, `memory`, `http`, …
    Kind(EntryKind),
}

impl CallName {
    /// Whether a call of `import` (`cis.ai_prompt`) may be meant.
    pub fn fits(&self, import: &str) -> bool {
        match self {
            Self::Function(name) => import.rsplit('.').next() == Some(name),
            Self::Import(name) => import == name,
            Self::Kind(kind) => EntryKind::of_host_call(import) == *kind,
        }
    }

    /// What sort of call is meant.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Function(name) | Self::Import(name) => EntryKind::of_host_call(name),
            Self::Kind(kind) => *kind,
        }
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function(name) | Self::Import(name) => name,
            Self::Kind(kind) => kind.word(),
        })
    }
}

/// How often a call is expected, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// At least.
    pub min: u64,
    /// At most; unbounded without it.
    pub max: Option<u64>,
}

impl Times {
    /// Exactly once.
    pub const ONCE: Self = Self { min: 1, max: Some(1) };
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        match *self {
            Self { min, max: Some(max) } if min == max => write!(f, "{min} time{}", plural(min)),
            Self { min, max: Some(max) } => write!(f, "{min} to {max} times"),
            Self { min, max: None } => write!(f, "at least {min} time{}", plural(min)),
        }
    }
}

/// One expected call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCall {
    /// Of which function.
    pub name: CallName,
    /// What is asked, field by field; fields that are not named may hold anything.
    pub request: Vec<(String, TextMatch)>,
    /// How often.
    pub times: Times,
    /// What it returns.
    pub result: Option<i64>,
    /// What the response is.
    pub response: Option<TextMatch>,
    /// The line where it stands, from 1.
    pub line: usize,
}

impl ExpectedCall {
    /// Whether a call of this name with this request is meant.
    pub fn fits(&self, import: &str, request: &CallRequest) -> bool {
        self.name.fits(import)
            && self.request.iter().all(|(field, wanted)| {
                request.get(field).is_some_and(|value| wanted.fits(&String::from_utf8_lossy(value.as_bytes())))
            })
    }
}

/// The expected calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCalls {
    /// In this order, where `ordered`.
    pub calls: Vec<ExpectedCall>,
    /// Whether a call that is not among them is a fault.
    pub strict: bool,
    /// Whether their order counts.
    pub ordered: bool,
}

impl ExpectedCalls {
    /// Whether a call of this function must be foreseen. What reaches nobody (log lines, the clock, randomness, the configuration, the
    /// skill's own allocator) need not be, unless the case names such a call.
    pub fn covers(&self, import: &str) -> bool {
        let kind = EntryKind::of_host_call(import);
        matches!(kind, EntryKind::Ai | EntryKind::Memory | EntryKind::Http)
            || self.calls.iter().any(|call| call.name.kind() == kind)
    }
}
