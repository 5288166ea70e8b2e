//! AI providers: who answers a skill's prompts.
//!
//! It knows `event` and the settings of providers; the client library is known here alone. It must not know guest memory,
//! grants or a run's deadline: whoever asks waits through the bridge.

mod cassette;
mod choose;
mod key;
mod mock;
mod real;

pub use cassette::Cassette;
pub use choose::{AiConfigError, BOTH, REAL, choose, choose_with};
pub use key::{Environment, Key, KeyError};
pub use mock::{MOCK, MockProvider};
pub use real::{RealProvider, UnspokenKind};

use crate::event::Tokens;
use futures::future::BoxFuture;
use std::sync::Arc;

/// Someone who answers prompts.
pub trait Provider: Send + Sync {
    /// Its name, with the model where it has one, as reports show it: `mock`, `local (llama3.2)`.
    fn label(&self) -> String;

    /// Asks it. The future owns all it needs and ends when it is dropped.
    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>>;

    /// Who answers in one run, where that is another one: of those who remember what they were asked.
    fn for_run(&self) -> Option<Arc<dyn Provider>> {
        None
    }
}

/// An answer that has a text; whoever asked checks its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// Tokens, where the provider tells them.
    pub tokens: Option<Tokens>,
}

/// Why a provider gave no answer. No message ever holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AiError {
    /// A mock rule says so.
    #[error("{0}")]
    Mocked(String),
    /// The provider or the network failed.
    #[error("{provider}: {message}")]
    Failed {
        /// The provider's label.
        provider: String,
        /// What it said, with keys redacted.
        message: String,
    },
    /// The provider's answer is too large; no more of it was read.
    #[error("{provider}: the answer is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The provider's label.
        provider: String,
        /// The limit on its whole answer, in bytes.
        limit: u64,
    },
    /// The provider answered without a text.
    #[error("{provider}: the answer has no text")]
    NoText {
        /// The provider's label.
        provider: String,
    },
    /// The prompt is not in the record that answers.
    #[error("{provider}: {message}")]
    NotRecorded {
        /// The provider's label.
        provider: String,
        /// The nearest prompt that is, with the difference; several lines.
        message: String,
    },
    /// The environment variable that holds the key is not set.
    #[error("{provider}: the environment variable {variable} is not set")]
    NoKey {
        /// The provider's label.
        provider: String,
        /// The variable's name.
        variable: String,
    },
}

/// Who answers the skill, and who is asked beside it.
#[derive(Clone)]
pub struct AiChoice {
    /// Answers the skill.
    pub lead: Arc<dyn Provider>,
    /// Asked the same, for comparison; never delays or changes the run.
    pub shadows: Vec<Arc<dyn Provider>>,
}

impl AiChoice {
    /// Those who answer in one run.
    #[must_use]
    pub fn for_run(&self) -> Self {
        let of_run = |provider: &Arc<dyn Provider>| provider.for_run().unwrap_or_else(|| Arc::clone(provider));
        Self { lead: of_run(&self.lead), shadows: self.shadows.iter().map(of_run).collect() }
    }
}
