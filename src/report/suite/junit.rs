//! A suite as CI servers read it: JUnit's XML in the form of Jenkins' `junit-10.xsd`, a `testsuite` for each skill.

use super::{SuiteReport, told, told_failure};
use crate::event::{CaseAttempt, CaseResult, CaseStatus, Failure, SuiteEvent, SuiteTotals, sanitize_text};
use crate::report::Streams;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// What XML 1.0 cannot have, besides control characters, which are left out already.
const NO_XML: [char; 2] = ['\u{FFFE}', '\u{FFFF}'];

/// The report; it is written at the end.
pub struct JunitSuite {
    streams: Streams,
    results: BTreeMap<String, Vec<CaseResult>>,
    broken: BTreeMap<String, Vec<Failure>>,
}

impl JunitSuite {
    /// A report that has read nothing yet.
    pub const fn new(streams: Streams) -> Self {
        Self { streams, results: BTreeMap::new(), broken: BTreeMap::new() }
    }

    fn write(&mut self, totals: &SuiteTotals) -> io::Result<()> {
        let mut report = Report::new("skillscope");
        report.set_time(milliseconds(totals.elapsed_ms));
        let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
        for (skill, results) in &mut self.results {
            results.sort_by(|left, right| (&left.case.file, left.case.line).cmp(&(&right.case.file, right.case.line)));
            let suite = suites.entry(skill).or_insert_with(|| TestSuite::new(skill.as_str()));
            let time = results.iter().flat_map(|result| &result.attempts).map(|attempt| attempt.usage.elapsed_ms).sum();
            suite.set_time(milliseconds(time));
            suite.add_test_cases(results.iter().map(test_case));
        }
        for (skill, failures) in &self.broken {
            let suite = suites.entry(skill).or_insert_with(|| {
                let mut suite = TestSuite::new(skill.as_str());
                suite.set_time(Duration::ZERO);
                suite
            });
            for (index, failure) in failures.iter().enumerate() {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                let message = failure.message.lines().next().unwrap_or_default();
                status.set_message(message).set_type(failure.kind.as_ref()).set_description(told_failure(failure));
                let name = if index == 0 { "(cases)".to_owned() } else { format!("(cases {})", index + 1) };
                let mut case = TestCase::new(name, status);
                case.set_classname(skill.as_str()).set_time(Duration::ZERO);
                suite.add_test_case(case);
            }
        }
        report.add_test_suites(suites.into_values());
        let text = without_sum_of_skipped(&report.to_string().map_err(io::Error::other)?).replace(NO_XML, "\u{FFFD}");
        self.streams.write_out(text.as_bytes())
    }
}

impl SuiteReport for JunitSuite {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        match event {
            SuiteEvent::CaseFinished(result) => {
                self.results.entry(result.case.id.skill.clone()).or_default().push((**result).clone());
            }
            SuiteEvent::Broken { skill, failure, .. } => self.broken.entry(skill.clone()).or_default().push(failure.clone()),
            SuiteEvent::Finished(totals) => return self.write(totals),
            SuiteEvent::Chosen { .. } | SuiteEvent::CaseStarted { .. } => {}
        }
        Ok(())
    }

    fn notice(&mut self, message: &str) -> io::Result<()> {
        self.streams.write_err(&sanitize_text(&format!("note: {message}\n")))
    }
}

/// The schema knows how many cases of a suite were skipped, and not how many of all suites.
fn without_sum_of_skipped(text: &str) -> String {
    let Some(at) = text.find("<testsuites ") else { return text.to_owned() };
    let (before, suites) = text.split_at(at);
    let (head, rest) = suites.split_once('>').unwrap_or((suites, ""));
    let kept: Vec<&str> = head.split(' ').filter(|attribute| !attribute.starts_with("skipped=")).collect();
    format!("{before}{}>{rest}", kept.join(" "))
}

fn test_case(result: &CaseResult) -> TestCase {
    let mut status = match result.status {
        CaseStatus::Passed | CaseStatus::Flaky => TestCaseStatus::success(),
        CaseStatus::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        CaseStatus::Skipped => TestCaseStatus::skipped(),
    };
    if let (CaseStatus::Failed, Some(last)) = (result.status, result.last()) {
        let (message, kind) = headline(last);
        status.set_message(message).set_type(kind).set_description(described(last));
    }
    if let Some(why) = &result.case.skip {
        status.set_message(why.as_str());
    }
    let before = result.attempts.len().saturating_sub(1);
    status.add_reruns(result.attempts.iter().take(before).map(rerun));
    let mut case = TestCase::new(result.case.id.case.as_str(), status);
    case.set_classname(result.case.id.skill.as_str());
    case.set_time(milliseconds(result.last().map_or(0.0, |attempt| attempt.usage.elapsed_ms)));
    if let Some(attempt) = result.last().filter(|attempt| !attempt.notes.is_empty()) {
        case.set_system_out(attempt.notes.join("\n"));
    }
    case
}

fn rerun(attempt: &CaseAttempt) -> TestRerun {
    let (message, kind) = headline(attempt);
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_message(message).set_type(kind).set_description(described(attempt));
    // The schema knows no time of a rerun.
    rerun
}

fn headline(attempt: &CaseAttempt) -> (&str, &'static str) {
    attempt.mismatches.first().map_or(("", ""), |mismatch| (mismatch.message.as_str(), mismatch.kind.word()))
}

fn described(attempt: &CaseAttempt) -> String {
    attempt.mismatches.iter().map(told).collect::<Vec<_>>().join("\n")
}

fn milliseconds(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms.max(0.0) / 1000.0).unwrap_or_default()
}
