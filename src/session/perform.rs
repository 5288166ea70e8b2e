//! One run from its request to its last event, on a thread of its own.

use super::command::RunRequest;
use super::config::SettingsInForce;
use super::live::Entered;
use super::prepare::{self, Checked, Known, Refusal};
use super::recording;
use super::replay::Replaying;
use super::services::Shared;
use super::watch::Unrest;
use super::workbench::Ready;
use crate::event::{
    Event, Failure, Gauges, Outcome, Payload, ReplayReport, RunEvent, RunFinished, RunId, RunStarted, Usage, WorkbenchEvent,
};
use crate::host::ai::AiChoice;
use crate::host::http::HttpAnswers;
use crate::host::store::{StoreError, ValueStore};
use crate::host::{Clock, EventSink, FaultPlan, HostSetup, Interceptor, RunControl, Shadows};
use crate::module::digest_hex;
use crate::record::{RecordHeader, RunSettings};
use crate::runtime::instrument::FUEL_RULE;
use crate::runtime::{Compiled, RunInput, RunSpec};
use crate::skill::Skill;
use crossbeam_channel::Sender;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a saved version must stay bad before it is told: it may be half written, whatever the system says.
const PATIENCE_WITH_BAD_FILES: Duration = Duration::from_millis(500);
/// The same for one that is not there: a build may remove it long before it writes the next.
const PATIENCE_WITH_MISSING_FILES: Duration = Duration::from_secs(2);

/// Why a run is made.
pub enum Occasion {
    /// Somebody asked for it.
    Asked,
    /// Files were saved.
    Saved {
        /// Which.
        files: Vec<PathBuf>,
        /// Whether they are being saved again.
        unrest: Unrest,
    },
}

/// What a workbench makes ready for a run.
#[derive(Default)]
pub struct Prepared {
    /// The skill, read and compiled before.
    pub ready: Option<Ready>,
    /// Who looks at its host calls.
    pub interceptor: Option<Arc<dyn Interceptor>>,
    /// Whether its events are recorded, where the session has a recorder.
    pub is_recorded: bool,
    /// The record that it is answered from.
    pub replay: Option<Replaying>,
    /// The skill, where it was read before.
    pub skill: Option<Skill>,
    /// Services in the place of the session's.
    pub stand_ins: Option<StandIns>,
}

/// Services of one run alone, in the place of the session's.
#[derive(Clone)]
pub struct StandIns {
    /// Who answers prompts.
    pub ai: AiChoice,
    /// Where values are kept.
    pub store: Arc<dyn ValueStore>,
    /// Who answers requests before the network is asked.
    pub http: Option<Arc<dyn HttpAnswers>>,
}

/// A run that was asked for, and all that it needs.
pub struct Performance {
    /// What the session's threads share.
    pub shared: Arc<Shared>,
    /// The settings that it keeps to its end.
    pub settings: Arc<SettingsInForce>,
    /// Why it is made.
    pub occasion: Occasion,
    /// Set before it is cancelled for a newer version's sake.
    pub superseded: Arc<AtomicBool>,
    /// Its live figures.
    pub gauges: Arc<Gauges>,
    /// What a workbench has made ready for it.
    pub prepared: Prepared,
    /// Its place among the runs that readers can look at.
    pub entered: Entered,
    /// Its number.
    pub run: RunId,
    /// What to run.
    pub request: RunRequest,
    /// The handle that the actor holds too.
    pub control: RunControl,
    /// Where the session's events go.
    pub events: Sender<Event>,
}

impl Performance {
    /// Performs it: `Started` first, exactly one `Finished`, then `ShadowsDone`, whatever happens. Only a saved version that a
    /// newer one overtook before it could run leaves no such trace.
    pub fn perform(self) {
        let shadows = Shadows::default();
        match catch_unwind(AssertUnwindSafe(|| self.prepare())) {
            Ok(Ok((checked, compiled))) => self.run(&checked, compiled, &shadows),
            Ok(Err(Unready::Overtaken)) => return self.shared.run_ended(self.run),
            Ok(Err(Unready::Refused(refusal))) => self.refuse(*refusal),
            Err(_) => self.refuse(Refusal {
                outcome: Outcome::Host,
                failure: internal_fault(),
                known: Known::nothing(&self.request.target, &self.request.overrides),
            }),
        }
        // The run's own deadline bounds this wait: whatever was asked beside it is dropped then.
        shadows.wait(self.control.remaining());
        drop(self.entered);
        // A reader that has gone needs no events.
        let _ = self.events.send(Event::ShadowsDone { run: self.run });
        self.shared.run_ended(self.run);
    }

