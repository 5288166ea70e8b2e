//! The faster code behind that which is there at once: made on a thread of its own while runs go on, for the runs that follow.
//!
//! Who asks for it is a run that found no code of Cranelift's. It knows the runtime and nothing of runs.

use super::services::Shared;
use crate::event::DEFAULT_TIMEOUT;
use crate::host::RunControl;
use crate::module::{ModuleDigest, ValidModule};
use crate::runtime::Compiler;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is being compiled again, if anything is.
#[derive(Debug, Default)]
pub struct Optimizer {
    now: Mutex<Option<(ModuleDigest, RunControl)>>,
}

impl Optimizer {
    /// Has Cranelift compile a module, so that its code is found next time; what it was compiling before is given up, since it was overtaken.
    /// Where the system has no thread for it, or Cranelift fails, the code that is there stays.
    pub fn begin(shared: &Arc<Shared>, module: &ValidModule) {
        let control = RunControl::new(DEFAULT_TIMEOUT);
        let before = {
            let mut now = shared.optimizer.lock();
            if now.as_ref().is_some_and(|(digest, _)| *digest == module.sha256) {
                return;
            }
            now.replace((module.sha256, control.clone()))
        };
        if let Some((_, before)) = before {
            before.cancel();
        }
        let (shared, module) = (Arc::clone(shared), module.clone());
        let made = std::thread::Builder::new().name("skillscope-optimize".into()).spawn(move || {
            // Its code is in the caches now, or will be missed by nobody.
            let _ = shared.runtime.compile(&module, Compiler::Cranelift, &control);
            shared.optimizer.lock().take_if(|(digest, _)| *digest == module.sha256);
        });
        drop(made);
    }

    /// Gives up what is being compiled.
    pub fn stop(&self) {
        if let Some((_, control)) = self.lock().take() {
            control.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(ModuleDigest, RunControl)>> {
        // Nothing that holds the lock can panic between two states.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
