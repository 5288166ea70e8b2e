//! WASI preview 1, on `wasi-common`: bound to the engine function by function.
//!
//! It knows the run's state and the engine; all else that WASI touches (time, randomness, sleeping, streams, files) reaches
//! the run through [`link`]. It must not know who starts a run or reads its output. Guest memory is lent to `wasi-common`
//! in [`call`] alone.

mod binding;
mod bounded;
mod call;
mod clocks;
mod directory;
mod errno;
mod file;
mod inputs;
mod link;
mod open;
mod outputs;
mod poll;
mod process;
mod replayed;
mod setup;
mod stdio;

#[cfg(test)]
mod tests;

pub use binding::{FUNCTION_NAMES, function};
pub use setup::{Preopen, WasiSetup, WasiSetupError};

use super::{Clock, EventSink, RunControl};
use crate::event::Limits;
use link::RunLink;
use std::sync::Arc;
use wasi_common::WasiCtx;

/// WASI's side of one run: the descriptors, the arguments, and the link to the run.
pub struct WasiState {
    context: WasiCtx,
    link: Arc<RunLink>,
    /// Whether what each call wrote into guest memory belongs into its event.
    gathers_writes: bool,
    /// The longest path of a directory in the guest, in bytes.
    longest_directory_name: u32,
}

impl WasiState {
    /// Opens the directories and prepares the streams.
    ///
    /// # Errors
    /// Where a directory cannot be opened, or a string cannot be handed to a guest.
    pub fn new(
        setup: WasiSetup,
        limits: &Limits,
        clock: Clock,
        control: RunControl,
        sink: Arc<EventSink>,
    ) -> Result<Self, WasiSetupError> {
        let gathers_writes = sink.is_observed();
        let longest_directory_name = setup.directories.iter().map(|directory| directory.guest.len()).max().unwrap_or_default();
        let link = Arc::new(RunLink::new(limits.output_bytes, clock, control, sink));
        let context = setup.open(&link)?;
        let longest_directory_name = u32::try_from(longest_directory_name).unwrap_or(u32::MAX);
        Ok(Self { context, link, gathers_writes, longest_directory_name })
    }
}
