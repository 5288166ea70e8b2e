//! What a session does for a workbench: it watches the whole workspace, keeps every skill ready to run, and remembers what the next
//! runs are given and may do.
//!
//! The actor owns it and hands it commands; what is to be started or stopped goes back to the actor as [`Todo`]s. It knows the floors
//! that the session knows, and no terminal.

mod asking;
mod case_inputs;
pub(super) mod compare;
mod comparing;
mod inputs;
mod inspect;
mod interception;
mod known;
mod loader;
mod obey;
mod overtaking;
mod read_back;
mod records;
mod replaying;
mod saved;
mod saving;
mod terms;

pub use loader::{Loaded, Ready};

use super::command::{Command, Overrides, RunInput, RunRequest, SweepRequest, Target, WorkbenchStart};
use super::config::SettingsInForce;
use super::services::Shared;
use super::watch::{Below, Interest, Told, Watcher};
use super::watched::{add_entry, read_and_watch};
use crate::event::{AiState, Event, Failure, InputOfCase, KeptInput, OnSave, RunId, WorkbenchEvent};
use crate::host::Interceptor;
use crate::runtime::Compiler;
use crate::skill::{Catalog, CatalogEntry, Workspace};
use crossbeam_channel::Sender;
use inputs::Inputs;
use interception::InterceptRules;
use known::Known;
use loader::Loader;
use read_back::ReadBack;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What the actor is to do.
pub enum Todo {
    /// Start a run.
    Start {
        /// What to run.
        request: Box<RunRequest>,
        /// The skill, ready.
        ready: Box<Ready>,
        /// Who looks at its host calls.
        interceptor: Arc<dyn Interceptor>,
        /// The skill's name, to be told under which number it runs.
        skill: String,
    },
    /// End a run.
    Cancel(RunId),
    /// Run a skill again and again.
    Sweep {
        /// What to do.
        request: Box<SweepRequest>,
        /// The settings in force.
        settings: Arc<SettingsInForce>,
    },
}

/// The workbench's part of a session.
pub struct Workbench {
    pub(super) shared: Arc<Shared>,
    pub(super) settings: Arc<SettingsInForce>,
    events: Sender<Event>,
    commands: Sender<Command>,
    start: WorkbenchStart,
    workspace: Workspace,
    skills: BTreeMap<String, Known>,
    versions: u64,
    loader: Loader,
    watcher: Option<Watcher>,
    /// What the watcher attends to.
    watched: Interest,
    inputs: Inputs,
    rules: Arc<InterceptRules>,
    ai_mode: String,
    ai_lead: Option<String>,
    auto_run: bool,
    on_save: OnSave,
    read_back: ReadBack,
}

