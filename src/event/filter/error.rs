//! Why a text is no filter: where, and what was expected there.

use super::{MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_TESTS, OPERATORS};

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {fault}")]
pub struct FilterError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What.
    pub fault: FilterFault,
}

/// What is wrong with a filter. Texts are echoed as they were typed, at most 40 characters of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    /// Nothing there.
    #[error("a filter is missing; ~all means everything")]
    Empty,
    /// Over [`MAX_FILTER_BYTES`].
    #[error("a filter has at most {MAX_FILTER_BYTES} bytes")]
    TooLong,
    /// Over [`MAX_FILTER_DEPTH`].
    #[error("more than {MAX_FILTER_DEPTH} parentheses and negations inside one another")]
    TooDeep,
    /// Over [`MAX_FILTER_TESTS`].
    #[error("a filter asks at most {MAX_FILTER_TESTS} things")]
    TooManyTests,
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What.
        expected: &'static str,
        /// What is there: a piece of the filter, or `the end`.
        found: String,
    },
    /// An operator that there is not.
    #[error("there is no operator {name}; {}", nearest_or_all(*.nearest))]
    UnknownOperator {
        /// Its name.
        name: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A quote without its end.
    #[error("this quoted text does not end; write {0} at its end, and \\{0} for one inside")]
    OpenQuote(char),
    /// A parenthesis without its end.
    #[error("this ( has no )")]
    OpenParenthesis,
    /// A word that runs into a parenthesis or a quote.
    #[error("{found} right behind a word: put the whole text in quotes, as in \"ai_(prompt|chat)\", or a blank between")]
    Glued {
        /// The parenthesis or quote.
        found: char,
    },
    /// A regular expression that is none.
    #[error("not a regular expression: {0}")]
    Regex(String),
    /// A regular expression that would take too much memory.
    #[error("this regular expression is too large")]
    RegexTooLarge,
    /// A number behind `~slow` that is no duration.
    #[error("~slow wants a duration with its unit, such as 100ms, not {0}; put {0} in quotes where the text is meant")]
    Duration(String),
    /// A number that is no code.
    #[error("~c wants a whole number, such as -3 or 404, not {0}")]
    Code(String),
    /// A kind that there is not.
    #[error("there is no kind {word}{}", nearest_words(*.nearest))]
    UnknownKind {
        /// The word.
        word: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A level that there is not.
    #[error("there is no log level {word}{}; the levels are trace, debug, info, warn, error", nearest_words(*.nearest))]
    UnknownLevel {
        /// The word.
        word: String,
        /// The one that was probably meant.
        nearest: Option<&'static str>,
    },
}

fn nearest_words(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

fn nearest_or_all(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!("there are {}", OPERATORS.iter().map(|row| row.name).collect::<Vec<_>>().join(" ")),
    }
}

/// A piece of what was typed, for a message.
pub(super) fn echo(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The candidate nearest to what was typed, where one is near enough to be a slip of the pen. To two letters, everything short is near.
pub(super) fn nearest(typed: &str, candidates: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let typed = echo(typed).to_lowercase();
    if typed.chars().count() < 3 {
        return None;
    }
    let near = candidates.into_iter().filter_map(|candidate| {
        let distance = strsim::damerau_levenshtein(&typed, candidate);
        let is_near = distance <= (typed.chars().count().max(candidate.len()) / 3).max(1);
        let is_beginning = candidate.starts_with(&typed) || typed.starts_with(candidate);
        (is_near || is_beginning).then_some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}
