//! A host for a module: skillscope's own functions, with services that reach nothing outside.

use skillscope::event::{Event, Gauges, Limits, RunId};
use skillscope::host::ai::{AiChoice, MockProvider};
use skillscope::host::http::HttpClient;
use skillscope::host::store::MemoryStore;
use skillscope::host::wasi::WasiSetup;
use skillscope::host::{Bridge, Clock, EventSink, HostSetup, RunControl, Services, Shadows};
use skillscope::skill::Permissions;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// One bridge for all runs: it has threads.
fn bridge() -> Bridge {
    static BRIDGE: OnceLock<Bridge> = OnceLock::new();
    BRIDGE.get_or_init(Bridge::new).clone()
}

/// The host's side of a run that has begun, seeded; the events must be kept as long as it lives.
pub fn host_setup(skill: &str, timeout: Duration, wasi: WasiSetup) -> (HostSetup, crossbeam_channel::Receiver<Event>) {
    let (queue, events) = crossbeam_channel::unbounded();
    let control = RunControl::new(timeout);
    control.start();
    let services = Services {
        ai: AiChoice { lead: Arc::new(MockProvider::new(&[])), shadows: Vec::new() },
        store: Arc::new(MemoryStore::new()),
        http: HttpClient::default(),
        bridge: bridge(),
    };
    let setup = HostSetup {
        skill: skill.to_owned(),
        limits: Limits::default(),
        permissions: Permissions::of_a_bare_module(),
        config: BTreeMap::from([("greeting".to_owned(), "Hello".to_owned())]),
        services,
        clock: Clock::seeded(1),
        wasi: Some(wasi),
        sink: Arc::new(EventSink::new(RunId(1), queue, control.clone())),
        control,
        gauges: Arc::new(Gauges::default()),
        shadows: Shadows::default(),
        interceptor: None,
        replay: None,
    };
    (setup, events)
}
