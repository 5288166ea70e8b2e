//! Shadow providers: asked beside the lead, for comparison; they never delay or change a run.

use super::ai::Provider;
use super::{Bridge, EventSink, RunControl};
use crate::event::{CallId, Event, RunId, ShadowAnswer};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Counts the shadows of one run that have not answered yet; all clones count the same ones.
#[derive(Clone, Debug, Default)]
pub struct Shadows(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: Mutex<usize>,
    fewer: Condvar,
}

/// What every shadow of a call is asked with.
pub(super) struct ShadowAsk<'a> {
    pub(super) bridge: &'a Bridge,
    pub(super) control: &'a RunControl,
    pub(super) sink: &'a EventSink,
    pub(super) call: CallId,
    pub(super) prompt: &'a str,
}

/// One shadow that is being asked; counted until it is dropped, whatever becomes of it.
struct OpenShadow(Arc<Open>);

impl Shadows {
    /// Waits until every shadow has answered and its answer is in the queue, at most `timeout`. False where some are still open.
    ///
    /// Whoever waits must not be the only reader of a full queue. A shadow ends with the run's own deadline or cancel.
    pub fn wait(&self, timeout: Duration) -> bool {
        let open = self.0.lock();
        let waited = self.0.fewer.wait_timeout_while(open, timeout, |count| *count > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    /// How many have not answered yet.
    pub fn open(&self) -> usize {
        *self.0.lock()
    }

    /// Starts to ask one provider. Its answer goes into the queue of the run's events.
    pub(super) fn ask(&self, provider: &Arc<dyn Provider>, ask: &ShadowAsk<'_>) {
        let open = OpenShadow::new(&self.0);
        let (provider, control, prompt) = (Arc::clone(provider), ask.control.clone(), ask.prompt.to_owned());
        let (queue, run, call) = (ask.sink.queue(), ask.sink.run(), ask.call);
        ask.bridge.spawn(async move {
            let answer = answer(provider.as_ref(), prompt, &control).await;
            let event = Event::ShadowAnswered { run, call, answer };
            if let Some(wait) = queue.send(event) {
                // Its reader is slow: a thread that may block waits for it.
                let _ = tokio::task::spawn_blocking(wait).await;
            }
            drop(open);
        });
    }
}

/// Asks a provider outside any run; its answer goes into the queue, also that it took too long.
pub fn ask_beside(
    bridge: &Bridge,
    provider: Arc<dyn Provider>,
    prompt: String,
    patience: Duration,
    queue: crossbeam_channel::Sender<Event>,
    (run, call): (RunId, CallId),
) {
    let control = RunControl::new(patience);
    control.start();
    bridge.spawn(async move {
        let answer = answer(provider.as_ref(), prompt, &control).await;
        // A thread that may block waits for a slow reader.
        let _ = tokio::task::spawn_blocking(move || queue.send(Event::ShadowAnswered { run, call, answer }).is_ok()).await;
    });
}

async fn answer(provider: &dyn Provider, prompt: String, control: &RunControl) -> ShadowAnswer {
    let began = Instant::now();
    // A panic of a provider is one that gave no answer.
    let asked = AssertUnwindSafe(async move { provider.ask(prompt).await }).catch_unwind();
    let (response, error, tokens) = tokio::select! {
        biased;
        stop = control.stopped() => (None, Some(stop.to_string()), None),
        asked = asked => match asked {
            Ok(Ok(answer)) => (Some(answer.text), None, answer.tokens),
            Ok(Err(error)) => (None, Some(error.to_string()), None),
            Err(_) => (None, Some("the provider failed inside; this is a fault of skillscope".to_owned()), None),
        },
    };
    let elapsed_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    ShadowAnswer { provider: provider.label(), response, error, elapsed_us, tokens }
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, usize> {
        // A panic while the lock was held cannot leave a number inconsistent.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenShadow {
    fn new(open: &Arc<Open>) -> Self {
        *open.lock() += 1;
        Self(Arc::clone(open))
    }
}

impl Drop for OpenShadow {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        *count = count.saturating_sub(1);
        self.0.fewer.notify_all();
    }
}
