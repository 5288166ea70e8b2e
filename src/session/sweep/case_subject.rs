//! A case as the subject of a sweep: it passes where all holds that it says.

use super::{Attempt, Cancelled, Change, Subject};
use crate::event::CaseId;
use crate::session::suite::{CaseRunner, ChosenCase, Conditions};
use std::sync::Arc;

/// A case, to be run many times.
pub struct CaseSubject {
    runner: Arc<CaseRunner>,
    chosen: ChosenCase,
}

impl CaseSubject {
    /// A chosen case, and who runs it.
    pub const fn new(runner: Arc<CaseRunner>, chosen: ChosenCase) -> Self {
        Self { runner, chosen }
    }
}

impl Subject for CaseSubject {
    fn name(&self) -> CaseId {
        let (skill, case) = &self.chosen;
        skill.id_of(case)
    }

    fn skipped(&self) -> Option<String> {
        self.chosen.1.skip.clone()
    }

    fn attempt(&self, change: &Change) -> Result<Attempt, Cancelled> {
        let (skill, case) = &self.chosen;
        let Change { faults, memory_bytes, fuel, settings } = change.clone();
        let conditions = Conditions { faults, memory_bytes, fuel, settings, ..Conditions::default() };
        let run = self.runner.run(skill, case, &conditions).map_err(|_| Cancelled)?;
        let failure = run.attempt.mismatches.first().map(|mismatch| format!("{}: {}", mismatch.kind.word(), mismatch.message));
        Ok(Attempt {
            passed: run.passed(),
            limits: run.limits,
            finished: run.finished,
            calls: run.calls,
            faults: run.faults,
            failure,
        })
    }
}