    fn prepare(&self) -> Result<(Arc<Checked>, Compiled), Unready> {
        if let Some(ready) = &self.prepared.ready {
            let checked = ready.under(&self.request.overrides);
            self.control.set_timeout(checked.limits.timeout());
            let compiled = if self.request.profile_fuel {
                // What is held ready is the normal build.
                prepare::compile(&self.shared, &checked, &self.request, &self.control, &self.events)?
            } else {
                ready.compiled.clone()
            };
            return Ok((Arc::new(checked), compiled));
        }
        let mut checked = self.check();
        if let (Ok(checked), Some(replay)) = (&mut checked, &self.prepared.replay) {
            replay.adapt(checked);
        }
        if let (Err(refusal), Occasion::Saved { .. }) = (&checked, &self.occasion) {
            if self.is_overtaken_within(patience_with(&refusal.failure)) {
                return Err(Unready::Overtaken);
            }
            // What was read may have been of no duration.
            checked = self.check();
        }
        self.announce();
        let checked = checked?;
        prepare::fits(&checked, &self.request.input)?;
        let without_deadline = self.prepared.replay.as_ref().and_then(|replay| replay.deadline(&checked));
        self.control.set_timeout(without_deadline.unwrap_or_else(|| checked.limits.timeout()));
        let compiled = prepare::compile(&self.shared, &checked, &self.request, &self.control, &self.events);
        if self.is_overtaken_within(Duration::ZERO) { Err(Unready::Overtaken) } else { Ok((Arc::new(checked), compiled?)) }
    }

    fn check(&self) -> Result<Checked, Box<Refusal>> {
        let skill = match &self.prepared.skill {
            Some(skill) => skill.clone(),
            None => prepare::find(&self.shared, &self.request.target, &self.request.overrides)?,
        };
        prepare::check(&self.shared, &self.settings, skill, &self.request.overrides)
    }

    /// Whether a newer version than the saved one has come, or comes in this time; what is still being saved is waited for.
    fn is_overtaken_within(&self, patience: Duration) -> bool {
        let Occasion::Saved { unrest, .. } = &self.occasion else { return false };
        loop {
            let was_there = unrest.is_there();
            if self.control.is_cancelled_within(patience) {
                return self.superseded.load(Ordering::SeqCst);
            }
            // What the unrest came to is told before it ends, and reaches this run a moment later.
            if patience.is_zero() || !(was_there || unrest.is_there()) {
                return false;
            }
        }
    }

    /// Says which files were saved, before anything else is said of the version that they make.
    fn announce(&self) {
        if let Occasion::Saved { files, .. } = &self.occasion {
            self.send(Event::Changed { skill: self.request.target.to_string(), files: files.clone() });
        }
    }

    fn refuse(&self, refusal: Refusal) {
        let Refusal { outcome, failure, known } = refusal;
        let (sink, record) = self.recorded(|| {
            let settings = recording::settings_of_refused(&self.request, &known, &self.settings);
            (recording::header_of_refused(self.run, &known), settings)
        });
        if matches!(outcome, Outcome::Manifest | Outcome::Invalid) {
            self.send(Event::Rejected { skill: known.skill.clone(), outcome, failure: failure.clone() });
        }
        let is_same_module = known.sha256.map(digest_hex);
        sink.emit(self.started(known));
        self.tell_recording(record);
        let finished = ended(outcome, failure);
        let replayed = self.prepared.replay.as_ref().map(|replay| replay.report(&finished, is_same_module.as_deref(), false));
        sink.emit(RunEvent::Finished(Box::new(finished)));
        self.tell_replayed(replayed);
    }

    fn started(&self, known: Known) -> RunEvent {
        RunEvent::Started(Box::new(RunStarted {
            skill: known.skill,
            profile: known.profile,
            module_sha256: known.sha256.map(digest_hex),
            limits: known.limits,
            input: Payload::from(self.request.input.document.as_slice()),
            event_type: self.request.input.event.clone(),
            fuel_rule: FUEL_RULE,
            seed: self.request.seed,
        }))
    }

    fn run(&self, checked: &Checked, compiled: Compiled, shadows: &Shadows) {
        let (sink, record) = self.recorded(|| {
            let settings = recording::settings(&self.request, checked, &compiled, &self.settings);
            (recording::header(self.run, checked), settings)
        });
        let sink = Arc::new(sink);
        sink.emit(self.started(checked.known()));
        self.tell_recording(record);
        let finished = catch_unwind(AssertUnwindSafe(|| self.execute(checked, compiled, shadows, &sink)));
        let finished = finished.unwrap_or_else(|_| ended(Outcome::Host, internal_fault()));
        sink.abandon_open_call("the run ended inside this call");
        let module = checked.module.sha256_hex();
        let replayed = self.prepared.replay.as_ref().map(|replay| replay.report(&finished, Some(&module), true));
        sink.emit(RunEvent::Finished(Box::new(finished)));
        self.tell_replayed(replayed);
    }

