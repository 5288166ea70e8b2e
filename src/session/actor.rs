//! The actor's thread: takes commands in their order, starts a thread for each run, and alone knows which runs there are.

use super::RunNumbers;
use super::command::{Command, Overrides, RunRequest, SweepRequest, Target, WorkbenchStart};
use super::config::{SessionConfig, SessionError, SettingsInForce};
use super::live::{LiveRun, LiveRuns};
use super::perform::{Occasion, Performance, Prepared};
use super::prepare::{self, Refusal};
use super::repeat::Repeat;
use super::replay::{self, Replaying};
use super::services::Shared;
use super::suite::{self, CaseRunner, SuiteRequest};
use super::sweep::{self, Subjects, Work};
use super::workbench::{Todo, Workbench};
use crate::event::{Event, Failure, Gauges, Outcome, RunId, SweepEvent};
use crate::host::RunControl;
use crate::skill::{Catalog, Skill};
use crossbeam_channel::{Receiver, Sender};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

struct Actor {
    shared: Arc<Shared>,
    settings: Arc<SettingsInForce>,
    commands: Sender<Command>,
    events: Sender<Event>,
    live: LiveRuns,
    numbers: RunNumbers,
    runs: HashMap<RunId, ActiveRun>,
    repeat: Option<Repeat>,
    workbench: Option<Workbench>,
}

struct ActiveRun {
    control: RunControl,
    superseded: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// Whether its number is among the live runs for as long as it does anything: not so those of sweeps and suites.
    is_listed: bool,
}

/// The actor's ends of the session's queues.
pub struct Ends {
    /// For commands to itself.
    pub commands: Sender<Command>,
    /// Where commands come from.
    pub inbox: Receiver<Command>,
    /// Where events go.
    pub events: Sender<Event>,
}

/// Reads the settings and starts the actor.
///
/// # Errors
/// Where the settings are wrong, or the system gives no thread.
pub fn spawn(config: SessionConfig, live: LiveRuns, numbers: RunNumbers, ends: Ends) -> Result<JoinHandle<()>, SessionError> {
    let settings = Arc::new(SettingsInForce::read(&config)?);
    let shared = Arc::new(Shared::new(config, numbers.clone(), ends.commands.clone()));
    let Ends { commands, inbox, events } = ends;
    let runs = HashMap::new();
    let actor = Actor { shared, settings, commands, events, live, numbers, runs, repeat: None, workbench: None };
    Ok(Builder::new().name("skillscope-session".into()).spawn(move || actor.serve(&inbox))?)
}

impl Actor {
    fn serve(mut self, inbox: &Receiver<Command>) {
        loop {
            let retry = self.repeat.as_ref().and_then(Repeat::settings_retry);
            let retry = retry.map_or_else(crossbeam_channel::never, crossbeam_channel::at);
            crossbeam_channel::select! {
                recv(inbox) -> command => match command {
                    Ok(Command::Shutdown) | Err(_) => break,
                    Ok(command) => self.obey(command),
                },
                recv(retry) -> _ => self.read_settings_again(),
            }
        }
        // Its threads hand on what they do to the session, which takes nothing any more.
        self.workbench = None;
        self.shared.optimizer.stop();
        self.finish_runs();
        if let Some(recorder) = self.shared.recorder() {
            // Other threads may share it for longer than the program lives.
            recorder.settle();
        }
    }

    fn obey(&mut self, command: Command) {
        self.see_off(|_, run| run.thread.is_finished());
        match command {
            Command::List { overrides } => self.list(&overrides),
            Command::Validate { target, overrides } => self.validate(&target, &overrides),
            Command::Run { run, request } => self.start_asked(run, *request),
            Command::Sweep(request) => self.sweep(*request, Arc::clone(&self.settings)),
            Command::Replay { run, request } => {
                let prepared = Prepared { replay: Some(Replaying::new(&request)), ..Prepared::default() };
                self.start(run, replay::request_of(&request), Occasion::Asked, prepared);
            }
            Command::RecordTo(file) => self.shared.record_to(file, self.events.clone()),
            Command::RunSuite(request) => self.run_suite(*request),
            Command::Cancel(run) => self.with_run(run, RunControl::cancel),
            Command::CancelAll => self.runs.values().for_each(|run| run.control.cancel()),
            Command::Pause(run) => self.with_run(run, RunControl::pause),
            Command::Resume(run) => self.with_run(run, RunControl::resume),
            Command::FilesSaved(files) => self.files_saved(files),
            Command::Note(message) => {
                if let Some(workbench) = &self.workbench {
                    workbench.cannot_watch();
                }
                self.send(Event::Notice { message });
            }
            Command::OpenWorkbench(start) => self.open_workbench(*start),
            Command::Workbench(command) => self.with_workbench(|workbench| workbench.obey(command)),
            Command::SkillLoaded(loaded) => self.with_workbench(|workbench| workbench.loaded(*loaded)),
            Command::RunEnded(run) => self.with_workbench(|workbench| workbench.run_ended(run)),
            Command::Shutdown => {}
        }
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
            match prepare::find(&self.shared, target, &Overrides::default()) {
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
            match prepare::open(entry.clone(), overrides) {
                Ok(skill) => self.check(skill, overrides),
                Err(refusal) => self.reject(*refusal),
            }
        }
    }

