//! Providers compared on a skill: on its cases where it has any, else on its newest input.

use super::{Todo, Workbench, request};
use crate::event::{Event, Failure, SweepEvent, WorkbenchEvent};
use crate::runtime::Compiler;
use crate::session::command::{SweepOf, SweepRequest, SweepWork};
use crate::session::suite::{CaseChoice, CasePattern, CaseTerms, Seeding, SuiteRequest, TestedSkill};
use crate::session::workbench_command::ComparedOn;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The seed of cases that have none of their own, as in a suite.
const DEFAULT_SEED: u64 = 0;

impl Workbench {
    /// Each run has an empty memory of its own, so that none finds what another one was told.
    pub(super) fn compare_providers(&self, skill: &str, work: SweepWork, on: ComparedOn) -> Vec<Todo> {
        let (of, cases) = match (on, self.cases_of(skill)) {
            (ComparedOn::Cases | ComparedOn::WhatIsThere, Some((cases, count))) => (SweepOf::Cases(Box::new(cases)), Some(count)),
            (ComparedOn::Cases, None) => return self.refuse_comparison(format!("the skill {skill:?} has no cases")),
            (ComparedOn::Input | ComparedOn::WhatIsThere, _) => match self.run_of(skill) {
                Some(run) => (run, None),
                None => return self.refuse_comparison(format!("there is no skill {skill:?} that could be run")),
            },
        };
        self.tell_workbench(WorkbenchEvent::Comparing { skill: skill.to_owned(), cases });
        vec![Todo::Sweep { request: Box::new(SweepRequest { work, of }), settings: Arc::clone(&self.settings) }]
    }

    fn refuse_comparison(&self, message: String) -> Vec<Todo> {
        self.tell(Event::Sweep(SweepEvent::Refused { failure: Failure::new("no-such-skill", message) }));
        Vec::new()
    }

    fn run_of(&self, skill: &str) -> Option<SweepOf> {
        let known = self.skills.get(skill)?;
        let run = request(known.ready.as_ref()?, self.input_of(skill), known.overrides.clone(), self.start.seed);
        Some(SweepOf::Run(Box::new(run)))
    }

    /// The suite of a skill's cases, as its files are now, and how many they are; `None` where it has none.
    fn cases_of(&self, skill: &str) -> Option<(SuiteRequest, usize)> {
        let found = self.skills.get(skill)?.entry.skill.as_ref().ok()?;
        let (tested, faults) = TestedSkill::read(found);
        let count = tested.cases.len();
        if count == 0 && faults.is_empty() {
            return None;
        }
        let select = vec![CasePattern::parse(&format!("{skill}::")).ok()?];
        let seed = self.start.seed.map_or(Seeding::Default(DEFAULT_SEED), Seeding::Fixed);
        let overrides = self.overrides_of(skill);
        let cases = SuiteRequest {
            choice: CaseChoice { select, ..CaseChoice::default() },
            list_only: false,
            jobs: NonZeroUsize::MIN,
            retries: 0,
            fail_fast: false,
            accept: false,
            terms: CaseTerms { seed, live_http: false, compiler: Compiler::Cranelift, overrides },
        };
        Some((cases, count))
    }
}
