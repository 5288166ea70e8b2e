//! What one run's host calls work with: the data behind the engine's function environment.

use super::ai::AiChoice;
use super::http::HttpClient;
use super::replay::Replay;
use super::store::ValueStore;
use super::wasi::{WasiSetup, WasiState};
use super::{Bridge, Clock, EventSink, Grants, Interceptor, RunControl, Shadows};
use crate::event::{Gauges, Limits};
use crate::skill::Permissions;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wasmer::{AsStoreMut, Function, Global, Memory, Value};

/// The services that runs share.
#[derive(Clone)]
pub struct Services {
    /// Who answers prompts.
    pub ai: AiChoice,
    /// Where values are kept.
    pub store: Arc<dyn ValueStore>,
    /// Who makes HTTP requests.
    pub http: HttpClient,
    /// Where async work is waited for.
    pub bridge: Bridge,
}

/// All that the host must know of a run before it begins.
pub struct HostSetup {
    /// The skill's name: its namespace in the store, and `args[0]` of a command.
    pub skill: String,
    /// The limits in force.
    pub limits: Limits,
    /// What it may do.
    pub permissions: Permissions,
    /// What `host_config_get` answers.
    pub config: BTreeMap<String, String>,
    /// The services.
    pub services: Services,
    /// Time and randomness.
    pub clock: Clock,
    /// WASI, where it is on.
    pub wasi: Option<WasiSetup>,
    /// The handle of the run.
    pub control: RunControl,
    /// Where its events go.
    pub sink: Arc<EventSink>,
    /// Where its live figures go.
    pub gauges: Arc<Gauges>,
    /// Counts the shadow providers that have not answered yet; whoever starts the run keeps a clone to wait for them.
    pub shadows: Shadows,
    /// Who looks at each host call before it is made.
    pub interceptor: Option<Arc<dyn Interceptor>>,
    /// Answers from a record, in the place of the services and of the system.
    pub replay: Option<Replay>,
}

/// The skill's own allocator, for `host_alloc` and `host_free`.
#[derive(Clone, Debug)]
pub struct GuestAllocator {
    /// `(len) -> ptr`.
    pub allocate: Function,
    /// `(ptr)`, or `(ptr, len)`.
    pub free: Function,
    /// Whether `free` takes the length too.
    pub free_takes_len: bool,
}

/// A response that the skill's buffer was too small for: handed over again, without asking again, until it was taken whole.
#[derive(Clone, Debug)]
pub struct HeldResponse {
    /// The import that was called.
    pub function: crate::module::HostFunctionId,
    /// The request's fields, byte for byte.
    pub request: crate::event::CallRequest,
    /// The whole response.
    pub response: Vec<u8>,
    /// Whether it is a text, which is never cut inside a character.
    pub is_text: bool,
    /// Who gave it.
    pub provider: Option<String>,
}

/// The state of one run's host side. It lives and dies on the run's own thread.
pub struct HostState {
    /// See [`HostSetup::skill`].
    pub skill: String,
    /// See [`HostSetup::limits`].
    pub limits: Limits,
    /// [`HostSetup::permissions`], ready for matching.
    pub grants: Arc<Grants>,
    /// See [`HostSetup::config`].
    pub config: BTreeMap<String, String>,
    /// See [`HostSetup::services`].
    pub services: Services,
    /// See [`HostSetup::clock`].
    pub clock: Clock,
    /// WASI's side, where it is on.
    pub wasi: Option<WasiState>,
    /// See [`HostSetup::control`].
    pub control: RunControl,
    /// See [`HostSetup::sink`].
    pub sink: Arc<EventSink>,
    /// See [`HostSetup::gauges`].
    pub gauges: Arc<Gauges>,
    /// See [`HostSetup::shadows`].
    pub shadows: Shadows,
    /// See [`HostSetup::interceptor`].
    pub interceptor: Option<Arc<dyn Interceptor>>,
    /// See [`HostSetup::replay`].
    pub replay: Option<Replay>,
    /// The guest's memory; known from instantiation on, for an imported one before its start function runs.
    pub memory: Option<Memory>,
    /// The guest's allocator; known after instantiation.
    pub allocator: Option<GuestAllocator>,
    /// Whether the guest's allocator is running now, on whoever's behalf.
    pub in_allocator: bool,
    /// A response to be handed over again.
    pub held: Option<HeldResponse>,
    /// What went to stdout so far, at most `limits.output_bytes`.
    pub stdout: Vec<u8>,
    /// The fuel counter inside the instance: what is left of `fuel_granted`. Known after instantiation.
    pub fuel_left: Option<Global>,
    /// All the fuel that checkpoints have handed out so far.
    pub fuel_granted: u64,
    /// The fuel used as of the last look.
    pub fuel_seen: u64,
    /// Time spent inside host calls, in microseconds.
    pub host_us: u64,
    /// Nanoseconds that do not make up a microsecond yet.
    host_ns_rest: u64,
}

impl HostState {
    /// The state of a run that is about to be instantiated.
    ///
    /// # Errors
    /// Where a directory of the WASI setup cannot be opened.
    pub fn new(setup: HostSetup) -> Result<Self, super::wasi::WasiSetupError> {
        let wasi = setup
            .wasi
            .map(|wasi| WasiState::new(wasi, &setup.limits, setup.clock.clone(), setup.control.clone(), Arc::clone(&setup.sink)))
            .transpose()?;
        Ok(Self {
            wasi,
            skill: setup.skill,
            limits: setup.limits,
            grants: Arc::new(Grants::new(&setup.permissions)),
            config: setup.config,
            services: setup.services,
            clock: setup.clock,
            control: setup.control,
            sink: setup.sink,
            gauges: setup.gauges,
            shadows: setup.shadows,
            interceptor: setup.interceptor,
            replay: setup.replay,
            memory: None,
            allocator: None,
            in_allocator: false,
            held: None,
            stdout: Vec::new(),
            fuel_left: None,
            fuel_granted: 0,
            fuel_seen: 0,
            host_us: 0,
            host_ns_rest: 0,
        })
    }

    /// The fuel used up to now, exact inside a host call; during the start function, when the counter cannot be seen, as of the last checkpoint.
    pub fn fuel_used(&mut self, store: &mut impl AsStoreMut) -> u64 {
        if let Some(Value::I64(left)) = self.fuel_left.as_ref().map(|counter| counter.get(store)) {
            self.fuel_seen = if left < 0 {
                self.fuel_granted.saturating_add(left.unsigned_abs())
            } else {
                self.fuel_granted.saturating_sub(left.unsigned_abs())
            };
        }
        self.fuel_seen
    }

    /// Whether the run ends here because the recorded one did, at this much fuel.
    ///
    /// # Errors
    /// The recorded end.
    pub fn check_replay(&mut self, fuel_used: u64) -> Result<(), super::Stop> {
        self.replay.as_mut().map_or(Ok(()), |replay| replay.check(fuel_used))
    }

    /// Adds time spent inside a host call, also such that is shorter than a microsecond.
    pub fn add_host_time(&mut self, spent: Duration) {
        let ns = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX).saturating_add(self.host_ns_rest);
        self.host_ns_rest = ns % 1000;
        self.host_us = self.host_us.saturating_add(ns / 1000);
        self.gauges.add_host_us(ns / 1000);
    }
}
