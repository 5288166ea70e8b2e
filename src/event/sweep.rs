//! What a sweep over cases comes to, row by row: faults that were tried, least limits, margins of time, and providers compared.

use super::{CallId, CaseId, Failure, Outcome, ProviderResult, RunId};
use serde::{Deserialize, Serialize};

/// What is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SweepKind {
    /// Each host call with each fault that can befall it.
    Faults,
    /// The least memory with which the case still passes.
    Memory,
    /// The least fuel.
    Fuel,
    /// How far the deadline is from the time that the case takes: a measurement.
    Timeout,
}

impl SweepKind {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 4] = [Self::Faults, Self::Memory, Self::Fuel, Self::Timeout];

    /// The word on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::Memory => "memory",
            Self::Fuel => "fuel",
            Self::Timeout => "timeout",
        }
    }
}

/// What became of a run that a fault befell. The words are those of `docs/faults.md`, which is checked against [`Survival::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Survival {
    /// The case passes all the same.
    Passed,
    /// The skill came to an end of its own: an output, an exit status, a negative result.
    Handled,
    /// The host ended the run, by contract: the function has no result that could say so.
    Ended,
    /// The skill trapped.
    Trapped,
    /// The skill gave an output that cannot be taken.
    NoOutput,
    /// A limit ended the run.
    Limit,
    /// The fault befell nothing: the run went another way, or the call failed for a reason of its own.
    Missed,
}

impl Survival {
    /// Every word, in the order in which they are documented.
    pub const ALL: [Self; 7] =
        [Self::Passed, Self::Handled, Self::Ended, Self::Trapped, Self::NoOutput, Self::Limit, Self::Missed];

    /// The word that reports use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Handled => "handled",
            Self::Ended => "ended",
            Self::Trapped => "trapped",
            Self::NoOutput => "no-output",
            Self::Limit => "limit",
            Self::Missed => "missed",
        }
    }

    /// Whether the skill is to blame: it did not survive what it could have.
    pub const fn is_fatal(self) -> bool {
        matches!(self, Self::Trapped | Self::NoOutput | Self::Limit)
    }
}

/// One run of a case with one fault at one of its host calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultTrial {
    /// The call's number, as in a run without a fault.
    pub call: CallId,
    /// Its function, `cis.ai_prompt`.
    pub function: String,
    /// The fault, as `--fault` takes it.
    pub fault: String,
    /// What became of it.
    pub survival: Survival,
    /// The run's outcome.
    pub outcome: Outcome,
    /// The error's message, where there is one.
    pub error: Option<String>,
}

/// The least of something with which a case still passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeastLimit {
    /// The least with which it passes: with a unit of fuel, or a page of memory, less it does not.
    pub least: u64,
    /// What it used without a limit of its own: fuel, or bytes of memory at the peak.
    pub used: u64,
    /// The limit in force, where there is one.
    pub limit: Option<u64>,
    /// How many runs it took to find.
    pub runs: u64,
}

/// How far a case is from its deadline: a measurement of this machine at this moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeMargin {
    /// The deadline, in milliseconds.
    pub limit_ms: u64,
    /// The median time of the runs, in milliseconds.
    pub median_ms: f64,
    /// The longest time, in milliseconds.
    pub longest_ms: f64,
    /// The deadline over the longest time.
    pub ratio: f64,
    /// How many runs were measured.
    pub runs: u64,
}

/// What comes up from a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "sweep", rename_all = "snake_case")]
pub enum SweepEvent {
    /// It begins.
    Started {
        /// The number by which it is cancelled, as a run is.
        number: RunId,
        /// How many cases are swept.
        cases: u64,
    },
    /// It cannot begin; there is no `Done`.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// A case is not swept: it does not pass as it is, or there is nothing to try.
    Skipped {
        /// Which.
        case: CaseId,
        /// Why.
        why: String,
        /// Whether that is a failure.
        failed: bool,
    },
    /// A fault was tried.
    FaultTried {
        /// The case.
        case: CaseId,
        /// What came of it.
        trial: FaultTrial,
    },
    /// A least limit was found.
    LeastFound {
        /// The case.
        case: CaseId,
        /// Of what: `memory` or `fuel`.
        what: SweepKind,
        /// How much.
        found: LeastLimit,
    },
    /// A margin was measured.
    MarginMeasured {
        /// The case.
        case: CaseId,
        /// How large it is.
        margin: TimeMargin,
    },
    /// A provider was compared on a case.
    Compared {
        /// The case.
        case: CaseId,
        /// What came of it.
        result: ProviderResult,
    },
    /// It is over.
    Done {
        /// Whether it was cancelled before its end.
        cancelled: bool,
    },
}
