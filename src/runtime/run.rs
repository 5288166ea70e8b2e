//! One run from its first phase to its end, on the calling thread.

use super::cache::{DiskCache, default_cache_dir};
use super::compile::{CompileError, CompileService, Compiled};
use super::ending::{Ending, Step};
use super::engine::Compiler;
use super::instance::Live;
use super::prepared::Build;
use super::skill_event::SkillEvent;
use super::{cis_sdk, command, d04};
use crate::event::{Failure, FunctionFuel, JsonDocument, Outcome, Profile, RunEvent, RunFinished, Usage};
use crate::host::{EventSink, HostSetup, HostState, RunControl};
use crate::module::ValidModule;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

/// The bound on the cache on disk, in bytes, where nobody sets another.
pub const DEFAULT_CACHE_BYTES: u64 = 1 << 30;
/// The bound on the code held in memory, in bytes, where nobody sets another.
pub const DEFAULT_HELD_BYTES: u64 = 512 << 20;

/// How a runtime is set up.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    /// Where compiled modules are kept on disk; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// The most bytes that they take there.
    pub cache_max_bytes: u64,
    /// The most bytes of compiled modules that are held in memory.
    pub held_max_bytes: u64,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self { cache_dir: default_cache_dir(), cache_max_bytes: DEFAULT_CACHE_BYTES, held_max_bytes: DEFAULT_HELD_BYTES }
    }
}

/// What a skill is run on.
pub struct RunSpec {
    /// The skill's module.
    pub module: Arc<ValidModule>,
    /// The same module, compiled.
    pub compiled: Compiled,
    /// What it is given.
    pub input: RunInput,
    /// What its host calls work with. Arguments (`args[0]`) and stdin of WASI are filled in by the run.
    pub setup: HostSetup,
}

/// What a skill is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunInput {
    /// The input document, or a command's raw stdin.
    pub document: Vec<u8>,
    /// The event's type (profile `cis-sdk`), where the caller names it.
    pub event: Option<String>,
}

/// Compiles modules and runs them. It can be shared by threads: each run has its own thread, and its own limits.
#[derive(Debug)]
pub struct Runtime {
    compiling: CompileService,
}

impl Runtime {
    /// A runtime; nothing is read or written yet.
    pub fn new(config: RuntimeConfig) -> Self {
        let disk = config.cache_dir.map(|directory| DiskCache::new(directory, config.cache_max_bytes));
        Self { compiling: CompileService::new(disk, config.held_max_bytes) }
    }

    /// The module's native code, from a cache where it is there. A cancel of `control` abandons the work.
    ///
    /// # Errors
    /// Where the engine refuses the module, or a compiler fails inside, or it was cancelled.
    pub fn compile(&self, module: &ValidModule, compiler: Compiler, control: &RunControl) -> Result<Compiled, CompileError> {
        self.compiling.compile(module, compiler, Build::Normal, control)
    }

    /// The module's native code in a build that tells which functions the fuel went to: a run of it has
    /// [`RunFinished::functions`]. It does the same and uses the same fuel, and takes longer.
    ///
    /// # Errors
    /// As [`Runtime::compile`]; this build takes more room, so a module may be too large for it alone.
    pub fn compile_profiled(
        &self,
        module: &ValidModule,
        compiler: Compiler,
        control: &RunControl,
    ) -> Result<Compiled, CompileError> {
        self.compiling.compile(module, compiler, Build::Profiled, control)
    }

    /// Native code as soon as there is any, by whichever compiler has it sooner; [`Compiled::compiler`] tells. The faster code is
    /// had by asking for Cranelift's afterwards. Fuel and results are the same.
    ///
    /// # Errors
    /// As [`Runtime::compile`].
    pub fn compile_quickly(&self, module: &ValidModule, control: &RunControl) -> Result<Compiled, CompileError> {
        self.compiling.compile_quickly(module, control)
    }

