//! Why the host ends a run from inside a call or a checkpoint.

use crate::event::Failure;

/// Thrown through the guest's frames as the engine's user error; the runtime turns it into an outcome.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Stop {
    /// The user cancelled the run.
    #[error("cancelled")]
    Cancelled,
    /// The wall-clock limit is reached.
    #[error("the time limit is reached")]
    Timeout,
    /// The fuel limit is reached.
    #[error("the fuel limit is reached")]
    Fuel,
    /// A host call ends the run: outcome `host`.
    #[error("{}", .0.message)]
    Host(Failure),
    /// A host call is a trap by contract (`env.abort`, `host_alloc` inside the allocator): outcome `trap`.
    #[error("{}", .0.message)]
    Trap(Failure),
    /// The output grew over its limit: outcome `memory`.
    #[error("{}", .0.message)]
    OutputLimit(Failure),
    /// The guest called `proc_exit`.
    #[error("exit status {0}")]
    Exit(i32),
}

/// Made inside the function that the guest called, the engine's error knows the guest's frames; made later it has none.
impl From<Stop> for wasmer::RuntimeError {
    fn from(stop: Stop) -> Self {
        Self::user(Box::new(stop))
    }
}
