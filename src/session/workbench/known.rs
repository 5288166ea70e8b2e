//! What the workbench knows of one skill.

use super::loader::Ready;
use crate::event::RunId;
use crate::session::command::Overrides;
use crate::skill::CatalogEntry;

/// A skill of the workspace.
pub struct Known {
    /// As the catalog has it.
    pub entry: CatalogEntry,
    /// The version that was last given to the loader.
    pub version: u64,
    /// The last good version, ready to run.
    pub ready: Option<Ready>,
    /// What differs from its manifest.
    pub overrides: Overrides,
    /// The run that goes on.
    pub run: Option<RunId>,
    /// Whether a run waits for that one's end.
    pub waits: bool,
    /// Whether it is to be run as soon as it is ready.
    pub run_when_loaded: bool,
    /// Whether it is in the workspace no longer, and only its run goes on.
    pub is_gone: bool,
}
