//! Functions that fill a buffer of the skill's: full lengths, truncation, and the held response.

use super::arguments::{self, Field};
use super::call::{Code, Env, Fault, Host, Import, Refusal, Reply, Started, answerable};
use crate::event::{CallRequest, Payload, Tokens};
use crate::host::replay::HostAnswer;
use crate::host::{HeldResponse, Stop, USER};
use crate::module::HostFunctionId;

/// Where the skill wants its response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buffer {
    pub(super) ptr: u32,
    pub(super) capacity: u32,
}

/// What a service came up with.
pub(super) enum Found {
    /// A response for the skill's buffer.
    Response(Response),
    /// Nothing, which this function says with 0.
    Nothing,
}

/// A response for the skill's buffer.
#[derive(Default)]
pub(super) struct Response {
    pub(super) bytes: Vec<u8>,
    /// Whether it is a text, which is never cut inside a character.
    pub(super) is_text: bool,
    pub(super) provider: Option<String>,
    pub(super) tokens: Option<Tokens>,
    /// Something to say about it in the trace.
    pub(super) held: bool,
}

/// Makes one call that fills a buffer. `find` is asked only where no held response answers the same request.
pub(super) fn fill(
    env: &mut Env<'_>,
    import: &Import,
    fields: &[Field],
    buffer: Buffer,
    find: impl FnOnce(&mut Started<'_, '_>) -> Result<Found, Fault>,
) -> Result<i32, Stop> {
    fill_as(env, import, |host| arguments::read(host, fields, Some(buffer)), buffer, find)
}

/// The same with a reading of its own, for a request that has more to it than what lies in guest memory.
pub(super) fn fill_as(
    env: &mut Env<'_>,
    import: &Import,
    read: impl FnOnce(&mut Host<'_>) -> (CallRequest, Result<(), Refusal>),
    buffer: Buffer,
    find: impl FnOnce(&mut Started<'_, '_>) -> Result<Found, Fault>,
) -> Result<i32, Stop> {
    let reply = answerable(env, import, read, |call, checked| {
        let held = take_held(call, import);
        if call.host.state.replay.is_some() {
            return fill_from_record(call, import, buffer, checked, held);
        }
        if let Err(refusal) = checked {
            // The same request with a wrong buffer is no other call: what is held stays so.
            call.host.state.held = held;
            return Err(refusal.into());
        }
        let found = match (call.answer.take(), held) {
            (Some(answer), _) => Found::Response(Response::of_the_user(answer)),
            (None, Some(held)) => Found::Response(held.into()),
            (None, None) => find(call)?,
        };
        match found {
            Found::Nothing => Ok(Reply::of(0)),
            Found::Response(response) => hand_over(call, import, buffer, response),
        }
    })?;
    Ok(reply.result_i32())
}

/// The same where the run is answered from a record.
fn fill_from_record(
    call: &mut Started<'_, '_>,
    import: &Import,
    buffer: Buffer,
    checked: Result<(), Refusal>,
    held: Option<HeldResponse>,
) -> Result<Reply, Fault> {
    let holds = held.is_some() && checked.is_ok();
    match (call.recorded(import, holds)?, held) {
        (Some(HostAnswer::Recorded(finished)), held) if finished.error.is_some() => {
            // Neither a wrong buffer nor a failure that the user wanted takes what is held.
            if checked.is_err() || finished.provider.as_deref() == Some(USER) {
                call.host.state.held = held;
            }
            Ok(Reply::from(*finished))
        }
        (Some(HostAnswer::Recorded(finished)), _) => {
            checked?;
            let is_text = is_text(import.id) || finished.provider.as_deref() == Some(USER);
            match finished.response {
                Some(response) => {
                    let bytes = response.as_bytes().to_vec();
                    let (provider, tokens) = (finished.provider, finished.tokens);
                    hand_over(call, import, buffer, Response { bytes, is_text, provider, tokens, held: false })
                }
                None => Ok(Reply::from(*finished)),
            }
        }
        (_, Some(held)) => hand_over(call, import, buffer, held.into()),
        (_, None) => Ok(Reply::of(0)),
    }
}

/// Whether what a function fills the buffer with is a text.
const fn is_text(id: HostFunctionId) -> bool {
    matches!(id, HostFunctionId::AiPrompt | HostFunctionId::HostAiChat | HostFunctionId::HostConfigGet)
}

/// The held response, where this call is the one that it is held for. Any other call drops it.
fn take_held(call: &mut Started<'_, '_>, import: &Import) -> Option<HeldResponse> {
    let held = call.host.state.held.take()?;
    (held.function == import.id && held.request == *call.request).then_some(held)
}

fn hand_over(call: &mut Started<'_, '_>, import: &Import, buffer: Buffer, response: Response) -> Result<Reply, Fault> {
    let limit = call.host.state.limits.response_bytes;
    let length = i32::try_from(response.bytes.len()).ok().filter(|length| u64::from(length.unsigned_abs()) <= limit);
    let Some(length) = length else { return Err(too_large(limit, response.provider).into()) };
    write(call, buffer, &response)?;
    let truncated = length.unsigned_abs() > buffer.capacity;
    let Response { bytes, is_text, provider, tokens, held } = response;
    if truncated {
        let (function, request) = (import.id, call.request.clone());
        call.host.state.held =
            Some(HeldResponse { function, request, response: bytes.clone(), is_text, provider: provider.clone() });
    }
    Ok(Reply {
        result: Some(length.into()),
        response: Some(Payload::from(bytes)),
        truncated,
        held,
        provider,
        tokens: if held { None } else { tokens },
        error: None,
    })
}

/// Writes at most the capacity. A text is cut before a character that does not fit whole; the rest, at most three bytes, is NUL.
fn write(call: &Started<'_, '_>, buffer: Buffer, response: &Response) -> Result<(), Fault> {
    let invalid = |error| Refusal::invalid("the buffer", &error);
    let guest = call.host.guest().map_err(invalid)?;
    let capacity = usize::try_from(buffer.capacity).unwrap_or(usize::MAX);
    let whole = if response.is_text { whole_characters(&response.bytes, capacity) } else { capacity };
    match response.bytes.get(..whole) {
        Some(cut) if whole < capacity => {
            let mut padded = cut.to_vec();
            padded.resize(capacity.min(response.bytes.len()), 0);
            guest.write_at_most(buffer.ptr, buffer.capacity, &padded).map_err(invalid)?;
        }
        _ => {
            guest.write_at_most(buffer.ptr, buffer.capacity, &response.bytes).map_err(invalid)?;
        }
    }
    Ok(())
}

/// The most bytes, up to `capacity`, that end with a character.
fn whole_characters(text: &[u8], capacity: usize) -> usize {
    let is_continuation = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    (0..=capacity).rev().find(|at| !is_continuation(at)).unwrap_or(capacity)
}

impl Response {
    /// What the user said in the place of whoever would be asked.
    fn of_the_user(answer: String) -> Self {
        Self { bytes: answer.into_bytes(), is_text: true, provider: Some(USER.to_owned()), ..Self::default() }
    }
}

fn too_large(limit: u64, provider: Option<String>) -> Refusal {
    Refusal { provider, ..Refusal::new(Code::Limit, format!("the response is larger than the limit of {limit} bytes")) }
}

impl From<HeldResponse> for Response {
    fn from(held: HeldResponse) -> Self {
        Self { bytes: held.response, is_text: held.is_text, provider: held.provider, tokens: None, held: true }
    }
}
