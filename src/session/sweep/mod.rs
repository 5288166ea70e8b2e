//! Sweeps: a case that passes is run again and again under changed conditions, to find what it bears.
//!
//! What a case is, and when it passes, is its [`Subject`]'s affair; here is what is changed, and what is made of the attempts.
//!
//! ```text
//! faults    each host call with each fault that can befall it     trials
//! memory    the least limit with which it passes                  least
//! fuel      the same
//! timeout   how far the deadline is: a measurement                margin
//! compare   the same case with other providers, repeated          compare
//! ```

mod case_subject;
mod compare;
mod faults;
mod least;
mod limits;
mod margin;
mod run_subject;
mod trials;

use case_subject::CaseSubject;
use compare::Comparison;
use run_subject::RunSubject;

use super::command::{SweepOf, SweepWork};
use super::config::{SessionConfig, SessionError, SettingsInForce};
use super::live::LiveRuns;
use super::services::Shared;
use super::suite::{self, CaseRunner};
use crate::event::{CallRecord, CaseId, Event, InjectedFault, Limits, RunFinished, RunId, SuiteEvent, SweepEvent, SweepKind};
use crate::host::RunControl;
use crate::skill::FaultSpec;
use crossbeam_channel::Sender;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Something that can be run again and again, and that passes or not.
pub trait Subject: Send + Sync {
    /// Its name.
    fn name(&self) -> CaseId;

    /// Why it is not run, where it is not.
    fn skipped(&self) -> Option<String> {
        None
    }

    /// Runs it once under changed conditions.
    ///
    /// # Errors
    /// Where the sweep was cancelled.
    fn attempt(&self, change: &Change) -> Result<Attempt, Cancelled>;
}

/// What is changed for an attempt.
#[derive(Clone, Default)]
pub struct Change {
    /// Faults that befall it, beside its own.
    pub faults: Vec<FaultSpec>,
    /// The memory limit, in bytes.
    pub memory_bytes: Option<u64>,
    /// The fuel limit.
    pub fuel: Option<u64>,
    /// The settings that name who answers prompts, in the place of its own replies too.
    pub settings: Option<Arc<SettingsInForce>>,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The limits in force.
    pub limits: Limits,
    /// Its end.
    pub finished: RunFinished,
    /// Its host calls, in order.
    pub calls: Vec<CallRecord>,
    /// The faults that befell it.
    pub faults: Vec<InjectedFault>,
    /// Whether it passed.
    pub passed: bool,
    /// Why not, in words.
    pub failure: Option<String>,
}

/// The sweep was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// What is done with each subject.
pub enum Work {
    /// A sweep.
    Sweep(SweepKind),
    /// A comparison of providers.
    Compare(Comparison),
}

impl Work {
    /// What was asked for.
    ///
    /// # Errors
    /// Where a provider cannot be asked.
    pub fn of(wanted: SweepWork, config: &SessionConfig) -> Result<Self, SessionError> {
        Ok(match wanted {
            SweepWork::Sweep(kind) => Self::Sweep(kind),
            SweepWork::Compare { providers, repeat } => Self::Compare(Comparison::new(config, &providers, repeat)?),
        })
    }
}

/// All that is swept.
pub struct Subjects {
    /// What is run again and again.
    pub all: Vec<Box<dyn Subject>>,
    /// What cannot be taken, told first.
    pub broken: Vec<SweepEvent>,
    /// How many are swept at once.
    pub jobs: NonZeroUsize,
}

/// What a subject is run with: what the session's threads share, the settings in force, where runs can be looked at, and the sweep's
/// own handle.
type Surroundings = (Arc<Shared>, Arc<SettingsInForce>, LiveRuns, RunControl);

impl Subjects {
    /// What was asked for; what goes wrong while it is looked for is told.
    pub fn of(wanted: SweepOf, (shared, settings, live, control): Surroundings, events: &Sender<Event>) -> Self {
        match wanted {
            SweepOf::Run(run) => {
                let subject = RunSubject::new(shared, settings, live, *run, control);
                Self { all: vec![Box::new(subject)], broken: Vec::new(), jobs: NonZeroUsize::MIN }
            }
            SweepOf::Cases(suite) => {
                let runner = Arc::new(CaseRunner { shared, settings, live, terms: suite.terms.clone(), control });
                let (chosen, broken) = suite::choose(&suite, &runner, events);
                let subject = |chosen| Box::new(CaseSubject::new(Arc::clone(&runner), chosen)) as Box<dyn Subject>;
                Self {
                    all: chosen.into_iter().map(subject).collect(),
                    broken: broken.into_iter().filter_map(broken_case).collect(),
                    jobs: suite.jobs,
                }
            }
        }
    }
}

/// What cannot be taken as a case, as a row of the sweep.
fn broken_case(event: SuiteEvent) -> Option<SweepEvent> {
    let SuiteEvent::Broken { skill, file, line, failure } = event else { return None };
    let case = CaseId { skill, case: format!("{}:{line}", file.display()) };
    Some(SweepEvent::Skipped { case, why: failure.message, failed: true })
}

/// Sweeps all subjects; what comes of it goes to `emit`, with `Started` first and `Done` last. What is measured is measured alone.
pub fn perform(work: &Work, subjects: &Subjects, (number, control): (RunId, &RunControl), emit: impl FnMut(SweepEvent) + Send) {
    let emit = Mutex::new(emit);
    let tell = |event| (emit.lock().unwrap_or_else(PoisonError::into_inner))(event);
    tell(SweepEvent::Started { number, cases: u64::try_from(subjects.all.len()).unwrap_or(u64::MAX) });
    subjects.broken.iter().for_each(|event| tell(event.clone()));
    let next = AtomicUsize::new(0);
    let sweep_some = || {
        while let (false, Some(subject)) = (control.is_cancelled(), subjects.all.get(next.fetch_add(1, Ordering::SeqCst))) {
            if sweep(work, subject.as_ref(), &mut |event| tell(event)).is_err() {
                return;
            }
        }
    };
    let is_measured = matches!(work, Work::Compare(_) | Work::Sweep(SweepKind::Timeout));
    let jobs = if is_measured { 1 } else { subjects.jobs.get() };
    std::thread::scope(|scope| {
        for _ in 1..jobs.min(subjects.all.len()) {
            scope.spawn(sweep_some);
        }
        sweep_some();
    });
    tell(SweepEvent::Done { cancelled: control.is_cancelled() });
}

fn sweep(work: &Work, subject: &dyn Subject, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
    if let Some(why) = subject.skipped() {
        emit(SweepEvent::Skipped { case: subject.name(), why, failed: false });
        return Ok(());
    }
    if let Work::Compare(comparison) = work {
        return comparison.compare(subject, emit);
    }
    let case = subject.name();
    let plain = subject.attempt(&Change::default())?;
    if !plain.passed {
        let why = plain.failure.unwrap_or_else(|| plain.finished.outcome.to_string());
        emit(SweepEvent::Skipped { case, why: format!("it does not pass as it is: {why}"), failed: true });
        return Ok(());
    }
    match work {
        Work::Sweep(SweepKind::Faults) => faults::sweep(subject, &plain, emit),
        Work::Sweep(SweepKind::Memory) => limits::memory(subject, &plain, emit),
        Work::Sweep(SweepKind::Fuel) => limits::fuel(subject, &plain, emit),
        Work::Sweep(SweepKind::Timeout) => margin::measure(subject, plain, emit),
        Work::Compare(_) => Ok(()),
    }
}
