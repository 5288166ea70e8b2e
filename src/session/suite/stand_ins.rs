//! Who answers in a case: its own replies, and behind them the mock for prompts, and nobody for requests.

use crate::event::CASE_PROVIDER;
use crate::host::ai::{AiError, Answer, Provider};
use crate::host::http::{CannedResponse, HttpAnswer, HttpAnswers, Method};
use crate::skill::FileError;
use crate::skill::cases::{AiReply, AiReplyWith, HttpReply, HttpReplyWith};
use futures::future::BoxFuture;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Chooses who answers each prompt of a run.
pub struct CaseAi {
    replies: Vec<AiReply>,
    asked: AtomicU64,
    fallback: Arc<dyn Provider>,
}

impl CaseAi {
    /// The case's replies, and who answers where none fits.
    pub const fn new(replies: Vec<AiReply>, fallback: Arc<dyn Provider>) -> Self {
        Self { replies, asked: AtomicU64::new(0), fallback }
    }
}

impl Provider for CaseAi {
    fn label(&self) -> String {
        self.fallback.label()
    }

    fn chosen_for(&self, prompt: &str) -> Option<Arc<dyn Provider>> {
        let call = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let reply = self.replies.iter().find(|reply| reply.fits(call, prompt));
        Some(match reply {
            Some(reply) => Arc::new(CaseAnswer(reply.clone())),
            None => Arc::clone(&self.fallback),
        })
    }

    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        self.fallback.ask(prompt)
    }
}

/// One reply, given.
struct CaseAnswer(AiReply);

impl Provider for CaseAnswer {
    fn label(&self) -> String {
        CASE_PROVIDER.to_owned()
    }

    fn ask(&self, _: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        let AiReply { with, delay, .. } = self.0.clone();
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            match with {
                AiReplyWith::Text(text) => Ok(Answer { text, tokens: None }),
                AiReplyWith::Error(message) => Err(AiError::Mocked(message)),
            }
        })
    }
}

/// Answers requests with the case's replies.
#[derive(Debug)]
pub struct CaseHttp {
    replies: Vec<(HttpReply, Vec<u8>)>,
    asked: AtomicU64,
    /// Whether the network is asked where no reply fits.
    live: bool,
    unanswered: Mutex<Vec<UnansweredRequest>>,
}

/// A request that no reply fitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnansweredRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
}

impl CaseHttp {
    /// The case's replies, with their bodies read.
    ///
    /// # Errors
    /// Where a file that one names cannot be read.
    pub fn new(replies: &[HttpReply], directory: &Path, live: bool) -> Result<Self, FileError> {
        let read = |reply: &HttpReply| {
            let body = match &reply.with {
                HttpReplyWith::Response { body, .. } => body.bytes(directory)?.into_owned(),
                HttpReplyWith::Error(_) => Vec::new(),
            };
            Ok((reply.clone(), body))
        };
        let replies = replies.iter().map(read).collect::<Result<_, FileError>>()?;
        Ok(Self { replies, asked: AtomicU64::new(0), live, unanswered: Mutex::default() })
    }

    /// The requests that no reply fitted.
    pub fn unanswered(&self) -> Vec<UnansweredRequest> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl HttpAnswers for CaseHttp {
    fn answer(&self, method: Method, url: &Url, body: &[u8]) -> HttpAnswer {
        let call = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let found = self.replies.iter().find(|(reply, _)| reply.fits(call, method.name(), url.as_str(), body));
        match found {
            Some((HttpReply { with: HttpReplyWith::Response { status, headers, .. }, delay, .. }, body)) => {
                let location = headers.get("location").cloned();
                HttpAnswer::Answered(CannedResponse { status: *status, location, body: body.clone(), delay: *delay })
            }
            Some((HttpReply { with: HttpReplyWith::Error(message), delay, .. }, _)) => {
                HttpAnswer::Failed(message.clone(), *delay)
            }
            None if self.live => HttpAnswer::Passed,
            None => {
                let request = UnansweredRequest { method: method.name(), url: url.to_string() };
                self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                HttpAnswer::Failed("the case has no reply for this request".to_owned(), Duration::ZERO)
            }
        }
    }
}
