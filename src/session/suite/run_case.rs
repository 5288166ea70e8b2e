//! One case run once, under whatever conditions, and judged: what suites, sweeps and comparisons are made of.

use super::judge::{self, Measured};
use super::snapshots::Snapshots;
use super::stand_ins::{CaseAi, CaseHttp};
use crate::event::{
    CallRecord, CaseAttempt, CaseId, InjectedFault, Limits, Mismatch, MismatchKind, Outcome, RunFinished, RunSummary, Usage,
};
use crate::host::RunControl;
use crate::host::ai::AiChoice;
use crate::host::store::{MemoryStore, ValueStore};
use crate::runtime::Compiler;
use crate::session::command::{Overrides, RunInput, RunRequest, Target};
use crate::session::config::SettingsInForce;
use crate::session::live::LiveRuns;
use crate::session::perform::{Prepared, StandIns};
use crate::session::prepare;
use crate::session::run_apart::RunsApart;
use crate::session::services::Shared;
use crate::skill::cases::{Case, load_cases};
use crate::skill::{FaultSpec, FileError, Skill};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The host calls that are kept of a run: cases cannot be judged by more.
const MAX_CALLS: usize = 100_000;

/// How cases are run, all of them the same.
#[derive(Clone, Debug)]
pub struct CaseTerms {
    /// The seed of cases that have none of their own, and of all where it is given; live clock and randomness without one.
    pub seed: Seeding,
    /// Whether requests that no reply fits go to the network.
    pub live_http: bool,
    /// Which compiler.
    pub compiler: Compiler,
    /// What differs from the manifests, and wins over the cases.
    pub overrides: Overrides,
}

/// Where clock and randomness come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// From the case's seed, else this one.
    Default(u64),
    /// From this one.
    Fixed(u64),
    /// From the machine.
    Live,
}

impl Seeding {
    /// The seed of a case.
    pub fn of(self, case: &Case) -> Option<u64> {
        match self {
            Self::Default(seed) => Some(case.given.seed.unwrap_or(seed)),
            Self::Fixed(seed) => Some(seed),
            Self::Live => None,
        }
    }
}

/// What is changed for one run of a case.
#[derive(Clone, Default)]
pub struct Conditions {
    /// Faults that befall it, beside the case's own.
    pub faults: Vec<FaultSpec>,
    /// The memory limit, in bytes.
    pub memory_bytes: Option<u64>,
    /// The fuel limit.
    pub fuel: Option<u64>,
    /// Settings whose provider answers all prompts, in the place of the case's own replies too.
    pub settings: Option<Arc<SettingsInForce>>,
    /// Whether the run tells which functions its fuel went to; the fuel is the same.
    pub profile_fuel: bool,
}

/// What came of one run of a case.
pub struct CaseRun {
    /// The figures, and what does not hold.
    pub attempt: CaseAttempt,
    /// The limits that were in force.
    pub limits: Limits,
    /// How it ended.
    pub finished: RunFinished,
    /// Its host calls, in order.
    pub calls: Vec<CallRecord>,
    /// The faults that befell it.
    pub faults: Vec<InjectedFault>,
}

impl CaseRun {
    /// Whether all holds.
    pub fn passed(&self) -> bool {
        self.attempt.mismatches.is_empty()
    }
}

/// The suite, or what else runs cases, was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// A skill with its cases.
pub struct TestedSkill {
    skill: Skill,
    /// The cases.
    pub cases: Vec<Arc<Case>>,
    /// Whether its module was compiled: by one case, while the others of it wait.
    is_warm: Mutex<bool>,
}

impl TestedSkill {
    /// Reads a skill's cases; what is wrong with them is told beside.
    pub fn read(skill: &Skill) -> (Self, Vec<crate::skill::cases::CaseFault>) {
        let loaded = load_cases(skill);
        let mut skill = skill.clone();
        // Each run has the skill for itself, and no use for the cases.
        if let Some(manifest) = &mut skill.manifest {
            manifest.cases = Vec::new();
        }
        let cases = loaded.cases.into_iter().map(Arc::new).collect();
        (Self { skill, cases, is_warm: Mutex::default() }, loaded.faults)
    }

    /// The skill.
    pub const fn skill(&self) -> &Skill {
        &self.skill
    }

    /// The name of one of its cases.
    pub fn id_of(&self, case: &Case) -> CaseId {
        CaseId { skill: self.skill.name.clone(), case: case.name.clone() }
    }
}

/// Runs cases. It can be shared by threads: each run has its own store, services and limits.
pub struct CaseRunner {
    /// What the session's threads share.
    pub shared: Arc<Shared>,
    /// The settings in force.
    pub settings: Arc<SettingsInForce>,
    /// Where runs can be looked at.
    pub live: LiveRuns,
    /// How cases are run.
    pub terms: CaseTerms,
    /// The handle of all: its cancel is each run's.
    pub control: RunControl,
}

