//! Host functions as a module calls them: through the engine, with events, services and memory of its own.

mod ai;
mod http;
mod memory;
mod rest;
mod server;

use crate::event::{CallFinished, CallStarted, Event, Gauges, Limits, LogLevel, Profile, RunEvent, RunId};
use crate::host::ai::{AiChoice, AiError, Answer, Provider};
use crate::host::http::HttpClient;
use crate::host::store::{MemoryStore, ValueStore};
use crate::host::{
    Bridge, Clock, EventSink, GuestAllocator, GuestMemory, HostSetup, HostState, RunControl, Services, Shadows, Stop, imports,
};
use crate::module::{HOST_FUNCTIONS, ImportKind, ImportedFunction, Type, ValidModule, find_host_function};
use crate::skill::Permissions;
use crossbeam_channel::{Receiver, unbounded};
use futures::future::BoxFuture;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmer::{FunctionEnv, Instance, Module, RuntimeError, Store, Value};

/// Bytes of the guest's memory: one page.
pub(super) const MEMORY_END: i32 = 65_536;

/// What a provider makes of a prompt.
type Script = dyn Fn(&str) -> Result<Answer, AiError> + Send + Sync;

/// A provider that gives what it is told to, and counts how often it was asked.
pub(super) struct Scripted {
    pub label: &'static str,
    pub asked: AtomicUsize,
    pub answer: Box<Script>,
    pub delay: Duration,
}

impl Scripted {
    pub fn new(label: &'static str, answer: impl Fn(&str) -> Result<Answer, AiError> + Send + Sync + 'static) -> Arc<Self> {
        Self::slow(label, Duration::ZERO, answer)
    }

    pub fn slow(
        label: &'static str,
        delay: Duration,
        answer: impl Fn(&str) -> Result<Answer, AiError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { label, asked: AtomicUsize::new(0), answer: Box::new(answer), delay })
    }

    pub fn echo() -> Arc<Self> {
        Self::new("echo", |prompt| Ok(Answer { text: format!("you said {prompt}"), tokens: None }))
    }

    pub fn count(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Provider for Scripted {
    fn label(&self) -> String {
        self.label.to_owned()
    }

    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (answer, delay) = ((self.answer)(&prompt), self.delay);
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            answer
        })
    }
}

/// What a test changes of a run's setting.
pub(super) struct Setting {
    pub permissions: Permissions,
    pub limits: Limits,
    pub config: Vec<(&'static str, &'static str)>,
    pub lead: Arc<dyn Provider>,
    pub shadows: Vec<Arc<dyn Provider>>,
    pub store: Arc<dyn ValueStore>,
    pub control: Option<RunControl>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            permissions: Permissions::of_a_bare_module(),
            limits: Limits::default(),
            config: Vec::new(),
            lead: Scripted::echo(),
            shadows: Vec::new(),
            store: Arc::new(MemoryStore::new()),
            control: None,
        }
    }
}

/// A running module that imports every host function and exports each under `module.name`.
pub(super) struct Guest {
    store: Store,
    env: FunctionEnv<HostState>,
    instance: Instance,
    events: Receiver<Event>,
    seen: Mutex<Vec<Event>>,
    pub control: RunControl,
    pub shadows: Shadows,
    pub gauges: Arc<Gauges>,
}

impl Guest {
    pub fn new(setting: Setting) -> Self {
        Self::of(&every_import(), setting)
    }

    pub fn of(wat: &str, setting: Setting) -> Self {
        let bytes = wat::parse_str(wat).unwrap();
        let mut store = Store::default();
        let module = Module::new(&store, &bytes).unwrap();
        let valid = valid_module(&module, bytes);
        let (queue, events) = unbounded();
        let control = setting.control.unwrap_or_else(|| RunControl::new(setting.limits.timeout()));
        control.start();
        let (shadows, gauges) = (Shadows::default(), Arc::new(Gauges::default()));
        let setup = HostSetup {
            skill: "tested".into(),
            limits: setting.limits,
            permissions: setting.permissions,
            config: setting.config.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
            services: Services {
                ai: AiChoice { lead: setting.lead, shadows: setting.shadows },
                store: setting.store,
                http: HttpClient::new(),
                bridge: Bridge::new(),
            },
            clock: Clock::seeded(7),
            wasi: None,
            control: control.clone(),
            sink: Arc::new(EventSink::new(RunId(1), queue, control.clone())),
            gauges: Arc::clone(&gauges),
            shadows: shadows.clone(),
            interceptor: None,
            replay: None,
        };
        let env = FunctionEnv::new(&mut store, HostState::new(setup).unwrap());
        let imports = imports(&mut store, &env, &valid);
        let instance = Instance::new(&mut store, &module, &imports).unwrap();
        let state = env.as_mut(&mut store);
        state.memory = instance.exports.get_memory("memory").ok().cloned();
        if let (Ok(allocate), Ok(free)) = (instance.exports.get_function("alloc"), instance.exports.get_function("dealloc")) {
            state.allocator = Some(GuestAllocator { allocate: allocate.clone(), free: free.clone(), free_takes_len: true });
        }
        Self { store, env, instance, events, seen: Mutex::default(), control, shadows, gauges }
    }

    pub fn state(&mut self) -> &mut HostState {
        self.env.as_mut(&mut self.store)
    }

