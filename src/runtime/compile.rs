//! From a valid module to native code: instrumented and compiled, or taken from a cache.
//!
//! Compiling is done on a thread of its own with a large stack, so that it can be abandoned, and so that a fault of a
//! compiler is an error here and not the end of the program. Loading is short and needs neither.

use super::cache::{CacheError, DiskCache, HeldCode, Key};
use super::code::Code;
use super::engine::Compiler;
use super::instrument::InstrumentError;
use super::prepared::{Build, Prepared};
use crate::event::{CacheUse, Failure, Outcome};
use crate::host::RunControl;
use crate::module::ValidModule;
use crossbeam_channel::RecvTimeoutError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use wasmer_types::{CompilationProgressCallback, UserAbort};

/// Deeply nested code makes compilers recurse.
const STACK_BYTES: usize = 64 << 20;
/// How often a waiting caller looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A module as native code, and what it took to have it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(super) code: Arc<Code>,
    /// Who compiled it.
    pub compiler: Compiler,
    /// Time for loading or compiling, in milliseconds.
    pub compile_ms: f64,
    /// Where it came from.
    pub cache: CacheUse,
    /// What the user should know: why the cache on disk was not used.
    pub notices: Vec<String>,
}

/// Why there is no native code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The caller gave up waiting.
    #[error("compiling was cancelled")]
    Cancelled,
    /// The module cannot be instrumented.
    #[error("the module cannot be instrumented: {0}")]
    Instrument(#[from] InstrumentError),
    /// The engine refuses the module.
    #[error("the engine cannot compile this module: {reason}")]
    Refused {
        /// What the compiler said.
        reason: String,
    },
    /// A compiler failed inside.
    #[error("the compiler {compiler} failed inside on this module: {reason}")]
    Failed {
        /// Which.
        compiler: Compiler,
        /// What it said.
        reason: String,
    },
    /// The system gave no thread.
    #[error("no thread to compile on: {0}")]
    Thread(#[from] std::io::Error),
}

impl CompileError {
    /// How a run ends that needs this module.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Cancelled => Outcome::Cancelled,
            Self::Instrument(_) | Self::Refused { .. } | Self::Failed { .. } | Self::Thread(_) => Outcome::Invalid,
        }
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        let message = error.to_string();
        match error {
            CompileError::Cancelled => Self::new("cancelled", message),
            CompileError::Instrument(_) | CompileError::Refused { .. } => Self::new("engine-refused", message)
                .with_hint("the module is valid WebAssembly, but uses something that this engine has no code for"),
            CompileError::Failed { .. } => Self::new("engine-failed", message),
            CompileError::Thread(_) => Self::new("internal", message),
        }
    }
}

/// Makes native code, with the caches behind it.
#[derive(Debug)]
pub(super) struct CompileService {
    held: HeldCode,
    disk: Option<DiskCache>,
    /// [`Compiler::identity`] of Cranelift and of Singlepass, told when it is first asked for.
    identities: [OnceLock<String>; 2],
}

/// What the compile thread hands over.
struct Made {
    code: Arc<Code>,
    cache: CacheUse,
    notices: Vec<String>,
}

impl CompileService {
    pub(super) fn new(disk: Option<DiskCache>, held_bytes: u64) -> Self {
        Self { held: HeldCode::new(held_bytes), disk, identities: Default::default() }
    }

    fn identity(&self, compiler: Compiler) -> &str {
        let [cranelift, singlepass] = &self.identities;
        let told = match compiler {
            Compiler::Cranelift => cranelift,
            Compiler::Singlepass => singlepass,
        };
        told.get_or_init(|| compiler.identity())
    }

    /// The module's code by the compiler that is asked for. Where that is Singlepass and it cannot, Cranelift does it.
    pub(super) fn compile(
        &self,
        module: &ValidModule,
        compiler: Compiler,
        build: Build,
        control: &RunControl,
    ) -> Result<Compiled, CompileError> {
        let compiler = compiler.for_module(module);
        match self.compile_with(module, compiler, build, control) {
            Err(CompileError::Refused { .. } | CompileError::Failed { .. }) if compiler == Compiler::Singlepass => {
                self.compile_with(module, Compiler::Cranelift, build, control)
            }
            made => made,
        }
    }

    /// Code for the module as soon as there is any: Cranelift's where it was made before, else Singlepass's, which is there 5 to 7
    /// times sooner. Whoever wants the faster code then asks for Cranelift's behind it.
    pub(super) fn compile_quickly(&self, module: &ValidModule, control: &RunControl) -> Result<Compiled, CompileError> {
        match self.find(module, Compiler::Cranelift) {
            Some(compiled) => Ok(compiled),
            None => self.compile(module, Compiler::Singlepass, Build::Normal, control),
        }
    }