    /// Runs a skill once, here and now. Emits all events of the run but the first (`Started`) and the last (`Finished`),
    /// whose content is returned. A panic of the host's is an end like any other.
    pub fn run(&self, spec: RunSpec) -> RunFinished {
        let RunSpec { module, compiled, input, setup } = spec;
        let around = Around { sink: Arc::clone(&setup.sink), control: setup.control.clone(), gauges: Arc::clone(&setup.gauges) };
        around.control.start();
        let ran = catch_unwind(AssertUnwindSafe(|| live_through(&module, &compiled, &input, setup)));
        let elapsed_ms = around.control.elapsed().as_secs_f64() * 1000.0;
        let mut lived = ran.unwrap_or_else(|_| Lived::without_an_instance(our_fault(), around.sampled_usage()));
        lived.settle(&module, &compiled);
        around.gauges.set_fuel(lived.usage.fuel);
        let usage = &mut lived.usage;
        usage.elapsed_ms = elapsed_ms;
        usage.compile_ms = compiled.compile_ms;
        usage.cache = Some(compiled.cache);
        around.sink.emit(RunEvent::Sample(around.gauges.sample()));
        finished(&module, lived, &around.sink)
    }
}

/// What is there before the run's host state and after it.
struct Around {
    sink: Arc<EventSink>,
    control: RunControl,
    gauges: Arc<crate::event::Gauges>,
}

impl Around {
    /// The figures as far as they were published.
    fn sampled_usage(&self) -> Usage {
        let sample = self.gauges.sample();
        Usage { fuel: sample.fuel, fuel_exact: false, host_ms: ms(sample.host_us), ..Usage::default() }
    }
}

/// What came of a run's instance.
struct Lived {
    result: Step<JsonDocument>,
    usage: Usage,
    functions: Option<Vec<FunctionFuel>>,
}

impl Lived {
    fn without_an_instance(ending: Box<Ending>, usage: Usage) -> Self {
        Self { result: Err(ending), usage, functions: None }
    }

    /// Finds where the guest trapped, and adds to its fuel what was owed there.
    fn settle(&mut self, module: &ValidModule, compiled: &Compiled) {
        if let Err(ending) = &mut self.result {
            let owed = ending.locate(module, &compiled.code);
            self.usage.fuel = self.usage.fuel.saturating_add_signed(owed);
            self.usage.fuel_exact &= ending.fuel_exact;
        }
    }
}

/// Makes the instance, goes through the journey, takes the figures, and drops it all on this thread.
fn live_through(module: &ValidModule, compiled: &Compiled, input: &RunInput, mut setup: HostSetup) -> Lived {
    if let Some(wasi) = &mut setup.wasi {
        wasi.arguments = vec![setup.skill.clone()];
        wasi.stdin = if module.profile == Profile::Command { input.document.clone() } else { Vec::new() };
    }
    let state = match HostState::new(setup) {
        Ok(state) => state,
        Err(error) => {
            let usage = Usage { fuel_exact: true, ..Usage::default() };
            return Lived::without_an_instance(Ending::new(Outcome::Manifest, error.into()), usage);
        }
    };
    let mut live = Live::new(module, &compiled.code, state);
    let result = live.start().and_then(|()| journey(&mut live, input));
    let fuel = live.publish();
    live.tell_of_unmet_faults();
    let usage = Usage {
        fuel,
        fuel_exact: result.as_ref().map_or_else(|ending| ending.fuel_exact, |_| true),
        memory_bytes: live.watch().size(),
        memory_peak_bytes: live.watch().peak(),
        host_ms: ms(live.state().host_us),
        ..Usage::default()
    };
    Lived { result, usage, functions: live.functions() }
}

fn journey(live: &mut Live<'_>, input: &RunInput) -> Step<JsonDocument> {
    match live.module().profile {
        Profile::D04 => d04::run(live, input.document.clone()),
        Profile::CisSdk => cis_sdk::run(live, &SkillEvent::of(&input.document, input.event.as_deref())),
        Profile::Command => command::run(live),
    }
}

fn finished(module: &ValidModule, lived: Lived, sink: &EventSink) -> RunFinished {
    let Lived { result, usage, functions } = lived;
    match result {
        Ok(output) => {
            RunFinished { outcome: Outcome::Ok, output: Some(output), output_text: None, error: None, usage, functions }
        }
        Err(mut ending) => {
            sink.abandon_open_call(&ending.failure.message);
            let (outcome, output, output_text) = (ending.outcome, ending.output.take(), ending.output_text.take());
            let error = Some(ending.into_failure(module));
            RunFinished { outcome, output, output_text, error, usage, functions }
        }
    }
}

fn our_fault() -> Box<Ending> {
    Ending::new(Outcome::Host, Failure::new("internal", "the host failed inside; this is a fault of skillscope"))
}

fn ms(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64() * 1000.0
}
