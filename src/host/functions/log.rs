//! Log lines of a skill.

use super::arguments::{self, Field};
use super::call::{Env, GuestRange, Import, Reply, traced};
use crate::event::{LogLevel, Payload, RunEvent};
use crate::host::Stop;

/// `host_log`: it has no result, so that a line that cannot be read is a warning.
pub(super) fn log(env: &mut Env<'_>, import: &Import, level: u32, message: GuestRange) -> Result<(), Stop> {
    let field = Field::bytes("message", message, env.data().limits.request_bytes);
    traced(
        env,
        import,
        |host| {
            let (mut request, checked) = arguments::read(host, &[field], None);
            request.0.insert(0, ("level".into(), Payload::from(level.to_string())));
            (request, checked)
        },
        |call, checked| {
            let sink = &call.host.state.sink;
            match (checked, call.request.get("message")) {
                (Ok(()), Some(text)) => {
                    let message = text.to_text_lossy().into_owned().into();
                    sink.emit(RunEvent::Log { level: LogLevel::from_abi(level), message });
                    Ok(Reply::default())
                }
                (checked, _) => {
                    let error = checked.err().map(|refusal| refusal.error).unwrap_or_default();
                    sink.warn(format!("a line of {} is lost: {error}", import.name));
                    Ok(Reply { error: Some(error), ..Reply::default() })
                }
            }
        },
    )
    .map(|_| ())
}
