//! Calls made by a guest that hands each WASI function on, seen from the host's side.

mod directories;
mod limits;
mod processes;
mod streams;
mod time;
mod writes;

use super::link::RunLink;
use super::{FUNCTION_NAMES, Preopen, WasiSetup, function};
use crate::event::{Event, EventObserver, Gauges, Limits, RunEvent, RunId, WasiCall};
use crate::host::ai::{AiChoice, AiError, Answer, Provider};
use crate::host::http::HttpClient;
use crate::host::store::MemoryStore;
use crate::host::{Bridge, Clock, EventSink, HostSetup, HostState, RunControl, Services, Shadows, Stop};
use crate::skill::Permissions;
use crossbeam_channel::Receiver;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use wasmer::{Function, FunctionEnv, Imports, Instance, Module, Store, Type, Value};

/// Errnos by their names.
pub(super) mod errno {
    pub const SUCCESS: i32 = 0;
    pub const ACCES: i32 = 2;
    pub const BADF: i32 = 8;
    pub const FAULT: i32 = 21;
    pub const INVAL: i32 = 28;
    pub const LOOP: i32 = 32;
    pub const MFILE: i32 = 33;
    pub const NAMETOOLONG: i32 = 37;
    pub const NOENT: i32 = 44;
    pub const NOTDIR: i32 = 54;
    pub const NOTSUP: i32 = 58;
    pub const PERM: i32 = 63;
    pub const ROFS: i32 = 69;
    pub const SPIPE: i32 = 70;
}

struct Nobody;

impl Provider for Nobody {
    fn label(&self) -> String {
        "nobody".to_owned()
    }

    fn ask(&self, _prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        Box::pin(async { Err(AiError::Mocked("nobody answers".to_owned())) })
    }
}

/// A link to a run of its own.
pub(super) fn link() -> Arc<RunLink> {
    let control = RunControl::new(Duration::from_secs(60));
    control.start();
    let (queue, _) = crossbeam_channel::unbounded();
    let sink = Arc::new(EventSink::new(RunId(1), queue, control.clone()));
    Arc::new(RunLink::new(100, Clock::seeded(1), control, sink))
}

/// What a guest is started with.
pub(super) struct Start {
    pub setup: WasiSetup,
    pub clock: Clock,
    pub timeout: Duration,
    pub output_bytes: u64,
    pub is_observed: bool,
}

/// Someone who is told of all events and does nothing with them.
#[derive(Debug)]
struct Idle;

impl EventObserver for Idle {
    fn observe(&self, _event: &Event) {}

    fn is_behind(&self) -> bool {
        false
    }

    fn catch_up(&self) {}
}

impl Default for Start {
    fn default() -> Self {
        Self {
            setup: WasiSetup { arguments: vec!["skill".into()], ..WasiSetup::default() },
            clock: Clock::seeded(1),
            timeout: Duration::from_secs(60),
            output_bytes: 1 << 20,
            is_observed: false,
        }
    }
}

impl Start {
    pub(super) fn stdin(bytes: &[u8]) -> Self {
        Self { setup: WasiSetup { stdin: bytes.to_vec(), ..WasiSetup::default() }, ..Self::default() }
    }

    /// With one directory as `/data`, descriptor 3.
    pub(super) fn directory(host: &Path, writable: bool) -> Self {
        let directories = vec![Preopen { host: host.to_owned(), guest: "/data".into(), writable }];
        Self { setup: WasiSetup { directories, ..WasiSetup::default() }, ..Self::default() }
    }

    pub(super) fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

/// A guest with 2 pages of memory that exports every WASI function under its own name, and its counter of fuel.
pub(super) struct Guest {
    store: Store,
    env: FunctionEnv<HostState>,
    instance: Instance,
    events: Receiver<Event>,
    pub control: RunControl,
}

impl Guest {
    pub(super) fn new(start: Start) -> Self {
        Self::with_memory(start, true)
    }

