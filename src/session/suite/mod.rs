//! Suites of cases: which are chosen, how they are run side by side, and what is told of them.
//!
//! Each case is run by a [`CaseRunner`] with services of its own, so that they cannot disturb each other; what came of it is judged
//! (`judge/`), and becomes a [`CaseResult`]. It knows how a session performs a run; it must not know who reads its events.

mod accept;
mod choice;
mod fuel_moves;
mod judge;
mod last_failed;
mod near_names;
mod run_case;
mod snapshots;
mod spoken_calls;
mod stand_ins;

pub use choice::{CaseChoice, CasePattern, CasePatternError, Shard, ShardError};
pub use run_case::{CaseRun, CaseRunner, CaseTerms, Conditions, Seeding, TestedSkill};

use crate::event::{CaseAttempt, CaseId, CaseResult, CaseStatus, Event, ListedCase, MismatchKind, SuiteEvent, SuiteTotals};
use crate::skill::cases::Case;
use crate::skill::{Catalog, Workspace};
use crossbeam_channel::Sender;
use last_failed::LastFailed;
use snapshots::Snapshots;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What a suite is asked to do.
#[derive(Clone, Debug)]
pub struct SuiteRequest {
    /// Which cases.
    pub choice: CaseChoice,
    /// Whether they are only listed.
    pub list_only: bool,
    /// How many at once.
    pub jobs: NonZeroUsize,
    /// How often a case that failed is tried again.
    pub retries: u32,
    /// Whether the first that fails ends the suite.
    pub fail_fast: bool,
    /// Whether what comes of them is written down.
    pub accept: bool,
    /// How they are run.
    pub terms: CaseTerms,
}

/// A chosen case.
struct Chosen {
    skill: Arc<TestedSkill>,
    case: Arc<Case>,
}

/// Runs a suite, here and now: `Chosen` first, exactly one `Finished` last.
pub fn perform(request: &SuiteRequest, runner: &CaseRunner, events: &Sender<Event>) {
    let started = Instant::now();
    let suite = Suite { request, runner, events, workspace: Workspace::find(&runner.shared.config.directories) };
    let Gathered { chosen, others, broken, notes } = suite.gather();
    let cases = chosen.iter().map(|(id, chosen)| listed(id, &chosen.case)).collect();
    let seed = match request.terms.seed {
        Seeding::Default(seed) | Seeding::Fixed(seed) => Some(seed),
        Seeding::Live => None,
    };
    suite.send(SuiteEvent::Chosen { cases, others, seed });
    notes.into_iter().for_each(|note| suite.note(note));
    broken.iter().for_each(|event| suite.send(event.clone()));
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut totals = SuiteTotals { cases: count(chosen.len()), broken: count(broken.len()), ..SuiteTotals::default() };
    if !request.list_only {
        let results = suite.run_all(&chosen);
        for (_, status) in &results {
            match status {
                CaseStatus::Passed => totals.passed += 1,
                CaseStatus::Flaky => totals.flaky += 1,
                CaseStatus::Failed => totals.failed += 1,
                CaseStatus::Skipped => totals.skipped += 1,
            }
        }
        totals.not_run = totals.cases.saturating_sub(count(results.len()));
        suite.keep_failed(&results);
    }
    totals.elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
    totals.cancelled = runner.control.is_cancelled();
    suite.send(SuiteEvent::Finished(totals));
}

/// A case that was chosen, with the skill that it is of.
pub type ChosenCase = (Arc<TestedSkill>, Arc<Case>);

/// The chosen cases, for those who run them in ways of their own; and what cannot be taken, as [`SuiteEvent::Broken`].
pub fn choose(request: &SuiteRequest, runner: &CaseRunner, events: &Sender<Event>) -> (Vec<ChosenCase>, Vec<SuiteEvent>) {
    let suite = Suite { request, runner, events, workspace: Workspace::find(&runner.shared.config.directories) };
    let Gathered { chosen, broken, notes, .. } = suite.gather();
    notes.into_iter().for_each(|note| suite.note(note));
    (chosen.into_iter().map(|(_, chosen)| (chosen.skill, chosen.case)).collect(), broken)
}

/// What a choice comes to.
struct Gathered {
    chosen: Vec<(CaseId, Chosen)>,
    /// How many cases were not chosen.
    others: u64,
    /// What cannot be taken.
    broken: Vec<SuiteEvent>,
    /// What is said of names that are not there.
    notes: Vec<String>,
}

struct Suite<'s> {
    request: &'s SuiteRequest,
    runner: &'s CaseRunner,
    events: &'s Sender<Event>,
    workspace: Workspace,
}

