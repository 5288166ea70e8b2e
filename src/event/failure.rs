//! What went wrong, as data only: each floor's typed errors turn into this at its border.

use super::Phase;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The kind of a failure: a word that scripts may match on (`unknown-import`, `null`, `timeout`, …).
pub type FailureKind = Cow<'static, str>;

/// One failure, worded for the skill's author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A stable word for scripts, in kebab case.
    pub kind: FailureKind,
    /// What was wrong and where; may have several lines (a source excerpt with a caret, a list of imports).
    pub message: String,
    /// What to do about it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The phase in which it happened, where a run had begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The guest's frames, innermost first; empty where there are none.
    #[serde(default)]
    pub backtrace: Vec<Frame>,
}

impl Failure {
    /// A failure without hint, phase and frames.
    pub fn new(kind: impl Into<FailureKind>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), hint: None, phase: None, backtrace: Vec::new() }
    }

    /// The same failure with words on what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure, in a phase.
    #[must_use]
    pub fn in_phase(mut self, phase: Phase) -> Self {
        self.phase = Some(phase);
        self
    }
}

/// A frame of a guest's stack, in terms of the module as its author built it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function's name, demangled, where the module names it.
    pub function: Option<String>,
    /// The function's index in the module's function index space.
    pub function_index: u32,
    /// The byte offset of the instruction in the original module, where it is known.
    pub module_offset: Option<u64>,
}

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.function {
            Some(name) => f.write_str(name)?,
            None => write!(f, "function {}", self.function_index)?,
        }
        self.module_offset.map_or(Ok(()), |offset| write!(f, " (offset {offset:#x})"))
    }
}
