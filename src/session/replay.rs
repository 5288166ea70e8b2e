//! A recorded run, made again: what it is given comes from its record, and its end is held against the recorded one.

use super::command::{Overrides, ReplayRequest, RunInput, RunRequest};
use super::prepare::Checked;
use super::workbench::compare::pretty;
use crate::event::{ComparedPart, Failure, Outcome, ReplayReport, ReplayVerdict, RunFinished, figures};
use crate::host::replay::{RecordedRun, Replay, ReplayEnd, ReplayTally};
use crate::host::wasi::WasiSetup;
use crate::runtime::instrument::FUEL_RULE;
use std::sync::Arc;
use std::time::Duration;

/// The deadline of a run whose end is in its record: none that a machine could reach.
const NO_DEADLINE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// How many calls that nobody asked for are shown.
const MAX_UNASKED: usize = 10;

/// What a run needs to be answered from a record.
pub struct Replaying {
    recorded: Arc<RecordedRun>,
    tally: ReplayTally,
}

/// The run that a record asks for.
pub fn request_of(replay: &ReplayRequest) -> RunRequest {
    let RecordedRun { header, settings, started, .. } = &*replay.recorded;
    RunRequest {
        target: replay.target.clone(),
        input: RunInput {
            document: started.input.as_bytes().to_vec(),
            raw_stdin: settings.raw_stdin,
            event: settings.event_type.clone(),
        },
        overrides: Overrides {
            memory_bytes: Some(started.limits.memory_bytes),
            timeout: Some(started.limits.timeout()),
            fuel: Some(started.limits.fuel),
            config: settings.config.clone().into_iter().collect(),
            permissions: Some(settings.permissions.clone()),
            no_directories: true,
            no_wasi: settings.wasi.is_none(),
            profile: header.profile,
            quick_from_bytes: replay.quick_from_bytes,
            ..Overrides::default()
        },
        seed: started.seed,
        compiler: replay.compiler,
        profile_fuel: false,
        begins_empty: false,
        stored: Vec::new(),
    }
}

impl Replaying {
    pub fn new(request: &ReplayRequest) -> Self {
        Self { recorded: Arc::clone(&request.recorded), tally: ReplayTally::default() }
    }

    /// Gives the skill what the record says, in place of what its manifest does.
    pub fn adapt(&self, checked: &mut Checked) {
        checked.limits = self.recorded.started.limits.clone();
        if let (Some(wasi), Some(recorded)) = (&mut checked.wasi, &self.recorded.settings.wasi) {
            *wasi = WasiSetup { environment: recorded.environment.clone(), ..WasiSetup::default() };
        }
    }

    /// The deadline in place of the recorded one: where the record determines how the run ends, no machine is too slow for it.
    pub fn deadline(&self, checked: &Checked) -> Option<Duration> {
        (self.is_the_recorded(&checked.module.sha256_hex()) && !self.recorded.is_cut()).then_some(NO_DEADLINE)
    }

    /// The answers for the run's host calls.
    ///
    /// # Errors
    /// Where the record can no longer be read.
    pub fn answers(&self, checked: &Checked) -> Result<Replay, Failure> {
        let is_same = self.is_the_recorded(&checked.module.sha256_hex());
        Ok(Replay::new(Arc::clone(&self.recorded), is_same, self.tally.clone())?)
    }

    /// Whether figures must be the recorded ones to the last unit.
    fn is_the_recorded(&self, module: &str) -> bool {
        self.recorded.header.module_sha256.as_deref() == Some(module) && self.recorded.header.fuel_rule == FUEL_RULE
    }