    pub(super) fn with_memory(start: Start, has_memory: bool) -> Self {
        let control = RunControl::new(start.timeout);
        control.start();
        let (queue, events) = crossbeam_channel::unbounded();
        let sink = EventSink::new(RunId(1), queue, control.clone());
        let sink = Arc::new(if start.is_observed { sink.observed_by(Arc::new(Idle)) } else { sink });
        let mut store = Store::default();
        let state = HostState::new(host_setup(start, control.clone(), sink)).unwrap();
        let env = FunctionEnv::new(&mut store, state);
        let (text, imports) = forwarding_module(&mut store, &env);
        let module = Module::new(&store, wat::parse_str(text).unwrap()).unwrap();
        let instance = Instance::new(&mut store, &module, &imports).unwrap();
        let memory = has_memory.then(|| instance.exports.get_memory("memory").unwrap().clone());
        let fuel = instance.exports.get_global("fuel").unwrap().clone();
        let state = env.as_mut(&mut store);
        state.memory = memory;
        state.fuel_left = Some(fuel);
        state.fuel_granted = 1_000_000;
        Self { store, env, instance, events, control }
    }

    /// Calls a function by its name; the arguments take the types that it has.
    pub(super) fn call(&mut self, name: &str, arguments: &[i64]) -> Result<i32, Stop> {
        let function = self.instance.exports.get_function(name).unwrap();
        let types = function.ty(&self.store);
        assert_eq!(types.params().len(), arguments.len(), "{name}");
        let arguments: Vec<_> = types.params().iter().zip(arguments).map(|(kind, argument)| value(*kind, *argument)).collect();
        match function.call(&mut self.store, &arguments) {
            Ok(results) => Ok(results.first().and_then(Value::i32).unwrap_or_default()),
            Err(error) => Err(error.downcast::<Stop>().expect("the host's own reason")),
        }
    }

    /// Calls a function that must not end the run.
    pub(super) fn errno(&mut self, name: &str, arguments: &[i64]) -> i32 {
        self.call(name, arguments).unwrap_or_else(|stop| panic!("{name} ended the run: {stop}"))
    }

    pub(super) fn put(&mut self, address: u32, bytes: &[u8]) {
        let memory = self.instance.exports.get_memory("memory").unwrap();
        memory.view(&self.store).write(u64::from(address), bytes).unwrap();
    }

    pub(super) fn put_words(&mut self, address: u32, words: &[u32]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.put(address, &bytes);
    }

    pub(super) fn get<const N: usize>(&self, address: u32) -> [u8; N] {
        let mut bytes = [0; N];
        self.instance.exports.get_memory("memory").unwrap().view(&self.store).read(u64::from(address), &mut bytes).unwrap();
        bytes
    }

    pub(super) fn memory(&self) -> Vec<u8> {
        self.instance.exports.get_memory("memory").unwrap().view(&self.store).copy_to_vec().unwrap()
    }

    /// How many arguments a function has.
    pub(super) fn parameters(&self, name: &str) -> usize {
        self.instance.exports.get_function(name).unwrap().ty(&self.store).params().len()
    }

    pub(super) fn word(&self, address: u32) -> u32 {
        u32::from_le_bytes(self.get(address))
    }

    pub(super) fn long(&self, address: u32) -> u64 {
        u64::from_le_bytes(self.get(address))
    }

    /// The guest has used this much fuel.
    pub(super) fn use_fuel(&mut self, fuel: i64) {
        let counter = self.instance.exports.get_global("fuel").unwrap().clone();
        counter.set(&mut self.store, Value::I64(1_000_000 - fuel)).unwrap();
    }

    pub(super) fn stdout(&self) -> Vec<u8> {
        self.env.as_ref(&self.store).stdout.clone()
    }

    pub(super) fn events(&self) -> Vec<RunEvent> {
        let run_event = |event| match event {
            Event::Run { what, .. } => what,
            other => panic!("{other:?}"),
        };
        self.events.try_iter().map(run_event).collect()
    }

    pub(super) fn calls(&self) -> Vec<WasiCall> {
        self.events()
            .into_iter()
            .filter_map(|event| if let RunEvent::WasiCall(call) = event { Some(call) } else { None })
            .collect()
    }

