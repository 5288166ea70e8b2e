//! What came of a run that was answered from a record.

use super::ComparedPart;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How far a replay is the recorded run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplayVerdict {
    /// It asked the same and ended the same; with the same module, its figures are the same too.
    Same,
    /// It ended, and differs.
    Differs,
    /// It was ended at the first call that differs from the recorded one.
    Diverged,
    /// It came as far as the record does, which ends before the recorded run did.
    RecordEnds,
    /// It never began, unlike the recorded run.
    Refused,
}

impl ReplayVerdict {
    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::Diverged => "diverged",
            Self::RecordEnds => "record-ends",
            Self::Refused => "refused",
        }
    }
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayReport {
    /// The record's file.
    #[serde(with = "super::path_text")]
    pub record: PathBuf,
    /// How far it is the recorded run.
    pub verdict: ReplayVerdict,
    /// Whether the module is the recorded one, by its digest.
    pub same_module: bool,
    /// How many calls were answered from the record.
    pub answered: u64,
    /// How many recorded calls nobody asked for; 0 where the replay was ended by a call that differs.
    pub unasked: u64,
    /// The parts that differ, as texts of both: `before` is the record's.
    pub differences: Vec<ComparedPart>,
}