    fn check(&self, skill: Skill, overrides: &Overrides) {
        match prepare::check(&self.shared, &self.settings, skill, overrides) {
            Ok(checked) => self.send(Event::Loaded(checked.loaded(None))),
            Err(refusal) => self.reject(*refusal),
        }
    }

    fn reject(&self, refusal: Refusal) {
        self.send(Event::Rejected { skill: refusal.known.skill, outcome: refusal.outcome, failure: refusal.failure });
    }

    fn start_asked(&mut self, run: RunId, request: RunRequest) {
        if self.shared.config.watch {
            // Watched before it is read, so that no save can fall between the two.
            self.watch_files_of(&request);
        }
        self.start(run, request, Occasion::Asked, Prepared { is_recorded: true, ..Prepared::default() });
    }

    fn open_workbench(&mut self, start: WorkbenchStart) {
        let commands = self.commands.clone();
        match Workbench::open(self.shared.clone(), self.settings.clone(), self.events.clone(), commands, start) {
            Ok(workbench) => self.workbench = Some(workbench),
            Err(error) => self.send(Event::Notice { message: format!("cannot start the workbench's threads: {error}") }),
        }
    }

    /// Lets the workbench do something, and does what that comes to.
    fn with_workbench(&mut self, act: impl FnOnce(&mut Workbench) -> Vec<Todo>) {
        let Some(workbench) = &mut self.workbench else { return };
        for todo in act(workbench) {
            match todo {
                Todo::Cancel(run) => self.with_run(run, RunControl::cancel),
                Todo::Sweep { request, settings } => self.sweep(*request, settings),
                Todo::Start { request, ready, interceptor, skill } => {
                    let run = self.numbers.next();
                    if let Some(workbench) = &mut self.workbench {
                        self.settings = Arc::clone(&workbench.settings);
                        workbench.run_started(&skill, run);
                    }
                    let prepared = Prepared {
                        ready: Some(*ready),
                        interceptor: Some(interceptor),
                        is_recorded: true,
                        ..Prepared::default()
                    };
                    self.start(run, *request, Occasion::Asked, prepared);
                }
            }
        }
    }

    fn start(&mut self, run: RunId, request: RunRequest, occasion: Occasion, prepared: Prepared) {
        self.see_off_ended_runs();
        let control = RunControl::new(crate::event::DEFAULT_TIMEOUT);
        let gauges = Arc::new(Gauges::default());
        let superseded = Arc::new(AtomicBool::new(false));
        let performance = Performance {
            shared: self.shared.clone(),
            settings: self.settings.clone(),
            occasion,
            superseded: superseded.clone(),
            run,
            request,
            control: control.clone(),
            gauges: gauges.clone(),
            prepared,
            entered: self.live.enter(run, LiveRun::new(gauges, control.clone())),
            events: self.events.clone(),
        };
        match Builder::new().name(format!("skillscope-run-{}", run.0)).spawn(move || performance.perform()) {
            Ok(thread) => drop(self.runs.insert(run, ActiveRun { control, superseded, thread, is_listed: true })),
            Err(error) => self.send(Event::Notice { message: format!("cannot start a thread for run {}: {error}", run.0) }),
        }
    }

    /// Waits for the threads of runs that have nothing left to do but to say so. The engine gets the stack on which a guest ran back when its
    /// thread is gone, and would take another for the next run, as often as the two happen to overlap.
    fn see_off_ended_runs(&mut self) {
        let live = self.live.clone();
        self.see_off(|number, run| run.is_listed && live.get(number).is_none());
    }

    fn see_off(&mut self, has_ended: impl Fn(RunId, &ActiveRun) -> bool) {
        for (_, run) in self.runs.extract_if(|number, run| has_ended(*number, run)) {
            // A panic of a run was caught and told as its outcome.
            let _ = run.thread.join();
        }
    }