impl CaseRunner {
    /// Runs a case once, here and now, and judges it.
    ///
    /// # Errors
    /// Where it was cancelled.
    pub fn run(&self, skill: &TestedSkill, case: &Case, conditions: &Conditions) -> Result<CaseRun, Cancelled> {
        if self.control.is_cancelled() {
            return Err(Cancelled);
        }
        self.warm(skill);
        let store: Arc<MemoryStore> = Arc::default();
        let made = self.request(skill, case, conditions).and_then(|request| Ok((request, self.http(skill, case)?)));
        let (request, http) = match made {
            Ok(made) => made,
            Err(error) => return Ok(of_missing_file(&error)),
        };
        let settings = conditions.settings.as_ref().unwrap_or(&self.settings);
        let ai = match &conditions.settings {
            Some(settings) => settings.ai.clone(),
            None => self.ai(case),
        };
        let stand_ins = StandIns { ai, store: store.clone(), http: Some(http.clone()) };
        let summary = self.perform(skill, request, Arc::clone(settings), stand_ins);
        if self.control.is_cancelled() {
            return Err(Cancelled);
        }
        // A run always begins and ends: what has no end was cancelled.
        let (Some(started), Some(finished)) = (&summary.started, &summary.finished) else { return Err(Cancelled) };
        let measured = Measured {
            directory: &skill.skill.directory,
            snapshots: &Snapshots::of(skill.skill(), case),
            summary: &summary,
            finished,
            stored: store.entries(&skill.skill.name).unwrap_or_default(),
            unanswered: http.unanswered(),
        };
        let (mismatches, notes) = judge::judge(case, &measured);
        let attempt = CaseAttempt {
            outcome: finished.outcome,
            usage: finished.usage.clone(),
            host_calls: summary.call_count,
            mismatches,
            notes,
        };
        Ok(CaseRun {
            attempt,
            limits: started.limits.clone(),
            finished: finished.clone(),
            calls: summary.calls,
            faults: summary.faults,
        })
    }

    fn request(&self, skill: &TestedSkill, case: &Case, conditions: &Conditions) -> Result<RunRequest, FileError> {
        let directory = &skill.skill.directory;
        let given = &case.given;
        let stored = given.store.iter().map(|(key, value)| Ok((key.clone(), value.bytes(directory)?.into_owned())));
        let flags = &self.terms.overrides;
        let mut overrides = flags.clone();
        overrides.faults.extend(given.faults.iter().chain(&conditions.faults).cloned());
        overrides.memory_bytes = conditions.memory_bytes.or(flags.memory_bytes).or(given.limits.memory_bytes);
        overrides.timeout = flags.timeout.or(given.limits.timeout_ms.map(Duration::from_millis));
        overrides.fuel = conditions.fuel.map(Some).or(flags.fuel).or(given.limits.fuel.map(Some));
        // What comes last counts.
        overrides.config = given.config.clone().into_iter().chain(overrides.config).collect();
        overrides.environment = given.env.clone().into_iter().chain(overrides.environment).collect();
        if let Some(permissions) = &given.permissions {
            let mut permissions = permissions.clone();
            permissions.ai |= flags.allow_ai;
            permissions.memory.extend(flags.allow_memory.iter().cloned());
            permissions.http.extend(flags.allow_http.iter().cloned());
            overrides.permissions = Some(permissions);
        }
        Ok(RunRequest {
            target: Target::Path(skill.skill.directory.clone()),
            input: RunInput {
                document: case.input.content.bytes(directory)?.into_owned(),
                raw_stdin: case.input.raw_stdin,
                event: case.input.event.clone(),
            },
            overrides,
            seed: self.terms.seed.of(case),
            compiler: self.terms.compiler,
            begins_empty: true,
            stored: stored.collect::<Result<_, FileError>>()?,
            profile_fuel: conditions.profile_fuel,
        })
    }

    fn http(&self, skill: &TestedSkill, case: &Case) -> Result<Arc<CaseHttp>, FileError> {
        CaseHttp::new(&case.given.http, &skill.skill.directory, self.terms.live_http).map(Arc::new)
    }

    fn ai(&self, case: &Case) -> AiChoice {
        let AiChoice { lead, shadows } = self.settings.ai.clone();
        AiChoice { lead: Arc::new(CaseAi::new(case.given.ai.clone(), lead)), shadows }
    }

    /// Compiles a skill's module where that was not done, so that the cases of one skill do not all compile it at once.
    fn warm(&self, skill: &TestedSkill) {
        let mut is_warm = skill.is_warm.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_warm {
            return;
        }
        *is_warm = true;
        // What is wrong with it is told by each run.
        if let Ok(checked) = prepare::check(&self.shared, &self.settings, skill.skill.clone(), &self.terms.overrides) {
            let from = self.terms.overrides.quick_from_bytes;
            let is_quick = from.is_some_and(|from| checked.module.bytes.len() as u64 >= from);
            let (runtime, module) = (&self.shared.runtime, &checked.module);
            let compiled = if is_quick {
                runtime.compile_quickly(module, &self.control)
            } else {
                runtime.compile(module, self.terms.compiler, &self.control)
            };
            drop(compiled);
        }
    }

    fn perform(
        &self,
        skill: &TestedSkill,
        request: RunRequest,
        settings: Arc<SettingsInForce>,
        stand_ins: StandIns,
    ) -> RunSummary {
        let prepared = Prepared { skill: Some(skill.skill.clone()), stand_ins: Some(stand_ins), ..Prepared::default() };
        let runs = RunsApart { shared: &self.shared, live: &self.live, control: &self.control };
        runs.perform(request, settings, prepared, MAX_CALLS)
    }
}

/// A case that names a file which cannot be read does not come to a run.
fn of_missing_file(error: &FileError) -> CaseRun {
    let mismatch = Mismatch::new(MismatchKind::File, error.to_string());
    let usage = Usage { fuel_exact: true, ..Usage::default() };
    let attempt = CaseAttempt {
        outcome: Outcome::Manifest,
        usage: usage.clone(),
        host_calls: 0,
        mismatches: vec![mismatch],
        notes: Vec::new(),
    };
    let finished =
        RunFinished { outcome: Outcome::Manifest, output: None, output_text: None, error: None, usage, functions: None };
    CaseRun { attempt, limits: Limits::default(), finished, calls: Vec::new(), faults: Vec::new() }
}
