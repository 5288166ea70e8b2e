//! Providers compared on a skill: what was asked for, and what is known of it so far.

use crate::event::{ProviderResult, RunId, SweepEvent};

/// A comparison; the newest is kept until the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The skill.
    pub skill: String,
    /// How often each provider is tried.
    pub repeat: u32,
    /// How many cases they are compared on; `None` where that is the newest input.
    pub cases: Option<usize>,
    /// Cases that were not run, each with why.
    pub skipped: Vec<String>,
    /// The number by which it is cancelled, once it has begun.
    pub number: Option<RunId>,
    /// What is known of each provider.
    pub results: Vec<ProviderResult>,
    /// How it ended.
    pub end: Option<End>,
}

/// How a comparison ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It was made.
    Done,
    /// It was cancelled.
    Cancelled,
    /// It cannot be made.
    Refused(String),
}

impl Comparison {
    /// One that was asked for just now.
    pub const fn new(skill: String, repeat: u32) -> Self {
        Self { skill, repeat, cases: None, skipped: Vec::new(), number: None, results: Vec::new(), end: None }
    }

    /// Takes in what the session tells of it.
    pub fn apply(&mut self, event: SweepEvent) {
        match event {
            SweepEvent::Started { number, .. } => self.number = Some(number),
            SweepEvent::Refused { failure } => self.end = Some(End::Refused(failure.message)),
            // One case of several ends nothing.
            SweepEvent::Skipped { case, why, .. } if self.cases.is_some() => self.skipped.push(format!("{}: {why}", case.case)),
            SweepEvent::Skipped { why, .. } => self.end = Some(End::Refused(why)),
            SweepEvent::Compared { result, .. } => self.results.push(result),
            SweepEvent::Done { cancelled } => self.end = Some(if cancelled { End::Cancelled } else { End::Done }),
            SweepEvent::FaultTried { .. } | SweepEvent::LeastFound { .. } | SweepEvent::MarginMeasured { .. } => {}
        }
    }

    /// The number by which it can be cancelled, while it goes on.
    pub fn running(&self) -> Option<RunId> {
        self.number.filter(|_| self.end.is_none())
    }
}
