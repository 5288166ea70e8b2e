//! Makes skills ready to run, on threads of its own: read, validated, compiled by Singlepass at once and by Cranelift behind it.
//!
//! Only the newest version of a skill is told of: a job that was overtaken is given up, and says nothing. A version that is bad at first sight is looked
//! at again before it is told, since it may be half written.

use super::overtaking::Newest;
use crate::event::{Event, LoadedModule};
use crate::host::RunControl;
use crate::runtime::{Compiled, Compiler};
use crate::session::command::{Command, Overrides};
use crate::session::config::SettingsInForce;
use crate::session::prepare::{self, Checked, Refusal};
use crate::session::services::Shared;
use crate::skill::{Catalog, CatalogEntry};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a bad version must stay bad before it is told.
const PATIENCE: Duration = Duration::from_millis(400);
/// How often it is asked meanwhile whether a newer one has come.
const LOOK: Duration = Duration::from_millis(20);

/// A skill to be made ready.
pub struct LoadJob {
    /// The skill as the catalog has it.
    pub entry: CatalogEntry,
    /// What differs from its manifest.
    pub overrides: Overrides,
    /// The settings in force.
    pub settings: Arc<SettingsInForce>,
    /// Which version of the skill this is; a greater one overtakes it.
    pub version: u64,
    /// Whether it was saved just now, so that a bad one may be half written.
    pub saved: bool,
}

/// A skill that can be run.
#[derive(Clone)]
pub struct Ready {
    /// Its module, with what it may use.
    pub checked: Arc<Checked>,
    /// Its code.
    pub compiled: Compiled,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("skill", &self.checked.skill.name).field("compiled", &self.compiled).finish_non_exhaustive()
    }
}

impl Ready {
    /// The skill under other limits than it was checked with.
    pub fn under(&self, overrides: &Overrides) -> Checked {
        let Checked { skill, module, wasi, .. } = self.checked.as_ref();
        let limits = prepare::limits(skill.limits(), overrides);
        Checked { skill: skill.clone(), module: Arc::clone(module), wasi: wasi.clone(), limits }
    }
}

/// What became of a job.
#[derive(Debug)]
pub struct Loaded {
    /// The skill's name.
    pub skill: String,
    /// Which version.
    pub version: u64,
    /// The skill, where it can be run; the same again where its code got faster.
    pub ready: Option<Ready>,
    /// Whether this is only the faster code of what was ready before.
    pub is_faster: bool,
}

/// The threads.
pub struct Loader {
    jobs: Option<Sender<LoadJob>>,
    newest: Newest,
    threads: Vec<JoinHandle<()>>,
}

/// What both threads work with.
#[derive(Clone)]
struct Bench {
    shared: Arc<Shared>,
    events: Sender<Event>,
    commands: Sender<Command>,
    newest: Newest,
}

impl Loader {
    /// Starts the threads; what becomes of jobs goes to the session as commands.
    ///
    /// # Errors
    /// Where the system gives none.
    pub fn start(shared: Arc<Shared>, events: Sender<Event>, commands: Sender<Command>) -> std::io::Result<Self> {
        let newest = Newest::default();
        let bench = Bench { shared, events, commands, newest: newest.clone() };
        let (jobs, inbox) = unbounded::<LoadJob>();
        let (faster, slow_inbox) = unbounded::<(Ready, u64)>();
        let of = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let second = bench.clone();
        let threads = vec![
            of("skillscope-load").spawn(move || bench.load_all(&inbox, &faster))?,
            of("skillscope-optimize").spawn(move || second.optimize_all(&slow_inbox))?,
        ];
        Ok(Self { jobs: Some(jobs), newest, threads })
    }