    /// Sweeps on a thread of its own, which is cancelled like a run.
    fn sweep(&mut self, request: SweepRequest, settings: Arc<SettingsInForce>) {
        let control = RunControl::new(crate::event::DEFAULT_TIMEOUT);
        let work = match Work::of(request.work, &self.shared.config) {
            Ok(work) => work,
            Err(error) => return self.send(Event::Sweep(SweepEvent::Refused { failure: error.into() })),
        };
        let (shared, live, own) = (Arc::clone(&self.shared), self.live.clone(), control.clone());
        let (events, number) = (self.events.clone(), self.numbers.next());
        let sweeping = move || {
            let subjects = Subjects::of(request.of, (shared, settings, live, own.clone()), &events);
            let emit = |event| {
                // A reader that has gone needs no events.
                let _ = events.send(Event::Sweep(event));
            };
            sweep::perform(&work, &subjects, (number, &own), emit);
        };
        match Builder::new().name("skillscope-sweep".into()).spawn(sweeping) {
            Ok(thread) => {
                drop(self.runs.insert(number, ActiveRun { control, superseded: Arc::default(), thread, is_listed: false }))
            }
            Err(error) => self.send(Event::Notice { message: format!("cannot start a thread for a sweep: {error}") }),
        }
    }

    /// Runs a suite on a thread of its own, which is cancelled like a run.
    fn run_suite(&mut self, request: SuiteRequest) {
        let control = RunControl::new(crate::event::DEFAULT_TIMEOUT);
        let runner = CaseRunner {
            shared: Arc::clone(&self.shared),
            settings: Arc::clone(&self.settings),
            live: self.live.clone(),
            terms: request.terms.clone(),
            control: control.clone(),
        };
        let events = self.events.clone();
        let run = move || suite::perform(&request, &runner, &events);
        match Builder::new().name("skillscope-suite".into()).spawn(run) {
            Ok(thread) => {
                let active = ActiveRun { control, superseded: Arc::default(), thread, is_listed: false };
                drop(self.runs.insert(self.numbers.next(), active));
            }
            Err(error) => self.send(Event::Notice { message: format!("cannot start a thread for a suite: {error}") }),
        }
    }

    fn watch_files_of(&mut self, request: &RunRequest) {
        match Repeat::new(&self.shared.config, request, self.commands.clone()) {
            Ok(repeat) => {
                self.repeat = Some(repeat);
                // Those that were read before they were watched may be older.
                if let Ok(settings) = SettingsInForce::read(&self.shared.config) {
                    self.settings = Arc::new(settings);
                }
            }
            Err(error) => self.send(Event::Notice { message: format!("cannot start a thread to watch files: {error}") }),
        }
    }

    fn files_saved(&mut self, mut files: BTreeSet<PathBuf>) {
        if self.workbench.is_some() {
            self.with_workbench(|workbench| workbench.files_saved(&files));
            return;
        }
        let Some(repeat) = &mut self.repeat else { return };
        let saved_settings = repeat.settings_among(&files);
        if !saved_settings.is_empty() {
            match SettingsInForce::read(&self.shared.config) {
                Ok(settings) => {
                    repeat.settings_are_done();
                    self.settings = Arc::new(settings);
                }
                // Those before stay. What is wrong with these is told when it is not the passing state of a save.
                Err(_) => {
                    files.retain(|file| !saved_settings.contains(file));
                    repeat.settings_are_wrong(saved_settings);
                }
            }
        }
        if !files.is_empty() {
            self.run_again(files);
        }
    }

    fn read_settings_again(&mut self) {
        let Some(repeat) = &mut self.repeat else { return };
        let files = repeat.settings_are_done();
        if repeat.unrest().is_there() {
            // Whatever is being saved may be the settings themselves.
            return repeat.settings_are_wrong(files);
        }
        match SettingsInForce::read(&self.shared.config) {
            Ok(settings) => {
                self.settings = Arc::new(settings);
                self.run_again(files);
            }
            Err(error) => {
                let failure = Failure::from(error);
                let hint = failure.hint.map(|hint| format!("\n{hint}")).unwrap_or_default();
                self.send(Event::Notice { message: format!("the settings before stay in force: {}{hint}", failure.message) });
            }
        }
    }

    fn run_again(&mut self, files: BTreeSet<PathBuf>) {
        let Some(repeat) = &mut self.repeat else { return };
        let request = repeat.request().clone();
        repeat.watch_again(&self.shared.config);
        let occasion = Occasion::Saved { files: files.into_iter().collect(), unrest: repeat.unrest() };
        self.runs.values().for_each(|run| run.superseded.store(true, Ordering::SeqCst));
        self.finish_runs();
        self.start(self.numbers.next(), request, occasion, Prepared { is_recorded: true, ..Prepared::default() });
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
