//! Sweeps as one JSON document (`docs/sweeps.md` lists its fields).

use super::{CaseRows, Rows};
use crate::event::{
    CaseId, Event, FaultTrial, Latency, LeastLimit, ProviderResult, RunId, SweepEvent, TimeMargin, Tokens, sanitize_text,
};
use crate::report::{Report, Streams};
use serde::Serialize;
use std::io;

/// Writes one document when all is known.
pub struct JsonSweep {
    streams: Streams,
    rows: Rows,
}

#[derive(Serialize)]
struct Document<'a> {
    cases: Vec<CaseDocument<'a>>,
    cancelled: bool,
}

#[derive(Serialize)]
struct CaseDocument<'a> {
    #[serde(flatten)]
    case: &'a CaseId,
    skipped: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    faults: &'a [FaultTrial],
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<&'a LeastLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel: Option<&'a LeastLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<&'a TimeMargin>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    providers: Vec<ProviderDocument<'a>>,
}

#[derive(Serialize)]
struct ProviderDocument<'a> {
    provider: &'a str,
    label: &'a str,
    runs: u64,
    passed: u64,
    latency: Option<Latency>,
    tokens: Option<Tokens>,
    failed_calls: u64,
    failure: Option<&'a str>,
}

impl<'a> From<&'a ProviderResult> for ProviderDocument<'a> {
    fn from(result: &'a ProviderResult) -> Self {
        Self {
            provider: &result.provider,
            label: &result.label,
            runs: result.runs,
            passed: result.passed,
            latency: Latency::of(&result.call_us),
            tokens: result.tokens,
            failed_calls: result.failed_calls,
            failure: result.failure.as_deref(),
        }
    }
}

impl<'a> From<(&'a CaseId, &'a CaseRows)> for CaseDocument<'a> {
    fn from((case, rows): (&'a CaseId, &'a CaseRows)) -> Self {
        use crate::event::SweepKind::{Fuel, Memory};
        let least = |kind| rows.least.iter().find(|(what, _)| *what == kind).map(|(_, least)| least);
        Self {
            case,
            skipped: rows.skipped.as_deref(),
            faults: &rows.trials,
            memory: least(Memory),
            fuel: least(Fuel),
            timeout: rows.margin.as_ref(),
            providers: rows.results.iter().map(ProviderDocument::from).collect(),
        }
    }
}

impl JsonSweep {
    /// A report on these streams.
    pub fn new(streams: Streams) -> Self {
        Self { streams, rows: Rows::default() }
    }
}

impl Report for JsonSweep {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Sweep(sweep) => {
                self.rows.apply(sweep);
                if let SweepEvent::Done { cancelled } = sweep {
                    let cases = self.rows.cases.iter().map(CaseDocument::from).collect();
                    self.streams.write_json(&Document { cases, cancelled: *cancelled }, true)?;
                }
                Ok(())
            }
            Event::Notice { message } => self.streams.write_err(&format!("note: {}\n", sanitize_text(message))),
            _ => Ok(()),
        }
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}
