//! What the host tells a skill of its surroundings: the time, its configuration; and what a skill merely notifies.

use super::arguments::{self, Field};
use super::call::{Env, GuestRange, Import, Reply, traced};
use super::fill::{Buffer, Found, Response, fill};
use crate::event::{CallRequest, Payload};
use crate::host::Stop;

const NS_PER_SECOND: u64 = 1_000_000_000;

/// `host_now`: seconds since the Unix epoch.
pub(super) fn now(env: &mut Env<'_>, import: &Import) -> Result<i64, Stop> {
    let reply = traced(
        env,
        import,
        |_| (CallRequest::default(), ()),
        |call, ()| {
            let seconds = call.host.state.clock.now_ns(call.host.fuel) / NS_PER_SECOND;
            Ok(Reply::of(i64::try_from(seconds).unwrap_or(i64::MAX)))
        },
    )?;
    Ok(reply.result.unwrap_or_default())
}

/// `host_config_get`: a value of the manifest's `[config]`.
pub(super) fn config(env: &mut Env<'_>, import: &Import, key: GuestRange, buffer: Buffer) -> Result<i32, Stop> {
    fill(env, import, &[Field::key("key", key)], buffer, |call| {
        call.befall_without_answer()?;
        let value = call.host.state.config.get(arguments::text(call.request, "key"));
        Ok(value.map_or(Found::Nothing, |value| {
            Found::Response(Response { bytes: value.clone().into_bytes(), is_text: true, ..Response::default() })
        }))
    })
}

/// `emscripten_notify_memory_growth`: nothing is done, since memory is looked at afresh in each call.
pub(super) fn notify_memory_growth(env: &mut Env<'_>, import: &Import, memory_index: u32) -> Result<(), Stop> {
    let request = CallRequest(vec![("memory_index".into(), Payload::from(memory_index.to_string()))]);
    traced(env, import, |_| (request, ()), |_, ()| Ok(Reply::default())).map(|_| ())
}
