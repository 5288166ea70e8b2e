//! What a session's threads share: its configuration, the engine with its cache, the services of host calls. Each of them starts
//! nothing before it is first used.

use super::RunNumbers;
use super::checked_modules::CheckedModules;
use super::command::Command;
use super::config::{SessionConfig, SettingsInForce};
use super::optimizer::Optimizer;
use crate::event::{Event, RunId};
use crate::host::http::HttpClient;
use crate::host::{Bridge, Services};
use crate::record::{RecordTrouble, Recorder, Retention};
use crate::runtime::{Runtime, RuntimeConfig};
use crate::skill::Workspace;
use crossbeam_channel::Sender;
use std::path::PathBuf;
use std::sync::OnceLock;

/// What a session's threads share.
pub struct Shared {
    /// What the session was started with.
    pub config: SessionConfig,
    /// The modules that passed their checks.
    pub modules: CheckedModules,
    /// The engine and its cache.
    pub runtime: Runtime,
    /// Who makes code faster behind runs that did not wait for it.
    pub optimizer: Optimizer,
    numbers: RunNumbers,
    commands: Sender<Command>,
    recorder: OnceLock<Recorder>,
    http: HttpClient,
    bridge: Bridge,
}

impl Shared {
    /// Nothing is started yet.
    pub fn new(config: SessionConfig, numbers: RunNumbers, commands: Sender<Command>) -> Self {
        let runtime = Runtime::new(RuntimeConfig { cache_dir: config.cache_dir.clone(), ..RuntimeConfig::default() });
        Self {
            config,
            modules: CheckedModules::default(),
            runtime,
            optimizer: Optimizer::default(),
            numbers,
            commands,
            recorder: OnceLock::new(),
            http: HttpClient::new(),
            bridge: Bridge::new(),
        }
    }

    /// Records the runs that are to be recorded from now on, in the workspace's state directory; what goes wrong is a notice.
    pub fn record_in(&self, workspace: Workspace, events: Sender<Event>) {
        let tell = move |trouble: RecordTrouble| {
            // A reader that has gone needs no events. One that is slow gets no second word: the notice is not worth a wait.
            let _ = events.try_send(Event::Notice { message: trouble.to_string() });
        };
        self.recorder.get_or_init(|| Recorder::in_workspace(workspace, Retention::default(), tell));
    }

    /// Records each run from now on in one file, in place of what is there; what goes wrong is a notice.
    pub fn record_to(&self, file: PathBuf, events: Sender<Event>) {
        // The run waits for its reader anyway, and whoever asked for this record must hear that there is none.
        let tell = move |trouble: RecordTrouble| drop(events.send(Event::Notice { message: trouble.to_string() }));
        self.recorder.get_or_init(|| Recorder::to_file(file, tell));
    }

    /// Who records runs, where that is asked for.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.get()
    }

    /// A number that no run of this session has had.
    pub fn next_run(&self) -> RunId {
        self.numbers.next()
    }

    /// Tells the session that a run has ended.
    pub fn run_ended(&self, run: RunId) {
        // A session that has ended needs no word.
        let _ = self.commands.send(Command::RunEnded(run));
    }

    /// The services of a run under these settings.
    pub fn services(&self, settings: &SettingsInForce) -> Services {
        Services {
            ai: settings.ai.for_run(),
            store: self.config.store.clone(),
            http: self.http.clone(),
            bridge: self.bridge.clone(),
        }
    }
}
