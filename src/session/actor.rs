//! The actor's thread: takes commands in their order, starts a thread for each run, and alone knows which runs there are.

use super::command::{Command, Overrides, RunRequest, Target};
use super::config::{SessionConfig, SessionError};
use super::perform::Performance;
use super::prepare::{self, Refusal};
use super::services::Shared;
use super::watch::Watch;
use crate::event::{Event, Outcome, RunId};
use crate::host::RunControl;
use crate::skill::{Catalog, Skill};
use crossbeam_channel::{Receiver, Sender};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

struct Actor {
    shared: Arc<Shared>,
    commands: Sender<Command>,
    events: Sender<Event>,
    runs: HashMap<RunId, ActiveRun>,
    last_run: RunId,
    watch: Option<Watch>,
    last_request: Option<RunRequest>,
}

struct ActiveRun {
    control: RunControl,
    thread: JoinHandle<()>,
}

/// Starts the actor.
///
/// # Errors
/// Where the system gives no thread.
pub fn spawn(
    config: SessionConfig,
    commands: Sender<Command>,
    inbox: Receiver<Command>,
    events: Sender<Event>,
) -> Result<JoinHandle<()>, SessionError> {
    let shared = Arc::new(Shared::new(config));
    let actor = Actor { shared, commands, events, runs: HashMap::new(), last_run: RunId(0), watch: None, last_request: None };
    Ok(Builder::new().name("skillscope-session".into()).spawn(move || actor.serve(&inbox))?)
}

impl Actor {
    fn serve(mut self, inbox: &Receiver<Command>) {
        for command in inbox {
            self.runs.retain(|_, run| !run.thread.is_finished());
            match command {
                Command::List { overrides } => self.list(&overrides),
                Command::Validate { target, overrides } => self.validate(&target, &overrides),
                Command::Run { run, request } => self.start(run, *request),
                Command::Cancel(run) => self.with_run(run, RunControl::cancel),
                Command::CancelAll => self.runs.values().for_each(|run| run.control.cancel()),
                Command::Pause(run) => self.with_run(run, RunControl::pause),
                Command::Resume(run) => self.with_run(run, RunControl::resume),
                Command::FilesChanged => self.repeat_last_run(),
                Command::Shutdown => break,
            }
        }
        self.finish_runs();
    }

    fn with_run(&self, run: RunId, act: impl FnOnce(&RunControl)) {
        if let Some(run) = self.runs.get(&run) {
            act(&run.control);
        }
    }

    fn list(&self, overrides: &Overrides) {
        self.scan(&self.shared.config.directories, overrides);
        self.send(Event::ChecksDone);
    }

    fn scan(&self, directories: &[PathBuf], overrides: &Overrides) {
        match Catalog::scan(directories) {
            Ok(catalog) => {
                for note in catalog.notes() {
                    self.send(Event::Notice { message: note.to_string() });
                }
                self.tell_of(&catalog, overrides);
            }
            Err(error) => self.send(Event::Rejected {
                skill: directories.iter().map(|directory| directory.display().to_string()).collect::<Vec<_>>().join(", "),
                outcome: Outcome::Manifest,
                failure: error.into(),
            }),
        }
    }

    fn validate(&self, target: &Target, overrides: &Overrides) {
        if let Target::Path(path) = target
            && Catalog::is_directory_of_skills(path)
        {
            self.scan(std::slice::from_ref(path), overrides);
        } else {
            match prepare::find(&self.shared, target) {
                Ok(skill) => {
                    self.send(Event::Skills { skills: vec![skill.info()] });
                    self.check(skill, overrides);
                }
                Err(refusal) => self.reject(*refusal),
            }
        }
        self.send(Event::ChecksDone);
    }

    fn tell_of(&self, catalog: &Catalog, overrides: &Overrides) {
        self.send(Event::Skills { skills: catalog.infos() });
        for entry in catalog.entries() {
            match prepare::open(entry.clone()) {
                Ok(skill) => self.check(skill, overrides),
                Err(refusal) => self.reject(*refusal),
            }
        }
    }

    fn check(&self, skill: Skill, overrides: &Overrides) {
        match prepare::check(&self.shared, skill, overrides) {
            Ok(checked) => self.send(Event::Loaded(checked.loaded(None))),
            Err(refusal) => self.reject(*refusal),
        }
    }

    fn reject(&self, refusal: Refusal) {
        self.send(Event::Rejected { skill: refusal.skill, outcome: refusal.outcome, failure: refusal.failure });
    }

    fn start(&mut self, run: RunId, request: RunRequest) {
        self.last_run = self.last_run.max(run);
        if self.shared.config.watch {
            self.watch_files_of(&request);
            self.last_request = Some(request.clone());
        }
        let control = RunControl::new(crate::event::DEFAULT_TIMEOUT);
        let performance =
            Performance { shared: self.shared.clone(), run, request, control: control.clone(), events: self.events.clone() };
        match Builder::new().name(format!("skillscope-run-{}", run.0)).spawn(move || performance.perform()) {
            Ok(thread) => drop(self.runs.insert(run, ActiveRun { control, thread })),
            Err(error) => self.send(Event::Notice { message: format!("cannot start a thread for run {}: {error}", run.0) }),
        }
    }

    fn watch_files_of(&mut self, request: &RunRequest) {
        if self.watch.is_none() {
            self.watch = Watch::start(self.shared.clone(), request.target.clone(), self.commands.clone(), &self.events);
        }
    }

    fn repeat_last_run(&mut self) {
        let Some(request) = self.last_request.clone() else { return };
        self.finish_runs();
        self.send(Event::Changed { skill: request.target.to_string() });
        let run = RunId(self.last_run.0 + 1);
        self.start(run, request);
    }

    fn finish_runs(&mut self) {
        self.runs.values().for_each(|run| run.control.cancel());
        for (_, run) in self.runs.drain() {
            // A panic of a run was caught and told as its outcome.
            let _ = run.thread.join();
        }
    }

    fn send(&self, event: Event) {
        // A reader that has gone needs no events.
        let _ = self.events.send(event);
    }
}
