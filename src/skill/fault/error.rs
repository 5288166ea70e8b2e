//! Why a text is no fault: where, and what to write instead.

use crate::event::filter::FilterFault;
use crate::skill::{DurationError, LimitError, SizeError};

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct FaultSpecError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What.
    pub problem: FaultSpecProblem,
}

/// What is wrong with a fault. Texts are echoed as they were typed, at most 40 characters of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultSpecProblem {
    /// Nothing there.
    #[error("a fault is missing; write for example ai=error, http=status:503 or store=full")]
    Empty,
    /// Over [`super::MAX_FAULT_BYTES`].
    #[error("a fault has at most {} bytes", super::MAX_FAULT_BYTES)]
    TooLong,
    /// No effect.
    #[error("expected = and what happens behind it, as in ai=error")]
    NoEffect,
    /// Nobody is meant.
    #[error("whom it befalls is missing before =, such as ai, http, store, memory, or #3 for the third call")]
    NoTarget,
    /// There is no such function or kind of call.
    #[error(
        "there is no host function and no kind of call {word}{}; the kinds are ai, http, store, config, call and memory",
        did_you_mean(*.nearest)
    )]
    UnknownTarget {
        /// The word.
        word: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The filter is none.
    #[error("{0}")]
    Filter(FilterFault),
    /// The filter does not end.
    #[error("this ( has no ): a filter in the place of a name stands in parentheses, as in (~u example.com)=refused")]
    OpenFilter,
    /// Something else behind a filter.
    #[error("expected # or = behind the filter")]
    BehindFilter,
    /// Not an occurrence.
    #[error("expected which one behind #: a number from 1, a number and +, first or every, found {0:?}")]
    Occurrence(String),
    /// There is no such fault.
    #[error("there is no fault {word}{}; {target} may have {possible}", did_you_mean(*.nearest))]
    UnknownEffect {
        /// The word.
        word: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
        /// Whom it should befall, as it was written.
        target: String,
        /// What can befall it.
        possible: String,
    },
    /// The fault does not befall such calls.
    #[error("{word} cannot befall {target}, which may have {possible}")]
    Unfit {
        /// The fault.
        word: &'static str,
        /// Whom it should befall, as it was written.
        target: String,
        /// What can befall it.
        possible: String,
    },
    /// Something is missing behind the fault.
    #[error("{word} wants more behind it: {word}{form}")]
    NoArgument {
        /// The fault.
        word: &'static str,
        /// How it is written.
        form: &'static str,
    },
    /// There is too much behind the fault.
    #[error("{0} takes nothing behind it")]
    Argument(&'static str),
    /// Not a status that is a fault.
    #[error("expected a status from 100 to 599 that is not 2xx, found {0:?}")]
    Status(String),
    /// Not a duration.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// Not a size.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A text larger than any answer.
    #[error("no answer is larger than 16 MiB; too-large stands for one that is")]
    LongerThanAnswers,
    /// Not a size of memory.
    #[error(transparent)]
    Memory(#[from] LimitError),
    /// A limit that would hold for some growths only.
    #[error("limit holds for the whole run: write memory=limit:SIZE, without #")]
    LimitOccurrence,
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}
