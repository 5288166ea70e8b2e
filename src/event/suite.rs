//! What happens while a suite of cases is run.

use super::{Failure, Outcome, Usage};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// Which case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId {
    /// The skill's name.
    pub skill: String,
    /// The case's name.
    pub case: String,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.skill, self.case)
    }
}

/// A case as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCase {
    /// Which.
    #[serde(flatten)]
    pub id: CaseId,
    /// What it shows.
    pub description: Option<String>,
    /// The file in which it stands.
    #[serde(with = "super::path_text")]
    pub file: PathBuf,
    /// The line of its name, from 1.
    pub line: usize,
    /// Why it is not run, where it is not.
    pub skip: Option<String>,
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseStatus {
    /// All holds.
    Passed,
    /// All holds, but only after it had failed.
    Flaky,
    /// Something does not hold.
    Failed,
    /// It was not run, as it says itself.
    Skipped,
}

impl CaseStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Passed, Self::Flaky, Self::Failed, Self::Skipped];

    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flaky => "flaky",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MismatchKind {
    /// The run ended otherwise.
    Outcome,
    /// The run's error is another one.
    Error,
    /// The output is another one.
    Output,
    /// The output is not the accepted one.
    Snapshot,
    /// Standard output or standard error is another one.
    Stream,
    /// The host calls are others.
    Calls,
    /// A request for which the case has no reply.
    NoReply,
    /// The store holds something else.
    Store,
    /// Too much was used.
    Budget,
    /// More fuel than was accepted.
    Fuel,
    /// Nothing was accepted yet that could be compared with.
    NotAccepted,
    /// A file that the case names cannot be taken.
    File,
}

impl MismatchKind {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 12] = [
        Self::Outcome,
        Self::Error,
        Self::Output,
        Self::Snapshot,
        Self::Stream,
        Self::Calls,
        Self::NoReply,
        Self::Store,
        Self::Budget,
        Self::Fuel,
        Self::NotAccepted,
        Self::File,
    ];

    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Error => "error",
            Self::Output => "output",
            Self::Snapshot => "snapshot",
            Self::Stream => "stream",
            Self::Calls => "calls",
            Self::NoReply => "no-reply",
            Self::Store => "store",
            Self::Budget => "budget",
            Self::Fuel => "fuel",
            Self::NotAccepted => "not-accepted",
            Self::File => "file",
        }
    }
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// Of which sort.
    pub kind: MismatchKind,
    /// In words, one line.
    pub message: String,
    /// More lines: what was expected (`-`) and what was found (`+`), or what to write.
    pub details: Option<String>,
    /// The line of the case's file that says what was expected, where it is another than the case's own.
    pub line: Option<usize>,
}

impl Mismatch {
    /// One without details.
    pub fn new(kind: MismatchKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: None, line: None }
    }

    /// The same with more lines.
    #[must_use]
    pub fn with_details(self, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..self }
    }

    /// The same, at a line of its own.
    #[must_use]
    pub fn at_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
}

/// One run of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseAttempt {
    /// How the run ended.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// How many host calls it made.
    pub host_calls: u64,
    /// What does not hold.
    pub mismatches: Vec<Mismatch>,
    /// What its author should know all the same.
    pub notes: Vec<String>,
}

/// What came of a case, all of its attempts together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// Which case, and where it stands.
    #[serde(flatten)]
    pub case: ListedCase,
    /// What came of it.
    pub status: CaseStatus,
    /// Its runs: the last one counts.
    pub attempts: Vec<CaseAttempt>,
    /// What was written down, where that was asked for.
    pub accepted: Vec<String>,
}

impl CaseResult {
    /// The attempt that counts.
    pub fn last(&self) -> Option<&CaseAttempt> {
        self.attempts.last()
    }
}

/// How many cases came to what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SuiteTotals {
    /// Those that were chosen.
    pub cases: u64,
    /// Those in which all holds, flaky ones not counted.
    pub passed: u64,
    /// Those that failed before all held.
    pub flaky: u64,
    /// Those in which something does not hold.
    pub failed: u64,
    /// Those that are not to be run.
    pub skipped: u64,
    /// Those that were not come to, as the suite was ended.
    pub not_run: u64,
    /// Files of cases, and skills with cases, that cannot be taken.
    pub broken: u64,
    /// Wall-clock time, in milliseconds.
    pub elapsed_ms: f64,
    /// Whether the user ended it.
    pub cancelled: bool,
}

/// Something that happens in a suite. In JSON its type stands beside its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SuiteEvent {
    /// The cases that were chosen; first of all.
    Chosen {
        /// In the order of their skills, and there in that of their files.
        cases: Vec<ListedCase>,
        /// How many others there are.
        others: u64,
        /// The seed of those that have none of their own; `None` where clock and randomness are live.
        seed: Option<u64>,
    },
    /// Cases that cannot be taken.
    Broken {
        /// The skill's name.
        skill: String,
        /// The file.
        #[serde(with = "super::path_text")]
        file: PathBuf,
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// Why.
        failure: Failure,
    },
    /// A case begins.
    CaseStarted {
        /// Which.
        case: CaseId,
    },
    /// A case has ended, all of its attempts included.
    CaseFinished(Box<CaseResult>),
    /// Last of all.
    Finished(SuiteTotals),
}