    /// Makes a skill ready; earlier jobs of it are overtaken.
    pub fn load(&self, job: LoadJob) {
        self.newest.overtake(&job.entry.info.name, job.version);
        if let Some(jobs) = &self.jobs {
            // The threads live as long as this does.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.jobs = None;
        self.newest.close();
        for thread in self.threads.drain(..) {
            // A panic there was reported by the panic hook; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Bench {
    fn load_all(&self, inbox: &Receiver<LoadJob>, faster: &Sender<(Ready, u64)>) {
        for job in inbox {
            let (name, version) = (job.entry.info.name.clone(), job.version);
            let working = self.newest.work(&name, version);
            if working.control().is_cancelled() {
                continue;
            }
            let ready = match self.load(&job, working.control()) {
                Ok(ready) => Some(ready),
                Err(None) => continue,
                Err(Some(refusal)) => {
                    let Refusal { outcome, failure, .. } = *refusal;
                    self.tell(Event::Rejected { skill: name.clone(), outcome, failure });
                    None
                }
            };
            if let Some(ready) = &ready
                && ready.compiled.compiler == Compiler::Singlepass
            {
                // The other thread lives as long as this one.
                let _ = faster.send((ready.clone(), version));
            }
            self.done(Loaded { skill: name, version, ready, is_faster: false });
        }
    }

    /// `Err(None)` where it was overtaken.
    fn load(&self, job: &LoadJob, control: &RunControl) -> Result<Ready, Option<Box<Refusal>>> {
        let name = &job.entry.info.name;
        let mut checked = self.check(job, job.entry.clone());
        if checked.is_err() && job.saved {
            wait_for_a_newer(control);
            if let Ok(again) = Catalog::open_path(&job.entry.info.path) {
                checked = self.check(job, again);
            }
        }
        if control.is_cancelled() {
            return Err(None);
        }
        let checked = checked.map_err(Some)?;
        self.tell(Event::Compiling { skill: name.clone(), module_bytes: checked.module.bytes.len() as u64 });
        let compiled = self.shared.runtime.compile_quickly(&checked.module, control);
        if control.is_cancelled() {
            return Err(None);
        }
        let compiled = compiled.map_err(|error| {
            Some(Box::new(Refusal { outcome: error.outcome(), failure: error.into(), known: checked.known() }))
        })?;
        for message in &compiled.notices {
            self.tell(Event::Notice { message: message.clone() });
        }
        let ready = Ready { checked: Arc::new(checked), compiled };
        self.tell(Event::Loaded(told(&ready)));
        Ok(ready)
    }

    fn check(&self, job: &LoadJob, entry: CatalogEntry) -> Result<Checked, Box<Refusal>> {
        prepare::check(&self.shared, &job.settings, prepare::open(entry, &job.overrides)?, &job.overrides)
    }

    fn optimize_all(&self, inbox: &Receiver<(Ready, u64)>) {
        for (ready, version) in inbox {
            let name = ready.checked.skill.name.clone();
            let working = self.newest.work(&name, version);
            if working.control().is_cancelled() {
                continue;
            }
            // What Singlepass made stays where Cranelift fails: it can be run.
            let Ok(compiled) = self.shared.runtime.compile(&ready.checked.module, Compiler::Cranelift, working.control()) else {
                continue;
            };
            if !working.control().is_cancelled() {
                let ready = Ready { compiled, ..ready };
                self.tell(Event::Loaded(told(&ready)));
                self.done(Loaded { skill: name, version, ready: Some(ready), is_faster: true });
            }
        }
    }

    fn done(&self, loaded: Loaded) {
        // A session that has ended needs no word.
        let _ = self.commands.send(Command::SkillLoaded(Box::new(loaded)));
    }

    fn tell(&self, event: Event) {
        // A reader that has gone needs no events.
        let _ = self.events.send(event);
    }
}

fn told(ready: &Ready) -> LoadedModule {
    let compiled = &ready.compiled;
    ready.checked.loaded(Some((compiled.compile_ms, compiled.cache, compiled.compiler)))
}

/// A bad version gets a while in which it may be overtaken.
fn wait_for_a_newer(control: &RunControl) {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until && !control.is_cancelled() {
        std::thread::sleep(LOOK);
    }
}
