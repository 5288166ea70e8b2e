//! What AssemblyScript's ordinary builds import: `abort`, `trace`, `seed`.

use super::call::{Env, Fault, Host, Import, Reply, answerable, traced};
use crate::event::{CallRequest, Failure, LogLevel, Payload, RunEvent};
use crate::host::replay::HostAnswer;
use crate::host::{Stop, USER};

/// The longest string that is read for a message, in bytes.
const MAX_STRING_BYTES: u32 = 64 << 10;

/// `env.abort`: a trap that shows what the skill said, and where.
pub(super) fn abort(env: &mut Env<'_>, import: &Import, message: u32, file: u32, place: (u32, u32)) -> Result<(), Stop> {
    let (line, column) = place;
    traced(
        env,
        import,
        |host| {
            let (message, file) = (string(host, message), string(host, file));
            let stop = Stop::Trap(abort_failure(&message, &file, line, column));
            let fields = [("message", message), ("file", file), ("line", line.to_string()), ("column", column.to_string())];
            (CallRequest(fields.into_iter().map(|(name, value)| (name.into(), Payload::from(value))).collect()), stop)
        },
        |_, stop| Err(Fault::Stop(stop)),
    )
    .map(|_| ())
}

fn abort_failure(message: &str, file: &str, line: u32, column: u32) -> Failure {
    let what = if message.is_empty() { "the skill aborted" } else { message };
    let file = if file.is_empty() { "an unnamed file" } else { file };
    Failure::new("abort", format!("abort: {what} at {file}:{line}:{column}"))
}

/// `env.trace`: a log line with its numbers.
pub(super) fn trace(env: &mut Env<'_>, import: &Import, message: u32, count: i32, numbers: [f64; 5]) -> Result<(), Stop> {
    let count = usize::try_from(count).unwrap_or(0);
    let numbers = numbers.iter().take(count).map(f64::to_string).collect::<Vec<_>>().join(", ");
    traced(
        env,
        import,
        |host| {
            let message = string(host, message);
            let fields = [("message", message.clone()), ("numbers", numbers.clone())];
            (CallRequest(fields.into_iter().map(|(name, value)| (name.into(), Payload::from(value))).collect()), message)
        },
        |call, message| {
            let line = [message.as_str(), &numbers].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            call.host.state.sink.emit(RunEvent::Log { level: LogLevel::Trace, message: line.into() });
            Ok(Reply::default())
        },
    )
    .map(|_| ())
}

/// `env.seed`: a number from 0 to 1, from the run's own randomness.
pub(super) fn seed(env: &mut Env<'_>, import: &Import) -> Result<f64, Stop> {
    let mut seed = 0.0;
    answerable(
        env,
        import,
        |_| (CallRequest::default(), ()),
        |call, ()| {
            if let Some(HostAnswer::Recorded(finished)) = call.recorded(import, false)? {
                let text = finished.response.as_ref().and_then(Payload::as_text);
                seed = text.and_then(|text| text.parse().ok()).unwrap_or_default();
                return Ok(Reply::from(*finished));
            }
            let provider = match call.answer.take() {
                Some(answer) => {
                    seed = answer.trim().parse().unwrap_or_default();
                    Some(USER.to_owned())
                }
                None => {
                    let mut bytes = [0; 8];
                    call.host.state.clock.fill_random(&mut bytes);
                    // The bits of a number from 1 to 2: a fixed exponent and a random fraction.
                    seed = f64::from_bits(1_f64.to_bits() | (u64::from_le_bytes(bytes) >> 12)) - 1.0;
                    None
                }
            };
            Ok(Reply { response: Some(Payload::from(seed.to_string())), provider, ..Reply::default() })
        },
    )
    .map(|_| seed)
}

/// A string object of the guest's; empty for null, and words in its place where it cannot be read.
fn string(host: &Host<'_>, ptr: u32) -> String {
    match host.guest().and_then(|guest| guest.read_utf16_object(ptr, MAX_STRING_BYTES)) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => format!("(unreadable: {error})"),
    }
}
