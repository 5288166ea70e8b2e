//! What sweeps and comparisons tell: tables for people, one document for programs. Under `--format jsonl` their events are lines like
//! all others.

mod comparison;
mod human;
mod json;
mod table;

pub use human::HumanSweep;
pub use json::JsonSweep;

use crate::event::{CaseId, FaultTrial, LeastLimit, ProviderResult, SweepEvent, SweepKind, TimeMargin};
use std::collections::BTreeMap;

/// The rows of a sweep, by case: cases may be swept beside one another, and are told in the order of their names.
#[derive(Debug, Default)]
struct Rows {
    cases: Cases,
    cancelled: bool,
}

/// The rows of each case.
type Cases = BTreeMap<CaseId, CaseRows>;

/// The rows of one case.
#[derive(Debug, Default)]
struct CaseRows {
    skipped: Option<String>,
    trials: Vec<FaultTrial>,
    least: Vec<(SweepKind, LeastLimit)>,
    margin: Option<TimeMargin>,
    results: Vec<ProviderResult>,
}

impl Rows {
    fn apply(&mut self, event: &SweepEvent) {
        match event {
            SweepEvent::Started { .. } | SweepEvent::Refused { .. } => {}
            SweepEvent::Skipped { case, why, .. } => self.of(case).skipped = Some(why.clone()),
            SweepEvent::FaultTried { case, trial } => self.of(case).trials.push(trial.clone()),
            SweepEvent::LeastFound { case, what, found } => self.of(case).least.push((*what, found.clone())),
            SweepEvent::MarginMeasured { case, margin } => self.of(case).margin = Some(margin.clone()),
            SweepEvent::Compared { case, result } => self.of(case).results.push(result.clone()),
            SweepEvent::Done { cancelled } => self.cancelled = *cancelled,
        }
    }

    fn of(&mut self, case: &CaseId) -> &mut CaseRows {
        self.cases.entry(case.clone()).or_default()
    }
}
