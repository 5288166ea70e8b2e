//! Memory for a skill from its own allocator: the host calls back into the guest, and so must never do it from inside that allocator.

use super::call::{Env, Import, Reply, begun, finish, stop_of};
use crate::event::{CallRequest, Failure, Payload};
use crate::host::{GuestAllocator, Stop};
use wasmer::{RuntimeError, Value};

/// `host_alloc`: what the skill's own allocator returns; 0 means out of memory.
pub(super) fn allocate(env: &mut Env<'_>, import: &Import, size: u32) -> Result<u32, RuntimeError> {
    let request = CallRequest(vec![("size".into(), Payload::from(size.to_string()))]);
    let reply = ask_guest(env, import, request, |env, allocator| {
        let results = allocator.allocate.call(env, &[Value::I32(size.cast_signed())])?;
        let ptr = results.first().and_then(Value::i32).unwrap_or_default();
        Ok(Reply::of(ptr.cast_unsigned()))
    })?;
    Ok(reply.result.and_then(|ptr| u32::try_from(ptr).ok()).unwrap_or_default())
}

/// `host_free`: gives it back.
pub(super) fn free(env: &mut Env<'_>, import: &Import, ptr: u32, size: u32) -> Result<(), RuntimeError> {
    let fields = [("ptr", ptr), ("size", size)];
    let request = CallRequest(fields.into_iter().map(|(name, value)| (name.into(), Payload::from(value.to_string()))).collect());
    ask_guest(env, import, request, |env, allocator| {
        let (ptr, size) = (Value::I32(ptr.cast_signed()), Value::I32(size.cast_signed()));
        if allocator.free_takes_len {
            allocator.free.call(env, &[ptr, size])?
        } else {
            allocator.free.call(env, &[ptr])?
        };
        Ok(Reply::default())
    })
    .map(|_| ())
}

/// Calls the skill's allocator. Nothing of the run's state is borrowed meanwhile, since the guest may make host calls of its own.
fn ask_guest(
    env: &mut Env<'_>,
    import: &Import,
    request: CallRequest,
    ask: impl FnOnce(&mut Env<'_>, &GuestAllocator) -> Result<Reply, RuntimeError>,
) -> Result<Reply, RuntimeError> {
    let (id, allocator) = begun(env, import, request, |state| {
        if state.in_allocator {
            return Err(Stop::Trap(inside_the_allocator(import)));
        }
        let allocator = state.allocator.clone().ok_or_else(|| Stop::Trap(no_allocator(import)))?;
        state.in_allocator = true;
        Ok(allocator)
    })
    .map_err(runtime_error)?;
    let outcome = ask(env, &allocator);
    env.data_mut().in_allocator = false;
    match outcome {
        Ok(reply) => finish(env.data(), id, Ok(reply)).map_err(runtime_error),
        Err(trap) => {
            // The trap goes on as it is; the stop is for the trace alone.
            let _ = finish(env.data(), id, Err(stop_of(&trap)));
            Err(trap)
        }
    }
}

fn inside_the_allocator(import: &Import) -> Failure {
    Failure::new(
        "allocator-reentered",
        format!("{} was called from inside the skill's own allocator, which it would call again", import.name),
    )
    .with_hint("an allocator takes its memory from memory.grow")
}

fn no_allocator(import: &Import) -> Failure {
    Failure::new(
        "no-allocator",
        format!("{} needs the skill's own allocator, and the module exports none that is ready", import.name),
    )
    .with_hint("export alloc and dealloc, or malloc and free; a start function runs before either can be called")
}

fn runtime_error(stop: Stop) -> RuntimeError {
    RuntimeError::user(Box::new(stop))
}
