//! The first call that differs from the recorded one, in words.

use super::calls::RecordedCall;
use super::recorded::RecordedRun;
use crate::event::{CallId, CallRequest, Failure, GuestRead, Payload, difference, figures, sanitize_line};
use std::borrow::Cow;

/// How much of a field is shown where calls are described, in characters.
const MAX_EXCERPT: usize = 80;
/// How much of a field is looked at for differences, in characters.
const MAX_COMPARED: usize = 64 << 10;

/// What the skill asks now.
pub(super) enum Asked<'a> {
    Host { id: CallId, name: &'a str, request: &'a CallRequest },
    Wasi { number: u64, name: &'a str, arguments: &'a [i64], reads: &'a [GuestRead], how: String },
}

impl<'a> Asked<'a> {
    pub(super) const fn host(id: CallId, name: &'a str, request: &'a CallRequest) -> Self {
        Self::Host { id, name, request }
    }

    fn place(&self) -> String {
        match self {
            Self::Host { id, .. } => format!("host call {}", id.0),
            Self::Wasi { number, .. } => format!("WASI call {number}"),
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Host { name, request, .. } => format!("{name}{}", request_in_words(request)),
            Self::Wasi { name, arguments, reads, .. } => wasi_in_words(name, arguments, reads),
        }
    }
}

/// A call, and the recorded one in its place; `None` where the record has no more.
pub(super) struct Divergence<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) recorded: Option<&'a RecordedCall>,
    pub(super) recorded_run: &'a RecordedRun,
    pub(super) is_same_module: bool,
}

impl Divergence<'_> {
    pub(super) fn failure(&self) -> Failure {
        let (place, now) = (self.asked.place(), self.asked.described());
        let record = self.recorded_run.path.display();
        let mut message = match self.recorded {
            None => format!("{place} is one more than the record {record} has\n  now:      {now}"),
            Some(recorded) => {
                format!("{place} differs from the record {record}\n  recorded: {}\n  now:      {now}", described(recorded))
            }
        };
        for line in self.details().lines() {
            message.push_str(&format!("\n  {line}"));
        }
        Failure::new("divergence", message).with_hint(self.hint())
    }

    fn details(&self) -> String {
        match (self.asked, self.recorded) {
            (Asked::Host { request, .. }, Some(RecordedCall::Host { started, .. })) => {
                differing_fields(&started.request, request)
            }
            (Asked::Wasi { how, .. }, _) => how.clone(),
            _ => String::new(),
        }
    }

    fn hint(&self) -> &'static str {
        if self.recorded_run.integrity.damage_count > 0 {
            "the record is damaged: a call that is missing in it looks like one that differs"
        } else if self.is_same_module {
            "the module is the recorded one: the record was changed, or this is a fault of skillscope"
        } else {
            "the module has changed since the record was made; record it anew where that is meant"
        }
    }
}

/// A recorded call in a line.
pub(super) fn described(call: &RecordedCall) -> String {
    match call {
        RecordedCall::Host { started, .. } => format!("{}{}", sanitize_line(&started.name), request_in_words(&started.request)),
        RecordedCall::Wasi { call, .. } => wasi_in_words(&call.name, &call.arguments, &call.reads),
    }
}

fn request_in_words(request: &CallRequest) -> String {
    request.0.iter().map(|(name, value)| format!(" {}={}", sanitize_line(name), excerpt(value))).collect()
}

fn wasi_in_words(name: &str, arguments: &[i64], reads: &[GuestRead]) -> String {
    let arguments: Vec<String> = arguments.iter().map(i64::to_string).collect();
    let reads: String = reads.iter().map(|read| format!(" {}", excerpt(&read.0))).collect();
    format!("{}{reads}({})", sanitize_line(name), arguments.join(", "))
}

fn excerpt(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => {
            let start: String = text.chars().take(MAX_EXCERPT + 1).collect();
            format!("\"{}\"", figures::cut(&sanitize_line(&start), MAX_EXCERPT))
        }
        Payload::Bytes(bytes) => format!("<{} bytes>", figures::count(bytes.len() as u64)),
    }
}

/// The fields that differ, each with its difference.
fn differing_fields(recorded: &CallRequest, now: &CallRequest) -> String {
    let mut text = String::new();
    for (name, value) in &now.0 {
        match recorded.get(name) {
            Some(before) if before == value => {}
            Some(before) => text.push_str(&field(name, &compared(before), &compared(value))),
            None => text.push_str(&field(name, "", &compared(value))),
        }
    }
    for (name, before) in recorded.0.iter().filter(|(name, _)| now.get(name).is_none()) {
        text.push_str(&field(name, &compared(before), ""));
    }
    text
}

fn field(name: &str, before: &str, after: &str) -> String {
    let difference = difference(before, after);
    let mut lines = difference.lines();
    let name = sanitize_line(name);
    match (lines.next(), lines.next()) {
        (Some(only), None) => format!("{name}: {only}\n"),
        _ => format!("{name}:\n{}", difference.lines().map(|line| format!("  {line}\n")).collect::<String>()),
    }
}

fn compared(payload: &Payload) -> Cow<'_, str> {
    match payload.as_text() {
        Some(text) => match text.char_indices().nth(MAX_COMPARED) {
            Some((at, _)) => Cow::Borrowed(text.get(..at).unwrap_or(text)),
            None => Cow::Borrowed(text),
        },
        None => Cow::Owned(format!("{} bytes that are not text", payload.len())),
    }
}