    pub fn put(&self, ptr: i32, bytes: impl AsRef<[u8]>) {
        let memory = self.instance.exports.get_memory("memory").unwrap();
        GuestMemory::new(memory, &self.store).write(ptr.cast_unsigned(), bytes.as_ref()).unwrap();
    }

    pub fn bytes(&self, ptr: i32, len: usize) -> Vec<u8> {
        let memory = self.instance.exports.get_memory("memory").unwrap();
        GuestMemory::new(memory, &self.store).read(ptr.cast_unsigned(), u32::try_from(len).unwrap()).unwrap()
    }

    pub fn try_call(&mut self, name: &str, arguments: &[Value]) -> Result<Option<Value>, RuntimeError> {
        let function = self.instance.exports.get_function(name).unwrap().clone();
        function.call(&mut self.store, arguments).map(|results| results.first().cloned())
    }

    /// Calls a function of integers that returns one.
    pub fn call(&mut self, name: &str, arguments: &[i32]) -> i32 {
        let arguments: Vec<_> = arguments.iter().copied().map(Value::I32).collect();
        self.try_call(name, &arguments).unwrap().and_then(|value| value.i32()).unwrap()
    }

    /// Calls a function of integers that returns nothing, or does not return.
    pub fn call_void(&mut self, name: &str, arguments: &[i32]) -> Result<(), Stop> {
        let arguments: Vec<_> = arguments.iter().copied().map(Value::I32).collect();
        self.try_call(name, &arguments).map(|_| ()).map_err(|error| error.downcast::<Stop>().unwrap())
    }

    fn all(&self) -> Vec<Event> {
        let mut seen = self.seen.lock().unwrap();
        seen.extend(self.events.try_iter());
        seen.clone()
    }

    fn run_events<T>(&self, take: impl Fn(RunEvent) -> Option<T>) -> Vec<T> {
        let run = |event| if let Event::Run { what, .. } = event { take(what) } else { None };
        self.all().into_iter().filter_map(run).collect()
    }

    pub fn started(&self) -> Vec<CallStarted> {
        self.run_events(|event| if let RunEvent::HostCallStarted(call) = event { Some(call) } else { None })
    }

    pub fn finished(&self) -> Vec<CallFinished> {
        self.run_events(|event| if let RunEvent::HostCallFinished(call) = event { Some(call) } else { None })
    }

    /// The last call, which is as finished as all others.
    pub fn last(&self) -> CallFinished {
        let mut started: Vec<_> = self.started().into_iter().map(|call| call.id).collect();
        let mut finished: Vec<_> = self.finished().into_iter().map(|call| call.id).collect();
        started.sort();
        finished.sort();
        assert_eq!(started, finished, "calls that began and calls that ended");
        self.finished().pop().unwrap()
    }

    pub fn last_error(&self) -> String {
        self.last().error.unwrap()
    }

    pub fn warnings(&self) -> Vec<String> {
        self.run_events(|event| if let RunEvent::Warning { message } = event { Some(message) } else { None })
    }

    pub fn logs(&self) -> Vec<(LogLevel, String)> {
        self.run_events(
            |event| if let RunEvent::Log { level, message } = event { Some((level, message.into_owned())) } else { None },
        )
    }

    pub fn shadow_answers(&self) -> Vec<Event> {
        self.all().into_iter().filter(|event| matches!(event, Event::ShadowAnswered { .. })).collect()
    }
}

fn valid_module(module: &Module, bytes: Vec<u8>) -> ValidModule {
    let imports = module.imports().functions().map(|import| ImportedFunction {
        module: import.module().to_owned(),
        name: import.name().to_owned(),
        kind: ImportKind::Host(find_host_function(import.module(), import.name()).unwrap().id),
    });
    ValidModule {
        imports: imports.collect(),
        bytes: bytes.into(),
        sha256: [0; 32],
        profile: Profile::D04,
        memory: None,
        allocator: None,
        uses_simd: false,
        has_start: false,
        has_initialize: false,
        leaves_start_uncalled: false,
        has_skill_init: false,
        has_skill_shutdown: false,
    }
}

/// Imports every row from every module that offers it, and exports a function that calls it.
fn every_import() -> String {
    let (mut imports, mut exports) = (String::new(), String::new());
    let word = |kind: &Type| format!("{kind} ");
    for row in HOST_FUNCTIONS {
        let parameters: String = row.parameters.iter().map(|(_, kind)| word(kind)).collect();
        let result = row.result.map_or_else(String::new, |kind| format!("(result {kind})"));
        let passed: String = (0..row.parameters.len()).map(|n| format!("(local.get {n})")).collect();
        for module in row.modules {
            let (id, name) = (format!("${module}.{}", row.name), row.name);
            writeln!(imports, "(import \"{module}\" \"{name}\" (func {id} (param {parameters}) {result}))").unwrap();
            writeln!(exports, "(func (export \"{module}.{name}\") (param {parameters}) {result} (call {id} {passed}))").unwrap();
        }
    }
    format!(
        "(module {imports} (memory (export \"memory\") 1) (global $next (mut i32) (i32.const 60000))
           (func (export \"alloc\") (param i32) (result i32) (global.get $next)
             (global.set $next (i32.add (global.get $next) (local.get 0))))
           (func (export \"dealloc\") (param i32 i32)) {exports})"
    )
}
