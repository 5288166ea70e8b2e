//! The host calls of a case, held against those that it foresaw.
//!
//! In order: each call must be the next foreseen one; the first that is not is told, and what follows it is not looked at. In any
//! order: each call must be one of those that are still open.

use super::difference;
use crate::event::{CallRecord, Mismatch, MismatchKind};
use crate::skill::cases::{ExpectedCall, ExpectedCalls, TextMatch};
use similar::TextDiff;

/// How many unforeseen calls are told.
const MAX_TOLD: usize = 3;

/// What is wrong with the calls.
pub fn judge(expected: &ExpectedCalls, calls: &[CallRecord]) -> Vec<Mismatch> {
    // What was handed over again was asked once.
    let is_again = |call: &CallRecord| call.finished.as_ref().is_some_and(|finished| finished.held);
    let made: Vec<&CallRecord> = calls.iter().filter(|call| expected.covers(&call.name) && !is_again(call)).collect();
    let mut matching = Matching { expected, counts: vec![0; expected.calls.len()], mismatches: Vec::new() };
    if expected.ordered {
        matching.in_order(&made)
    } else {
        matching.in_any_order(&made)
    }
    matching.mismatches
}

struct Matching<'e> {
    expected: &'e ExpectedCalls,
    /// How often each expected call was made.
    counts: Vec<u64>,
    mismatches: Vec<Mismatch>,
}

impl<'e> Matching<'e> {
    fn in_order(&mut self, made: &[&CallRecord]) {
        let mut next = 0;
        for (index, call) in made.iter().enumerate() {
            match self.place_from(next, call) {
                Some(place) => {
                    next = place;
                    self.take(place, call);
                }
                None if self.expected.strict => {
                    let at = self.skippable_from(next);
                    let rest = made.len().saturating_sub(index + 1);
                    self.unforeseen(call, self.expected.calls.get(at), rest);
                    return;
                }
                None => {}
            }
        }
        self.missing();
    }

    fn in_any_order(&mut self, made: &[&CallRecord]) {
        for call in made {
            let open = |(place, expected): (usize, &ExpectedCall)| {
                let has_room = expected.times.max.is_none_or(|max| self.count(place) < max);
                (has_room && fits(expected, call)).then_some(place)
            };
            match self.expected.calls.iter().enumerate().find_map(open) {
                Some(place) => self.take(place, call),
                None if self.expected.strict && self.mismatches.len() < MAX_TOLD => self.unforeseen(call, None, 0),
                None => {}
            }
        }
        self.missing();
    }

    /// The first expected call from `next` on that this one is, where those before it need not be made any more.
    fn place_from(&self, next: usize, call: &CallRecord) -> Option<usize> {
        for (place, expected) in self.expected.calls.iter().enumerate().skip(next) {
            if expected.times.max.is_none_or(|max| self.count(place) < max) && fits(expected, call) {
                return Some(place);
            }
            if self.count(place) < expected.times.min {
                return None;
            }
        }
        None
    }

    /// The first expected call from `next` on that must still be made.
    fn skippable_from(&self, next: usize) -> usize {
        let is_open = |(place, expected): &(usize, &ExpectedCall)| self.count(*place) < expected.times.min;
        let open = self.expected.calls.iter().enumerate().skip(next).find(is_open);
        open.map_or(self.expected.calls.len(), |(place, _)| place)
    }

    fn count(&self, place: usize) -> u64 {
        self.counts.get(place).copied().unwrap_or_default()
    }

    fn take(&mut self, place: usize, call: &CallRecord) {
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        if let Some(expected) = self.expected.calls.get(place) {
            self.mismatches.extend(answer(expected, call));
        }
    }

    fn unforeseen(&mut self, call: &CallRecord, next: Option<&ExpectedCall>, more: usize) {
        let id = call.id.0;
        let nearest = next.filter(|expected| expected.name.fits(&call.name)).or_else(|| self.nearest(call)).or(next);
        let rest = if more == 0 { String::new() } else { format!("; {more} more calls were not looked at") };
        let mismatch = Mismatch::new(MismatchKind::Calls, format!("call {id}, {}, was not foreseen{rest}", call.name));
        self.mismatches.push(match nearest {
            Some(expected) => {
                let what = if next == Some(expected) { "foreseen here" } else { "the nearest foreseen call" };
                let shown = difference(&as_expected(expected, call), &as_made(call));
                let line = expected.line;
                mismatch.with_details(format!("{what} (line {line}): {}\n{shown}", expected.name)).at_line(line)
            }
            None => {
                let what = if self.expected.calls.is_empty() { "no calls are foreseen" } else { "all foreseen calls were made" };
                mismatch.with_details(format!("{what}\n{}", difference("", &as_made(call))))
            }
        });
    }

