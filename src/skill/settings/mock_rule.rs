//! What the mock AI answers to which prompt.

use regex::Regex;
use std::time::Duration;

/// One `[[ai.mock]]` of the settings.
#[derive(Clone, Debug)]
pub struct MockRule {
    /// Which prompts it answers.
    pub matches: MockMatch,
    /// What it answers.
    pub answer: MockAnswer,
    /// How long the answer takes.
    pub delay: Duration,
}

/// Which prompts a mock rule answers.
#[derive(Clone, Debug)]
pub enum MockMatch {
    /// Those that contain the text, upper and lower case being different; the empty text is in every prompt.
    Contains(String),
    /// Those in which the expression matches somewhere.
    Regex(Regex),
}

/// What a mock rule answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MockAnswer {
    /// This text.
    Reply(String),
    /// A failure with this message.
    Error(String),
}

impl MockRule {
    /// Whether it answers the prompt.
    pub fn fits(&self, prompt: &str) -> bool {
        match &self.matches {
            MockMatch::Contains(text) => prompt.contains(text.as_str()),
            MockMatch::Regex(expression) => expression.is_match(prompt),
        }
    }
}
