//! What all host calls have in common: the look on entry, the pair of events, the time, and how each may end.

use crate::event::{CallFinished, CallId, CallRequest, Failure, Payload, RunEvent, Tokens};
use crate::host::intercept::{self, Consulted, USER};
use crate::host::replay::{HostAnswer, Replay};
use crate::host::{Denied, GuestError, GuestMemory, HostState, Stop};
use crate::module::{HostFunctionId, qualified_name};
use crate::skill::CallClass;
use std::borrow::Cow;
use wasmer::{FunctionEnvMut, RuntimeError, StoreMut};

/// A function's environment as the engine hands it over.
pub(super) type Env<'a> = FunctionEnvMut<'a, HostState>;
/// Pointer and length of a range that the guest named.
pub(super) type GuestRange = (u32, u32);

/// The import that a handler serves.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) id: HostFunctionId,
    /// Module and name, `cis.ai_prompt`; cloned for each call.
    pub(super) name: Cow<'static, str>,
}

impl Import {
    pub(super) fn new(id: HostFunctionId, module: &str, name: &str) -> Self {
        let known = qualified_name(module, name).map(Cow::Borrowed);
        Self { id, name: known.unwrap_or_else(|| Cow::Owned(format!("{module}.{name}"))) }
    }
}

/// A result that says what went wrong: the codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    NotFound,
    Invalid,
    Denied,
    Failed,
    Limit,
    /// A status of HTTP that is not 2xx.
    Status(u16),
}

impl Code {
    pub(super) fn value(self) -> i32 {
        match self {
            Self::NotFound => -1,
            Self::Invalid => -2,
            Self::Denied => -3,
            Self::Failed => -4,
            Self::Limit => -5,
            Self::Status(status) => -i32::from(status),
        }
    }
}

/// A call that ends in a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    /// In words, for the author.
    pub(super) error: String,
    /// What came back nevertheless; shown, not handed to the skill.
    pub(super) response: Option<Payload>,
    /// Who failed.
    pub(super) provider: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: Code, error: impl Into<String>) -> Self {
        Self { code, error: error.into(), response: None, provider: None }
    }

    pub(super) fn invalid(argument: &str, error: &GuestError) -> Self {
        Self::new(Code::Invalid, format!("{argument}: {error}"))
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::new(Code::Denied, denied.to_string())
    }
}

/// Why a call does not end well.
#[derive(Debug)]
pub(super) enum Fault {
    /// With a code, for the skill to look at.
    Refused(Refusal),
    /// With the end of the run.
    Stop(Stop),
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl<R: Into<Refusal>> From<R> for Fault {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

/// How a call ended, for the skill and for the trace.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// What the import returns, where it returns anything.
    pub(super) result: Option<i64>,
    pub(super) response: Option<Payload>,
    pub(super) truncated: bool,
    pub(super) held: bool,
    pub(super) provider: Option<String>,
    pub(super) tokens: Option<Tokens>,
    pub(super) error: Option<String>,
}

impl Reply {
    /// A plain result.
    pub(super) fn of(result: impl Into<i64>) -> Self {
        Self { result: Some(result.into()), ..Self::default() }
    }

    /// The result as a pointer, a length or a code; each of them fits, since longer responses are refused.
    pub(super) fn result_i32(&self) -> i32 {
        self.result.and_then(|result| i32::try_from(result).ok()).unwrap_or_else(|| Code::Limit.value())
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self {
            result: Some(refusal.code.value().into()),
            response: refusal.response,
            provider: refusal.provider,
            error: Some(refusal.error),
            ..Self::default()
        }
    }
}

/// What the record has of a call.
impl From<CallFinished> for Reply {
    fn from(finished: CallFinished) -> Self {
        let CallFinished { id: _, result, response, truncated, held, elapsed_us: _, provider, tokens, error } = finished;
        Self { result, response, truncated, held, provider, tokens, error }
    }
}

/// What a handler works with.
pub(super) struct Host<'e> {
    pub(super) state: &'e mut HostState,
    pub(super) store: StoreMut<'e>,
    /// The fuel used when the call began.
    pub(super) fuel: u64,
}

