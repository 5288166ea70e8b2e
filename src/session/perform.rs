//! One run from its request to its last event, on a thread of its own.

use super::command::RunRequest;
use super::prepare::{self, Checked, Refusal};
use super::services::Shared;
use crate::event::{Event, Failure, Gauges, Outcome, Payload, RunEvent, RunFinished, RunId, RunStarted, Usage};
use crate::host::{Clock, EventSink, HostSetup, RunControl, Shadows};
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
                skill: self.request.target.to_string(),
                sha256: None,
            }),
        }
        // The run's own deadline bounds this wait: whatever was asked beside it is dropped then.
        shadows.wait(self.control.remaining());
        self.send(Event::ShadowsDone { run: self.run });
    }

    fn prepare(&self) -> Result<(Checked, Compiled), Box<Refusal>> {
        let skill = prepare::find(&self.shared, &self.request.target)?;
        let checked = prepare::check(&self.shared, skill, &self.request.overrides)?;
        prepare::fits(&checked, &self.request.input)?;
        self.control.set_timeout(checked.limits.timeout());
        let compiled = prepare::compile(&self.shared, &checked, &self.request, &self.control, &self.events)?;
        Ok((checked, compiled))
    }

    fn refuse(&self, refusal: Refusal) {
        let sink = EventSink::new(self.run, self.events.clone(), self.control.clone());
        if matches!(refusal.outcome, Outcome::Manifest | Outcome::Invalid) {
            let Refusal { outcome, failure, skill, .. } = &refusal;
            self.send(Event::Rejected { skill: skill.clone(), outcome: *outcome, failure: failure.clone() });
        }
        sink.emit(RunEvent::Started(Box::new(RunStarted {
            skill: refusal.skill,
            profile: None,
            module_sha256: refusal.sha256,
            limits: crate::event::Limits::default(),
            input: Payload::from(self.request.input.document.as_slice()),
            fuel_rule: FUEL_RULE,
            seed: self.request.seed,
        })));
        sink.emit(RunEvent::Finished(Box::new(ended(refusal.outcome, refusal.failure))));
    }

    fn run(&self, checked: &Checked, compiled: Compiled, shadows: &Shadows) {
        let sink = Arc::new(EventSink::new(self.run, self.events.clone(), self.control.clone()));
        sink.emit(RunEvent::Started(Box::new(RunStarted {
            skill: checked.skill.name.clone(),
            profile: Some(checked.module.profile),
            module_sha256: Some(checked.module.sha256_hex()),
            limits: checked.limits.clone(),
            input: Payload::from(self.request.input.document.as_slice()),
            fuel_rule: FUEL_RULE,
            seed: self.request.seed,
        })));
        let finished = catch_unwind(AssertUnwindSafe(|| self.execute(checked, compiled, shadows, &sink)));
        let finished = finished.unwrap_or_else(|_| ended(Outcome::Host, internal_fault()));
        sink.abandon_open_call("the run ended inside this call");
        sink.emit(RunEvent::Finished(Box::new(finished)));
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
            wasi: checked.wasi.clone(),
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
