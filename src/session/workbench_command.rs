//! What a workbench can tell a session to do, beside running and stopping: all of it stays in force for the next runs.

pub use crate::host::Decision;

use crate::event::{CallId, KeptInput, OnSave, Permissions, RunId};
use std::path::PathBuf;
use std::time::Duration;

/// A command of a workbench.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkbenchCommand {
    /// Run a skill with its newest input, under its terms. A run of it that goes on is ended first.
    Run {
        /// The skill's name.
        skill: String,
        /// Another input than its newest; it becomes the newest.
        input: Option<KeptInput>,
    },
    /// Keep an input for the next run of a skill.
    KeepInput {
        /// The skill's name.
        skill: String,
        /// The input.
        input: KeptInput,
    },
    /// Run skills again when they are saved, or not.
    SetAutoRun(bool),
    /// What becomes of a run that goes on when its skill is saved.
    SetOnSave(OnSave),
    /// Who answers prompts: `mock`, `real`, `both`, or a provider's name.
    SetAiMode(String),
    /// Who answers the skill under `both`: `mock`, or a provider's name.
    SetAiLead(String),
    /// Ask providers a prompt again, beside the run that it comes from. Their answers come as `ShadowAnswered`.
    Ask {
        /// The run.
        run: RunId,
        /// The call that the prompt comes from.
        call: CallId,
        /// The prompt.
        prompt: String,
        /// All that are configured, or those who would answer a run now.
        all: bool,
    },
    /// Run a skill's cases, or the skill with its newest input, with each of these providers, so often, and compare them. Answered by
    /// `Comparing`, then by `Sweep` events.
    CompareProviders {
        /// The skill's name.
        skill: String,
        /// The providers.
        providers: Vec<String>,
        /// How often each.
        repeat: u32,
        /// What is run.
        on: ComparedOn,
    },
    /// Make a recorded run again, with the answers of its record; the skill is the one of that name here, or the recorded one. Its
    /// events are those of a run, and `Replayed`.
    Replay(PathBuf),
    /// Write an answer into the settings as the first rule of the mock.
    SaveMockRule {
        /// What a prompt must contain.
        contains: String,
        /// What the mock says then.
        reply: String,
    },
    /// Which host calls are held from now on.
    SetIntercept {
        /// A filter, as it is written.
        filter: Option<String>,
        /// Whether calls that match are held.
        on: bool,
    },
    /// What becomes of a held call.
    Release {
        /// The run.
        run: RunId,
        /// The call.
        call: CallId,
        /// What becomes of it.
        decision: Decision,
        /// Whether the same is done with such calls from now on: of the same function and the same request.
        keep: bool,
    },
    /// Let every held call go on.
    ReleaseAll,
    /// Forget what is done with calls from now on.
    ForgetDecisions,
    /// Tell what a skill's module is made of.
    Inspect(String),
    /// Tell the records of earlier runs.
    ListHistory,
    /// Keep a record whatever its age, or no longer; the records are told anew.
    PinRecord {
        /// The record.
        path: PathBuf,
        /// Whether it is kept.
        is_pinned: bool,
    },
    /// Delete a record; the records are told anew.
    DeleteRecord(PathBuf),
    /// Read entries of a run's trace back from its record: answered by `ReadBack`.
    ReadBack {
        /// The run.
        run: RunId,
        /// Its record.
        record: PathBuf,
        /// The position of the first entry, from 0.
        first: u64,
        /// How many entries.
        count: u64,
    },
    /// Write something to a file: answered by `Saved`.
    Save {
        /// What.
        what: Saveable,
        /// The file; `~/` at its start is the user's home.
        to: PathBuf,
        /// Whether a file that is there is overwritten.
        overwrite: bool,
    },
    /// Open a record: its events come under a number of their own.
    OpenRecord(PathBuf),
    /// Tell how two recorded runs differ: answered by `Compared`.
    CompareRecords {
        /// The record that is the measure.
        before: PathBuf,
        /// The one that is compared with it.
        after: PathBuf,
    },
    /// Change what the next runs of a skill may use or do.
    SetTerm {
        /// The skill's name.
        skill: String,
        /// The change.
        change: TermChange,
    },
    /// Write the changed terms of a skill into its manifest; a bare module gets one.
    WriteManifest(String),
}

/// Something that can be written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saveable {
    /// A text, as it is.
    Text(String),
    /// Bytes, as they are.
    Bytes(Vec<u8>),
    /// The whole trace of a run, from its record, as a line of JSON for each entry.
    Trace {
        /// The record.
        record: PathBuf,
        /// A filter, as it is written.
        filter: Option<String>,
        /// Whether WASI calls are written.
        wasi: bool,
        /// Whether log lines are.
        logs: bool,
        /// The positions of the marked entries.
        marked: Vec<u64>,
    },
    /// A record, as it is.
    Record(PathBuf),
}

/// A change of a skill's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermChange {
    /// Linear memory, in bytes.
    Memory(u64),
    /// Wall-clock time.
    Timeout(Duration),
    /// Fuel; `None` is unlimited.
    Fuel(Option<u64>),
    /// What it may do.
    Permissions(Permissions),
    /// All as the manifest has it.
    Reset,
}

/// What providers are compared on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComparedOn {
    /// The skill's cases, where it has any, else its newest input.
    #[default]
    WhatIsThere,
    /// The skill's cases.
    Cases,
    /// The skill's newest input.
    Input,
}
