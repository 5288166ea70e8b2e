//! Texts that a case expects: exactly, in part, or by a regular expression.

use regex::Regex;
use std::fmt;

/// A regular expression, equal to another where their texts are.
#[derive(Clone, Debug)]
pub struct Pattern(pub Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// Which texts are meant. Upper and lower case are different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextMatch {
    /// This one.
    Equals(String),
    /// Those that contain this.
    Contains(String),
    /// Those in which this matches somewhere.
    Matches(Pattern),
}

impl TextMatch {
    /// Whether the text is meant.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Equals(expected) => expected == text,
            Self::Contains(part) => text.contains(part.as_str()),
            Self::Matches(pattern) => pattern.0.is_match(text),
        }
    }

    /// What stands in it, without how it is meant.
    pub fn text(&self) -> &str {
        match self {
            Self::Equals(text) | Self::Contains(text) => text,
            Self::Matches(pattern) => pattern.0.as_str(),
        }
    }
}

impl fmt::Display for TextMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(text) => write!(f, "{text:?}"),
            Self::Contains(text) => write!(f, "something with {text:?} in it"),
            Self::Matches(pattern) => write!(f, "something that matches {:?}", pattern.0.as_str()),
        }
    }
}
