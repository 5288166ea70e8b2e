//! What waits between those who tell of events and the thread that writes them: lines in one buffer, in order, bounded.

use super::RecordEnd;
use super::lines::{MAX_LINE_BYTES, append};
use super::writer::FLUSH_EVERY;
use crate::event::{Event, RunEvent};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much may wait before those who tell of events should wait too. One line more may come, however long.
pub(super) const MAX_WAITING_BYTES: usize = 8 << 20;
/// How much is written at once, without waiting for more.
const FLUSH_BYTES: usize = 256 << 10;

/// Lines that wait for the writer.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to write, or nothing more will come.
    work: Condvar,
    /// The writer took what was there.
    room: Condvar,
    is_full: AtomicBool,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    lines: u64,
    end: RecordEnd,
    /// Nothing more will come.
    ended: bool,
}

impl Queue {
    /// Adds an event as a line; never waits for the writer. Nothing is added after [`Self::end`] and [`Self::close`].
    pub(super) fn push(&self, event: &Event) {
        if self.is_closed.load(Relaxed) {
            return;
        }
        let mut state = self.lock();
        if state.ended {
            return;
        }
        let waiting = state.bytes.len();
        // Only what JSON cannot say fails here, and no event has such a thing.
        if append(&mut state.bytes, event).is_err() {
            return;
        }
        let length = state.bytes.len() - waiting;
        if length > MAX_LINE_BYTES {
            state.bytes.truncate(waiting);
            replace_too_long(&mut state.bytes, event, length);
        }
        state.lines += 1;
        state.end.count(event);
        let now = state.bytes.len();
        if now >= MAX_WAITING_BYTES {
            self.is_full.store(true, Relaxed);
        }
        drop(state);
        if waiting == 0 || (waiting < FLUSH_BYTES && now >= FLUSH_BYTES) {
            self.work.notify_one();
        }
    }

    /// Tells that nothing more will come.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.work.notify_one();
    }

    /// Drops what waits, and all that still comes.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Relaxed);
        self.is_full.store(false, Relaxed);
        let mut state = self.lock();
        state.ended = true;
        state.bytes = Vec::new();
        drop(state);
        self.work.notify_one();
        self.room.notify_all();
    }

    /// Whether those who tell of events should wait.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Relaxed)
    }

    /// Waits until the writer has taken what was there; false where it did not in this time.
    pub(super) fn wait_for_room(&self, timeout: Duration) -> bool {
        let is_full = |_: &mut State| self.is_full();
        let waited = self.room.wait_timeout_while(self.lock(), timeout, is_full).unwrap_or_else(PoisonError::into_inner);
        !waited.1.timed_out()
    }

    /// Waits for something to write, takes it into `into`, which is empty, and tells whether it was the last.
    pub(super) fn take(&self, into: &mut Vec<u8>) -> bool {
        let state = self.lock();
        let mut state =
            self.work.wait_while(state, |state| state.bytes.is_empty() && !state.ended).unwrap_or_else(PoisonError::into_inner);
        if !state.ended {
            let more = |state: &mut State| !state.ended && state.bytes.len() < FLUSH_BYTES;
            (state, _) = self.work.wait_timeout_while(state, FLUSH_EVERY, more).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.bytes, into);
        self.is_full.store(false, Relaxed);
        self.room.notify_all();
        state.ended
    }

    /// What was counted, and the number of lines.
    pub(super) fn counted(&self) -> (RecordEnd, u64) {
        let state = self.lock();
        (state.end.clone(), state.lines)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves whole lines at worst.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace_too_long(bytes: &mut Vec<u8>, event: &Event, length: usize) {
    if let Event::Run { run, at_us, .. } = event {
        let message = format!("an event of {length} bytes is longer than a line of a record can be, and was left out of it");
        // As above: an event is always JSON.
        let _ = append(bytes, &Event::Run { run: *run, at_us: *at_us, what: RunEvent::Warning { message } });
    }
}
