//! Where in its journey a run is.

use serde::{Deserialize, Serialize};

/// A phase of a run. Compiling is none: it is outside the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The instance is made: data and element segments, then the start function.
    Start,
    /// The export `_initialize`.
    Initialize,
    /// `skill_init` of the cis-sdk profile.
    SkillInit,
    /// The skill's allocator gives a buffer for the input.
    Alloc,
    /// `execute` of the d04 profile.
    Execute,
    /// `skill_on_event` of the cis-sdk profile.
    SkillOnEvent,
    /// `_start` of a command.
    Command,
    /// The output is read from the guest.
    Output,
    /// The skill's allocator takes the input's buffer back.
    Dealloc,
    /// `skill_shutdown` of the cis-sdk profile.
    SkillShutdown,
}

impl Phase {
    /// The phase as a report names it: an export's name, or plain words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start function",
            Self::Initialize => "_initialize",
            Self::SkillInit => "skill_init",
            Self::Alloc => "alloc",
            Self::Execute => "execute",
            Self::SkillOnEvent => "skill_on_event",
            Self::Command => "_start",
            Self::Output => "output",
            Self::Dealloc => "dealloc",
            Self::SkillShutdown => "skill_shutdown",
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