impl Host<'_> {
    /// The guest's memory as it is now.
    pub(super) fn guest(&self) -> Result<GuestMemory<'_>, GuestError> {
        let memory = self.state.memory.as_ref().ok_or(GuestError::NoMemory)?;
        Ok(GuestMemory::new(memory, &self.store))
    }
}

/// A call whose arguments were read: it is in the trace, and must come to an end there.
pub(super) struct Started<'h, 'e> {
    pub(super) host: &'h mut Host<'e>,
    pub(super) id: CallId,
    /// The import as module and name.
    pub(super) name: &'h str,
    pub(super) request: &'h CallRequest,
    /// What the user answered in the place of whoever would be asked; only where the caller can hand it over.
    pub(super) answer: Option<String>,
    /// Whether a fault makes its answer larger than the skill's buffer.
    pub(super) truncate: bool,
}

impl<'h, 'e> Started<'h, 'e> {
    fn new(host: &'h mut Host<'e>, id: CallId, name: &'h str, request: &'h CallRequest, answer: Option<String>) -> Self {
        Self { host, id, name, request, answer, truncate: false }
    }
}

impl Started<'_, '_> {
    /// The answer of the record, where the run is answered from one and this function is; `holds` where a held response answers too.
    pub(super) fn recorded(&mut self, import: &Import, holds: bool) -> Result<Option<HostAnswer>, Stop> {
        let Some(replay) = &mut self.host.state.replay else { return Ok(None) };
        if Replay::is_live(&import.name) {
            let decided = replay.decided(&import.name, self.request)?;
            return Ok(decided.map(|finished| HostAnswer::Recorded(Box::new(finished))));
        }
        let answer = replay.host_call(self.id, &import.name, self.request, holds).map(Some);
        for fault in replay.take_faults() {
            self.host.state.sink.emit(RunEvent::FaultInjected { fault, call: Some(self.id) });
        }
        answer
    }
}

