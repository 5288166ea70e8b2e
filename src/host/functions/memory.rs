//! The memory service: values by key, within the skill's patterns and its own namespace.

use super::arguments::{self, Field};
use super::call::{Code, Env, Fault, GuestRange, Import, Refusal, Reply, Started, traced};
use super::fill::{Buffer, Found, Response, fill};
use crate::event::Failure;
use crate::host::Stop;
use crate::host::store::StoreError;

/// How a function says that there is no value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// With -1.
    NotFound,
    /// With 0, as for an empty value.
    Zero,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Full { .. } => Code::Limit,
            StoreError::Failed(_) => Code::Failed,
        };
        Self::new(code, error.to_string())
    }
}

/// `cis.memory_get`, `host_memory_get`.
pub(super) fn get(env: &mut Env<'_>, import: &Import, key: GuestRange, buffer: Buffer, absent: Absent) -> Result<i32, Stop> {
    fill(env, import, &[Field::key("key", key)], buffer, |call| {
        let key = arguments::text(call.request, "key");
        call.host.state.grants.check_key(key)?;
        if let Some(found) = call.befall()? {
            return Ok(found);
        }
        let state = &*call.host.state;
        match (state.services.store.get(&state.skill, key).map_err(Refusal::from)?, absent) {
            (Some(bytes), _) => Ok(Found::Response(Response { bytes, ..Response::default() })),
            (None, Absent::Zero) => Ok(Found::Nothing),
            (None, Absent::NotFound) => Err(Refusal::new(Code::NotFound, "there is no value under this key").into()),
        }
    })
}

/// `host_memory_set`: 0, or a code.
pub(super) fn set(env: &mut Env<'_>, import: &Import, key: GuestRange, value: GuestRange) -> Result<i32, Stop> {
    let fields = [Field::key("key", key), Field::bytes("value", value, env.data().limits.request_bytes)];
    let reply = traced(
        env,
        import,
        |host| arguments::read(host, &fields, None),
        |call, checked| store_value(call, checked).map(|()| Reply::of(0)),
    )?;
    Ok(reply.result_i32())
}

/// `cis.memory_set`: it has no result, so that a failure must end the run.
pub(super) fn set_or_stop(env: &mut Env<'_>, import: &Import, key: GuestRange, value: GuestRange) -> Result<(), Stop> {
    let fields = [Field::key("key", key), Field::bytes("value", value, env.data().limits.request_bytes)];
    traced(
        env,
        import,
        |host| arguments::read(host, &fields, None),
        |call, checked| match store_value(call, checked) {
            Ok(()) => Ok(Reply::default()),
            Err(Fault::Refused(refusal)) => Err(Fault::Stop(lost_value(import, &refusal))),
            Err(stop) => Err(stop),
        },
    )
    .map(|_| ())
}

/// `host_memory_delete`: 0, also where there was nothing, or a code.
pub(super) fn delete(env: &mut Env<'_>, import: &Import, key: GuestRange) -> Result<i32, Stop> {
    let fields = [Field::key("key", key)];
    let reply = traced(
        env,
        import,
        |host| arguments::read(host, &fields, None),
        |call, checked| {
            checked?;
            let key = arguments::text(call.request, "key");
            call.host.state.grants.check_key(key)?;
            befall_write(call)?;
            let state = &*call.host.state;
            state.services.store.delete(&state.skill, key).map_err(Refusal::from)?;
            Ok(Reply::of(0))
        },
    )?;
    Ok(reply.result_i32())
}

/// Lets faults befall a write that is granted. Whatever comes of it, no response is held any more, unless it was denied after all.
fn befall_write(call: &mut Started<'_, '_>) -> Result<(), Fault> {
    let befallen = call.befall_without_answer();
    if !matches!(&befallen, Err(Fault::Refused(refusal)) if refusal.code == Code::Denied) {
        call.host.state.held = None;
    }
    befallen
}

fn store_value(call: &mut Started<'_, '_>, checked: Result<(), Refusal>) -> Result<(), Fault> {
    checked?;
    let key = arguments::text(call.request, "key");
    call.host.state.grants.check_key(key)?;
    befall_write(call)?;
    let state = &*call.host.state;
    state.services.store.set(&state.skill, key, arguments::bytes(call.request, "value")).map_err(Refusal::from)?;
    Ok(())
}

fn lost_value(import: &Import, refusal: &Refusal) -> Stop {
    let kind = match refusal.code {
        Code::Denied => "denied",
        Code::Limit => "host-limit",
        Code::Invalid => "invalid-argument",
        _ => "store",
    };
    let message = format!("{} could not store a value: {}", import.name, refusal.error);
    Stop::Host(Failure::new(kind, message).with_hint("this import has no result that could say so; host_memory_set has one"))
}
