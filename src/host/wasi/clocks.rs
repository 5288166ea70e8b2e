//! The run's clock and randomness, as `wasi-common` wants them.

use super::link::RunLink;
use cap_std::time::{Duration, Instant, SystemClock, SystemTime};
use std::sync::Arc;
use wasi_common::clocks::WasiMonotonicOffsetClock;
use wasi_common::{RngCore, WasiClocks, WasiMonotonicClock, WasiSystemClock};

/// How exact the system's clocks are at best.
const RESOLUTION: Duration = Duration::from_nanos(if cfg!(windows) { 100 } else { 1 });
/// How much randomness is made between two looks at the deadline.
const RANDOM_CHUNK_BYTES: usize = 1 << 20;

/// The clocks of a guest: both follow the run's.
pub(super) fn clocks(link: &Arc<RunLink>) -> WasiClocks {
    // `wasi-common` shows the guest the distance from here, which is then the run's own monotonic time.
    let creation_time = Instant::from_std(std::time::Instant::now());
    let monotonic = RunMonotonicClock { origin: creation_time, link: Arc::clone(link) };
    WasiClocks {
        system: Some(Box::new(RunSystemClock(Arc::clone(link)))),
        monotonic: Some(WasiMonotonicOffsetClock { creation_time, abs_clock: Box::new(monotonic) }),
    }
}

struct RunSystemClock(Arc<RunLink>);

impl WasiSystemClock for RunSystemClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self, _precision: Duration) -> SystemTime {
        SystemClock::UNIX_EPOCH.checked_add(Duration::from_nanos(self.0.now_ns())).unwrap_or(SystemClock::UNIX_EPOCH)
    }
}

struct RunMonotonicClock {
    origin: Instant,
    link: Arc<RunLink>,
}

impl WasiMonotonicClock for RunMonotonicClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self, _precision: Duration) -> Instant {
        self.origin.checked_add(Duration::from_nanos(self.link.monotonic_ns())).unwrap_or(self.origin)
    }
}

/// The run's randomness.
pub(super) struct GuestRandom(Arc<RunLink>);

impl GuestRandom {
    pub(super) const fn new(link: Arc<RunLink>) -> Self {
        Self(link)
    }
}

impl RngCore for GuestRandom {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill_random(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill_random(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_random(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), cap_rand::Error> {
        for chunk in bytes.chunks_mut(RANDOM_CHUNK_BYTES) {
            self.0.fill_random(chunk);
            // The reason is kept in the link and ends the run; this error only ends the call.
            self.0.check().map_err(|_| cap_rand::Error::from(std::num::NonZeroU32::MIN))?;
        }
        Ok(())
    }
}