    /// The expected call that is most like this one: of the same function, where there is any.
    fn nearest(&self, call: &CallRecord) -> Option<&'e ExpectedCall> {
        let made = as_made(call);
        let likeness = |expected: &&'e ExpectedCall| {
            let same_name = u32::from(expected.name.fits(&call.name));
            let ratio = TextDiff::from_words(as_expected(expected, call).as_str(), made.as_str()).ratio();
            (same_name, (ratio * 1000.0).round())
        };
        let better = |left: &&'e ExpectedCall, right: &&'e ExpectedCall| {
            likeness(left).partial_cmp(&likeness(right)).unwrap_or(std::cmp::Ordering::Equal)
        };
        // Of equals, the first.
        self.expected.calls.iter().rev().max_by(better)
    }

    fn missing(&mut self) {
        for (place, expected) in self.expected.calls.iter().enumerate() {
            let count = self.count(place);
            if count < expected.times.min {
                let plural = if count == 1 { "" } else { "s" };
                let message = format!("expected {} {}, and it was called {count} time{plural}", expected.name, expected.times);
                let mismatch = Mismatch::new(MismatchKind::Calls, message).at_line(expected.line);
                self.mismatches.push(if expected.request.is_empty() {
                    mismatch
                } else {
                    mismatch
                        .with_details(fields(expected).iter().map(|field| format!("- {field}")).collect::<Vec<_>>().join("\n"))
                });
            }
        }
    }
}

fn fits(expected: &ExpectedCall, call: &CallRecord) -> bool {
    expected.fits(&call.name, &call.request)
}

/// What is wrong with what came back.
fn answer(expected: &ExpectedCall, call: &CallRecord) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let id = call.id.0;
    let finished = call.finished.as_ref();
    let result = finished.and_then(|finished| finished.result);
    if let Some(wanted) = expected.result.filter(|wanted| result != Some(*wanted)) {
        let found = result.map_or_else(|| "nothing".to_owned(), |result| result.to_string());
        let message = format!("call {id}, {}: expected the result {wanted}, and it returned {found}", call.name);
        let mismatch = Mismatch::new(MismatchKind::Calls, message).at_line(expected.line);
        let error = finished.and_then(|finished| finished.error.clone());
        mismatches.push(match error {
            Some(error) => mismatch.with_details(error),
            None => mismatch,
        });
    }
    let response = finished.and_then(|finished| finished.response.as_ref());
    let response = response.map(|response| String::from_utf8_lossy(response.as_bytes()).into_owned()).unwrap_or_default();
    if let Some(wanted) = expected.response.as_ref().filter(|wanted| !wanted.fits(&response)) {
        let what = format!("call {id}, {}: the response", call.name);
        mismatches.push(super::text_mismatch(MismatchKind::Calls, &what, wanted, &response).at_line(expected.line));
    }
    mismatches
}

fn as_made(call: &CallRecord) -> String {
    let mut text = format!("{}\n", call.name);
    for (field, value) in &call.request.0 {
        text.push_str(&format!("{field} = {}\n", shown(&String::from_utf8_lossy(value.as_bytes()))));
    }
    text
}

/// An expected call in the form of the one that was made: a field that fits, or may hold anything, shows no difference.
fn as_expected(expected: &ExpectedCall, call: &CallRecord) -> String {
    let name = if expected.name.fits(&call.name) { call.name.clone() } else { expected.name.to_string() };
    let mut text = format!("{name}\n");
    if !expected.name.fits(&call.name) {
        fields(expected).iter().for_each(|field| text.push_str(&format!("{field}\n")));
        return text;
    }
    for (field, value) in &call.request.0 {
        let value = String::from_utf8_lossy(value.as_bytes());
        let wanted = expected.request.iter().find(|(name, _)| name == field).map(|(_, wanted)| wanted);
        match wanted {
            Some(wanted) if !wanted.fits(&value) => text.push_str(&format!("{field} = {}\n", wanted_shown(wanted))),
            _ => text.push_str(&format!("{field} = {}\n", shown(&value))),
        }
    }
    text
}

fn fields(expected: &ExpectedCall) -> Vec<String> {
    expected.request.iter().map(|(field, wanted)| format!("{field} = {}", wanted_shown(wanted))).collect()
}

fn wanted_shown(wanted: &TextMatch) -> String {
    match wanted {
        TextMatch::Equals(text) => shown(text),
        other => other.to_string(),
    }
}

/// A text of several lines shows them as such, so that a difference is one of lines.
fn shown(text: &str) -> String {
    if text.contains('\n') { format!("\n    {}", text.replace('\n', "\n    ")) } else { format!("{text:?}") }
}
