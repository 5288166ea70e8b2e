//! What happens at a checkpoint: the one place where a running skill is watched, paused and stopped.
//!
//! The rewritten module calls it when its slice of fuel is spent, with what is left of the slice (negative where it was
//! overdrawn), and goes on with the slice that is returned.

use super::tunables::MemoryWatch;
use crate::event::RunEvent;
use crate::host::{HostState, Stop};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use wasmer::{AsStoreMut, Function, FunctionEnv, FunctionEnvMut, RuntimeError, Value};

/// Fuel between two checkpoints: 0.1 to 1.6 ms of real time.
const SLICE: u64 = 2_000_000;
/// The shortest time between two samples of the timeline, in milliseconds.
const SAMPLE_EVERY_MS: u64 = 50;

/// The imported function that a rewritten module calls.
pub(super) fn function(store: &mut impl AsStoreMut, env: &FunctionEnv<HostState>, watch: Arc<MemoryWatch>) -> Function {
    let timeline = Timeline::new();
    Function::new_typed_with_env(store, env, move |mut env: FunctionEnvMut<'_, HostState>, left: i64| {
        let (state, mut store) = env.data_and_store_mut();
        let used = used(state.fuel_granted, left);
        publish(state, &watch, used);
        timeline.sample(state);
        let next =
            state.control.check().and_then(|()| state.check_replay(used)).and_then(|()| next_slice(used, state.limits.fuel));
        match next {
            Ok(next) => {
                state.fuel_granted = used.saturating_add(next);
                Ok(next.cast_signed())
            }
            Err(stop) => {
                // The module does not come to write back what it handed over.
                if let Some(counter) = state.fuel_left.clone() {
                    counter.set(&mut store, Value::I64(left))?;
                }
                // Made here, where the guest's frames are still on the stack, so that it knows them.
                Err(RuntimeError::user(Box::new(stop)))
            }
        }
    })
}

/// Tells everyone who looks how far the run has come.
pub(super) fn publish(state: &mut HostState, watch: &MemoryWatch, used: u64) {
    state.fuel_seen = used;
    state.gauges.set_fuel(used);
    if let Some(bytes) = watch.size() {
        state.gauges.set_memory_bytes(bytes);
    }
}

/// How much fuel comes next, where a run has used this much; a run may use exactly its limit.
pub(super) fn next_slice(used: u64, limit: Option<u64>) -> Result<u64, Stop> {
    match limit {
        None => Ok(SLICE),
        Some(limit) => limit.checked_sub(used).map(|left| left.min(SLICE)).ok_or(Stop::Fuel),
    }
}

fn used(granted: u64, left: i64) -> u64 {
    if left < 0 { granted.saturating_add(left.unsigned_abs()) } else { granted.saturating_sub(left.unsigned_abs()) }
}

/// When the last sample was taken.
struct Timeline {
    started: Instant,
    next_ms: AtomicU64,
}

impl Timeline {
    fn new() -> Self {
        Self { started: Instant::now(), next_ms: AtomicU64::new(SAMPLE_EVERY_MS) }
    }

    fn sample(&self, state: &HostState) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now >= self.next_ms.load(Relaxed) {
            self.next_ms.store(now.saturating_add(SAMPLE_EVERY_MS), Relaxed);
            state.sink.emit(RunEvent::Sample(state.gauges.sample()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_never_leads_past_the_limit_and_the_limit_itself_may_be_used() {
        assert!(matches!(next_slice(0, None), Ok(SLICE)));
        assert!(matches!(next_slice(0, Some(10)), Ok(10)));
        assert!(matches!(next_slice(10, Some(10)), Ok(0)));
        assert!(matches!(next_slice(11, Some(10)), Err(Stop::Fuel)));
        assert!(matches!(next_slice(u64::MAX, Some(u64::MAX)), Ok(0)));
    }

    #[test]
    fn an_overdrawn_slice_counts_as_used() {
        assert_eq!(used(100, 30), 70);
        assert_eq!(used(100, -30), 130);
        assert_eq!(used(0, i64::MIN), 1 << 63);
    }
}
