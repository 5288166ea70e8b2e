//! Whom a fault befalls: calls by their kind, their function, a filter or their number, or the growth of memory; and which of them.

use super::effect::CallClass;
use crate::event::CallRequest;
use crate::event::filter::{EntryView, Filter};

/// Who is meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// Any call that the fault can befall.
    Any,
    /// The call of that number, which is the occurrence.
    Numbered,
    /// Calls of these classes.
    Classes(&'static [CallClass]),
    /// Calls of a function, by its name with or without its module.
    Function(String),
    /// Calls that a filter means.
    Filter(Box<Filter>),
    /// The growth of linear memory.
    LinearMemory,
}

/// Which of those that a fault fits it befalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Each of them.
    Every,
    /// One, counted from 1.
    Nth(u64),
    /// That one and all that come after it.
    From(u64),
}

impl Occurrence {
    /// Whether the one of that number, from 1, is meant.
    pub const fn is(self, number: u64) -> bool {
        match self {
            Self::Every => true,
            Self::Nth(wanted) => number == wanted,
            Self::From(first) => number >= first,
        }
    }
}

/// Words that stand for calls of several functions.
pub const TARGETS: &[(&str, &[CallClass])] = &[
    ("ai", &[CallClass::Ai]),
    ("http", &[CallClass::Http]),
    ("store", &[CallClass::StoreRead, CallClass::StoreWrite, CallClass::StoreDelete]),
    ("config", &[CallClass::Config]),
];
/// The word for every call.
pub(super) const CALL: &str = "call";
/// The word for the growth of linear memory.
pub(super) const MEMORY: &str = "memory";

/// The functions that faults befall.
pub(super) const FUNCTIONS: &[&str] = &[
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
    "host_config_get",
    "trace",
    "seed",
    "emscripten_notify_memory_growth",
];

impl Target {
    /// What a word means; `None` where it means nothing.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            CALL => return Some(Self::Any),
            MEMORY => return Some(Self::LinearMemory),
            _ => {}
        }
        if let Some((_, classes)) = TARGETS.iter().find(|(name, _)| *name == word) {
            return Some(Self::Classes(classes));
        }
        let name = word.strip_prefix("cis.").or_else(|| word.strip_prefix("env.")).unwrap_or(word);
        FUNCTIONS.contains(&name).then(|| Self::Function(word.to_owned()))
    }

    /// Whether such a call is meant, its number aside.
    pub(super) fn means(&self, name: &str, request: &CallRequest) -> bool {
        match self {
            Self::Any | Self::Numbered => true,
            Self::Classes(classes) => CallClass::of(name).is_some_and(|class| classes.contains(&class)),
            Self::Function(wanted) => name == wanted || name.rsplit_once('.').is_some_and(|(_, name)| name == wanted),
            Self::Filter(filter) => filter.matches(&EntryView::of_open_call(name, request)),
            Self::LinearMemory => false,
        }
    }

    /// Whether what befalls these classes (none: memory) can befall any of those that are meant.
    pub(super) fn can_meet(&self, classes: &[CallClass]) -> bool {
        match self {
            Self::LinearMemory => classes.is_empty(),
            Self::Any | Self::Numbered | Self::Filter(_) => !classes.is_empty(),
            Self::Classes(meant) => meant.iter().any(|class| classes.contains(class)),
            Self::Function(name) => CallClass::of(name).is_some_and(|class| classes.contains(&class)),
        }
    }
}
