//! The one handle by which any thread cancels, pauses and resumes a run, and the clock of its deadline.
//!
//! The running thread asks it at checkpoints; blocking host calls wait on it beside their work. Time that is paused,
//! or spent waiting for a slow reader of events, does not count.

use super::Stop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A cheap handle to one run; all clones are the same run.
#[derive(Clone, Debug)]
pub struct RunControl(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Set whenever something other than plain running is asked for, so that a checkpoint costs one load.
    attention: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    /// Counts the changes, for async waiters.
    version: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    timeout: Duration,
    cancelled: bool,
    paused: bool,
    /// Set by [`RunControl::start`], when the first phase begins.
    started: Option<Instant>,
    /// When the clock was stopped, where it stands still now.
    stopped_at: Option<Instant>,
    /// How many reasons there are for the clock to stand still now.
    holds: u32,
    /// Time that does not count, up to `stopped_at`.
    excluded: Duration,
}

impl State {
    fn hold(&mut self) {
        self.holds += 1;
        if self.holds == 1 {
            self.stopped_at = Some(Instant::now());
        }
    }

    fn release(&mut self) {
        self.holds = self.holds.saturating_sub(1);
        if self.holds == 0
            && let Some(stopped_at) = self.stopped_at.take()
            && self.started.is_some()
        {
            let since = self.started.map_or(stopped_at, |started| started.max(stopped_at));
            self.excluded += since.elapsed();
        }
    }

    fn elapsed(&self) -> Duration {
        let Some(started) = self.started else { return Duration::ZERO };
        let now = self.stopped_at.unwrap_or_else(Instant::now);
        now.saturating_duration_since(started).saturating_sub(self.excluded)
    }

    fn remaining(&self) -> Duration {
        self.timeout.saturating_sub(self.elapsed())
    }
}

impl RunControl {
    /// A run that has not started, with a wall-clock limit.
    pub fn new(timeout: Duration) -> Self {
        Self(Arc::new(Shared {
            attention: AtomicBool::new(false),
            state: Mutex::new(State { timeout, ..State::default() }),
            changed: Condvar::new(),
            version: watch::Sender::new(0),
        }))
    }

    /// Sets the wall-clock limit, which is known only when the manifest was read; without effect once the clock runs.
    pub fn set_timeout(&self, timeout: Duration) {
        self.change(|state| {
            if state.started.is_none() {
                state.timeout = timeout;
            }
        });
    }

    /// Starts the clock; called once, by the running thread, when the first phase begins.
    pub fn start(&self) {
        self.change(|state| {
            let now = Instant::now();
            state.started = Some(now);
            if state.holds > 0 {
                state.stopped_at = Some(now);
            }
        });
    }

    /// Ends the run as soon as it looks: at its next checkpoint, or at once where it waits in a host call.
    pub fn cancel(&self) {
        self.change(|state| state.cancelled = true);
    }

    /// Holds the run at its next checkpoint or host call; its clock stands still from now on. Without effect where it is paused.
    pub fn pause(&self) {
        self.change(|state| {
            if !state.paused {
                state.paused = true;
                state.hold();
            }
        });
    }

    /// Lets a paused run go on. Without effect where it is not paused.
    pub fn resume(&self) {
        self.change(|state| {
            if state.paused {
                state.paused = false;
                state.release();
            }
        });
    }

    /// Whether the run is asked to stand still.
    pub fn is_paused(&self) -> bool {
        self.lock().paused
    }

    /// Whether the run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Waits for a cancel, at most so long by the real clock; tells whether there was one.
    pub fn is_cancelled_within(&self, patience: Duration) -> bool {
        let state = self.lock();
        let waited = self.0.changed.wait_timeout_while(state, patience, |state| !state.cancelled);
        waited.unwrap_or_else(PoisonError::into_inner).0.cancelled
    }

