//! Faults that are to befall a run: `ai#2=error`, `http=status:503`, `memory=limit:2MiB`, read from a case or a flag.
//!
//! A fault is read here, with what is wrong told by column, and asked here whether a call is meant; what it does to that call is the
//! host's affair. `docs/faults.md` tells the same to users; its table is checked against [`FAULTS`].

mod effect;
mod error;
mod parse;
mod target;
#[cfg(test)]
mod tests;

pub use effect::{CallClass, Effect, FAULTS, FaultArgument, FaultRow};
pub use error::{FaultSpecError, FaultSpecProblem};
pub use target::{Occurrence, TARGETS};

use crate::event::{CallId, CallRequest};
use std::str::FromStr;
use target::Target;

/// The longest fault, in bytes.
pub const MAX_FAULT_BYTES: usize = 8192;

/// One fault: whom it befalls, at which occurrence, and what it is. Shown as it was written.
#[derive(Clone, Debug)]
pub struct FaultSpec {
    text: String,
    target: Target,
    occurrence: Occurrence,
    effect: Effect,
}

impl FaultSpec {
    /// Reads a fault.
    ///
    /// # Errors
    /// Where it is none, with the column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FaultSpecError> {
        parse::parse(text)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub const fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Which of those that it fits it befalls.
    pub const fn occurrence(&self) -> Occurrence {
        self.occurrence
    }

    /// Whether it befalls the growth of memory and no call.
    pub fn is_of_memory(&self) -> bool {
        self.target == Target::LinearMemory
    }

    /// Whether it is meant for one call by the call's number in the run.
    pub fn is_by_number(&self) -> bool {
        self.target == Target::Numbered
    }

    /// Whether it fits a call: the call is one that is meant, and one that this can happen to. Which of them is another question.
    pub fn fits(&self, id: CallId, name: &str, request: &CallRequest) -> bool {
        let can_happen = CallClass::of(name).is_some_and(|class| self.effect.befalls(class));
        can_happen && self.target.means(name, request) && (!self.is_by_number() || self.occurrence.is(id.0))
    }
}

/// What is written alike is the same.
impl PartialEq for FaultSpec {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for FaultSpec {}

impl FromStr for FaultSpec {
    type Err = FaultSpecError;

    fn from_str(text: &str) -> Result<Self, FaultSpecError> {
        Self::parse(text)
    }
}

impl std::fmt::Display for FaultSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