impl Workbench {
    /// Reads the workspace and begins to make its skills ready.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn open(
        shared: Arc<Shared>,
        settings: Arc<SettingsInForce>,
        events: Sender<Event>,
        commands: Sender<Command>,
        start: WorkbenchStart,
    ) -> std::io::Result<Self> {
        let loader = Loader::start(Arc::clone(&shared), events.clone(), commands.clone())?;
        let told_to = commands.clone();
        let watcher = Watcher::start(move |told| {
            // A session that has ended needs no word.
            let _ = told_to.send(match told {
                Told::Saved(files) => Command::FilesSaved(files),
                Told::Note(message) => Command::Note(message),
            });
        })?;
        // Watched before they are read, so that no save can fall between the two; those that were read before may be older.
        let watched = interest(&shared.config.directories, &[]);
        watcher.attend(watched.clone());
        let settings = SettingsInForce::read(&shared.config).map_or(settings, Arc::new);
        let workspace = Workspace::find(&shared.config.directories);
        shared.record_in(workspace.clone(), events.clone());
        let (inputs, trouble) = Inputs::read(workspace.clone());
        let mut workbench = Self {
            ai_mode: shared.config.ai.clone(),
            auto_run: start.auto_run && settings.workbench.auto_run,
            on_save: settings.workbench.on_save,
            read_back: ReadBack::default(),
            shared,
            settings,
            events,
            commands,
            start,
            workspace,
            skills: BTreeMap::new(),
            versions: 0,
            loader,
            watcher: Some(watcher),
            watched,
            inputs,
            rules: Arc::default(),
            ai_lead: None,
        };
        if let Some(trouble) = trouble {
            workbench.tell(Event::Notice { message: trouble.to_string() });
        }
        workbench.tell_settings();
        workbench.read_catalog(&[]);
        Ok(workbench)
    }

    /// Says how things stand.
    fn tell_settings(&self) {
        self.tell_workbench(WorkbenchEvent::AutoRun { on: self.auto_run });
        self.tell_workbench(WorkbenchEvent::OnSave { on_save: self.on_save });
        self.tell_workbench(WorkbenchEvent::Ai(self.ai_state()));
        self.tell_workbench(WorkbenchEvent::Watching { how: "watching".to_owned() });
    }

    /// The watcher cannot watch all that matters: from now on it looks twice a second.
    pub fn cannot_watch(&self) {
        self.tell_workbench(WorkbenchEvent::Watching { how: "polling".to_owned() });
    }

    fn ai_state(&self) -> AiState {
        let choice = &self.settings.ai;
        let providers =
            std::iter::once(crate::event::MOCK_PROVIDER.to_owned()).chain(self.settings.provider_names.iter().cloned());
        AiState {
            mode: self.ai_mode.clone(),
            lead: choice.lead.label(),
            others: choice.shadows.iter().map(|shadow| shadow.label()).collect(),
            providers: providers.collect(),
        }
    }

    /// A skill's module was made ready, or refused.
    pub fn loaded(&mut self, loaded: Loaded) -> Vec<Todo> {
        let Some(known) = self.skills.get_mut(&loaded.skill).filter(|known| known.version == loaded.version) else {
            return Vec::new();
        };
        let is_good = loaded.ready.is_some();
        // The last good one stays, where the newest is refused.
        if let Some(ready) = loaded.ready {
            known.ready = Some(ready);
        }
        if loaded.is_faster {
            return Vec::new();
        }
        let wanted = std::mem::take(&mut known.run_when_loaded);
        self.tell_terms(&loaded.skill);
        if wanted && is_good { self.run_saved(&loaded.skill) } else { Vec::new() }
    }

    /// A run has ended: one that waited for that is started, and a skill that is there no longer is forgotten.
    pub fn run_ended(&mut self, run: RunId) -> Vec<Todo> {
        let ended = self.skills.iter_mut().find(|(_, known)| known.run == Some(run));
        let Some((name, known)) = ended else { return Vec::new() };
        known.run = None;
        let (name, is_gone, waits) = (name.clone(), known.is_gone, std::mem::take(&mut known.waits));
        if is_gone {
            self.skills.remove(&name);
            return Vec::new();
        }
        if waits { self.run(&name) } else { Vec::new() }
    }

    /// A run of a skill was started under this number.
    pub fn run_started(&mut self, skill: &str, run: RunId) {
        if let Some(known) = self.skills.get_mut(skill) {
            known.run = Some(run);
        }
    }

    /// Runs a skill that was saved; a run of it that goes on is ended first, or waited for.
    fn run_saved(&mut self, skill: &str) -> Vec<Todo> {
        match self.skills.get_mut(skill) {
            Some(known) if known.run.is_some() && self.on_save == OnSave::Wait => {
                known.waits = true;
                Vec::new()
            }
            _ => self.run(skill),
        }
    }

    /// Runs a skill with its newest input, or where there is none yet, with the one of a case that ends well; a run of it that goes on is ended first.
    fn run(&mut self, skill: &str) -> Vec<Todo> {
        let input = self.input_of(skill);
        let Some(known) = self.skills.get_mut(skill) else {
            self.refuse(Failure::new("no-such-skill", format!("there is no skill {skill:?} any more")));
            return Vec::new();
        };
        if let Some(run) = known.run {
            known.waits = true;
            return vec![Todo::Cancel(run)];
        }
        let Some(ready) = known.ready.clone() else {
            known.run_when_loaded = true;
            return Vec::new();
        };
        let request = request(&ready, input, known.overrides.clone(), self.start.seed);
        let interceptor: Arc<dyn Interceptor> = self.rules.clone();
        vec![Todo::Start { request: Box::new(request), ready: Box::new(ready), interceptor, skill: skill.to_owned() }]
    }

    fn input_of(&self, skill: &str) -> KeptInput {
        let newest = self.inputs.of(skill).first().or(self.start.input.as_ref()).cloned();
        newest.or_else(|| self.case_inputs(skill).into_iter().next().map(|case| case.input)).unwrap_or_else(KeptInput::null)
    }

    fn case_inputs(&self, skill: &str) -> Vec<InputOfCase> {
        let found = self.skills.get(skill).and_then(|known| known.entry.skill.as_ref().ok());
        found.map(case_inputs::case_inputs).unwrap_or_default()
    }

    /// The catalog as it is now, and whatever it depends on watched.
    fn scan_and_watch(&mut self) -> Catalog {
        let Self { shared, watcher, watched, .. } = self;
        let directories = &shared.config.directories;
        let read = || {
            let scanned = Catalog::scan(directories);
            let interest = interest(directories, scanned.as_ref().map(Catalog::entries).unwrap_or_default());
            (scanned, interest)
        };
        let scanned =
            read_and_watch(watched, read, |interest| watcher.iter().for_each(|watcher| watcher.attend(interest.clone())));
        scanned.unwrap_or_else(|error| {
            self.refuse(error.into());
            Catalog::default()
        })
    }

    fn tell_terms(&self, skill: &str) {
        let Some(known) = self.skills.get(skill) else { return };
        if let Ok(found) = &known.entry.skill {
            self.tell_workbench(WorkbenchEvent::Terms(terms::terms(found, &known.overrides)));
        }
    }

    fn tell_inputs(&self, skill: &str) {
        let mut inputs = self.inputs.of(skill).to_vec();
        if inputs.is_empty() {
            inputs.push(self.input_of(skill));
        }
        let of_cases = self.case_inputs(skill);
        self.tell_workbench(WorkbenchEvent::Inputs { skill: skill.to_owned(), inputs, of_cases });
    }

    fn refuse(&self, failure: Failure) {
        self.tell_workbench(WorkbenchEvent::Refused { failure });
    }

    fn tell_workbench(&self, event: WorkbenchEvent) {
        self.tell(Event::Workbench(Box::new(event)));
    }

    fn tell(&self, event: Event) {
        // A reader that has gone needs no events.
        let _ = self.events.send(event);
    }

    fn overrides_of(&self, skill: &str) -> Overrides {
        self.skills.get(skill).map_or_else(|| self.start.overrides.clone(), |known| known.overrides.clone())
    }
}

/// Which files matter: what lies below the directories, each skill's own, and the settings.
fn interest(directories: &[PathBuf], skills: &[CatalogEntry]) -> Interest {
    let mut interest = Interest::default();
    for directory in directories {
        interest.add_below(directory, Below::SkillFiles);
    }
    for file in Workspace::settings_candidates(directories) {
        interest.add_file(&file);
    }
    skills.iter().for_each(|entry| add_entry(&mut interest, entry));
    interest
}

/// A run of a skill that is ready.
fn request(ready: &Ready, input: KeptInput, overrides: Overrides, seed: Option<u64>) -> RunRequest {
    RunRequest {
        target: Target::Path(ready.checked.skill.info().path),
        input: RunInput { document: input.document.into_bytes(), raw_stdin: false, event: input.event },
        overrides,
        seed,
        begins_empty: false,
        compiler: Compiler::Cranelift,
        stored: Vec::new(),
        profile_fuel: false,
    }
}
