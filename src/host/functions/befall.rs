//! What a fault does to a call: what a real failure of that kind would do by contract, told as what it is.
//!
//! It is asked where the service would be: the arguments are right, the call is granted, and no held response answers it.

use super::call::{Code, Fault, Refusal, Started};
use super::fill::{Found, Response};
use crate::event::{FAULT_PROVIDER, RunEvent};
use crate::host::http::HttpError;
use crate::skill::{CallClass, Effect};

/// A JSON text that breaks off.
const GARBAGE: &str = "{\"answer\": [1, 2, {\"text\": \"It is";
/// A text that is hardly one: control characters, an escape sequence, a NUL, a byte order mark, a replacement character.
const CONTROL_CHARACTERS: &str = "\u{feff}\0\u{1}\u{7f}\u{1b}[31m\u{9b}\r\u{8}\u{fffd}\u{202e}\0";
/// Bytes that are no text.
const NO_TEXT: &[u8] = b"\xff\xfe\x00\x80\xc3\x28\xed\xa0\x80\xf5\x00\x1b[31m\x00";

impl Started<'_, '_> {
    /// Lets the faults befall this call that are to: it may be kept waiting, end here, or be answered here. With `None` it goes on.
    pub(super) fn befall(&mut self) -> Result<Option<Found>, Fault> {
        if self.host.state.faults.is_empty() {
            return Ok(None);
        }
        let befalling = self.host.state.faults.meet(self.id, self.name, self.request);
        for fault in befalling.faults {
            self.host.state.sink.emit(RunEvent::FaultInjected { fault, call: Some(self.id) });
        }
        if !befalling.delay.is_zero() {
            self.host.state.control.sleep(befalling.delay)?;
        }
        self.truncate = befalling.truncated;
        match befalling.end {
            Some((effect, fault)) => end(&effect, &fault, CallClass::of(self.name)).map(Some),
            None => Ok(None),
        }
    }

    /// The same for a call that has no answer for a buffer: of what can befall it nothing is one.
    pub(super) fn befall_without_answer(&mut self) -> Result<(), Fault> {
        self.befall().map(drop)
    }
}

/// How the call ends in the place of its real end.
fn end(effect: &Effect, fault: &str, class: Option<CallClass>) -> Result<Found, Fault> {
    let is_ai = class == Some(CallClass::Ai);
    let refuse = |code, error: &str| Err(refusal(code, error, fault).into());
    let text = |text: &str| Ok(answer(text.as_bytes().to_vec(), is_ai));
    match effect {
        Effect::Error(Some(words)) => refuse(Code::Failed, words),
        Effect::Error(None) => refuse(Code::Failed, failure_of(class)),
        Effect::Timeout => refuse(Code::Failed, "the connection timed out"),
        Effect::Refused => refuse(Code::Failed, "the connection was refused"),
        Effect::Status(status) => {
            Err(refusal(Code::Status(*status), &format!("the server answered with status {status}"), fault).into())
        }
        Effect::Denied => refuse(Code::Denied, "denied"),
        Effect::Full => refuse(Code::Limit, "the store is full"),
        Effect::TooLarge => {
            let limit = crate::event::MAX_TRANSFER_BYTES;
            refuse(Code::Limit, &HttpError::TooLarge { limit }.to_string())
        }
        // An answer without a text is a failure of an AI.
        Effect::Empty if is_ai => refuse(Code::Failed, "the answer has no text"),
        Effect::Empty => text(""),
        Effect::Garbage => text(GARBAGE),
        Effect::Binary if is_ai => text(CONTROL_CHARACTERS),
        Effect::Binary => Ok(answer(NO_TEXT.to_vec(), false)),
        Effect::Long(bytes) => {
            let bytes = usize::try_from(*bytes).unwrap_or(usize::MAX);
            Ok(answer(b"long ".iter().copied().cycle().take(bytes).collect(), is_ai))
        }
        Effect::Answer(words) if is_ai && words.trim().is_empty() => refuse(Code::Failed, "the answer has no text"),
        Effect::Answer(words) => text(words),
        // These are no ends of a call.
        Effect::Truncated | Effect::Delay(_) | Effect::Hang | Effect::MemoryLimit(_) | Effect::NoGrowth => Ok(Found::Nothing),
    }
}

const fn failure_of(class: Option<CallClass>) -> &'static str {
    match class {
        Some(CallClass::Ai) => "the provider failed",
        Some(CallClass::Http) => "the network failed",
        _ => "the store failed",
    }
}

fn refusal(code: Code, error: &str, fault: &str) -> Refusal {
    Refusal { provider: Some(FAULT_PROVIDER.to_owned()), ..Refusal::new(code, format!("{error} (the fault {fault})")) }
}

fn answer(bytes: Vec<u8>, is_text: bool) -> Found {
    Found::Response(Response { bytes, is_text, provider: Some(FAULT_PROVIDER.to_owned()), ..Response::default() })
}