    /// Runs `wait` with the run's clock standing still: for waits that are not the skill's fault.
    pub fn off_the_clock<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.change(State::hold);
        let value = wait();
        self.change(State::release);
        value
    }

    /// Time since the start that counts.
    pub fn elapsed(&self) -> Duration {
        self.lock().elapsed()
    }

    /// Time that is left until the deadline; zero where it has passed.
    pub fn remaining(&self) -> Duration {
        self.lock().remaining()
    }

    /// The wall-clock limit.
    pub fn timeout(&self) -> Duration {
        self.lock().timeout
    }

    /// What a checkpoint does: stands still while paused, then tells whether the run must end.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] or [`Stop::Timeout`].
    pub fn check(&self) -> Result<(), Stop> {
        self.check_and_tell_elapsed().map(drop)
    }

    /// The same, and tells the time since the start that counts, by the same look at the clock: host calls come often.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] or [`Stop::Timeout`].
    pub fn check_and_tell_elapsed(&self) -> Result<Duration, Stop> {
        if self.0.attention.load(Ordering::Acquire) {
            self.wait_while_paused()?;
        }
        let state = self.lock();
        let elapsed = state.elapsed();
        if elapsed >= state.timeout { Err(Stop::Timeout) } else { Ok(elapsed) }
    }

    fn wait_while_paused(&self) -> Result<(), Stop> {
        let mut state = self.lock();
        loop {
            if state.cancelled {
                return Err(Stop::Cancelled);
            }
            if !state.paused {
                return Ok(());
            }
            state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sleeps for `duration` of counted time, or until the run must end. Paused time does not count as slept.
    ///
    /// # Errors
    /// [`Stop::Cancelled`] or [`Stop::Timeout`].
    pub fn sleep(&self, duration: Duration) -> Result<(), Stop> {
        let until = self.elapsed().saturating_add(duration);
        loop {
            self.check()?;
            let state = self.lock();
            let left = until.saturating_sub(state.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            let nap = left.min(state.remaining());
            if !state.cancelled && !state.paused {
                drop(self.0.changed.wait_timeout(state, nap).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Completes when the run must end: never while it is paused, and at once where it is over its deadline.
    pub async fn stopped(&self) -> Stop {
        let mut version = self.0.version.subscribe();
        loop {
            version.borrow_and_update();
            let (cancelled, standing, remaining) = {
                let state = self.lock();
                (state.cancelled, state.holds > 0, state.remaining())
            };
            if cancelled {
                return Stop::Cancelled;
            }
            if standing {
                // The sender lives as long as `self`.
                let _ = version.changed().await;
                continue;
            }
            if remaining.is_zero() {
                return Stop::Timeout;
            }
            tokio::select! {
                _ = version.changed() => {}
                () = tokio::time::sleep(remaining) => {}
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.lock();
            change(&mut state);
            self.0.attention.store(state.cancelled || state.paused, Ordering::Release);
        }
        self.0.changed.notify_all();
        self.0.version.send_modify(|version| *version = version.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave the plain fields inconsistent.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paused_run_keeps_its_time() {
        let control = RunControl::new(Duration::from_millis(50));
        control.start();
        control.pause();
        std::thread::sleep(Duration::from_millis(80));
        control.resume();
        assert!(control.check().is_ok(), "{:?} counted", control.elapsed());
        std::thread::sleep(Duration::from_millis(60));
        assert!(matches!(control.check(), Err(Stop::Timeout)));
    }

    #[test]
    fn cancel_ends_a_pause_and_a_sleep() {
        let control = RunControl::new(Duration::from_secs(60));
        control.start();
        control.pause();
        let other = control.clone();
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            other.cancel();
        });
        assert!(matches!(control.sleep(Duration::from_secs(3600)), Err(Stop::Cancelled)));
        canceller.join().unwrap();
    }

    #[test]
    fn a_sleep_ends_at_the_deadline() {
        let control = RunControl::new(Duration::from_millis(30));
        control.start();
        assert!(matches!(control.sleep(Duration::from_secs(3600)), Err(Stop::Timeout)));
        assert!(control.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn a_cancel_can_be_waited_for() {
        let control = RunControl::new(Duration::from_secs(60));
        assert!(!control.is_cancelled_within(Duration::from_millis(10)));
        let other = control.clone();
        let canceller = std::thread::spawn(move || other.cancel());
        assert!(control.is_cancelled_within(Duration::from_secs(60)));
        canceller.join().unwrap();
    }

    #[test]
    fn an_async_wait_ends_at_the_deadline_but_not_while_paused() {
        let control = RunControl::new(Duration::from_millis(30));
        control.start();
        control.pause();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let paused = runtime.block_on(async { tokio::time::timeout(Duration::from_millis(60), control.stopped()).await });
        assert!(paused.is_err());
        control.resume();
        assert!(matches!(runtime.block_on(control.stopped()), Stop::Timeout));
    }
}