    /// What came of it, where the run ended so.
    pub fn report(&self, finished: &RunFinished, module: Option<&str>, began: bool) -> ReplayReport {
        let is_same = module.is_some_and(|module| self.is_the_recorded(module));
        let answered = self.tally.answered();
        let mut report = ReplayReport {
            record: self.recorded.path.clone(),
            verdict: ReplayVerdict::RecordEnds,
            same_module: module.is_some() && module == self.recorded.started.module_sha256.as_deref(),
            answered,
            unasked: 0,
            differences: Vec::new(),
        };
        match (self.tally.ended(), &self.recorded.finished) {
            (Some(ReplayEnd::Diverged), _) => report.verdict = ReplayVerdict::Diverged,
            (Some(ReplayEnd::RecordEnds), _) | (None, None) => {}
            (None, Some(before)) => {
                report.unasked = self.recorded.answers.saturating_sub(answered);
                let figures = differing_figures(before, finished);
                report.differences = differing_ends(before, finished);
                report.differences.extend(self.unasked_calls(report.unasked));
                let differs = !report.differences.is_empty() || (is_same && !figures.is_empty());
                report.differences.extend(figures);
                report.verdict = match (differs, began) {
                    (false, _) => ReplayVerdict::Same,
                    (true, true) => ReplayVerdict::Differs,
                    (true, false) => ReplayVerdict::Refused,
                };
            }
        }
        report
    }

    fn unasked_calls(&self, unasked: u64) -> Option<ComparedPart> {
        if unasked == 0 {
            return None;
        }
        // What cannot be read again is counted all the same.
        let calls = self.recorded.calls_after(self.tally.answered(), MAX_UNASKED).unwrap_or_default();
        let more = unasked.saturating_sub(u64::try_from(calls.len()).unwrap_or(u64::MAX));
        let mut before: String = calls.into_iter().map(|call| call + "\n").collect();
        if more > 0 {
            before.push_str(&format!("and {} more\n", figures::count(more)));
        }
        Some(ComparedPart { title: "Calls".to_owned(), before, after: String::new() })
    }
}

fn differing_ends(before: &RunFinished, after: &RunFinished) -> Vec<ComparedPart> {
    part("Outcome", outcome(before), outcome(after)).into_iter().chain(differing_output(before, after)).collect()
}

fn differing_output(before: &RunFinished, after: &RunFinished) -> Option<ComparedPart> {
    if (&before.output, &before.output_text) == (&after.output, &after.output_text) {
        return None;
    }
    // Laid out, documents may look the same that are written differently.
    let as_written = |run: &RunFinished| run.output.as_ref().map(|document| document.as_str().to_owned()).unwrap_or_default();
    part("Output", output(before), output(after)).or_else(|| part("Output", as_written(before), as_written(after)))
}

/// Fuel and memory; where a count was lost, it says nothing.
fn differing_figures(before: &RunFinished, after: &RunFinished) -> Vec<ComparedPart> {
    let fuel = |run: &RunFinished| figures::count(run.usage.fuel);
    let memory = |run: &RunFinished| {
        run.usage.memory_peak_bytes.map_or_else(|| "none".to_owned(), |bytes| format!("{} bytes", figures::count(bytes)))
    };
    let is_exact = before.usage.fuel_exact && after.usage.fuel_exact;
    let fuel = if is_exact { part("Fuel", fuel(before), fuel(after)) } else { None };
    fuel.into_iter().chain(part("Memory peak", memory(before), memory(after))).collect()
}

fn part(title: &str, before: String, after: String) -> Option<ComparedPart> {
    (before != after).then(|| ComparedPart { title: title.to_owned(), before, after })
}

fn outcome(run: &RunFinished) -> String {
    match &run.error {
        // What is said of files names them as they were named then.
        Some(error) if matches!(run.outcome, Outcome::Manifest | Outcome::Invalid) => format!("{} ({})", run.outcome, error.kind),
        Some(error) => format!("{} ({}): {}", run.outcome, error.kind, error.message),
        None => run.outcome.to_string(),
    }
}

fn output(run: &RunFinished) -> String {
    match (&run.output, &run.output_text) {
        (Some(document), _) => pretty(document.as_str()),
        (None, Some(text)) => text.to_text_lossy().into_owned(),
        (None, None) => String::new(),
    }
}
