//! Ctrl-C and its relatives: the first asks the run to end, so that its report is still printed; the second insists.

use crate::exit::Exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often the user asked to end; shared with the signal handler's thread.
#[derive(Clone, Debug, Default)]
pub struct Interrupts(Arc<AtomicU32>);

impl Interrupts {
    /// From now on the first SIGINT, SIGTERM or SIGHUP does `first`; a second one ends the program at once.
    ///
    /// # Errors
    /// Where the system takes no handler.
    pub fn catch(first: impl Fn() + Send + 'static) -> Result<Self, ctrlc::Error> {
        let interrupts = Self::default();
        let count = interrupts.0.clone();
        ctrlc::set_handler(move || {
            if count.fetch_add(1, Ordering::SeqCst) > 0 {
                std::process::exit(Exit::Cancelled.code().into());
            }
            first();
        })?;
        Ok(interrupts)
    }

    /// Whether the user asked to end.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}