    /// Code that was made before, in memory or on disk.
    fn find(&self, module: &ValidModule, compiler: Compiler) -> Option<Compiled> {
        let started = Instant::now();
        let build = Build::Normal;
        let key = Key::new(&module.sha256, build, self.identity(compiler));
        let mut notices = Vec::new();
        let (code, cache) = match self.held.get(&key) {
            Some(code) => (code, CacheUse::Memory),
            None => {
                let job = Job { key, compiler, build, module: module.clone(), disk: self.disk.clone() };
                let code = Arc::new(job.load(&mut notices)?);
                self.held.insert(key, Arc::clone(&code));
                (code, CacheUse::Disk)
            }
        };
        let compile_ms = started.elapsed().as_secs_f64() * 1000.0;
        Some(Compiled { code, compiler, compile_ms, cache, notices })
    }

    fn compile_with(
        &self,
        module: &ValidModule,
        compiler: Compiler,
        build: Build,
        control: &RunControl,
    ) -> Result<Compiled, CompileError> {
        let started = Instant::now();
        let key = Key::new(&module.sha256, build, self.identity(compiler));
        let made = match self.held.get(&key) {
            Some(code) => Made { code, cache: CacheUse::Memory, notices: Vec::new() },
            None => {
                let job = Job { key, compiler, build, module: module.clone(), disk: self.disk.clone() };
                let made = job.make(control)?;
                self.held.insert(key, Arc::clone(&made.code));
                made
            }
        };
        let compile_ms = started.elapsed().as_secs_f64() * 1000.0;
        Ok(Compiled { code: made.code, compiler, compile_ms, cache: made.cache, notices: made.notices })
    }
}

/// Compiles on a thread of its own and waits for it, unless cancelled.
fn wait_for(job: Job, notices: Vec<String>, control: &RunControl) -> Result<Made, CompileError> {
    let abandoned = Arc::new(AtomicBool::new(false));
    let (done, result) = crossbeam_channel::bounded(1);
    let compiler = job.compiler;
    let seen_by_the_job = Arc::clone(&abandoned);
    std::thread::Builder::new().name("skillscope-compile".into()).stack_size(STACK_BYTES).spawn(move || {
        let made = catch_unwind(AssertUnwindSafe(|| job.compile_and_store(notices, &seen_by_the_job)));
        // Nobody waits any more where it was abandoned.
        let _ = done.send(made.unwrap_or_else(|panic| Err(CompileError::Failed { compiler, reason: words_of(panic.as_ref()) })));
    })?;
    loop {
        if control.is_cancelled() {
            abandoned.store(true, Ordering::Relaxed);
            return Err(CompileError::Cancelled);
        }
        match result.recv_timeout(LOOK_EVERY) {
            Ok(made) => return made,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(CompileError::Failed { compiler, reason: "its thread ended without a result".into() });
            }
        }
    }
}

struct Job {
    key: Key,
    compiler: Compiler,
    build: Build,
    module: ValidModule,
    disk: Option<DiskCache>,
}

impl Job {
    fn make(self, control: &RunControl) -> Result<Made, CompileError> {
        let mut notices = Vec::new();
        match self.load(&mut notices) {
            Some(code) => Ok(Made { code: Arc::new(code), cache: CacheUse::Disk, notices }),
            None => wait_for(self, notices, control),
        }
    }

    fn compile_and_store(self, mut notices: Vec<String>, abandoned: &Arc<AtomicBool>) -> Result<Made, CompileError> {
        let code = self.compile(abandoned)?;
        // A directory that was refused for reading is refused for writing too, and one word on it is enough.
        if notices.is_empty() {
            self.store(&code, &mut notices);
        }
        Ok(Made { code: Arc::new(code), cache: CacheUse::Miss, notices })
    }

    fn load(&self, notices: &mut Vec<String>) -> Option<Code> {
        match self.disk.as_ref()?.load(&self.key) {
            // What the engine does not take, or panics on, is compiled afresh, and replaced.
            Ok(entry) => {
                let entry = entry?;
                catch_unwind(|| Code::load(self.compiler, entry)).ok()?.ok()
            }
            Err(error) => {
                notices.push(notice(&error));
                None
            }
        }
    }

    fn store(&self, code: &Code, notices: &mut Vec<String>) {
        let (Some(disk), Ok(entry)) = (&self.disk, code.to_entry()) else { return };
        if let Err(error) = disk.store(&self.key, &entry) {
            notices.push(notice(&error));
        }
    }

    fn compile(&self, abandoned: &Arc<AtomicBool>) -> Result<Code, CompileError> {
        let Prepared { bytes, exports, .. } = Prepared::new(&self.module, self.compiler, self.build)?;
        let abandoned = Arc::clone(abandoned);
        let progress = CompilationProgressCallback::new(move |_| {
            if abandoned.load(Ordering::Relaxed) { Err(UserAbort::new("nobody waits for it")) } else { Ok(()) }
        });
        Code::compile(self.compiler, &bytes, exports, progress).map_err(|error| match error {
            wasmer::CompileError::Aborted(_) => CompileError::Cancelled,
            refused => CompileError::Refused { reason: refused.to_string() },
        })
    }
}

fn notice(error: &CacheError) -> String {
    format!("{error}; modules are compiled afresh")
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "it gave no reason".to_owned())
}
