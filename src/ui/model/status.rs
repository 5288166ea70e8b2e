//! The line that tells what happened, and what stood there before.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a message that needs no answer stays.
const STAYS: Duration = Duration::from_secs(8);
/// How many messages are kept to be read in full.
const KEPT: usize = 100;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something was done.
    Done,
    /// Something to know.
    Notice,
    /// Something failed.
    Error,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How much it matters.
    pub weight: Weight,
    /// In words; the first line is what the status line shows.
    pub text: String,
}

/// The newest message and the ones before.
#[derive(Clone, Debug, Default)]
pub struct Status {
    messages: VecDeque<Message>,
    shown_until: Option<Instant>,
}

impl Status {
    /// Tells something.
    pub fn tell(&mut self, weight: Weight, text: impl Into<String>) {
        self.messages.push_front(Message { weight, text: text.into() });
        self.messages.truncate(KEPT);
        self.shown_until = Instant::now().checked_add(if weight == Weight::Error { STAYS * 4 } else { STAYS });
    }

    /// The message that is shown now.
    pub fn shown(&self) -> Option<&Message> {
        self.shown_until.filter(|until| Instant::now() < *until).and_then(|_| self.messages.front())
    }

    /// When the message goes away.
    pub const fn until(&self) -> Option<Instant> {
        self.shown_until
    }

    /// Takes away a message that has stood long enough; true where there was one.
    pub fn has_expired(&mut self) -> bool {
        let has_expired = self.shown_until.is_some_and(|until| Instant::now() >= until);
        if has_expired {
            self.shown_until = None;
        }
        has_expired
    }

    /// Takes the message away.
    pub fn dismiss(&mut self) {
        self.shown_until = None;
    }

    /// All messages, the newest first.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }
}