    fn tell_recording(&self, record: Option<PathBuf>) {
        if let Some(path) = record {
            self.send(Event::Workbench(Box::new(WorkbenchEvent::Recording { run: self.run, path })));
        }
    }

    fn tell_replayed(&self, replay: Option<ReplayReport>) {
        if let Some(replay) = replay {
            self.send(Event::Replayed { run: self.run, replay: Box::new(replay) });
        }
    }

    /// Where its events go: to the session's reader, and where runs are recorded, to its record first, which begins with these lines and
    /// whose file is told where it is one of a history.
    fn recorded(&self, begin: impl FnOnce() -> (RecordHeader, RunSettings)) -> (EventSink, Option<PathBuf>) {
        let sink = EventSink::new(self.run, self.events.clone(), self.control.clone());
        let Some(recorder) = self.shared.recorder().filter(|_| self.prepared.is_recorded) else { return (sink, None) };
        let (header, settings) = begin();
        let record = recorder.begin(&header, &settings);
        let path = record.path().filter(|_| recorder.keeps_a_history()).map(std::path::Path::to_owned);
        (sink.observed_by(record), path)
    }

    /// Runs it; every end is told by what is returned.
    fn execute(&self, checked: &Checked, compiled: Compiled, shadows: &Shadows, sink: &Arc<EventSink>) -> RunFinished {
        let setup = match self.host_setup(checked, shadows, sink) {
            Ok(setup) => setup,
            Err(failure) => return ended(Outcome::Host, failure),
        };
        self.shared.runtime.run(RunSpec {
            module: checked.module.clone(),
            compiled,
            input: RunInput { document: self.request.input.document.clone(), event: self.request.input.event.clone() },
            setup,
        })
    }

    fn host_setup(&self, checked: &Checked, shadows: &Shadows, sink: &Arc<EventSink>) -> Result<HostSetup, Failure> {
        let mut services = self.shared.services(&self.settings);
        if let Some(StandIns { ai, store, http }) = &self.prepared.stand_ins {
            services.ai = ai.clone();
            services.store = Arc::clone(store);
            if let Some(answers) = http {
                services.http = services.http.answered_by(Arc::clone(answers));
            }
        }
        self.prepare_store(services.store.as_ref(), &checked.skill.name)
            .map_err(|error| Failure::new("store", error.to_string()))?;
        let clock = match self.request.seed {
            Some(seed) => Clock::seeded(seed),
            None => {
                Clock::live().map_err(|error| Failure::new("internal", format!("the system gives no random bytes: {error}")))?
            }
        };
        let mut config = checked.skill.config();
        config.extend(self.request.overrides.config.iter().cloned());
        Ok(HostSetup {
            skill: checked.skill.name.clone(),
            limits: checked.limits.clone(),
            permissions: prepare::permissions(&checked.skill, &self.request.overrides),
            config,
            services,
            clock,
            wasi: checked.wasi.clone(),
            control: self.control.clone(),
            sink: sink.clone(),
            gauges: Arc::clone(&self.gauges),
            shadows: shadows.clone(),
            interceptor: self.prepared.interceptor.clone(),
            faults: FaultPlan::new(&self.request.overrides.faults),
            replay: self.prepared.replay.as_ref().map(|replay| replay.answers(checked)).transpose()?,
        })
    }

    fn prepare_store(&self, store: &dyn ValueStore, skill: &str) -> Result<(), StoreError> {
        if self.request.begins_empty {
            store.clear(skill)?;
        }
        // A store on disk is not written where there is nothing to write.
        if self.request.stored.is_empty() { Ok(()) } else { store.set_all(skill, &self.request.stored) }
    }

    fn send(&self, event: Event) {
        // A reader that has gone needs no events.
        let _ = self.events.send(event);
    }
}

/// Why a run does not come to its module.
enum Unready {
    /// There is nothing that could run.
    Refused(Box<Refusal>),
    /// A newer version was saved.
    Overtaken,
}

impl From<Box<Refusal>> for Unready {
    fn from(refusal: Box<Refusal>) -> Self {
        Self::Refused(refusal)
    }
}

fn patience_with(failure: &Failure) -> Duration {
    let is_missing = ["no-such-file", "no-such-skill", "no-such-directory"].contains(&failure.kind.as_ref());
    if is_missing { PATIENCE_WITH_MISSING_FILES } else { PATIENCE_WITH_BAD_FILES }
}

fn ended(outcome: Outcome, failure: Failure) -> RunFinished {
    RunFinished {
        outcome,
        output: None,
        output_text: None,
        error: Some(failure),
        usage: Usage { fuel_exact: true, ..Usage::default() },
        functions: None,
    }
}

fn internal_fault() -> Failure {
    Failure::new("internal", "skillscope failed inside while it ran this skill; the skill is not to blame")
        .with_hint("please report it, with the module and the message above")
}
