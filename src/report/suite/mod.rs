//! The readers of a suite's events: human, json, jsonl, junit, and what GitHub shows of it.
//!
//! As the other reports: they know `event` and streams to write to, and make a skill's text harmless before a terminal sees it.

mod github;
mod human;
mod json;
mod junit;

pub use github::{GithubAnnotations, GithubSummary};
pub use human::HumanSuite;
pub use json::{JsonLinesSuite, JsonSuite};
pub use junit::JunitSuite;

use crate::event::{Failure, Mismatch, SuiteEvent};
use std::io;

/// A reader of a suite's events that writes as it reads.
pub trait SuiteReport {
    /// Takes one event.
    ///
    /// # Errors
    /// Where a stream cannot be written; a closed one is no error.
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()>;

    /// Takes something that the user should know.
    ///
    /// # Errors
    /// As [`SuiteReport::event`].
    fn notice(&mut self, _message: &str) -> io::Result<()> {
        Ok(())
    }

    /// Some time passed: what moves may be drawn.
    ///
    /// # Errors
    /// As [`SuiteReport::event`].
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What does not hold, with its details on lines of their own.
fn told(mismatch: &Mismatch) -> String {
    let mut text = format!("{}: {}", mismatch.kind.word(), mismatch.message);
    if let Some(details) = &mismatch.details {
        details.lines().for_each(|line| {
            text.push_str("\n  ");
            text.push_str(line);
        });
    }
    text
}

fn told_failure(failure: &Failure) -> String {
    let hint = failure.hint.as_ref().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    format!("{}{hint}", failure.message)
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