    /// Opens a path beneath descriptor 3: the errno, or the descriptor.
    pub(super) fn open(&mut self, path: &str, flags: i64, rights: i64) -> Result<u32, i32> {
        self.open_at(3, 1, path, flags, rights)
    }

    pub(super) fn open_at(&mut self, fd: u32, follow: i64, path: &str, flags: i64, rights: i64) -> Result<u32, i32> {
        self.put(1000, path.as_bytes());
        let length = i64::try_from(path.len()).unwrap();
        match self.errno("path_open", &[i64::from(fd), follow, 1000, length, flags, rights, 0, 0, 900]) {
            errno::SUCCESS => Ok(self.word(900)),
            errno => Err(errno),
        }
    }

    /// Writes bytes to a descriptor: the errno, or how many it took.
    pub(super) fn write(&mut self, fd: u32, bytes: &[u8]) -> Result<u32, i32> {
        self.put(5000, bytes);
        self.put_words(800, &[5000, u32::try_from(bytes.len()).unwrap()]);
        match self.errno("fd_write", &[i64::from(fd), 800, 1, 900]) {
            errno::SUCCESS => Ok(self.word(900)),
            errno => Err(errno),
        }
    }

    /// Reads at most `length` bytes from a descriptor.
    pub(super) fn read(&mut self, fd: u32, length: u32) -> Result<Vec<u8>, i32> {
        self.put_words(800, &[5000, length]);
        match self.errno("fd_read", &[i64::from(fd), 800, 1, 900]) {
            errno::SUCCESS => {
                let all: [u8; 60_000] = self.get(5000);
                Ok(all[..usize::try_from(self.word(900)).unwrap()].to_vec())
            }
            errno => Err(errno),
        }
    }
}

fn value(kind: Type, argument: i64) -> Value {
    match kind {
        Type::I32 => Value::I32(u32::try_from(argument).map_or_else(|_| i32::try_from(argument).unwrap(), u32::cast_signed)),
        Type::I64 => Value::I64(argument),
        other => panic!("{other}"),
    }
}

fn host_setup(start: Start, control: RunControl, sink: Arc<EventSink>) -> HostSetup {
    let services = Services {
        ai: AiChoice { lead: Arc::new(Nobody), shadows: Vec::new() },
        store: Arc::new(MemoryStore::new()),
        http: HttpClient::new(),
        bridge: Bridge::new(),
    };
    HostSetup {
        skill: "skill".into(),
        limits: Limits { output_bytes: start.output_bytes, ..Limits::default() },
        permissions: Permissions::default(),
        config: BTreeMap::new(),
        services,
        clock: start.clock,
        wasi: Some(start.setup),
        control,
        sink,
        gauges: Arc::new(Gauges::default()),
        shadows: Shadows::default(),
        interceptor: None,
        replay: None,
    }
}

/// The text of a module with one function for each of WASI's, and its imports.
fn forwarding_module(store: &mut Store, env: &FunctionEnv<HostState>) -> (String, Imports) {
    let mut imports = Imports::new();
    let mut declared = String::new();
    let mut defined = String::new();
    for name in FUNCTION_NAMES {
        let bound: Function = function(store, env, name).unwrap();
        let types = bound.ty(&*store);
        let words = |kinds: &[Type]| kinds.iter().fold(String::new(), |text, kind| text + " " + &kind.to_string().to_lowercase());
        let signature = format!("(param{}) (result{})", words(types.params()), words(types.results()));
        writeln!(declared, "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {signature}))").unwrap();
        let arguments: String = (0..types.params().len()).map(|index| format!("(local.get {index}) ")).collect();
        writeln!(defined, "(func (export \"{name}\") {signature} {arguments} (call ${name}))").unwrap();
        imports.define("wasi_snapshot_preview1", name, bound);
    }
    let rest = "(memory (export \"memory\") 2) (global (export \"fuel\") (mut i64) (i64.const 1000000))";
    (format!("(module {declared} {rest} {defined})"), imports)
}
