//! What a workbench shows beside runs: kept inputs, records of earlier runs, permissions, and a module's make-up.

use super::{CallId, Failure, Limits, Outcome, Payload, Permissions, Profile, RunEvent, RunId, ShadowAnswer};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// An input that a skill was run with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptInput {
    /// The document, as it was typed.
    pub document: String,
    /// The event's type, for the cis-sdk profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

impl KeptInput {
    /// What a skill is given of which nothing is known.
    pub fn null() -> Self {
        Self { document: "null".to_owned(), event: None }
    }
}

/// The input of one of a skill's cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputOfCase {
    /// The case's name.
    pub case: String,
    /// What it asks.
    pub input: KeptInput,
}

/// What becomes of a run that goes on when its skill is saved and is to be run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSave {
    /// It is cancelled.
    #[default]
    Cancel,
    /// The new version waits for its end.
    Wait,
}

impl OnSave {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cancel, Self::Wait];

    /// The word that settings use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Wait => "wait",
        }
    }
}

/// A recorded run in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeadline {
    /// The record's file.
    pub path: PathBuf,
    /// The skill's name.
    pub skill: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// How it ended; `None` where the record ends before the run does.
    pub outcome: Option<Outcome>,
    /// How long it ran, in milliseconds, where it ended.
    pub elapsed_ms: Option<f64>,
    /// Fuel used, where it ended.
    pub fuel: Option<u64>,
    /// Bytes of the record.
    pub bytes: u64,
    /// Whether it is kept whatever its age.
    #[serde(default)]
    pub is_pinned: bool,
    /// Whether its run goes on.
    #[serde(default)]
    pub is_running: bool,
}

/// What a module is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModuleReport {
    /// The skill's name.
    pub skill: String,
    /// The module's file.
    pub path: PathBuf,
    /// Size of the binary module, in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hex.
    pub sha256: Option<String>,
    /// The profile, where the module was accepted.
    pub profile: Option<Profile>,
    /// Why it is refused, where it is.
    pub failure: Option<Failure>,
    /// The parts, in the order in which they are shown.
    pub sections: Vec<ReportSection>,
    /// The text form, or as much of it as can be printed.
    pub wat: Payload,
}

/// A list within a [`ModuleReport`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSection {
    /// `exports`, `imports`, `memories`, `sections`, `functions`, …
    pub title: String,
    /// Each as columns: a name, a type or size, and a note.
    pub rows: Vec<[String; 3]>,
}

/// One part of two runs, as texts that are laid side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedPart {
    /// `output`, `host calls`, `AI answers`, `usage`, …
    pub title: String,
    /// The part of the run that is the measure.
    pub before: String,
    /// The same of the other run.
    pub after: String,
}

/// Who answers the prompts of the next runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AiState {
    /// `mock`, `real`, `both`, or a provider's name.
    pub mode: String,
    /// The label of who answers the skill.
    pub lead: String,
    /// The labels of those who are asked beside it.
    pub others: Vec<String>,
    /// The names that can be chosen: `mock`, and the configured providers.
    pub providers: Vec<String>,
}

/// What the next run of a skill may use and do, and how far that differs from its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The skill's name.
    pub skill: String,
    /// The limits in force.
    pub limits: Limits,
    /// The permissions in force.
    pub permissions: Permissions,
    /// Whether the user changed something that the manifest does not say.
    pub changed: bool,
    /// The manifest; `None` for a bare module.
    pub manifest: Option<PathBuf>,
}

/// What a session tells a workbench, beside what happens to skills and in runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum WorkbenchEvent {
    /// Providers are compared on a skill, by `Sweep` events.
    Comparing {
        /// The skill's name.
        skill: String,
        /// On how many of its cases; `None` where that is its newest input.
        cases: Option<usize>,
    },
    /// A command could not be done; nothing was changed.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// A run was opened from its record; its events follow under this number.
    RecordOpened {
        /// The number under which they come.
        run: RunId,
        /// The record.
        headline: RunHeadline,
    },
    /// A run is being recorded in this file.
    Recording {
        /// The run.
        run: RunId,
        /// Its record.
        path: PathBuf,
    },
    /// Entries of a run's trace, read back from its record.
    ReadBack {
        /// The run.
        run: RunId,
        /// The position of the first of them in the whole trace, from 0.
        first: u64,
        /// How many entries the record has so far.
        total: u64,
        /// The events that make them, in the order of the run, each with the microseconds since the run began.
        events: Vec<(u64, RunEvent)>,
        /// What other providers answered to calls among them.
        answers: Vec<(CallId, ShadowAnswer)>,
    },
    /// Something was written to a file.
    Saved {
        /// The file.
        path: PathBuf,
        /// How much, in a few words.
        told: String,
    },
    /// What becomes of runs in flight on a save.
    OnSave {
        /// Whether they are cancelled, or waited for.
        on_save: OnSave,
    },
    /// The records of earlier runs, the newest first.
    History {
        /// The whole list.
        runs: Vec<RunHeadline>,
    },
    /// How two recorded runs differ.
    Compared {
        /// A title and two texts for each part that was compared: output, calls, answers, usage.
        parts: Vec<ComparedPart>,
    },
    /// What a module is made of, as it was asked for.
    Inspected(ModuleReport),
    /// The inputs that were kept of a skill, the newest first.
    Inputs {
        /// The skill's name.
        skill: String,
        /// The newest is what the next run is given.
        inputs: Vec<KeptInput>,
        /// Those of the skill's cases, the ones that end well first.
        of_cases: Vec<InputOfCase>,
    },
    /// What the next run of a skill may use and do.
    Terms(Terms),
    /// Who answers the prompts of the next runs.
    Ai(AiState),
    /// Whether skills run again when they are saved.
    AutoRun {
        /// Whether they do.
        on: bool,
    },
    /// Which host calls are held.
    Intercept {
        /// The filter, as it was written.
        filter: Option<String>,
        /// Whether calls are held.
        on: bool,
        /// How many kinds of calls are answered from now on without asking.
        standing: usize,
    },
    /// Whether files are watched, and how.
    Watching {
        /// In a word: `watching`, `polling`, `off`.
        how: String,
    },
}
