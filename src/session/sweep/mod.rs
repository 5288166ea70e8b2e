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

mod compare;
mod faults;
mod least;
mod limits;
mod margin;
mod run_subject;
mod trials;

use compare::Comparison;
pub use run_subject::RunSubject;

use super::command::SweepWork;
use super::config::{SessionConfig, SessionError, SettingsInForce};
use crate::event::{CallRecord, InjectedFault, Limits, RunFinished, RunId, SweepEvent, SweepKind, SweptCase};
use crate::host::RunControl;
use crate::skill::FaultSpec;
use std::sync::Arc;

/// Something that can be run again and again, and that passes or not.
pub trait Subject {
    /// Its name.
    fn name(&self) -> SweptCase;

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

/// Sweeps all subjects, one after another; what comes of it goes to `emit`, with `Done` last.
pub fn perform(
    work: &Work,
    subjects: &[Box<dyn Subject>],
    (number, control): (RunId, &RunControl),
    mut emit: impl FnMut(SweepEvent),
) {
    emit(SweepEvent::Started { number, cases: u64::try_from(subjects.len()).unwrap_or(u64::MAX) });
    let mut cancelled = control.is_cancelled();
    for subject in subjects {
        if cancelled {
            break;
        }
        cancelled = sweep(work, subject.as_ref(), &mut emit).is_err();
    }
    emit(SweepEvent::Done { cancelled });
}

fn sweep(work: &Work, subject: &dyn Subject, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
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
