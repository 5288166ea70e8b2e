//! Recording: a session's recorder, and the recorder of one run, which is told of each of its events.
//!
//! Whoever tells of an event makes its line and leaves it in a bounded buffer; a thread of the record's own does the rest. What goes
//! wrong is told once, and runs go on without a record.

use super::queue::Queue;
use super::retention::{self, Retention};
use super::writer::Writer;
use super::{RUNS_DIRECTORY, RecordHeader, RecordName, RecordTrouble, RunSettings};
use crate::event::{Event, EventObserver, RunId};
use crate::skill::{StateDirectoryError, Workspace};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// How long a run waits for a disk that takes nothing, before it goes on without its record.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many records may begin in the same millisecond.
const MAX_NUMBER: u32 = 9_999;

/// Records runs. Dropping it waits until the ends of the records are written, but not for a disk that hangs.
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    on_trouble: Box<dyn Fn(RecordTrouble) + Send + Sync>,
    told: AtomicBool,
    threads: Mutex<usize>,
    fewer_threads: Condvar,
    /// One pass over the directory at a time, and one that waits.
    retaining: Mutex<()>,
    will_retain: AtomicBool,
}

enum Target {
    Workspace(Workspace, Retention),
    File(PathBuf),
}

impl Recorder {
    /// A recorder for the runs of a workspace; what is too old or too much there is deleted, now and after each run, on another thread.
    /// Nothing is made before a run begins. `on_trouble` is called from any thread, once until a record succeeds again.
    pub fn in_workspace(
        workspace: Workspace,
        retention: Retention,
        on_trouble: impl Fn(RecordTrouble) + Send + Sync + 'static,
    ) -> Self {
        let recorder = Self::new(Target::Workspace(workspace, retention), on_trouble);
        let shared = Arc::clone(&recorder.shared);
        // Without a thread for it, it is done after the first run.
        let _ = shared.clone().spawn("skillscope-retention", move || shared.retain());
        recorder
    }

    /// A recorder that writes each run to this one file, in place of what is there.
    pub fn to_file(path: PathBuf, on_trouble: impl Fn(RecordTrouble) + Send + Sync + 'static) -> Self {
        Self::new(Target::File(path), on_trouble)
    }

