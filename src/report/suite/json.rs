//! A suite for scripts: one document at its end, or a line for each event.

use super::SuiteReport;
use crate::event::{CaseResult, Event, Failure, ListedCase, SuiteEvent, SuiteTotals};
use crate::report::Streams;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

/// One document.
pub struct JsonSuite {
    streams: Streams,
    list_only: bool,
    document: Document,
}

#[derive(Default, Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<SuiteTotals>,
    seed: Option<u64>,
    broken: Vec<Broken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<CaseResult>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<Vec<ListedCase>>,
}

#[derive(Serialize)]
struct Broken {
    skill: String,
    file: PathBuf,
    line: usize,
    failure: Failure,
}

impl JsonSuite {
    /// A report that has read nothing yet; of a list, the cases are its content.
    pub fn new(streams: Streams, list_only: bool) -> Self {
        let document = Document { results: (!list_only).then(Vec::new), ..Document::default() };
        Self { streams, list_only, document }
    }
}

impl SuiteReport for JsonSuite {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        let document = &mut self.document;
        match event {
            SuiteEvent::Chosen { cases, seed, .. } => {
                document.seed = *seed;
                document.cases = self.list_only.then(|| cases.clone());
            }
            SuiteEvent::Broken { skill, file, line, failure } => {
                let (skill, file, line, failure) = (skill.clone(), file.clone(), *line, failure.clone());
                document.broken.push(Broken { skill, file, line, failure });
            }
            SuiteEvent::CaseStarted { .. } => {}
            SuiteEvent::CaseFinished(result) => document.results.iter_mut().for_each(|results| results.push((**result).clone())),
            SuiteEvent::Finished(totals) => {
                document.totals = (!self.list_only).then(|| totals.clone());
                // In the order of the events they came as they ended, which no two runs have in common.
                if let Some(results) = &mut document.results {
                    results.sort_by(|left, right| {
                        (&left.case.id.skill, &left.case.file, left.case.line).cmp(&(
                            &right.case.id.skill,
                            &right.case.file,
                            right.case.line,
                        ))
                    });
                }
                return self.streams.write_json(&self.document, true);
            }
        }
        Ok(())
    }

    fn notice(&mut self, message: &str) -> io::Result<()> {
        self.streams.write_err(&crate::event::sanitize_text(&format!("note: {message}\n")))
    }
}

/// A line for each event.
pub struct JsonLinesSuite {
    streams: Streams,
}

impl JsonLinesSuite {
    /// A report that has read nothing yet.
    pub const fn new(streams: Streams) -> Self {
        Self { streams }
    }
}

impl SuiteReport for JsonLinesSuite {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        self.streams.write_json(&Event::Suite(event.clone()), false)
    }

    fn notice(&mut self, message: &str) -> io::Result<()> {
        self.streams.write_json(&Event::Notice { message: message.to_owned() }, false)
    }
}
