//! Whether what came of a case is what its author expects; each thing that is not becomes a [`Mismatch`].

mod budget;
mod calls;
mod difference;
mod json;
mod output;
mod store;

pub use difference::{difference, difference_of_json};

use super::snapshots::Snapshots;
use super::stand_ins::UnansweredRequest;
use crate::event::{Mismatch, MismatchKind, Outcome, RunFinished, RunSummary};
use crate::skill::cases::{Case, TextMatch};
use std::path::Path;

/// What came of a case.
pub struct Measured<'r> {
    /// The skill's directory, for files that the case names.
    pub directory: &'r Path,
    /// What was accepted before.
    pub snapshots: &'r Snapshots,
    /// Its events, folded.
    pub summary: &'r RunSummary,
    /// Its end.
    pub finished: &'r RunFinished,
    /// What its store holds.
    pub stored: Vec<(String, Vec<u8>)>,
    /// The requests that no reply fitted.
    pub unanswered: Vec<UnansweredRequest>,
}

/// What does not hold, and what the author should know beside.
pub fn judge(case: &Case, measured: &Measured<'_>) -> (Vec<Mismatch>, Vec<String>) {
    let mut mismatches = Vec::new();
    let expected = &case.expected;
    mismatches.extend(outcome(expected.outcome, measured.finished));
    mismatches.extend(error(case, measured.finished));
    // What follows from another end is no news.
    let is_expected_end = mismatches.is_empty();
    if is_expected_end {
        mismatches.extend(output::judge(&expected.output, measured));
        mismatches.extend(stream("standard output", expected.stdout.as_ref(), &measured.summary.stdout));
        mismatches.extend(stream("standard error", expected.stderr.as_ref(), &measured.summary.stderr));
    }
    mismatches.extend(measured.unanswered.iter().take(3).map(no_reply));
    if let Some(expected) = &expected.calls {
        mismatches.extend(calls::judge(expected, &measured.summary.calls));
    }
    if is_expected_end {
        mismatches.extend(store::judge(&expected.store, measured));
    }
    let mut notes = Vec::new();
    mismatches.extend(budget::judge(case, measured, &mut notes));
    (mismatches, notes)
}

fn outcome(expected: Outcome, finished: &RunFinished) -> Option<Mismatch> {
    if finished.outcome == expected {
        return None;
    }
    let mismatch = Mismatch::new(
        MismatchKind::Outcome,
        format!("expected the outcome {expected}, and the run ended with {}", finished.outcome),
    );
    let Some(error) = &finished.error else { return Some(mismatch) };
    let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let frames: String = error.backtrace.iter().take(10).map(|frame| format!("\n  at {frame}")).collect();
    Some(mismatch.with_details(format!("{}{frames}{hint}", error.message)))
}

fn error(case: &Case, finished: &RunFinished) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let message = finished.error.as_ref().map_or("", |error| error.message.as_str());
    if let Some(expected) = case.expected.error.as_ref().filter(|expected| !expected.fits(message)) {
        mismatches.push(text_mismatch(MismatchKind::Error, "the run's error", expected, message));
    }
    let kind = finished.error.as_ref().map_or("", |error| error.kind.as_ref());
    if let Some(expected) = case.expected.error_kind.as_ref().filter(|expected| *expected != kind) {
        let found = if kind.is_empty() { "there is no error".to_owned() } else { format!("found {kind}") };
        mismatches.push(Mismatch::new(MismatchKind::Error, format!("expected an error of the kind {expected}, and {found}")));
    }
    mismatches
}

fn stream(name: &str, expected: Option<&TextMatch>, found: &[u8]) -> Option<Mismatch> {
    let found = String::from_utf8_lossy(found);
    let expected = expected.filter(|expected| !expected.fits(&found))?;
    Some(text_mismatch(MismatchKind::Stream, name, expected, &found))
}

/// What is wrong with a text.
pub fn text_mismatch(kind: MismatchKind, what: &str, expected: &TextMatch, found: &str) -> Mismatch {
    match expected {
        TextMatch::Equals(expected) => {
            Mismatch::new(kind, format!("{what} is not what was expected")).with_details(difference(expected, found))
        }
        _ => Mismatch::new(kind, format!("{what} is not {expected}")).with_details(difference::found_only(found)),
    }
}

fn no_reply(request: &UnansweredRequest) -> Mismatch {
    let UnansweredRequest { method, url } = request;
    let mismatch = Mismatch::new(MismatchKind::NoReply, format!("the case has no reply for {method} {url}"));
    mismatch
        .with_details(format!("write what the server says:\n[[case.http]]\nmethod = {method:?}\nurl = {url:?}\nreply = \"…\""))
}