    fn new(target: Target, on_trouble: impl Fn(RecordTrouble) + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                target,
                on_trouble: Box::new(on_trouble),
                told: AtomicBool::new(false),
                threads: Mutex::new(0),
                fewer_threads: Condvar::new(),
                retaining: Mutex::new(()),
                will_retain: AtomicBool::new(false),
            }),
        }
    }

    /// Whether each run gets a file of its own, among those of a workspace.
    pub fn keeps_a_history(&self) -> bool {
        matches!(self.shared.target, Target::Workspace(..))
    }

    /// Begins the record of a run; to be called before its first event. The file is made here and now, with the first two lines in it.
    /// Where that fails, it is told, and what is returned records nothing.
    pub fn begin(&self, header: &RecordHeader, settings: &RunSettings) -> Arc<RunRecorder> {
        if let Target::File(_) = self.shared.target {
            // The end of the run before belongs to the file that is now written anew.
            self.settle();
        }
        let queue = Arc::new(Queue::default());
        let path = match self.shared.create(header, settings).and_then(|(path, writer)| self.write(path, writer, &queue)) {
            Ok(path) => Some(path),
            Err(trouble) => {
                queue.close();
                self.shared.tell(trouble);
                None
            }
        };
        Arc::new(RunRecorder { run: header.run, path, queue, shared: Arc::clone(&self.shared) })
    }

    fn write(&self, path: PathBuf, writer: Writer, queue: &Arc<Queue>) -> Result<PathBuf, RecordTrouble> {
        let (shared, queue, its_path) = (Arc::clone(&self.shared), Arc::clone(queue), path.clone());
        let work = move || match writer.work(&queue) {
            Ok(()) => {
                shared.told.store(false, Relaxed);
                shared.retain();
            }
            Err(source) => {
                queue.close();
                shared.tell(RecordTrouble::Write { path: its_path, source });
            }
        };
        Arc::clone(&self.shared).spawn("skillscope-record", work).map_err(RecordTrouble::Thread)?;
        Ok(path)
    }

    /// Waits until all that was ended is on disk, at most this long. False where something is not.
    pub fn wait(&self, timeout: Duration) -> bool {
        let threads = self.shared.threads();
        let waited = self.shared.fewer_threads.wait_timeout_while(threads, timeout, |count| *count > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

impl Recorder {
    /// Waits until the ends of the records are written, but not for a disk that hangs.
    pub fn settle(&self) {
        self.wait(PATIENCE);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.settle();
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("threads", &*self.shared.threads()).finish_non_exhaustive()
    }
}

impl Shared {
    fn create(&self, header: &RecordHeader, settings: &RunSettings) -> Result<(PathBuf, Writer), RecordTrouble> {
        let workspace = match &self.target {
            Target::Workspace(workspace, _) => workspace,
            Target::File(path) => {
                return match Writer::create(path, true, header, settings) {
                    Ok(writer) => Ok((path.clone(), writer)),
                    Err(source) => Err(RecordTrouble::Create { path: path.clone(), source }),
                };
            }
        };
        let directory = runs_directory(workspace)?;
        for number in 1..=MAX_NUMBER {
            let path = directory.join(RecordName::new(header.started_at, &header.skill, number).to_string());
            match Writer::create(&path, false, header, settings) {
                Ok(writer) => return Ok((path, writer)),
                Err(taken) if taken.kind() == ErrorKind::AlreadyExists => {}
                Err(source) => return Err(RecordTrouble::Create { path, source }),
            }
        }
        Err(RecordTrouble::Directory { path: directory, source: ErrorKind::AlreadyExists.into() })
    }

    fn retain(&self) {
        if let Target::Workspace(workspace, retention) = &self.target
            && !self.will_retain.swap(true, AcqRel)
        {
            let _one_at_a_time = self.retaining.lock().unwrap_or_else(PoisonError::into_inner);
            // Records that end from here on ask for a pass of their own.
            self.will_retain.store(false, Release);
            // What cannot be deleted today is looked at again after the next run.
            let _ = retention::apply(&workspace.state_path().join(RUNS_DIRECTORY), retention);
        }
    }

    fn tell(&self, trouble: RecordTrouble) {
        if !self.told.swap(true, Relaxed) {
            (self.on_trouble)(trouble);
        }
    }

    fn threads(&self) -> MutexGuard<'_, usize> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: Arc<Self>, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let counted = Counted::new(self);
        Builder::new().name(name.to_owned()).spawn(move || {
            work();
            drop(counted);
        })?;
        Ok(())
    }
}

/// A thread that is waited for, until this is dropped.
struct Counted(Arc<Shared>);

impl Counted {
    fn new(shared: Arc<Shared>) -> Self {
        *shared.threads() += 1;
        Self(shared)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut threads = self.0.threads();
        *threads = threads.saturating_sub(1);
        self.0.fewer_threads.notify_all();
    }
}

fn runs_directory(workspace: &Workspace) -> Result<PathBuf, RecordTrouble> {
    let state =
        workspace.state_directory().map_err(|StateDirectoryError { path, source }| RecordTrouble::Directory { path, source })?;
    let path = state.join(RUNS_DIRECTORY);
    match std::fs::create_dir(&path) {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(RecordTrouble::Directory { path, source }),
        _ => Ok(path),
    }
}

/// Records one run. It ends with `ShadowsDone`, or with [`Self::finish`], or when the last of its clones is dropped.
pub struct RunRecorder {
    run: RunId,
    path: Option<PathBuf>,
    queue: Arc<Queue>,
    shared: Arc<Shared>,
}

impl RunRecorder {
    /// The record's file; `None` where none could be made. It can be read while the run goes on.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Ends the record: no event will follow.
    pub fn finish(&self) {
        self.queue.end();
    }
}

impl EventObserver for RunRecorder {
    fn observe(&self, event: &Event) {
        match event {
            Event::Run { run, .. } | Event::ShadowAnswered { run, .. } if *run == self.run => self.queue.push(event),
            Event::ShadowsDone { run } if *run == self.run => self.finish(),
            _ => {}
        }
    }

    fn is_behind(&self) -> bool {
        self.queue.is_full()
    }

    fn catch_up(&self) {
        if !self.queue.wait_for_room(PATIENCE) {
            self.queue.close();
            let path = self.path.clone().unwrap_or_default();
            self.shared.tell(RecordTrouble::TooSlow { path, seconds: PATIENCE.as_secs() });
        }
    }
}

impl Drop for RunRecorder {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for RunRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunRecorder").field("run", &self.run).field("path", &self.path).finish_non_exhaustive()
    }
}
