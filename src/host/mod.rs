//! What a skill may call: host functions, WASI, and the services behind them.
//!
//! It knows `event`, `skill`, `module` and the engine; it must not know how a run is started, who reads its events, or a terminal.
//! Guest memory is touched in `guest.rs` alone, async work is waited for in `bridge.rs` alone.

pub mod ai;
mod bridge;
mod clock;
mod control;
mod functions;
mod grants;
mod guest;
pub mod http;
mod intercept;
pub mod replay;
mod shadows;
mod sink;
mod state;
mod stop;
pub mod store;
mod tls;
pub mod wasi;

pub use bridge::Bridge;
pub use clock::{Clock, SEEDED_START_NS};
pub use control::RunControl;
pub use functions::imports;
pub use grants::{Denied, Grants};
pub use guest::{GuestError, GuestMemory};
pub use intercept::{Decision, Interception, Interceptor, USER};
pub use shadows::{Shadows, ask_beside};
pub use sink::EventSink;
pub use state::{GuestAllocator, HeldResponse, HostSetup, HostState, Services};
pub use stop::Stop;
