//! A suite for people: what does not hold, as it comes, and the sum. On a terminal a line moves meanwhile; elsewhere nothing is written of
//! what passes.

use super::{SuiteReport, plural, told, told_failure};
use crate::event::figures::{cut_to_columns, milliseconds};
use crate::event::{
    CaseAttempt, CaseId, CaseResult, CaseStatus, ListedCase, SuiteEvent, SuiteTotals, sanitize_line, sanitize_text,
};
use crate::report::Streams;
use std::collections::BTreeSet;
use std::io;

/// The report.
pub struct HumanSuite {
    streams: Streams,
    /// Whether cases are only listed.
    list_only: bool,
    cases: usize,
    done: usize,
    failed: usize,
    running: BTreeSet<CaseId>,
    is_drawn: bool,
    seed: Option<u64>,
}

impl HumanSuite {
    /// A report that has read nothing yet.
    pub fn new(streams: Streams, list_only: bool) -> Self {
        Self { streams, list_only, cases: 0, done: 0, failed: 0, running: BTreeSet::new(), is_drawn: false, seed: None }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.undraw()?;
        self.streams.write_out(sanitize_text(&format!("{text}\n")).as_bytes())
    }

    /// A line whose word has a colour, where the output is a terminal.
    fn write_marked(&mut self, word: &str, colour: &'static str, rest: &str) -> io::Result<()> {
        self.undraw()?;
        let (colour, reset) = if self.streams.out_is_terminal { (colour, self.streams.palette.reset) } else { ("", "") };
        let line = format!("{colour}{word:>7}{reset}  {}\n", sanitize_text(rest));
        self.streams.write_out(line.as_bytes())
    }

    fn undraw(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_drawn) { self.streams.write_err("\r\x1b[2K") } else { Ok(()) }
    }

    fn list(&mut self, cases: &[ListedCase]) -> io::Result<()> {
        for case in cases {
            let description = case.description.as_ref().map(|words| format!("  {words}")).unwrap_or_default();
            let skip = case.skip.as_ref().map(|why| format!("  (skipped: {why})")).unwrap_or_default();
            let line = format!("{}  {}:{}{description}{skip}", case.id, case.file.display(), case.line);
            self.write(&sanitize_line(&line))?;
        }
        Ok(())
    }

    fn finished(&mut self, result: &CaseResult) -> io::Result<()> {
        self.running.remove(&result.case.id);
        self.done += 1;
        let name = format!("{}  ({}:{})", result.case.id, result.case.file.display(), result.case.line);
        let palette = self.streams.palette;
        match result.status {
            CaseStatus::Failed => {
                self.failed += 1;
                let tries = result.attempts.len();
                let times = if tries > 1 { format!(", {tries} times") } else { String::new() };
                self.write_marked("FAILED", palette.bad, &format!("{name}{times}"))?;
                self.mismatches(result.last())?;
            }
            CaseStatus::Flaky => {
                let failed = result.attempts.len().saturating_sub(1);
                let failed_times =
                    format!("failed {failed} time{} before it passed", plural(failed.try_into().unwrap_or(u64::MAX)));
                self.write_marked("FLAKY", palette.warning, &format!("{name}: {failed_times}"))?;
                self.mismatches(result.attempts.first())?;
            }
            CaseStatus::Passed | CaseStatus::Skipped => {}
        }
        for accepted in &result.accepted {
            self.write_marked("wrote", palette.good, &format!("{}: {accepted}", result.case.id))?;
        }
        for note in result.last().iter().flat_map(|attempt| &attempt.notes) {
            self.write_marked("note", palette.faint, &format!("{}: {note}", result.case.id))?;
        }
        Ok(())
    }

    fn mismatches(&mut self, attempt: Option<&CaseAttempt>) -> io::Result<()> {
        for mismatch in attempt.iter().flat_map(|attempt| &attempt.mismatches) {
            let text = told(mismatch).replace('\n', "\n         ");
            self.write(&format!("         {text}"))?;
        }
        Ok(())
    }

    fn sum(&mut self, totals: &SuiteTotals) -> io::Result<()> {
        self.undraw()?;
        if self.list_only {
            return Ok(());
        }
        let mut parts = vec![format!("{} passed", totals.passed)];
        for (count, word) in [
            (totals.flaky, "flaky"),
            (totals.failed, "failed"),
            (totals.skipped, "skipped"),
            (totals.not_run, "not run"),
            (totals.broken, "broken"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let seed = self.seed.map_or_else(|| ", live clock and randomness".to_owned(), |_| String::new());
        let cancelled = if totals.cancelled { "cancelled: " } else { "" };
        let time = milliseconds(totals.elapsed_ms);
        let line = format!("{cancelled}{} case{}: {}, in {time}{seed}", totals.cases, plural(totals.cases), parts.join(", "));
        self.write(&line)
    }
}

impl SuiteReport for HumanSuite {
    fn event(&mut self, event: &SuiteEvent) -> io::Result<()> {
        match event {
            SuiteEvent::Chosen { cases, others, seed } => {
                self.cases = cases.len();
                self.seed = *seed;
                if self.list_only {
                    return self.list(cases);
                }
                if cases.is_empty() {
                    let why = match others {
                        0 => "there are no cases: a skill's cases stand in its skill.toml, as [[case]]".to_owned(),
                        _ => format!("none of the {others} case{} is chosen", plural(*others)),
                    };
                    return self.write(&why);
                }
                Ok(())
            }
            SuiteEvent::Broken { skill, failure, .. } => {
                let bad = self.streams.palette.bad;
                let text = told_failure(failure).replace('\n', "\n         ");
                self.write_marked("BROKEN", bad, &format!("{skill}\n         {text}"))
            }
            SuiteEvent::CaseStarted { case } => {
                self.running.insert(case.clone());
                Ok(())
            }
            SuiteEvent::CaseFinished(result) => self.finished(result),
            SuiteEvent::Finished(totals) => self.sum(totals),
        }
    }

    fn notice(&mut self, message: &str) -> io::Result<()> {
        self.undraw()?;
        self.streams.write_err(&sanitize_text(&format!("note: {message}\n")))
    }

    fn tick(&mut self) -> io::Result<()> {
        if !self.streams.err_can_move || self.cases == 0 || self.list_only {
            return Ok(());
        }
        let running = self.running.iter().next().map(|case| format!("  {case}")).unwrap_or_default();
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        let line = sanitize_line(&format!("{}/{}{failed}{running}", self.done, self.cases)).into_owned();
        let columns = self.streams.columns().unwrap_or(80).saturating_sub(1);
        self.is_drawn = true;
        self.streams.write_err(&format!("\r\x1b[2K{}", cut_to_columns(&line, columns)))
    }
}
