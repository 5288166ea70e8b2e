//! The mock: a provider that answers by rules, needs no network, and never passes for a real one.

use super::{AiError, Answer, Provider};
use crate::skill::{MockAnswer, MockRule};
use futures::future::BoxFuture;
use std::sync::Arc;

/// The mock's name in settings, on the command line and in reports.
pub const MOCK: &str = crate::event::MOCK_PROVIDER;

/// Answers by the first rule that fits the prompt; where none does, with the prompt itself behind words that name the mock.
#[derive(Clone, Debug)]
pub struct MockProvider {
    rules: Arc<[MockRule]>,
}

impl MockProvider {
    /// A mock with these rules, tried in order.
    pub fn new(rules: &[MockRule]) -> Self {
        Self { rules: rules.into() }
    }
}

impl Provider for MockProvider {
    fn label(&self) -> String {
        MOCK.to_owned()
    }

    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        let rules = Arc::clone(&self.rules);
        Box::pin(async move {
            let Some(rule) = rules.iter().find(|rule| rule.fits(&prompt)) else {
                return Ok(Answer { text: format!("[mock] no rule matches this prompt: {prompt}"), tokens: None });
            };
            if !rule.delay.is_zero() {
                tokio::time::sleep(rule.delay).await;
            }
            match &rule.answer {
                MockAnswer::Reply(text) => Ok(Answer { text: text.clone(), tokens: None }),
                MockAnswer::Error(message) => Err(AiError::Mocked(message.clone())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::MockMatch;
    use std::time::{Duration, Instant};

    fn contains(text: &str, answer: MockAnswer) -> MockRule {
        MockRule { matches: MockMatch::Contains(text.into()), answer, delay: Duration::ZERO }
    }

    fn ask(rules: &[MockRule], prompt: &str) -> Result<String, AiError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(MockProvider::new(rules).ask(prompt.into())).map(|answer| answer.text)
    }

    #[test]
    fn the_first_rule_that_fits_answers() {
        let rules = [
            contains("weather", MockAnswer::Reply("Sunny.".into())),
            MockRule {
                matches: MockMatch::Regex(regex::Regex::new("^(?i)HELLO").unwrap()),
                answer: MockAnswer::Reply("Hi.".into()),
                delay: Duration::ZERO,
            },
            contains("", MockAnswer::Error("out of order".into())),
        ];
        assert_eq!(ask(&rules, "hello, how is the weather?").unwrap(), "Sunny.");
        assert_eq!(ask(&rules, "hello").unwrap(), "Hi.");
        assert_eq!(ask(&rules, "Weather").unwrap_err(), AiError::Mocked("out of order".into()));
    }

    #[test]
    fn without_a_fitting_rule_the_echo_names_itself() {
        assert_eq!(ask(&[], "two\nlines").unwrap(), "[mock] no rule matches this prompt: two\nlines");
        assert_eq!(MockProvider::new(&[]).label(), "mock");
    }

    #[test]
    fn a_delay_is_waited_for_also_before_an_error() {
        let rule = MockRule { delay: Duration::from_millis(40), ..contains("", MockAnswer::Error("late".into())) };
        let since = Instant::now();
        assert!(ask(&[rule], "x").is_err());
        assert!(since.elapsed() >= Duration::from_millis(40));
    }
}
