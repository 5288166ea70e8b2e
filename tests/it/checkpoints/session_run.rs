//! Runs in a session, with commands at chosen moments.

use skillscope::event::{Event, RunEvent, RunFinished, RunId};
use skillscope::host::store::MemoryStore;
use skillscope::runtime::Compiler;
use skillscope::session::{Command, Overrides, RunInput, RunRequest, Session, SessionConfig, Target};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than any run takes to look up; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is done to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Pause,
    Resume,
    Cancel,
}

/// A run, and what is done to it when: microseconds after its first phase began.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often the skill does its work; 0 for ever.
    pub turns: u64,
    pub compiler: Compiler,
    pub fuel: Option<u64>,
    pub timeout: Option<Duration>,
    pub acts: Vec<(u64, Act)>,
}

impl Plan {
    pub const fn undisturbed(turns: u64, compiler: Compiler) -> Self {
        Self { turns, compiler, fuel: None, timeout: None, acts: Vec::new() }
    }

    fn request(&self, skill: &Path) -> RunRequest {
        RunRequest {
            target: Target::Path(skill.to_owned()),
            input: RunInput { document: self.turns.to_string().into_bytes(), raw_stdin: false, event: None },
            overrides: Overrides { fuel: self.fuel.map(Some), timeout: self.timeout, ..Overrides::default() },
            seed: Some(1),
            compiler: self.compiler,
            begins_empty: true,
            stored: Vec::new(),
            profile_fuel: false,
        }
    }
}

/// A session without a cache on disk.
pub fn session(directory: &Path) -> Session {
    Session::start(SessionConfig {
        directories: vec![directory.to_owned()],
        ai: "mock".into(),
        store: Arc::new(MemoryStore::new()),
        cache_dir: None,
        max_module_bytes: None,
        watch: false,
    })
    .unwrap()
}

/// Runs some plans at the same time; how each ended, in their order.
pub fn run_together(session: &Session, skill: &Path, plans: &[Plan]) -> Vec<RunFinished> {
    Running::new(session, skill, plans).finish()
}

/// Starts some plans at the same time, and comes back when all of them run and everything was done to them.
pub fn start_together<'a>(session: &'a Session, skill: &Path, plans: &'a [Plan]) -> Running<'a> {
    let mut running = Running::new(session, skill, plans);
    while running.begun.len() < plans.len() || !running.due.is_empty() {
        running.step();
    }
    running
}

/// Runs that are under way. Each begins with `Started`, and ends with one `Finished`.
pub struct Running<'a> {
    session: &'a Session,
    plans: &'a [Plan],
    runs: Vec<RunId>,
    /// What is still to be done.
    due: Vec<(Instant, RunId, Act)>,
    started: HashSet<RunId>,
    /// Those whose first phase has begun.
    begun: HashSet<RunId>,
    finished: HashMap<RunId, RunFinished>,
    since: Instant,
}

impl<'a> Running<'a> {
    fn new(session: &'a Session, skill: &Path, plans: &'a [Plan]) -> Self {
        let commander = session.commander();
        let runs = plans.iter().map(|plan| commander.run(plan.request(skill))).collect();
        let (started, begun) = (HashSet::new(), HashSet::new());
        Self { session, plans, runs, due: Vec::new(), started, begun, finished: HashMap::new(), since: Instant::now() }
    }

    /// Waits for all ends.
    pub fn finish(mut self) -> Vec<RunFinished> {
        while self.finished.len() < self.runs.len() {
            self.step();
        }
        self.runs.iter().map(|run| self.finished.remove(run).unwrap()).collect()
    }

    /// Does what is due, and takes the next event, where one comes in time.
    fn step(&mut self) {
        assert!(self.since.elapsed() < PATIENCE, "runs that do not end: {:?}", self.plans);
        self.due.sort_by_key(|(at, _, _)| *at);
        while self.due.first().is_some_and(|(at, _, _)| *at <= Instant::now()) {
            let (_, run, act) = self.due.remove(0);
            self.session.commander().send(match act {
                Act::Pause => Command::Pause(run),
                Act::Resume => Command::Resume(run),
                Act::Cancel => Command::Cancel(run),
            });
        }
        let until_due = self.due.first().map(|(at, _, _)| at.saturating_duration_since(Instant::now()));
        if let Ok(Event::Run { run, what, .. }) =
            self.session.events().recv_timeout(until_due.unwrap_or(Duration::from_millis(20)))
        {
            self.take(run, what);
        }
    }

    fn take(&mut self, run: RunId, what: RunEvent) {
        assert!(!self.finished.contains_key(&run), "{what:?} comes after the end");
        let is_first = matches!(what, RunEvent::Started(_));
        assert_eq!(is_first, self.started.insert(run), "a run starts once, and first of all: {what:?}");
        match what {
            RunEvent::PhaseStarted { .. } if self.begun.insert(run) => {
                let plan = &self.plans[self.runs.iter().position(|known| *known == run).unwrap()];
                let now = Instant::now();
                self.due.extend(plan.acts.iter().map(|(after, act)| (now + Duration::from_micros(*after), run, *act)));
            }
            RunEvent::Finished(end) => drop(self.finished.insert(run, *end)),
            _ => {}
        }
    }
}
