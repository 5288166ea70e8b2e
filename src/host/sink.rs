//! Where a run's events go: to the session's queue, in order, none dropped.

use super::RunControl;
use crate::event::{CallFinished, CallId, CallRequest, CallStarted, Event, EventObserver, RunEvent, RunId};
use crossbeam_channel::{Sender, TrySendError};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The writing end of one run's events.
///
/// The queue is bounded: where its reader is slow the run waits, off its own clock. Where the reader has gone, events vanish.
/// It knows which host call is open, so that each that began also ends.
#[derive(Debug)]
pub struct EventSink {
    run: RunId,
    started: Instant,
    queue: Sender<Event>,
    observer: Option<Arc<dyn EventObserver>>,
    control: RunControl,
    calls: Mutex<Calls>,
}

/// A way into a run's queue that does not wait.
#[derive(Debug)]
pub(super) struct LateQueue {
    queue: Sender<Event>,
    observer: Option<Arc<dyn EventObserver>>,
}

impl LateQueue {
    /// Puts an event in, or hands back the way to wait where the queue is full. Where its reader has gone, the event vanishes.
    pub(super) fn send(&self, event: Event) -> Option<impl FnOnce() + Send + use<>> {
        if let Some(observer) = &self.observer {
            observer.observe(&event);
        }
        match self.queue.try_send(event) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
            Err(TrySendError::Full(event)) => {
                let queue = self.queue.clone();
                Some(move || drop(queue.send(event)))
            }
        }
    }
}

#[derive(Debug, Default)]
struct Calls {
    last: u64,
    /// The calls that have not ended, innermost last: an allocator that the host calls may call the host.
    open: Vec<(CallId, Instant)>,
}

impl EventSink {
    /// A sink for a run that starts now.
    pub fn new(run: RunId, queue: Sender<Event>, control: RunControl) -> Self {
        Self { run, started: Instant::now(), queue, observer: None, control, calls: Mutex::default() }
    }

    /// The same sink, with an observer that is told of each event first.
    #[must_use]
    pub fn observed_by(self, observer: Arc<dyn EventObserver>) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Whether an observer is told of the events: then they must hold all that a replay needs.
    pub const fn is_observed(&self) -> bool {
        self.observer.is_some()
    }

    /// The run whose events these are.
    pub const fn run(&self) -> RunId {
        self.run
    }

    /// Emits one event of the run.
    pub fn emit(&self, event: RunEvent) {
        self.emit_at(Instant::now(), event);
    }

    fn emit_at(&self, now: Instant, event: RunEvent) {
        self.send(Event::Run { run: self.run, at_us: micros(now.duration_since(self.started)), what: event });
    }

    /// Emits something that the author should know.
    pub fn warn(&self, message: impl Into<String>) {
        self.emit(RunEvent::Warning { message: message.into() });
    }

    /// Begins a host call and gives it its number.
    pub fn start_call(&self, name: impl Into<Cow<'static, str>>, request: CallRequest) -> CallId {
        let now = Instant::now();
        let id = {
            let mut calls = self.lock();
            calls.last += 1;
            let id = CallId(calls.last);
            calls.open.push((id, now));
            id
        };
        self.emit_at(now, RunEvent::HostCallStarted(CallStarted { id, name: name.into(), request }));
        id
    }

    /// Ends the innermost open host call; `finished.id` and `finished.elapsed_us` are filled in here. Returns the time inside it, in microseconds.
    pub fn finish_call(&self, mut finished: CallFinished) -> u64 {
        let Some((id, since)) = self.lock().open.pop() else { return 0 };
        let now = Instant::now();
        finished.id = id;
        finished.elapsed_us = micros(now.duration_since(since));
        let elapsed_us = finished.elapsed_us;
        self.emit_at(now, RunEvent::HostCallFinished(finished));
        elapsed_us
    }

    /// Ends the host calls in which the run died, if there are any.
    pub fn abandon_open_call(&self, why: &str) {
        let open = self.lock().open.len();
        for _ in 0..open {
            self.finish_call(CallFinished {
                id: CallId(0),
                result: None,
                response: None,
                truncated: false,
                held: false,
                elapsed_us: 0,
                provider: None,
                tokens: None,
                error: Some(why.to_owned()),
            });
        }
    }

    /// A second way into the same queue, for answers that may come after the run.
    pub(super) fn queue(&self) -> LateQueue {
        LateQueue { queue: self.queue.clone(), observer: self.observer.clone() }
    }

    fn send(&self, event: Event) {
        if let Some(observer) = &self.observer {
            if observer.is_behind() {
                self.control.off_the_clock(|| observer.catch_up());
            }
            observer.observe(&event);
        }
        match self.queue.try_send(event) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(event)) => {
                // A reader that has gone meanwhile is as good as one that reads.
                self.control.off_the_clock(|| drop(self.queue.send(event)));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    /// An observer that is behind after each event, and catches up slowly.
    #[derive(Debug)]
    struct Slow {
        queue: crossbeam_channel::Receiver<Event>,
        observed: AtomicUsize,
        waits: AtomicUsize,
    }

    impl EventObserver for Slow {
        fn observe(&self, _event: &Event) {
            let told = self.observed.fetch_add(1, SeqCst);
            assert_eq!(self.queue.len(), told, "the observer is told first");
        }

        fn is_behind(&self) -> bool {
            self.observed.load(SeqCst) > self.waits.load(SeqCst)
        }

        fn catch_up(&self) {
            std::thread::sleep(Duration::from_millis(60));
            self.waits.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn an_observer_is_told_of_each_event_and_waited_for_off_the_runs_clock() {
        let (sender, queue) = crossbeam_channel::unbounded();
        let control = RunControl::new(Duration::from_secs(60));
        control.start();
        let slow = Arc::new(Slow { queue: queue.clone(), observed: AtomicUsize::new(0), waits: AtomicUsize::new(0) });
        let sink = EventSink::new(RunId(1), sender, control.clone());
        assert!(!sink.is_observed());
        let sink = sink.observed_by(slow.clone());
        assert!(sink.is_observed());
        let began = Instant::now();
        sink.start_call("env.host_now", CallRequest::default());
        sink.abandon_open_call("why");
        sink.warn("careful");
        // An answer that comes beside the run does not wait.
        assert!(sink.queue().send(Event::ShadowsDone { run: RunId(1) }).is_none());
        assert_eq!((queue.len(), slow.observed.load(SeqCst), slow.waits.load(SeqCst)), (4, 4, 2));
        assert!(began.elapsed().saturating_sub(control.elapsed()) >= Duration::from_millis(120));
    }

    #[test]
    fn a_full_queue_hands_back_the_way_to_wait_and_one_without_reader_takes_all() {
        let (sender, queue) = crossbeam_channel::bounded(1);
        let late = EventSink::new(RunId(1), sender, RunControl::new(Duration::from_secs(60))).queue();
        assert!(late.send(Event::ChecksDone).is_none());
        let wait = late.send(Event::ShadowsDone { run: RunId(1) }).unwrap();
        let waiting = std::thread::spawn(wait);
        assert_eq!([queue.recv().unwrap(), queue.recv().unwrap()], [Event::ChecksDone, Event::ShadowsDone { run: RunId(1) }]);
        waiting.join().unwrap();
        drop(queue);
        assert!(late.send(Event::ChecksDone).is_none());
    }
}
