//! The actor that owns the catalog, the runs, the watcher and the settings: commands go down to it, events come up.
//!
//! It knows every floor below (`event`, `skill`, `module`, `host`, `runtime`); it must not know who reads its events, a
//! terminal, or exit codes. Readers hold a [`Session`] and nothing else.

mod actor;
mod checked_modules;
mod command;
mod config;
mod gathering;
mod live;
mod optimizer;
mod perform;
mod prepare;
mod recording;
mod repeat;
mod replay;
mod run_apart;
mod services;
mod suite;
mod sweep;
mod watch;
mod watched;
mod workbench;
mod workbench_command;

pub use command::{
    Command, Overrides, ReplayRequest, RunInput, RunRequest, SweepOf, SweepRequest, SweepWork, Target, WorkbenchStart,
};
pub use config::{SessionConfig, SessionError};
pub use gathering::Gathering;
pub use live::LiveRun;
pub use suite::{CaseChoice, CasePattern, CasePatternError, CaseTerms, Seeding, Shard, ShardError, SuiteRequest};
pub use workbench_command::{ComparedOn, Decision, Saveable, TermChange, WorkbenchCommand};

use crate::event::{Event, RunId};
use crossbeam_channel::{Receiver, Sender};
use live::LiveRuns;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

/// How many events may wait for their reader before runs wait for it too.
pub const EVENT_QUEUE: usize = 1024;

/// A running session. Dropping it ends its runs and waits for its threads, those of abandoned compiles excepted.
#[derive(Debug)]
pub struct Session {
    commander: Commander,
    events: Receiver<Event>,
    live: LiveRuns,
    actor: Option<JoinHandle<()>>,
}

/// The commanding end of a session; cheap to clone, for signal handlers and the like.
#[derive(Clone, Debug)]
pub struct Commander {
    commands: Sender<Command>,
    numbers: RunNumbers,
}

/// The numbers of a session's runs, each given once.
#[derive(Clone, Debug, Default)]
struct RunNumbers(Arc<AtomicU64>);

impl RunNumbers {
    fn next(&self) -> RunId {
        RunId(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Session {
    /// Starts a session on a workspace. Nothing but its settings is read before the first command.
    ///
    /// # Errors
    /// Where the settings are wrong, or the system gives no thread.
    pub fn start(config: SessionConfig) -> Result<Self, SessionError> {
        let (commands, inbox) = crossbeam_channel::unbounded();
        let (outbox, events) = crossbeam_channel::bounded(EVENT_QUEUE);
        let (live, numbers) = (LiveRuns::default(), RunNumbers::default());
        let ends = actor::Ends { commands: commands.clone(), inbox, events: outbox };
        let actor = actor::spawn(config, live.clone(), numbers.clone(), ends)?;
        let commander = Commander { commands, numbers };
        Ok(Self { commander, events, live, actor: Some(actor) })
    }

    /// The commanding end.
    pub fn commander(&self) -> Commander {
        self.commander.clone()
    }

    /// A run's live figures, from when it was started until it has ended.
    pub fn live(&self, run: RunId) -> Option<LiveRun> {
        self.live.get(run)
    }

    /// The events, in order. The queue is bounded: whoever starts runs must read.
    pub const fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}

impl Commander {
    /// Sends a command. A session that has ended takes none.
    pub fn send(&self, command: Command) {
        // The only failure is a session that has ended: there is nothing left to command.
        let _ = self.commands.send(command);
    }

    /// Starts a run and tells its number.
    pub fn run(&self, request: RunRequest) -> RunId {
        let run = self.numbers.next();
        self.send(Command::Run { run, request: Box::new(request) });
        run
    }

    /// Starts a replay and tells its number. `Replayed` tells what came of it, after `Finished` and before `ShadowsDone`.
    pub fn replay(&self, request: ReplayRequest) -> RunId {
        let run = self.numbers.next();
        self.send(Command::Replay { run, request: Box::new(request) });
        run
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.commander.send(Command::Shutdown);
        // Without a reader, runs that wait for room in the queue go on and end.
        self.events = crossbeam_channel::never();
        if let Some(actor) = self.actor.take() {
            // The actor catches panics of runs; one of its own was reported by the panic hook.
            let _ = actor.join();
        }
    }
}
