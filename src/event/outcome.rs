//! How a run ended, in one word each.

use serde::{Deserialize, Serialize};

/// How a run ended. The words are those of `docs/outcomes.md`, which is checked against [`Outcome::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is an output document.
    Ok,
    /// The `skill.toml` is wrong.
    Manifest,
    /// The module was refused before any of its code ran.
    Invalid,
    /// A wasm trap, native stack exhaustion included.
    Trap,
    /// The wall-clock limit ended the run.
    Timeout,
    /// The fuel limit ended the run.
    Fuel,
    /// The memory limit, or the limit on the output's size, ended the run.
    Memory,
    /// The output cannot be taken; [`OutputFault`] says why.
    Output,
    /// A command's exit status was not 0.
    Exit,
    /// A negative result of the cis-sdk profile.
    Failed,
    /// A host call ended the run.
    Host,
    /// The user cancelled the run.
    Cancelled,
}

impl Outcome {
    /// Every outcome, in the order in which they are documented.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Manifest,
        Self::Invalid,
        Self::Trap,
        Self::Timeout,
        Self::Fuel,
        Self::Memory,
        Self::Output,
        Self::Exit,
        Self::Failed,
        Self::Host,
        Self::Cancelled,
    ];

    /// The word that reports, records and documents use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Manifest => "manifest",
            Self::Invalid => "invalid",
            Self::Trap => "trap",
            Self::Timeout => "timeout",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Output => "output",
            Self::Exit => "exit",
            Self::Failed => "failed",
            Self::Host => "host",
            Self::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Why an output cannot be taken (profile `d04`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFault {
    /// `execute` returned a null pointer.
    Null,
    /// No NUL byte before the end of memory.
    NoNul,
    /// The bytes are not a JSON document.
    NotJson,
    /// `alloc` returned a range outside memory.
    Alloc,
}

impl OutputFault {
    /// The word that reports use as `error.kind`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::NoNul => "no-nul",
            Self::NotJson => "not-json",
            Self::Alloc => "alloc",
        }
    }
}
