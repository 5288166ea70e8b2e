//! The filter language: which entries of a run are meant. Traces, interception and test cases use this one.
//!
//! A filter is parsed once, within bounds on its length, depth and the size of its regular expressions, and then asked of
//! entries through [`EntryView`], which borrows all and copies nothing. `docs/filter.md` tells the same to users; its table of
//! operators is checked against [`OPERATORS`]. It knows the words of `event` alone, and touches nothing outside of itself.

mod display;
mod entry;
mod error;
mod expression;
mod lexer;
mod operators;
mod parser;
#[cfg(test)]
mod tests;

pub use entry::{EntryKind, EntryView, KIND_GROUPS};
pub use error::{FilterError, FilterFault};
pub use operators::{Argument, OPERATORS, Operator};

use expression::Expression;
use std::str::FromStr;

/// The longest filter, in bytes.
pub const MAX_FILTER_BYTES: usize = 4096;
/// How deep parentheses and negations may be nested.
pub const MAX_FILTER_DEPTH: usize = 64;
/// How many tests one filter may have.
pub const MAX_FILTER_TESTS: usize = 64;
/// What `~slow` means without a duration, in milliseconds.
pub const DEFAULT_SLOW_MS: u64 = 100;

/// A parsed filter. Its `Display` form is a filter that parses to the same one.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Expression);

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// Where it is none, with the column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parser::parse(text).map(Self)
    }

    /// Whether the entry is meant.
    pub fn matches(&self, entry: &EntryView<'_>) -> bool {
        self.0.matches(entry)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}