impl Suite<'_> {
    fn gather(&self) -> Gathered {
        let (mut all, mut broken, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        let mut tell = |skill: &str, file: PathBuf, line: usize, failure| {
            unreadable.push(skill.to_owned());
            if self.request.choice.concerns(skill) {
                broken.push(SuiteEvent::Broken { skill: skill.to_owned(), file, line, failure });
            }
        };
        match Catalog::scan(&self.runner.shared.config.directories) {
            Ok(catalog) => {
                for entry in catalog.entries() {
                    match &entry.skill {
                        Ok(skill) => {
                            let (tested, faults) = TestedSkill::read(skill);
                            faults.into_iter().for_each(|fault| tell(&skill.name, fault.file, fault.line, fault.failure));
                            let tested = Arc::new(tested);
                            let chosen = |case: &Arc<Case>| Chosen { skill: Arc::clone(&tested), case: Arc::clone(case) };
                            all.extend(tested.cases.iter().map(|case| (tested.id_of(case), chosen(case))));
                        }
                        Err(failure) => tell(&entry.info.name, entry.info.path.clone(), 0, failure.clone()),
                    }
                }
            }
            Err(error) => {
                let file = self.runner.shared.config.directories.first().cloned().unwrap_or_default();
                broken.push(SuiteEvent::Broken { skill: String::new(), file, line: 0, failure: error.into() });
            }
        }
        let there = all.len();
        let cases: Vec<(&CaseId, &Case)> = all.iter().map(|(id, chosen): &(CaseId, Chosen)| (id, &*chosen.case)).collect();
        let notes = near_names::notes(&self.request.choice, &cases, &unreadable);
        let last = LastFailed::read(&self.workspace);
        let chosen = self.request.choice.choose(all, &last, |chosen| &chosen.case);
        let others = u64::try_from(there.saturating_sub(chosen.len())).unwrap_or(u64::MAX);
        Gathered { chosen, others, broken, notes }
    }

    /// Runs the cases on so many threads; those that were not come to are not among the results.
    fn run_all(&self, chosen: &[(CaseId, Chosen)]) -> Vec<(CaseId, CaseStatus)> {
        let (next, ends) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (results, accepting) = (Mutex::new(Vec::new()), Mutex::new(()));
        let work = || {
            while !ends.load(Ordering::SeqCst) && !self.runner.control.is_cancelled() {
                let Some((id, chosen)) = chosen.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
                let Some(result) = self.run_one(id, chosen, &accepting) else { return };
                if result.status == CaseStatus::Failed && self.request.fail_fast {
                    ends.store(true, Ordering::SeqCst);
                }
                results.lock().unwrap_or_else(PoisonError::into_inner).push((id.clone(), result.status));
                self.send(SuiteEvent::CaseFinished(Box::new(result)));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.request.jobs.get().min(chosen.len()) {
                scope.spawn(work);
            }
            work();
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a case until it holds or is tried often enough; `None` where the suite was cancelled meanwhile.
    fn run_one(&self, id: &CaseId, chosen: &Chosen, accepting: &Mutex<()>) -> Option<CaseResult> {
        let Chosen { skill, case } = chosen;
        let listed = listed(id, case);
        if case.skip.is_some() {
            return Some(CaseResult { case: listed, status: CaseStatus::Skipped, attempts: Vec::new(), accepted: Vec::new() });
        }
        self.send(SuiteEvent::CaseStarted { case: id.clone() });
        let mut attempts: Vec<CaseAttempt> = Vec::new();
        let mut accepted = Vec::new();
        loop {
            let mut run = self.runner.run(skill, case, &Conditions::default()).ok()?;
            if self.request.accept {
                // Two cases of one file are not written at once.
                let _one_by_one = accepting.lock().unwrap_or_else(PoisonError::into_inner);
                accepted = accept::accept(self.runner, skill, case, &mut run);
            }
            let passed = run.passed();
            let is_last = passed || attempts.len() >= usize::try_from(self.request.retries).unwrap_or(usize::MAX);
            if !passed && is_last {
                self.tell_moves(skill, case, &mut run);
            }
            attempts.push(run.attempt);
            if is_last {
                let status = match (passed, attempts.len()) {
                    (false, _) => CaseStatus::Failed,
                    (true, 1) => CaseStatus::Passed,
                    (true, _) => CaseStatus::Flaky,
                };
                return Some(CaseResult { case: listed, status, attempts, accepted });
            }
        }
    }

    /// Where a case used too much fuel, its functions tell in which of them.
    fn tell_moves(&self, skill: &TestedSkill, case: &Case, run: &mut CaseRun) {
        let Some(mismatch) = run.attempt.mismatches.iter_mut().find(|mismatch| mismatch.kind == MismatchKind::Fuel) else {
            return;
        };
        let Some(now) = accept::functions_of(self.runner, skill, case) else { return };
        let told = match Snapshots::of(skill.skill(), case).fuel() {
            Ok(Some(accepted)) => {
                let moves = fuel_moves::fuel_moves(&accepted.functions, &now);
                format!("the functions whose fuel moved most:\n{moves}")
            }
            Ok(None) => {
                let moves = fuel_moves::fuel_moves(&[], &now);
                format!("what each function used of the accepted fuel was not written down; now they use:\n{moves}")
            }
            Err(error) => error.to_string(),
        };
        mismatch.details = Some(told);
    }

    fn keep_failed(&self, results: &[(CaseId, CaseStatus)]) {
        let last = LastFailed::read(&self.workspace);
        let updated = last.update(&self.workspace, results.iter().map(|(id, status)| (id, *status)));
        if let Err(error) = updated {
            self.note(format!("what failed is not kept for --failed: {error}"));
        }
    }

    fn note(&self, message: String) {
        // A reader that has gone needs no events.
        let _ = self.events.send(Event::Notice { message });
    }

    fn send(&self, event: SuiteEvent) {
        // A reader that has gone needs no events.
        let _ = self.events.send(Event::Suite(event));
    }
}

fn listed(id: &CaseId, case: &Case) -> ListedCase {
    ListedCase {
        id: id.clone(),
        description: case.description.clone(),
        file: case.place.file.clone(),
        line: case.place.line,
        skip: case.skip.clone(),
    }
}
