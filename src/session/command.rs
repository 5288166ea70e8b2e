//! What a session can be told to do.

use super::workbench::Loaded;
use super::workbench_command::WorkbenchCommand;
use crate::event::{KeptInput, Permissions, Profile, RunId};
use crate::host::replay::RecordedRun;
use crate::runtime::Compiler;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A command to a session.
#[derive(Debug)]
pub enum Command {
    /// Read the workspace: answered by `Skills`, then a `Loaded` or `Rejected` for each of them.
    List {
        /// What differs from the manifests.
        overrides: Box<Overrides>,
    },
    /// Check a skill without running it: answered by `Loaded` or `Rejected`; for a directory of skills, by one for each.
    Validate {
        /// Which skill.
        target: Target,
        /// What differs from the manifest.
        overrides: Box<Overrides>,
    },
    /// Run a skill once; see [`super::Commander::run`], which numbers it.
    Run {
        /// The run's number; not used before in this session.
        run: RunId,
        /// What to run.
        request: Box<RunRequest>,
    },
    /// Make a recorded run again, with the answers of its record; see [`super::Commander::replay`], which numbers it.
    Replay {
        /// The run's number; not used before in this session.
        run: RunId,
        /// What to make again.
        request: Box<ReplayRequest>,
    },
    /// Record each run from now on in this one file, in place of what is there.
    RecordTo(PathBuf),
    /// End a run, as soon as it looks; a compile is abandoned.
    Cancel(RunId),
    /// End every run.
    CancelAll,
    /// Let a run stand still at its next checkpoint or host call.
    Pause(RunId),
    /// Let a paused run go on.
    Resume(RunId),
    /// Files that the last run depends on were saved, and have settled; what the session's watcher says.
    FilesSaved(BTreeSet<PathBuf>),
    /// Something that the user should know; what the session's watcher says.
    Note(String),
    /// Watch the whole workspace and keep its skills ready to run: what a workbench begins with.
    OpenWorkbench(Box<WorkbenchStart>),
    /// What a workbench asks for.
    Workbench(WorkbenchCommand),
    /// A skill was made ready, or refused; what the session's loader says.
    SkillLoaded(Box<Loaded>),
    /// A run has ended, its thread included; what the run's thread says last.
    RunEnded(RunId),
    /// End all runs and then the session.
    Shutdown,
}

/// Which skill is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name in the workspace, or else a path.
    Name(String),
    /// The path of a module, a skill directory or a manifest.
    Path(PathBuf),
}

impl Target {
    /// What a user typed: a path where it looks like one, else a name.
    pub fn parse(typed: &str) -> Self {
        let looks_like_path = typed.contains(['/', std::path::MAIN_SEPARATOR])
            || [".", ".."].contains(&typed)
            || [".wasm", ".wat", ".toml"].iter().any(|ending| typed.ends_with(ending));
        if looks_like_path { Self::Path(PathBuf::from(typed)) } else { Self::Name(typed.to_owned()) }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// One run of one skill.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// Which skill.
    pub target: Target,
    /// What it is given.
    pub input: RunInput,
    /// What differs from the manifest.
    pub overrides: Overrides,
    /// The seed for clock and randomness; live without one.
    pub seed: Option<u64>,
    /// Which compiler.
    pub compiler: Compiler,
    /// Whether the skill's values from earlier runs are deleted first.
    pub begins_empty: bool,
    /// Values that the skill finds in its store, by key.
    pub stored: Vec<(String, Vec<u8>)>,
    /// Whether the run tells which functions its fuel went to ([`crate::event::RunFinished::functions`]). The fuel is the same; the run and
    /// its compiling take longer.
    pub profile_fuel: bool,
}

/// A recorded run that is to be made again.
#[derive(Clone, Debug)]
pub struct ReplayRequest {
    /// The record.
    pub recorded: Arc<RecordedRun>,
    /// The skill: the recorded one, or what it has become.
    pub target: Target,
    /// Which compiler.
    pub compiler: Compiler,
    /// As [`Overrides::quick_from_bytes`].
    pub quick_from_bytes: Option<u64>,
}

/// What a run is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInput {
    /// A JSON document, as text; or a command's stdin, as bytes.
    pub document: Vec<u8>,
    /// Whether `document` is raw stdin that need not be JSON.
    pub raw_stdin: bool,
    /// The event's type, for the cis-sdk profile.
    pub event: Option<String>,
}

/// What a user changes for a run: each wins over the manifest.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The memory limit, in bytes.
    pub memory_bytes: Option<u64>,
    /// The wall-clock limit.
    pub timeout: Option<Duration>,
    /// The fuel limit; `Some(None)` is unlimited, whatever the manifest says.
    pub fuel: Option<Option<u64>>,
    /// Values added to `[config]`.
    pub config: Vec<(String, String)>,
    /// Variables added to the environment of WASI.
    pub environment: Vec<(String, String)>,
    /// Directories added to those of WASI: host path, guest path, writable.
    pub directories: Vec<(PathBuf, String, bool)>,
    /// Whether WASI shows no directories, whatever the manifest says.
    pub no_directories: bool,
    /// Whether WASI is switched off.
    pub no_wasi: bool,
    /// The profile, where the manifest names none.
    pub profile: Option<Profile>,
    /// Hosts added to those that may be reached.
    pub allow_http: Vec<String>,
    /// Key patterns added to those that may be read and written.
    pub allow_memory: Vec<String>,
    /// Whether AI is allowed whatever the manifest says.
    pub allow_ai: bool,
    /// From how many bytes on a module runs at once with Singlepass's code where Cranelift has made none yet, which it then does
    /// beside the run, for the next one; `None` for never: the compiler that is asked for does it before the run.
    pub quick_from_bytes: Option<u64>,
    /// All that it may do, in place of what the manifest and the others here say.
    pub permissions: Option<Permissions>,
}

/// What a workbench begins with.
#[derive(Clone, Debug, Default)]
pub struct WorkbenchStart {
    /// What differs from the manifests, for every skill.
    pub overrides: Overrides,
    /// The seed for clock and randomness; live without one.
    pub seed: Option<u64>,
    /// Whether skills run again when they are saved.
    pub auto_run: bool,
    /// An input for every skill that has none yet.
    pub input: Option<KeptInput>,
}
