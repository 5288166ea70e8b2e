//! One case: what the skill is given.

use super::{AiReply, Content, Expected, HttpReply};
use crate::skill::{FaultSpec, LimitsTable, Permissions};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name, unique in its skill.
    pub name: String,
    /// What it shows.
    pub description: Option<String>,
    /// Where it stands.
    pub place: CasePlace,
    /// Why it is not run, where it is not.
    pub skip: Option<String>,
    /// What the skill is asked.
    pub input: CaseInput,
    /// What it finds round it.
    pub given: Given,
    /// What must come of it.
    pub expected: Expected,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePlace {
    /// The file.
    pub file: PathBuf,
    /// The line of its name, from 1.
    pub line: usize,
    /// Which `[[case]]` of the file it is, from 0.
    pub index: usize,
}

/// What the skill is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseInput {
    /// The input document, or raw stdin.
    pub content: Content,
    /// Whether it is raw stdin of a command, which need not be JSON.
    pub raw_stdin: bool,
    /// The event's type, for the cis-sdk profile.
    pub event: Option<String>,
}

/// What the skill finds round it; what is not given is as in a run of its own, but for a memory of the case's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The seed of clock and randomness.
    pub seed: Option<u64>,
    /// Values of `[config]` that differ from the manifest's.
    pub config: BTreeMap<String, String>,
    /// Environment variables (WASI) beside the manifest's.
    pub env: BTreeMap<String, String>,
    /// Limits in the place of the manifest's.
    pub limits: LimitsTable,
    /// All that the skill may do, in the place of what the manifest says.
    pub permissions: Option<Permissions>,
    /// What it finds in its store, by key.
    pub store: BTreeMap<String, Content>,
    /// Faults that befall the run.
    pub faults: Vec<FaultSpec>,
    /// What the AI says; the first that fits counts.
    pub ai: Vec<AiReply>,
    /// What servers say; the first that fits counts.
    pub http: Vec<HttpReply>,
}
