//! Where in its journey a run is.

use serde::{Deserialize, Serialize};

/// A phase of a run, by its [`Phase::name`] also in JSON. Compiling is none: it is outside the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// The instance is made: data and element segments, then the start function.
    #[serde(rename = "start function")]
    Start,
    /// The export `_initialize`.
    #[serde(rename = "_initialize")]
    Initialize,
    /// `skill_init` of the cis-sdk profile.
    #[serde(rename = "skill_init")]
    SkillInit,
    /// The skill's allocator gives a buffer for the input.
    #[serde(rename = "alloc")]
    Alloc,
    /// `execute` of the d04 profile.
    #[serde(rename = "execute")]
    Execute,
    /// `skill_on_event` of the cis-sdk profile.
    #[serde(rename = "skill_on_event")]
    SkillOnEvent,
    /// `_start` of a command.
    #[serde(rename = "_start")]
    Command,
    /// The output is read from the guest.
    #[serde(rename = "output")]
    Output,
    /// The skill's allocator takes the input's buffer back.
    #[serde(rename = "dealloc")]
    Dealloc,
    /// `skill_shutdown` of the cis-sdk profile.
    #[serde(rename = "skill_shutdown")]
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
