//! The one table of exit codes (`docs/running.md` shows it, checked by a test).

use skillscope::event::{Failure, Outcome, ReplayVerdict};
use std::process::ExitCode;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// There is an output document, or nothing was refused.
    Ok,
    /// The skill failed.
    Skill,
    /// The command line, or a file that it names, is wrong.
    Usage,
    /// There is no such skill, or its manifest is wrong.
    Manifest,
    /// The module was refused.
    Invalid,
    /// A limit ended the run.
    Limit,
    /// A host call ended the run.
    Host,
    /// A replay differs from its record.
    Differs,
    /// A record ends before its run did.
    RecordEnds,
    /// A fault of skillscope itself.
    Internal,
    /// Cancelled by the user.
    Cancelled,
    /// The workbench was ended by this signal.
    Signal(u8),
}

impl Exit {
    /// The code of the process.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Skill => 1,
            Self::Usage => 2,
            Self::Manifest => 3,
            Self::Invalid => 4,
            Self::Limit => 5,
            Self::Host => 6,
            Self::Differs => 7,
            Self::RecordEnds => 8,
            Self::Internal => 70,
            Self::Cancelled => 130,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }

    /// The end of a replay whose run ended with this code.
    pub const fn of_replay(verdict: ReplayVerdict, of_run: Self) -> Self {
        match (verdict, of_run) {
            (_, Self::Internal) => Self::Internal,
            (ReplayVerdict::Same, _) => Self::Ok,
            (ReplayVerdict::Differs | ReplayVerdict::Diverged, _) => Self::Differs,
            (ReplayVerdict::RecordEnds, _) => Self::RecordEnds,
            (ReplayVerdict::Refused, _) => of_run,
        }
    }

    /// The end of a run, or of a check.
    pub fn of(outcome: Outcome, failure: Option<&Failure>) -> Self {
        match failure.map(|failure| failure.kind.as_ref()) {
            Some("internal") => return Self::Internal,
            Some("usage") => return Self::Usage,
            _ => {}
        }
        match outcome {
            Outcome::Ok => Self::Ok,
            Outcome::Manifest => Self::Manifest,
            Outcome::Invalid => Self::Invalid,
            Outcome::Trap | Outcome::Output | Outcome::Exit | Outcome::Failed => Self::Skill,
            Outcome::Timeout | Outcome::Fuel | Outcome::Memory => Self::Limit,
            Outcome::Host => Self::Host,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
