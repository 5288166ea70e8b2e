//! The events of one run, in their order: `Started` first, exactly one `Finished` last.

use super::{
    CallFinished, CallId, CallRequest, CallStarted, Failure, FunctionFuel, GaugeSample, JsonDocument, Limits, Outcome, Payload,
    Phase, Release, Usage, WasiCall,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The number of a run within its session, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u64);

/// How a skill is called: told by its exports, or by its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Profile {
    /// `alloc` → `execute` → `dealloc` with NUL-terminated JSON documents.
    #[serde(rename = "d04")]
    D04,
    /// `skill_init` → `skill_on_event` → `skill_shutdown`.
    #[serde(rename = "cis-sdk")]
    CisSdk,
    /// A WASI command: stdin to stdout.
    #[serde(rename = "command")]
    Command,
}

impl Profile {
    /// Every profile, in the order in which they are documented.
    pub const ALL: [Self; 3] = [Self::D04, Self::CisSdk, Self::Command];

    /// The word that manifests and reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::D04 => "d04",
            Self::CisSdk => "cis-sdk",
            Self::Command => "command",
        }
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// The level of a log line; in the ABI 0 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// 0
    Trace,
    /// 1
    Debug,
    /// 2
    Info,
    /// 3
    Warn,
    /// 4
    Error,
}

impl LogLevel {
    /// The level of an ABI number; a number above 4 counts as `Error`.
    pub const fn from_abi(level: u32) -> Self {
        match level {
            0 => Self::Trace,
            1 => Self::Debug,
            2 => Self::Info,
            3 => Self::Warn,
            _ => Self::Error,
        }
    }

    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What a run begins with. A run that never reaches its module (a bad manifest, a refused module) has one too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The skill's name.
    pub skill: String,
    /// The profile, where the manifest or the module was good enough to tell.
    pub profile: Option<Profile>,
    /// SHA-256 of the binary module in lower-case hex, where the module was read; also of one that was refused.
    pub module_sha256: Option<String>,
    /// The limits in force; where the manifest cannot be read, those of flags and defaults.
    pub limits: Limits,
    /// The input document, or raw stdin.
    pub input: Payload,
    /// The type of the event, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The version of the fuel rule that the figures follow.
    pub fuel_rule: u32,
    /// The seed, where clock and randomness are deterministic.
    pub seed: Option<u64>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// How it ended.
    pub outcome: Outcome,
    /// The output document; kept also for a failed run that has one. In JSON the field is left out where there is none, since
    /// `null` is a document.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::reading::document")]
    pub output: Option<JsonDocument>,
    /// What was there instead, where the output is not JSON.
    pub output_text: Option<Payload>,
    /// What went wrong, where something did.
    pub error: Option<Failure>,
    /// What the run used.
    pub usage: Usage,
    /// What each function used that was entered, those that used most first; in a profiled run alone, and left out in JSON in others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<Vec<FunctionFuel>>,
}

/// Something that happened in a run. In JSON its type stands beside its fields; it is read back from JSON text only (`reading.rs`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", remote = "Self")]
pub enum RunEvent {
    /// First of all.
    Started(Box<RunStarted>),
    /// A phase begins.
    PhaseStarted {
        /// Which.
        phase: Phase,
    },
    /// A host call begins.
    HostCallStarted(CallStarted),
    /// A host call ends.
    HostCallFinished(CallFinished),
    /// A host call is held until the user says what becomes of it; the deadline stands still.
    HostCallHeld {
        /// Which.
        id: CallId,
    },
    /// A held host call goes on.
    HostCallReleased {
        /// Which.
        id: CallId,
        /// How.
        how: Release,
        /// The request as the user changed it, where that was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<CallRequest>,
    },
    /// A fault that was asked for befalls the run: what follows is not what would have happened.
    FaultInjected {
        /// The fault, as it was written.
        fault: String,
        /// The host call that it befalls; `None` where memory does not grow.
        call: Option<CallId>,
    },
    /// A WASI function was called.
    WasiCall(WasiCall),
    /// The skill logged a line.
    Log {
        /// Its level.
        level: LogLevel,
        /// Its text, as the skill gave it; bytes that are not UTF-8 are replaced.
        message: Cow<'static, str>,
    },
    /// The skill wrote to stdout.
    Stdout {
        /// What it wrote, as it came.
        bytes: Payload,
    },
    /// The skill wrote to stderr.
    Stderr {
        /// What it wrote, as it came.
        bytes: Payload,
    },
    /// Something that the author should know and that did not end the run.
    Warning {
        /// In words.
        message: String,
    },
    /// The gauges at this moment: the sampled timeline of the run.
    Sample(GaugeSample),
    /// Last of all.
    Finished(Box<RunFinished>),
}
