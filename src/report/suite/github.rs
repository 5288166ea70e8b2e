//! What GitHub Actions shows of a suite: annotations at the cases' lines, and a summary of the job.

use super::{SuiteReport, plural, told, told_failure};
use crate::event::{CaseResult, CaseStatus, Mismatch, SuiteEvent, SuiteTotals, sanitize_text};
use crate::report::Streams;
use std::io;
use std::path::Path;

/// Annotations: workflow commands among the lines of the log.
pub struct GithubAnnotations {
    streams: Streams,
}

impl GithubAnnotations {
    /// They go to where everything but the report itself goes.
    pub const fn new(streams: Streams) -> Self {
        Self { streams }
    }

    fn annotate(&mut self, level: &str, file: &Path, line: usize, title: &str, message: &str) -> io::Result<()> {
        let file = property(&file.display().to_string());
        let line = if line == 0 { String::new() } else { format!(",line={line}") };
        let command = format!("::{level} file={file}{line},title={}::{}\n", property(title), data(&sanitize_text(message)));
        self.streams.write_err(&command)
    }

    fn mismatch(&mut self, level: &str, result: &CaseResult, mismatch: &Mismatch) -> io::Result<()> {
        let line = mismatch.line.unwrap_or(result.case.line);
        self.annotate(level, &result.case.file, line, &result.case.id.to_string(), &told(mismatch))
    }
}

impl SuiteReport for GithubAnnotations {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        match event {
            SuiteEvent::Broken { skill, file, line, failure } => {
                self.annotate("error", file, *line, skill, &told_failure(failure))
            }
            SuiteEvent::CaseFinished(result) => {
                let (level, attempt) = match result.status {
                    CaseStatus::Failed => ("error", result.last()),
                    CaseStatus::Flaky => ("warning", result.attempts.first()),
                    CaseStatus::Passed | CaseStatus::Skipped => return Ok(()),
                };
                attempt
                    .iter()
                    .flat_map(|attempt| &attempt.mismatches)
                    .try_for_each(|mismatch| self.mismatch(level, result, mismatch))
            }
            _ => Ok(()),
        }
    }
}

/// A property of a workflow command: also commas and colons would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The summary, in Markdown.
pub struct GithubSummary {
    streams: Streams,
    rows: Vec<String>,
    details: Vec<String>,
}

impl GithubSummary {
    /// It goes to the file that GitHub names.
    pub const fn new(streams: Streams) -> Self {
        Self { streams, rows: Vec::new(), details: Vec::new() }
    }

    fn take(&mut self, result: &CaseResult) {
        let attempt = match result.status {
            CaseStatus::Failed => result.last(),
            CaseStatus::Flaky => result.attempts.first(),
            CaseStatus::Passed | CaseStatus::Skipped => return,
        };
        let mismatches = attempt.map(|attempt| attempt.mismatches.as_slice()).unwrap_or_default();
        let first = mismatches.first().map(|mismatch| mismatch.message.as_str()).unwrap_or_default();
        let place = format!("{}:{}", result.case.file.display(), result.case.line);
        let cells = [result.status.word(), &result.case.id.to_string(), &place, first].map(cell);
        self.rows.push(format!("| {} |", cells.join(" | ")));
        let text = mismatches.iter().map(told).collect::<Vec<_>>().join("\n");
        // No text within can end a fence that is longer than any run of backticks in it.
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        let name = result.case.id.to_string();
        self.details.push(format!("\n**{}**\n\n{fence}diff\n{}\n{fence}\n", cell(&name), sanitize_text(&text)));
    }

    fn write(&mut self, totals: &SuiteTotals) -> io::Result<()> {
        let bad = totals.failed + totals.broken;
        let verdict = if bad == 0 && !totals.cancelled { "All cases hold" } else { "Not all cases hold" };
        let mut text = format!(
            "### {verdict}\n\n{} case{}: {} passed, {} flaky, {} failed, {} skipped, {} not run, {} broken\n",
            totals.cases,
            plural(totals.cases),
            totals.passed,
            totals.flaky,
            totals.failed,
            totals.skipped,
            totals.not_run,
            totals.broken
        );
        if !self.rows.is_empty() {
            text.push_str("\n| | case | at | what does not hold |\n| --- | --- | --- | --- |\n");
            text.push_str(&self.rows.join("\n"));
            text.push('\n');
            self.details.iter().for_each(|details| text.push_str(details));
        }
        self.streams.write_out(text.as_bytes())
    }
}

impl SuiteReport for GithubSummary {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        match event {
            SuiteEvent::CaseFinished(result) => self.take(result),
            SuiteEvent::Broken { skill, file, line, failure } => {
                let first = failure.message.lines().next().unwrap_or_default();
                let cells = ["broken", skill, &format!("{}:{line}", file.display()), first].map(cell);
                self.rows.push(format!("| {} |", cells.join(" | ")));
            }
            SuiteEvent::Finished(totals) => return self.write(totals),
            SuiteEvent::Chosen { .. } | SuiteEvent::CaseStarted { .. } => {}
        }
        Ok(())
    }
}

/// A text within a line of Markdown, taken for nothing but text.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    sanitize_text(&escaped).into_owned()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
