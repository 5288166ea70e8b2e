//! One run from its request to its last event, on a thread of its own.

use super::command::RunRequest;
use super::prepare::{self, Checked, Known, Refusal};
use super::services::Shared;
use crate::event::{Event, Failure, Gauges, Outcome, Payload, RunEvent, RunFinished, RunId, RunStarted, Usage};
use crate::host::{Clock, EventSink, HostSetup, RunControl, Shadows};
use crate::module::digest_hex;
use crate::runtime::instrument::FUEL_RULE;
use crate::runtime::{Compiled, RunInput, RunSpec};
use crossbeam_channel::Sender;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A run that was asked for, and all that it needs.
pub struct Performance {
    /// What the session's threads share.
    pub shared: Arc<Shared>,
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
    /// Performs it: `Started` first, exactly one `Finished`, then `ShadowsDone`, whatever happens.
    pub fn perform(self) {
        let shadows = Shadows::default();
        match catch_unwind(AssertUnwindSafe(|| self.prepare())) {
            Ok(Ok((checked, compiled))) => self.run(&checked, compiled, &shadows),
            Ok(Err(refusal)) => self.refuse(*refusal),
            Err(_) => self.refuse(Refusal {
                outcome: Outcome::Host,
                failure: internal_fault(),
                known: Known::nothing(&self.request.target, &self.request.overrides),
            }),
        }
        // The run's own deadline bounds this wait: whatever was asked beside it is dropped then.
        shadows.wait(self.control.remaining());
        self.send(Event::ShadowsDone { run: self.run });
    }

    fn prepare(&self) -> Result<(Checked, Compiled), Box<Refusal>> {
        let skill = prepare::find(&self.shared, &self.request.target, &self.request.overrides)?;
        let checked = prepare::check(&self.shared, skill, &self.request.overrides)?;
        self.control.set_timeout(checked.limits.timeout());
        let compiled = prepare::compile(&self.shared, &checked, &self.request, &self.control, &self.events)?;
        Ok((checked, compiled))
    }

    fn refuse(&self, refusal: Refusal) {
        let sink = EventSink::new(self.run, self.events.clone(), self.control.clone());
        let Refusal { outcome, failure, known } = refusal;
        if matches!(outcome, Outcome::Manifest | Outcome::Invalid) {
            self.send(Event::Rejected { skill: known.skill.clone(), outcome, failure: failure.clone() });
        }
        sink.emit(self.started(known));
        sink.emit(RunEvent::Finished(Box::new(ended(outcome, failure))));
    }

    fn started(&self, known: Known) -> RunEvent {
        RunEvent::Started(Box::new(RunStarted {
            skill: known.skill,
            profile: known.profile,
            module_sha256: known.sha256.map(digest_hex),
            limits: known.limits,
            input: Payload::from(self.request.input.document.as_slice()),
            fuel_rule: FUEL_RULE,
            seed: self.request.seed,
        }))
    }

    fn run(&self, checked: &Checked, compiled: Compiled, shadows: &Shadows) {
        let sink = Arc::new(EventSink::new(self.run, self.events.clone(), self.control.clone()));
        sink.emit(self.started(checked.known()));
        let finished = catch_unwind(AssertUnwindSafe(|| self.execute(checked, compiled, shadows, &sink)));
        let finished = finished.unwrap_or_else(|_| ended(Outcome::Host, internal_fault()));
        sink.abandon_open_call("the run ended inside this call");
        sink.emit(RunEvent::Finished(Box::new(finished)));
    }

    /// Runs it; every end is told by what is returned.
    fn execute(&self, checked: &Checked, compiled: Compiled, shadows: &Shadows, sink: &Arc<EventSink>) -> RunFinished {
        let wasi = match prepare::wasi_setup(&checked.skill, &self.request.overrides) {
            Ok(wasi) => wasi,
            Err(error) => return ended(error.outcome(), error.into()),
        };
        let setup = match self.host_setup(checked, shadows, sink) {
            Ok(setup) => HostSetup { wasi, ..setup },
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
        let services = self.shared.services()?;
        services
            .store
            .set_all(&checked.skill.name, &self.request.stored)
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
            wasi: None,
            control: self.control.clone(),
            sink: sink.clone(),
            gauges: Arc::new(Gauges::default()),
            shadows: shadows.clone(),
        })
    }

    fn send(&self, event: Event) {
        // A reader that has gone needs no events.
        let _ = self.events.send(event);
    }
}

fn ended(outcome: Outcome, failure: Failure) -> RunFinished {
    RunFinished {
        outcome,
        output: None,
        output_text: None,
        error: Some(failure),
        usage: Usage { fuel_exact: true, ..Usage::default() },
    }
}

fn internal_fault() -> Failure {
    Failure::new("internal", "skillscope failed inside while it ran this skill; the skill is not to blame")
        .with_hint("please report it, with the module and the message above")
}
