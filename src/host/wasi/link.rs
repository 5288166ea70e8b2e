//! The link between `wasi-common`'s traits and the run: its clock, its limits, its events, and the reason to end it.
//!
//! `wasi-common` wants its streams, clocks and files to own what they use, and has no way to say "end the run"; so they share
//! this, and each call looks here afterwards.

use crate::event::{Failure, Payload, RunEvent};
use crate::host::{Clock, EventSink, RunControl, Stop};
use std::io::{IoSlice, IoSliceMut, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wasi_common::Error;
use wasi_common::snapshots::preview_1::types::Errno;

/// What one stream write takes at most; a guest calls again for the rest.
pub(super) const STREAM_CHUNK_BYTES: usize = 1 << 20;
/// How many files and directories a guest may hold open; the descriptors are the whole program's.
const MAX_OPEN: usize = 256;

/// What the run lends to `wasi-common`'s traits.
pub(super) struct RunLink {
    clock: Clock,
    control: RunControl,
    sink: Arc<EventSink>,
    output_limit: u64,
    /// Fuel used as of the call that is running.
    fuel_used: AtomicU64,
    open: AtomicUsize,
    streams: Mutex<Streams>,
    stop: Mutex<Option<Stop>>,
}

#[derive(Default)]
struct Streams {
    stdin: std::io::Cursor<Vec<u8>>,
    /// What the running call wrote to stdout.
    fresh: Vec<u8>,
    /// All that went to stdout, in bytes.
    stdout_bytes: u64,
}

/// A place among the open files of a guest, given back when it is dropped.
pub(super) struct OpenSlot(Arc<RunLink>);

impl Drop for OpenSlot {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

impl RunLink {
    pub(super) fn new(output_limit: u64, clock: Clock, control: RunControl, sink: Arc<EventSink>) -> Self {
        Self {
            clock,
            control,
            sink,
            output_limit,
            fuel_used: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            streams: Mutex::default(),
            stop: Mutex::default(),
        }
    }

    /// Tells the fuel that the run has used, which drives a seeded clock.
    pub(super) fn set_fuel_used(&self, fuel: u64) {
        self.fuel_used.store(fuel, Relaxed);
    }

    /// The guest's real-time clock, in nanoseconds since the Unix epoch.
    pub(super) fn now_ns(&self) -> u64 {
        self.clock.now_ns(self.fuel_used.load(Relaxed))
    }

    /// The guest's monotonic clock, in nanoseconds.
    pub(super) fn monotonic_ns(&self) -> u64 {
        self.clock.monotonic_ns(self.fuel_used.load(Relaxed))
    }

    pub(super) fn fill_random(&self, bytes: &mut [u8]) {
        self.clock.fill_random(bytes);
    }

    pub(super) fn warn(&self, message: String) {
        self.sink.warn(message);
    }

    /// Looks at cancel, pause and deadline inside a long call.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.control.check().map_err(|stop| self.end(stop))
    }

    /// Sleeps, or ends the run where its deadline or a cancel comes first.
    pub(super) fn sleep(&self, duration: Duration) -> Result<(), Error> {
        self.control.sleep(duration).map_err(|stop| self.end(stop))?;
        self.clock.slept(duration);
        Ok(())
    }

    /// Remembers why the run ends; the first reason stays. The error never reaches the guest.
    fn end(&self, stop: Stop) -> Error {
        lock(&self.stop).get_or_insert(stop);
        Errno::Intr.into()
    }

    /// The reason to end the run that came up inside the call, if any.
    pub(super) fn take_stop(&self) -> Option<Stop> {
        lock(&self.stop).take()
    }

    /// Takes one of the places for open files.
    pub(super) fn claim_slot(self: &Arc<Self>) -> Result<OpenSlot, Error> {
        // The slot exists first, so that a refusal gives the count back.
        let taken = self.open.fetch_add(1, Relaxed);
        let slot = OpenSlot(Arc::clone(self));
        if taken < MAX_OPEN { Ok(slot) } else { Err(Errno::Mfile.into()) }
    }

    pub(super) fn set_stdin(&self, bytes: Vec<u8>) {
        self.streams().stdin = std::io::Cursor::new(bytes);
    }

    pub(super) fn read_stdin(&self, buffers: &mut [IoSliceMut<'_>]) -> Result<u64, Error> {
        Ok(u64::try_from(self.streams().stdin.read_vectored(buffers)?)?)
    }

    /// Bytes of stdin that were not read yet.
    pub(super) fn stdin_left(&self) -> u64 {
        let streams = self.streams();
        u64::try_from(streams.stdin.get_ref().len()).unwrap_or(u64::MAX).saturating_sub(streams.stdin.position())
    }

    /// Takes a write to stdout up to the output limit; a byte more ends the run.
    pub(super) fn write_stdout(&self, buffers: &[IoSlice<'_>]) -> Result<u64, Error> {
        let mut bytes = gathered(buffers);
        let left = self.output_limit.saturating_sub(self.streams().stdout_bytes);
        let over = u64::try_from(bytes.len())? > left;
        if over {
            bytes.truncate(usize::try_from(left)?);
        }
        let written = u64::try_from(bytes.len())?;
        {
            let mut streams = self.streams();
            streams.fresh.extend_from_slice(&bytes);
            streams.stdout_bytes = streams.stdout_bytes.saturating_add(written);
        }
        if written > 0 {
            self.sink.emit(RunEvent::Stdout { bytes: Payload::from(bytes) });
        }
        if over { Err(self.end(Stop::OutputLimit(self.output_failure()))) } else { Ok(written) }
    }

    pub(super) fn write_stderr(&self, buffers: &[IoSlice<'_>]) -> Result<u64, Error> {
        let bytes = gathered(buffers);
        let written = u64::try_from(bytes.len())?;
        if written > 0 {
            self.sink.emit(RunEvent::Stderr { bytes: Payload::from(bytes) });
        }
        Ok(written)
    }

    /// What the call wrote to stdout.
    pub(super) fn take_fresh_stdout(&self) -> Vec<u8> {
        std::mem::take(&mut self.streams().fresh)
    }

    fn output_failure(&self) -> Failure {
        Failure::new(
            "output-limit",
            format!("the skill wrote more to stdout than an output may have: {}", crate::skill::format_bytes(self.output_limit)),
        )
        .with_hint("write less to stdout; what is meant for people, not for the caller, belongs on stderr")
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        lock(&self.streams)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while a lock was held cannot leave the plain fields inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of one write, up to [`STREAM_CHUNK_BYTES`]: buffers may overlap, so their sum is not bounded by the guest's memory.
fn gathered(buffers: &[IoSlice<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for buffer in super::bounded::up_to(STREAM_CHUNK_BYTES, buffers) {
        bytes.extend_from_slice(&buffer);
    }
    bytes
}
