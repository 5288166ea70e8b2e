//! The few colours of a report, and their absence.

use crate::event::{LogLevel, Outcome};

/// Escape sequences for each role; all empty without colours.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Things that went well.
    pub good: &'static str,
    /// Things to look at.
    pub warning: &'static str,
    /// Things that went wrong.
    pub bad: &'static str,
    /// Names.
    pub name: &'static str,
    /// What matters less.
    pub faint: &'static str,
    /// Back to normal.
    pub reset: &'static str,
}

impl Palette {
    /// No colours.
    pub const PLAIN: Self = Self { good: "", warning: "", bad: "", name: "", faint: "", reset: "" };
    /// The 16 colours that every terminal's theme settles.
    pub const COLOURED: Self =
        Self { good: "\x1b[1;32m", warning: "\x1b[33m", bad: "\x1b[1;31m", name: "\x1b[36m", faint: "\x1b[2m", reset: "\x1b[0m" };

    /// The colour of an outcome's word.
    pub const fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Ok => self.good,
            Outcome::Cancelled => self.warning,
            Outcome::Manifest
            | Outcome::Invalid
            | Outcome::Trap
            | Outcome::Timeout
            | Outcome::Fuel
            | Outcome::Memory
            | Outcome::Output
            | Outcome::Exit
            | Outcome::Failed
            | Outcome::Host => self.bad,
        }
    }

    /// The colour of a log line's level.
    pub const fn level(&self, level: LogLevel) -> &'static str {
        match level {
            LogLevel::Trace | LogLevel::Debug => self.faint,
            LogLevel::Info => self.name,
            LogLevel::Warn => self.warning,
            LogLevel::Error => self.bad,
        }
    }
}