/// Makes one host call: `read` takes the arguments, `work` does what was asked. A refusal becomes the result, a stop ends the run;
/// whichever it is, the call that was started is finished.
pub(super) fn traced<A>(
    env: &mut Env<'_>,
    import: &Import,
    read: impl FnOnce(&mut Host<'_>) -> (CallRequest, A),
    work: impl FnOnce(&mut Started<'_, '_>, A) -> Result<Reply, Fault>,
) -> Result<Reply, Stop> {
    answerable(env, import, read, |call, arguments| {
        if let Some(HostAnswer::Recorded(finished)) = call.recorded(import, false)? {
            if drops_held(import, &finished) {
                call.host.state.held = None;
            }
            return Ok(Reply::from(*finished));
        }
        match call.answer.take() {
            // Without a buffer an answer is the number that the function returns.
            Some(answer) => Ok(Reply { provider: Some(USER.to_owned()), ..Reply::of(answer.trim().parse::<i32>().unwrap_or(0)) }),
            None => {
                // Where a service is asked, its handler knows when. Most runs have no faults, and are not to look names up.
                let state = &*call.host.state;
                let may_befall = !state.faults.is_empty() && state.replay.is_none();
                if may_befall && CallClass::of(call.name) == Some(CallClass::Other) {
                    call.befall_without_answer()?;
                }
                work(call, arguments)
            }
        }
    })
}

/// Whether a recorded call wrote to the store, or tried to: then no response is held any more.
fn drops_held(import: &Import, finished: &CallFinished) -> bool {
    let writes =
        matches!(import.id, HostFunctionId::MemorySet | HostFunctionId::HostMemorySet | HostFunctionId::HostMemoryDelete);
    let refused = [Code::Invalid, Code::Denied].map(|code| i64::from(code.value()));
    writes && finished.provider.as_deref() != Some(USER) && !finished.result.is_some_and(|result| refused.contains(&result))
}

/// The same for a call that can hand over what the user answered: `work` looks at `answer` first.
pub(super) fn answerable<A>(
    env: &mut Env<'_>,
    import: &Import,
    read: impl FnOnce(&mut Host<'_>) -> (CallRequest, A),
    work: impl FnOnce(&mut Started<'_, '_>, A) -> Result<Reply, Fault>,
) -> Result<Reply, Stop> {
    entered(env, |host| {
        let (request, arguments) = read(host);
        let id = host.state.sink.start_call(import.name.clone(), request.clone());
        let consulted = match &host.state.replay {
            // What was decided then is in the record.
            Some(_) => Ok(Consulted::Goes(request)),
            None => intercept::consult(host.state, id, &import.name, request),
        };
        let outcome = match consulted {
            Err(stop) => Err(Fault::Stop(stop)),
            Ok(Consulted::Failed(code)) => {
                Ok(Reply { error: Some("failed by you".to_owned()), provider: Some(USER.to_owned()), ..Reply::of(code) })
            }
            Ok(Consulted::Goes(request)) => work(&mut Started::new(host, id, &import.name, &request, None), arguments),
            Ok(Consulted::Answered(request, text)) => {
                work(&mut Started::new(host, id, &import.name, &request, Some(text)), arguments)
            }
        };
        let outcome = match outcome {
            Ok(reply) => Ok(reply),
            Err(Fault::Refused(refusal)) => Ok(Reply::from(refusal)),
            Err(Fault::Stop(stop)) => Err(stop),
        };
        finish(host.state, id, outcome)
    })
}

/// Starts a call that goes back into the guest: whoever starts it so calls [`finish`]. A stop of `check` has finished it already.
pub(super) fn begun<T>(
    env: &mut Env<'_>,
    import: &Import,
    request: CallRequest,
    check: impl FnOnce(&mut HostState) -> Result<T, Stop>,
) -> Result<(CallId, T), Stop> {
    entered(env, |host| {
        let id = host.state.sink.start_call(import.name.clone(), request);
        match check(host.state) {
            Ok(ready) => Ok((id, ready)),
            Err(stop) => finish(host.state, id, Err(stop.clone())).and(Err(stop)),
        }
    })
}

/// What the trace says of a call in which the guest trapped.
pub(super) fn stop_of(trap: &RuntimeError) -> Stop {
    trap.downcast_ref::<Stop>().cloned().unwrap_or_else(|| Stop::Trap(Failure::new("trap", trap.message())))
}

/// Does the bookkeeping round a call: the look at the run's handle, the gauges, the time.
fn entered<T>(env: &mut Env<'_>, call: impl FnOnce(&mut Host<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
    let (state, mut store) = env.data_and_store_mut();
    let began = state.control.check_and_tell_elapsed()?;
    state.gauges.count_host_call();
    let fuel = state.fuel_used(&mut store);
    state.gauges.set_fuel(fuel);
    state.check_replay(fuel)?;
    let mut host = Host { state, store, fuel };
    if let Ok(guest) = host.guest() {
        let size = guest.size();
        host.state.gauges.set_memory_bytes(size);
    }
    let result = call(&mut host);
    let spent = host.state.control.elapsed().saturating_sub(began);
    host.state.add_host_time(spent);
    result
}

/// Finishes the open call in the trace, and hands its reply on.
pub(super) fn finish(state: &HostState, id: CallId, outcome: Result<Reply, Stop>) -> Result<Reply, Stop> {
    let finished = CallFinished {
        id,
        result: None,
        response: None,
        truncated: false,
        held: false,
        elapsed_us: 0,
        provider: None,
        tokens: None,
        error: None,
    };
    match outcome {
        Ok(mut reply) => {
            state.sink.finish_call(CallFinished {
                result: reply.result,
                response: reply.response.take(),
                truncated: reply.truncated,
                held: reply.held,
                provider: reply.provider.take(),
                tokens: reply.tokens,
                error: reply.error.take(),
                ..finished
            });
            Ok(reply)
        }
        Err(stop) => {
            state.sink.finish_call(CallFinished { error: Some(stop.to_string()), ..finished });
            Err(stop)
        }
    }
}
