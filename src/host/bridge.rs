//! The one place that blocks on async work.
//!
//! A run's thread hands its future to a runtime of its own threads and waits for the work, the deadline and a cancel at
//! once. Run threads are plain threads, so no runtime is ever started or blocked on inside another.

use super::{RunControl, Stop};
use crate::event::Failure;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// The async runtime behind host calls; all clones are the same one. Its threads start with the first work: most runs have none.
#[derive(Clone, Debug, Default)]
pub struct Bridge(Arc<Workers>);

#[derive(Debug, Default)]
struct Workers(OnceLock<std::io::Result<Runtime>>);

impl Workers {
    fn runtime(&self) -> Result<&Runtime, Failure> {
        let start = || Builder::new_multi_thread().worker_threads(2).thread_name("skillscope-io").enable_all().build();
        let refused = |error| Failure::new("internal", format!("cannot start threads for host calls: {error}"));
        self.0.get_or_init(start).as_ref().map_err(refused)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // A plain drop would wait for blocking work (a name lookup), and must not happen inside async code.
        if let Some(Ok(runtime)) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Bridge {
    /// Nothing is started yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the threads, where that was not done yet.
    ///
    /// # Errors
    /// Where the system gives none.
    pub fn start(&self) -> Result<(), Failure> {
        self.0.runtime().map(drop)
    }

    /// Waits for `work`, the deadline or a cancel, whichever is first; a pause holds the result back until it ends.
    ///
    /// # Errors
    /// [`Stop`] where the run must end: the work is then dropped. A panic in the work, and a system that gives no threads, count as
    /// a failure of the host.
    pub fn wait<T: Send + 'static>(
        &self,
        control: &RunControl,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Stop> {
        let control_inside = control.clone();
        let (done, result) = crossbeam_channel::bounded(1);
        let runtime = self.0.runtime().map_err(Stop::Host)?;
        runtime.spawn(async move {
            let outcome = tokio::select! {
                biased;
                stop = control_inside.stopped() => Err(stop),
                value = work => Ok(value),
            };
            // The waiting thread is there until it is answered.
            let _ = done.send(outcome);
        });
        let value = result.recv().unwrap_or_else(|_| {
            Err(Stop::Host(Failure::new("internal", "a host service failed inside; this is a fault of skillscope")))
        })?;
        control.check()?;
        Ok(value)
    }

    /// Starts work that nobody waits for here.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<JoinHandle<T>> {
        self.0.runtime().ok().map(|runtime| runtime.spawn(work))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_wait_ends_with_the_deadline_the_cancel_or_the_work() {
        let bridge = Bridge::new();
        let control = RunControl::new(Duration::from_millis(30));
        control.start();
        assert!(matches!(bridge.wait(&control, std::future::pending::<()>()), Err(Stop::Timeout)));

        let control = RunControl::new(Duration::from_secs(60));
        control.start();
        assert!(matches!(bridge.wait(&control, async { 7 }), Ok(7)));
        let other = control.clone();
        std::thread::spawn(move || other.cancel());
        assert!(matches!(bridge.wait(&control, std::future::pending::<()>()), Err(Stop::Cancelled)));
    }

    #[test]
    fn a_panic_in_the_work_is_an_error_of_the_host() {
        let bridge = Bridge::new();
        let control = RunControl::new(Duration::from_secs(60));
        control.start();
        let result: Result<(), Stop> = bridge.wait(&control, async { panic!("wanted") });
        assert!(matches!(result, Err(Stop::Host(_))));
    }
}
