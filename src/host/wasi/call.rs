//! One WASI call: looked at, timed, recorded, and given the guest's memory.

use super::WasiState;
use super::errno::settle;
use super::outputs::{MAX_KEPT_BYTES, Plan, TooMuch};
use super::{inputs, replayed};
use crate::event::{Failure, GuestRead, GuestWrite, RunEvent, WasiCall};
use crate::host::{HostState, Stop};
use crate::skill::format_bytes;
use std::borrow::Cow;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use wasmer::{AsStoreMut, FunctionEnvMut};
use wiggle::{GuestMemory, anyhow, run_in_dummy_executor};

/// Makes one call. Cancel, pause and deadline are looked at before it, so that a loop of calls ends too.
pub(super) fn call(
    env: &mut FunctionEnvMut<'_, HostState>,
    name: &'static str,
    arguments: &[i64],
    work: impl FnOnce(&mut WasiState, &mut GuestMemory<'_>) -> anyhow::Result<i32>,
) -> Result<i32, Stop> {
    recorded(env, name, arguments, |env| {
        let (state, mut store) = env.data_and_store_mut();
        perform(state, &mut store, name, arguments, work)
    })
    .map(|answer| answer.errno)
}

/// Ends the run by a call, which is recorded as one that does not return.
pub(super) fn end(
    env: &mut FunctionEnvMut<'_, HostState>,
    name: &'static str,
    arguments: &[i64],
    stop: Stop,
) -> Result<i32, Stop> {
    recorded(env, name, arguments, |_| Err(stop)).map(|answer| answer.errno)
}

/// What a call answered.
pub(super) struct Answer {
    pub(super) errno: i32,
    /// What it wrote into guest memory, where that is gathered; `None` where it was too much.
    pub(super) writes: Option<Vec<GuestWrite>>,
    /// What it read there, where that is gathered.
    pub(super) reads: Vec<GuestRead>,
}

impl Answer {
    /// An answer of which nothing is gathered.
    pub(super) const fn of(errno: i32) -> Self {
        Self { errno, writes: Some(Vec::new()), reads: Vec::new() }
    }
}

fn recorded(
    env: &mut FunctionEnvMut<'_, HostState>,
    name: &'static str,
    arguments: &[i64],
    work: impl FnOnce(&mut FunctionEnvMut<'_, HostState>) -> Result<Answer, Stop>,
) -> Result<Answer, Stop> {
    let checked = env.data().control.check().and_then(|()| check_replay(env));
    let started = Instant::now();
    let mut result = checked.and_then(|()| work(env));
    let elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let state = env.data_mut();
    state.host_us = state.host_us.saturating_add(elapsed_us);
    state.gauges.add_host_us(elapsed_us);
    let mut call = WasiCall { name: Cow::Borrowed(name), arguments: arguments.to_vec(), elapsed_us, ..WasiCall::default() };
    if let Ok(answer) = &mut result {
        call.errno = Some(answer.errno);
        call.incomplete = answer.writes.is_none();
        call.writes = answer.writes.take().unwrap_or_default();
        call.reads = std::mem::take(&mut answer.reads);
    }
    state.sink.emit(RunEvent::WasiCall(call));
    result
}

fn check_replay(env: &mut FunctionEnvMut<'_, HostState>) -> Result<(), Stop> {
    if env.data().replay.is_none() {
        return Ok(());
    }
    let (state, mut store) = env.data_and_store_mut();
    let fuel = state.fuel_used(&mut store);
    state.check_replay(fuel)
}

fn perform(
    state: &mut HostState,
    store: &mut impl AsStoreMut,
    name: &str,
    arguments: &[i64],
    work: impl FnOnce(&mut WasiState, &mut GuestMemory<'_>) -> anyhow::Result<i32>,
) -> Result<Answer, Stop> {
    let fuel = state.fuel_used(store);
    if state.replay.as_ref().is_some_and(|replay| !replay.is_live_wasi(name, arguments)) {
        let memory = state.memory.clone();
        let mut view = memory.as_ref().map(|memory| memory.view(store));
        let bytes: &mut [u8] = view.as_mut().map_or(&mut [], lent);
        return replayed::answer(state, name, arguments, bytes);
    }
    let Some(wasi) = state.wasi.as_mut() else {
        return Err(Stop::Trap(Failure::new("wasi-off", format!("{name} was called, but WASI is switched off"))));
    };
    wasi.link.set_fuel_used(fuel);
    let mut view = state.memory.as_ref().map(|memory| memory.view(store));
    let bytes: &mut [u8] = match &mut view {
        Some(view) => lent(view),
        None => &mut [],
    };
    let reads = if wasi.gathers_writes { inputs::read(name, arguments, bytes) } else { Vec::new() };
    let plan = wasi.gathers_writes.then(|| Plan::new(name, arguments, bytes, wasi));
    let mut memory = GuestMemory::Unshared(bytes);
    let answer = catch_unwind(AssertUnwindSafe(|| work(wasi, &mut memory)));
    let fresh = wasi.link.take_fresh_stdout();
    state.stdout.extend_from_slice(&fresh);
    if let Some(stop) = wasi.link.take_stop() {
        return Err(stop);
    }
    let errno = match answer {
        Ok(Ok(errno)) => errno,
        Ok(Err(error)) => settle(name, &error, state.memory.is_some())?,
        Err(_) => {
            return Err(Stop::Host(Failure::new("internal", format!("{name} failed inside; this is a fault of skillscope"))));
        }
    };
    let writes = match (plan, memory) {
        (Some(plan), GuestMemory::Unshared(bytes)) => kept(plan.gather(errno, bytes), name, wasi),
        _ => Some(Vec::new()),
    };
    Ok(Answer { errno, writes, reads })
}

/// What a call wrote; where that is more than is kept, it is said so.
fn kept(gathered: Result<Vec<GuestWrite>, TooMuch>, name: &str, wasi: &WasiState) -> Option<Vec<GuestWrite>> {
    let tell = |&TooMuch { bytes }: &TooMuch| {
        let (wrote, most) = (format_bytes(bytes as u64), format_bytes(MAX_KEPT_BYTES as u64));
        wasi.link
            .warn(format!("{name} gave {wrote} to the skill; a record keeps {most} of one call, so this run cannot be replayed"));
    };
    gathered.inspect_err(tell).ok()
}

/// The guest's memory, for the length of one call.
#[allow(
    unsafe_code,
    reason = "wiggle works on a slice; the engine gives one only on the caller's word that nobody else touches it"
)]
fn lent<'a>(view: &'a mut wasmer::MemoryView<'_>) -> &'a mut [u8] {
    // SAFETY: the slice lives within `perform`, and nothing else reads, writes or grows the memory meanwhile:
    // - the guest waits for this call, on this thread, and a store is used by one thread only;
    // - shared memories are refused when a module is validated, so no other thread has this one;
    // - the work given to `perform`, and what answers from a record, get the host's state and this slice, but no store, so that they
    //   can neither call the guest nor reach or grow the memory in another way;
    // - there is no second slice, and no other use of the view meanwhile: the view is borrowed for as long as its slice lives.
    unsafe { view.data_unchecked_mut() }
}

/// Runs one of `wasi-common`'s functions: they are async in form, but everything that they wait for here is done at once or blocks.
pub(super) fn complete(work: impl Future<Output = anyhow::Result<i32>>) -> anyhow::Result<i32> {
    run_in_dummy_executor(work)?
}
