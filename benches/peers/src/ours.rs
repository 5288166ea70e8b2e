//! skillscope's own runtime: what a session calls for a run, under the default limits but for the time limit.

use crate::engine::{Profile, Ran, Runnable, Variant, document};
use crate::wasmer_peer::compiler;
use crossbeam_channel::Sender;
use skillscope::event::{Event, Gauges, Limits, Outcome, RunId};
use skillscope::host::http::HttpClient;
use skillscope::host::store::MemoryStore;
use skillscope::host::wasi::WasiSetup;
use skillscope::host::{Bridge, Clock, EventSink, FaultPlan, HostSetup, RunControl, Services, Shadows, ai};
use skillscope::module::{LoadOptions, ValidModule};
use skillscope::runtime::{self, RunInput, RunSpec, Runtime, RuntimeConfig};
use skillscope::skill::{AiSettings, Permissions};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than any program takes.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A module that is ready to run, and what runs share.
pub struct Compiled {
    runtime: Runtime,
    module: Arc<ValidModule>,
    compiled: runtime::Compiled,
    services: Services,
    events: Sender<Event>,
}

pub fn compile(variant: Variant, module: &[u8]) -> (Box<dyn Runnable>, Duration) {
    let (compiled, took) = Compiled::new(variant, module);
    (Box::new(compiled), took)
}

/// A module as skillscope takes it: read and validated.
pub fn valid(module: &[u8]) -> ValidModule {
    skillscope::module::load("program.wasm", module.to_vec(), &LoadOptions::default()).expect("a valid module")
}

impl Compiled {
    pub fn new(variant: Variant, module: &[u8]) -> (Self, Duration) {
        let runtime = Runtime::new(RuntimeConfig { cache_dir: None, ..RuntimeConfig::default() });
        let module = Arc::new(valid(module));
        let control = RunControl::new(TIMEOUT);
        let began = Instant::now();
        let compiled = runtime.compile(&module, compiler(variant), &control).expect("a module that compiles");
        let took = began.elapsed();
        let services = Services {
            ai: ai::choose(&AiSettings::default(), ai::MOCK).expect("the mock"),
            store: Arc::new(MemoryStore::new()),
            http: HttpClient::new(),
            bridge: Bridge::new(),
        };
        (Self { runtime, module, compiled, services, events: reader() }, took)
    }

    /// Makes one run, and tells whether it ended well.
    pub fn finish(&self, input: &[u8]) -> skillscope::event::RunFinished {
        let limits = Limits { timeout_ms: TIMEOUT.as_millis() as u64, ..Limits::default() };
        let control = RunControl::new(TIMEOUT);
        self.runtime.run(RunSpec {
            module: Arc::clone(&self.module),
            compiled: self.compiled.clone(),
            input: RunInput { document: input.to_vec(), event: None },
            setup: HostSetup {
                skill: "program".into(),
                limits,
                permissions: Permissions::of_a_bare_module(),
                config: BTreeMap::new(),
                services: self.services.clone(),
                clock: Clock::seeded(1),
                wasi: Some(WasiSetup::default()),
                sink: Arc::new(EventSink::new(RunId(1), self.events.clone(), control.clone())),
                control,
                gauges: Arc::new(Gauges::default()),
                shadows: Shadows::default(),
                interceptor: None,
                faults: FaultPlan::default(),
                replay: None,
            },
        })
    }
}

/// A queue like a session's, with a reader at a session's reader's pace, which drops what comes.
fn reader() -> Sender<Event> {
    let (queue, events) = crossbeam_channel::bounded(skillscope::session::EVENT_QUEUE);
    std::thread::spawn(move || {
        let mut gathering = skillscope::session::Gathering::default();
        while let Ok(event) = events.recv() {
            drop(event);
            gathering.before_wait(&events);
        }
    });
    queue
}

impl Runnable for Compiled {
    fn run(&self, _profile: Profile, input: &[u8]) -> Ran {
        let began = Instant::now();
        let finished = self.finish(input);
        let time = began.elapsed();
        assert_eq!(finished.outcome, Outcome::Ok, "{:?}", finished.error);
        let output = finished.output.map(|output| output.as_str().as_bytes().to_vec()).unwrap_or_default();
        Ran { time, output: document(output), fuel: Some(finished.usage.fuel) }
    }
}
