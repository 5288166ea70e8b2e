//! A filter as a tree, and the asking of it.

use super::entry::{EntryKind, EntryView};
use crate::event::{CallRequest, LogLevel, Payload};
use regex::bytes::Regex;
use std::time::Duration;

/// A filter or a part of one. `And` and `Or` have two parts at least, and none of their own sort: see [`all_of`] and [`any_of`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
}

/// One question to an entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// A bare word.
    AnyText(Pattern),
    Name(Pattern),
    Request(Pattern),
    Response(Pattern),
    Body(Pattern),
    Url(Pattern),
    Provider(Pattern),
    Failed,
    Code(i64),
    Truncated,
    Slow(Duration),
    Open,
    Kind(Kinds),
    Level(LogLevel),
    Marked,
    All,
}

/// A regular expression on bytes, compiled.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) source: String,
    pub(super) regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Pattern {
    fn is_in(&self, text: impl AsRef<[u8]>) -> bool {
        self.regex.is_match(text.as_ref())
    }

    fn is_in_some(&self, text: Option<impl AsRef<[u8]>>) -> bool {
        text.is_some_and(|text| self.is_in(text))
    }

    fn is_in_request(&self, request: Option<&CallRequest>) -> bool {
        request.is_some_and(|request| request.0.iter().any(|(_, value)| self.is_in(value.as_bytes())))
    }
}

/// One kind or a group of them, by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) word: &'static str,
    set: u16,
}

impl Kinds {
    pub(super) fn new(word: &'static str, kinds: &[EntryKind]) -> Self {
        Self { word, set: kinds.iter().fold(0, |set, kind| set | bit(*kind)) }
    }

    const fn contains(self, kind: EntryKind) -> bool {
        self.set & bit(kind) != 0
    }
}

const fn bit(kind: EntryKind) -> u16 {
    1 << kind as u16
}

/// All of the parts; one that is itself "all of" is taken apart.
pub(super) fn all_of(parts: Vec<Expression>) -> Expression {
    let flat = parts.into_iter().flat_map(|part| if let Expression::And(inner) = part { inner } else { vec![part] });
    single_or(flat.collect(), Expression::And)
}

/// Any of the parts; one that is itself "any of" is taken apart.
pub(super) fn any_of(parts: Vec<Expression>) -> Expression {
    let flat = parts.into_iter().flat_map(|part| if let Expression::Or(inner) = part { inner } else { vec![part] });
    single_or(flat.collect(), Expression::Or)
}

fn single_or(mut parts: Vec<Expression>, join: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

impl Expression {
    /// The depth of the recursion is bounded by the parser.
    pub(super) fn matches(&self, entry: &EntryView<'_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(entry)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(entry)),
            Self::Not(inner) => !inner.matches(entry),
            Self::Test(test) => test.matches(entry),
        }
    }
}

impl Test {
    fn matches(&self, entry: &EntryView<'_>) -> bool {
        match self {
            Self::AnyText(pattern) => {
                pattern.is_in(entry.name)
                    || in_body(pattern, entry)
                    || pattern.is_in_some(entry.error)
                    || pattern.is_in_some(entry.provider)
            }
            Self::Name(pattern) => pattern.is_in(entry.name),
            Self::Request(pattern) => pattern.is_in_request(entry.request),
            Self::Response(pattern) => pattern.is_in_some(entry.response),
            Self::Body(pattern) => in_body(pattern, entry),
            Self::Url(pattern) => pattern.is_in_some(entry.request.and_then(|request| request.get("url")).map(Payload::as_bytes)),
            Self::Provider(pattern) => pattern.is_in_some(entry.provider),
            Self::Failed => entry.has_failed(),
            Self::Code(code) => entry.result == Some(*code),
            Self::Truncated => entry.truncated,
            Self::Slow(least) => entry.elapsed_us.is_some_and(|us| Duration::from_micros(us) >= *least),
            Self::Open => entry.open,
            Self::Kind(kinds) => kinds.contains(entry.kind),
            Self::Level(least) => entry.level.is_some_and(|level| level >= *least),
            Self::Marked => entry.marked,
            Self::All => true,
        }
    }
}

fn in_body(pattern: &Pattern, entry: &EntryView<'_>) -> bool {
    pattern.is_in_request(entry.request) || pattern.is_in_some(entry.response) || pattern.is_in_some(entry.text)
}
