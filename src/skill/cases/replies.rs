//! What the AI and servers answer in a case.

use super::{Content, TextMatch};
use std::collections::BTreeMap;
use std::time::Duration;

/// An answer of the AI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiReply {
    /// The prompts that it answers; all without it.
    pub prompt: Option<TextMatch>,
    /// Which prompt of the run it answers, from 1; any without it.
    pub call: Option<u64>,
    /// What is said.
    pub with: AiReplyWith,
    /// How long that takes.
    pub delay: Duration,
}

/// What the AI says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AiReplyWith {
    /// This.
    Text(String),
    /// It fails, with this message.
    Error(String),
}

impl AiReply {
    /// Whether it answers this prompt, the run's `call`-th.
    pub fn fits(&self, call: u64, prompt: &str) -> bool {
        self.call.is_none_or(|wanted| wanted == call) && self.prompt.as_ref().is_none_or(|wanted| wanted.fits(prompt))
    }
}

/// An answer of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpReply {
    /// The URLs that it answers; all without it.
    pub url: Option<TextMatch>,
    /// `GET` or `POST`; both without it.
    pub method: Option<String>,
    /// The bodies that it answers; all without it.
    pub body: Option<TextMatch>,
    /// Which request of the run it answers, from 1, each hop of a redirect counted; any without it.
    pub call: Option<u64>,
    /// What the server does.
    pub with: HttpReplyWith,
    /// How long that takes.
    pub delay: Duration,
}

/// What a server does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpReplyWith {
    /// It answers.
    Response {
        /// The status.
        status: u16,
        /// The headers, with lower-case names.
        headers: BTreeMap<String, String>,
        /// The body.
        body: Content,
    },
    /// It cannot be reached, or breaks off; with this message.
    Error(String),
}

impl HttpReply {
    /// Whether it answers this request, the run's `call`-th.
    pub fn fits(&self, call: u64, method: &str, url: &str, body: &[u8]) -> bool {
        self.call.is_none_or(|wanted| wanted == call)
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.url.as_ref().is_none_or(|wanted| wanted.fits(url))
            && self.body.as_ref().is_none_or(|wanted| wanted.fits(&String::from_utf8_lossy(body)))
    }
}
