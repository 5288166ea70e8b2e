//! What a session tells its readers.

use super::{CallId, Failure, Profile, ReplayReport, RunEvent, RunId, ShadowAnswer, WorkbenchEvent};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where a compiled module came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheUse {
    /// Compiled now.
    Miss,
    /// Loaded from the cache on disk.
    Disk,
    /// Held in memory since an earlier run of this program.
    Memory,
}

/// A skill as the workspace lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillInfo {
    /// Its name; the directory's or file's where the manifest does not tell.
    pub name: String,
    /// The manifest's `version` and `description`, where given.
    pub version: Option<String>,
    /// See `version`.
    pub description: Option<String>,
    /// The skill's directory, or the bare module's file.
    #[serde(with = "super::path_text")]
    pub path: PathBuf,
    /// The module's file, where the manifest tells.
    #[serde(with = "super::path_text::optional")]
    pub module: Option<PathBuf>,
}

/// A module that was validated and compiled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadedModule {
    /// The skill's name.
    pub skill: String,
    /// SHA-256 of the module in lower-case hex.
    pub sha256: String,
    /// Its profile.
    pub profile: Profile,
    /// Size of the binary module, in bytes.
    pub module_bytes: u64,
    /// Time for loading or compiling, in milliseconds; `None` where it was validated only.
    pub compile_ms: Option<f64>,
    /// Where the compiled module came from; `None` where it was validated only.
    pub cache: Option<CacheUse>,
    /// The compiler's word; `None` where it was validated only.
    pub compiler: Option<String>,
}

/// Everything that comes up from a session. In JSON its word stands beside its fields; it is read back from JSON text only
/// (`reading.rs`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", remote = "Self")]
pub enum Event {
    /// The workspace was read: the skills that are there, in the order of their names.
    Skills {
        /// The whole list.
        skills: Vec<SkillInfo>,
    },
    /// A module is being compiled; big ones take seconds.
    Compiling {
        /// The skill's name.
        skill: String,
        /// Size of the binary module, in bytes.
        module_bytes: u64,
    },
    /// A skill is ready to run.
    Loaded(LoadedModule),
    /// A skill cannot run; `outcome` is `manifest` or `invalid`.
    Rejected {
        /// The skill's name.
        skill: String,
        /// Which of the two.
        outcome: super::Outcome,
        /// Why.
        failure: Failure,
    },
    /// The answer to a command that lists or validates is complete.
    ChecksDone,
    /// Files that this skill depends on were saved: what follows are its new version's events.
    Changed {
        /// The skill, as it was named when it was first run.
        skill: String,
        /// The files, in the order of their paths.
        #[serde(with = "super::path_text::list")]
        files: Vec<PathBuf>,
    },
    /// Something happened in a run.
    Run {
        /// Which run.
        run: RunId,
        /// Microseconds since the run's start.
        at_us: u64,
        /// What happened.
        #[serde(flatten)]
        what: RunEvent,
    },
    /// A shadow provider answered; may come after the run's end.
    ShadowAnswered {
        /// Which run.
        run: RunId,
        /// Which call.
        call: CallId,
        /// What it said.
        answer: ShadowAnswer,
    },
    /// No more answers of shadow providers will come for this run.
    ShadowsDone {
        /// Which run.
        run: RunId,
    },
    /// A run that was answered from a record has ended: how far it is the recorded run.
    Replayed {
        /// Which run.
        run: RunId,
        /// What came of it.
        replay: Box<ReplayReport>,
    },
    /// Something about the session itself that its user should know.
    Notice {
        /// In words.
        message: String,
    },
    /// Something that only a workbench asks for.
    Workbench(Box<WorkbenchEvent>),
}
