//! Whole runs of small modules in text form, through `Runtime`.

mod caching;
mod commands;
mod endurance;
mod journeys;
mod limits;
mod outcomes;
mod recorded;
mod starting;

use super::{Compiler, RunInput, RunSpec, Runtime, RuntimeConfig};
use crate::event::{Event, EventObserver, Gauges, Limits, Phase, RunEvent, RunFinished, RunId};
use crate::host::ai::{AiChoice, MockProvider};
use crate::host::http::HttpClient;
use crate::host::store::MemoryStore;
use crate::host::wasi::WasiSetup;
use crate::host::{Bridge, Clock, EventSink, HostSetup, RunControl, Services, Shadows};
use crate::module::{LoadOptions, ValidModule, load};
use crate::skill::Permissions;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run that is set up.
struct Trial {
    module: Arc<ValidModule>,
    compiler: Compiler,
    input: RunInput,
    limits: Limits,
    control: RunControl,
    observer: Option<Arc<dyn EventObserver>>,
}

/// A run that is over.
struct Ran {
    finished: RunFinished,
    events: Vec<RunEvent>,
}

fn module(wat: &str) -> Arc<ValidModule> {
    Arc::new(load("test.wat", wat.as_bytes().to_vec(), &LoadOptions::default()).unwrap_or_else(|refused| panic!("{refused}")))
}

/// A module of profile `d04` with a bump allocator, whose `execute` has this body.
fn d04(execute: &str, more: &str) -> String {
    format!(
        r#"(module (memory (export "memory") 1) (global $next (mut i32) (i32.const 4096))
            (func $alloc (export "alloc") (param $len i32) (result i32) (local $ptr i32)
                (local.set $ptr (global.get $next))
                (global.set $next (i32.add (global.get $next) (local.get $len)))
                (local.get $ptr))
            (func $dealloc (export "dealloc") (param i32 i32))
            {more}
            (func $execute (export "execute") (param $input i32) (result i32) {execute}))"#
    )
}

const ENDLESS: &str = "(loop $again (br $again)) (unreachable)";

/// A runtime without a cache on disk.
fn runtime() -> Runtime {
    Runtime::new(RuntimeConfig { cache_dir: None, ..RuntimeConfig::default() })
}

fn trial(wat: &str) -> Trial {
    Trial {
        module: module(wat),
        compiler: Compiler::Singlepass,
        input: RunInput { document: b"null".to_vec(), event: None },
        limits: Limits::default(),
        control: RunControl::new(Limits::default().timeout()),
        observer: None,
    }
}

fn run(wat: &str) -> Ran {
    trial(wat).run()
}

impl Trial {
    fn input(mut self, document: &str) -> Self {
        self.input.document = document.as_bytes().to_vec();
        self
    }

    fn event(mut self, kind: &str) -> Self {
        self.input.event = Some(kind.to_owned());
        self
    }

    fn limited(mut self, limit: impl FnOnce(&mut Limits)) -> Self {
        limit(&mut self.limits);
        self.control = RunControl::new(self.limits.timeout());
        self
    }

    fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    fn run(self) -> Ran {
        let runtime = runtime();
        self.run_in(&runtime)
    }

    fn run_in(self, runtime: &Runtime) -> Ran {
        let compiled = runtime.compile(&self.module, self.compiler, &self.control).unwrap_or_else(|refused| panic!("{refused}"));
        let (queue, events) = crossbeam_channel::unbounded();
        let mut setup = setup(&self.limits, &self.control, queue.clone());
        if let Some(observer) = self.observer {
            setup.sink = Arc::new(EventSink::new(RunId(1), queue, self.control).observed_by(observer));
        }
        let finished = runtime.run(RunSpec { module: self.module, compiled, input: self.input, setup });
        let events = events.try_iter().filter_map(|event| match event {
            Event::Run { what, .. } => Some(what),
            _ => None,
        });
        Ran { finished, events: events.collect() }
    }
}

impl Ran {
    fn word(&self) -> &'static str {
        self.finished.outcome.word()
    }

    fn kind(&self) -> &str {
        self.finished.error.as_ref().map_or("", |failure| failure.kind.as_ref())
    }

    fn message(&self) -> &str {
        self.finished.error.as_ref().map_or("", |failure| failure.message.as_str())
    }

    fn hint(&self) -> &str {
        self.finished.error.as_ref().and_then(|failure| failure.hint.as_deref()).unwrap_or_default()
    }

    fn output(&self) -> String {
        self.finished.output.as_ref().map_or_else(String::new, ToString::to_string)
    }

    fn phases(&self) -> Vec<Phase> {
        let phase = |event: &RunEvent| if let RunEvent::PhaseStarted { phase } = event { Some(*phase) } else { None };
        self.events.iter().filter_map(phase).collect()
    }

    fn warnings(&self) -> Vec<&str> {
        let mut warnings = Vec::new();
        for event in &self.events {
            if let RunEvent::Warning { message } = event {
                warnings.push(message.as_str());
            }
        }
        warnings
    }

    fn samples(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, RunEvent::Sample(_))).count()
    }
}

fn setup(limits: &Limits, control: &RunControl, queue: crossbeam_channel::Sender<Event>) -> HostSetup {
    HostSetup {
        skill: "test".into(),
        limits: limits.clone(),
        permissions: Permissions::of_a_bare_module(),
        config: BTreeMap::new(),
        services: services(),
        clock: Clock::seeded(1),
        wasi: Some(WasiSetup::default()),
        control: control.clone(),
        sink: Arc::new(EventSink::new(RunId(1), queue, control.clone())),
        gauges: Arc::new(Gauges::default()),
        shadows: Shadows::default(),
        interceptor: None,
        replay: None,
    }
}

fn services() -> Services {
    Services {
        ai: AiChoice { lead: Arc::new(MockProvider::new(&[])), shadows: Vec::new() },
        store: Arc::new(MemoryStore::new()),
        http: HttpClient::default(),
        bridge: Bridge::new(),
    }
}
