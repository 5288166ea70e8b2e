//! Host functions: a handler for each row of the table, bound to the engine.
//!
//! Each call is looked at on entry (cancel, pause, deadline), traced from start to finish, and measured; `call.rs` does that for all
//! of them. Handlers know the run's state and the services; guest memory they reach through `guest.rs` alone.

mod ai;
mod allocator;
mod arguments;
mod assembly_script;
mod befall;
mod call;
mod fill;
mod http;
mod log;
mod memory;
mod settings;
#[cfg(test)]
mod tests;

use super::{HostState, wasi};
use crate::module::{HostFunctionId as Id, ImportKind, ValidModule};
use call::{Env, Import};
use fill::Buffer;
use wasmer::{Function, FunctionEnv, FunctionType, Imports, RuntimeError, Store, Type, Value};

/// Binds every host function and WASI function that a module imports; neither `env.memory` nor the checkpoint.
pub fn imports(store: &mut Store, env: &FunctionEnv<HostState>, module: &ValidModule) -> Imports {
    let mut imports = Imports::new();
    for import in &module.imports {
        let function = match import.kind {
            ImportKind::Host(id) => Some(bind(store, env, id, Import::new(id, &import.module, &import.name))),
            ImportKind::Wasi => wasi::function(store, env, &import.name),
        };
        if let Some(function) = function {
            imports.define(&import.module, &import.name, function);
        }
    }
    imports
}

/// The handler of one row, with the row's type. A stop becomes the engine's error right here, where the guest's frames are still on
/// the stack.
fn bind(store: &mut Store, env: &FunctionEnv<HostState>, id: Id, import: Import) -> Function {
    match id {
        Id::AiPrompt | Id::HostAiChat => Function::new_typed_with_env(
            store,
            env,
            move |mut env: Env<'_>, prompt_ptr: u32, prompt_len: u32, ptr: u32, capacity: u32| {
                ai::ask(&mut env, &import, (prompt_ptr, prompt_len), Buffer { ptr, capacity }).map_err(RuntimeError::from)
            },
        ),
        Id::MemoryGet => Function::new_typed_with_env(
            store,
            env,
            move |mut env: Env<'_>, key_ptr: u32, key_len: u32, ptr: u32, capacity: u32| {
                memory::get(&mut env, &import, (key_ptr, key_len), Buffer { ptr, capacity }, memory::Absent::NotFound)
                    .map_err(RuntimeError::from)
            },
        ),
        Id::HostMemoryGet => Function::new_typed_with_env(
            store,
            env,
            move |mut env: Env<'_>, key_ptr: u32, key_len: u32, ptr: u32, capacity: u32| {
                memory::get(&mut env, &import, (key_ptr, key_len), Buffer { ptr, capacity }, memory::Absent::Zero)
                    .map_err(RuntimeError::from)
            },
        ),
        Id::MemorySet => {
            Function::new_typed_with_env(store, env, move |mut env: Env<'_>, key_ptr: u32, key_len: u32, ptr: u32, len: u32| {
                memory::set_or_stop(&mut env, &import, (key_ptr, key_len), (ptr, len)).map_err(RuntimeError::from)
            })
        }
        Id::HostMemorySet => {
            Function::new_typed_with_env(store, env, move |mut env: Env<'_>, key_ptr: u32, key_len: u32, ptr: u32, len: u32| {
                memory::set(&mut env, &import, (key_ptr, key_len), (ptr, len)).map_err(RuntimeError::from)
            })
        }
        Id::HostMemoryDelete => Function::new_typed_with_env(store, env, move |mut env: Env<'_>, key_ptr: u32, key_len: u32| {
            memory::delete(&mut env, &import, (key_ptr, key_len)).map_err(RuntimeError::from)
        }),
        Id::HttpRequest => bind_http(store, env, import, http::Choice::GetWithoutBody),
        Id::HostHttpPost => bind_http(store, env, import, http::Choice::AlwaysPost),
        Id::HostLog => Function::new_typed_with_env(store, env, move |mut env: Env<'_>, level: u32, ptr: u32, len: u32| {
            log::log(&mut env, &import, level, (ptr, len)).map_err(RuntimeError::from)
        }),
        Id::HostNow => Function::new_typed_with_env(store, env, move |mut env: Env<'_>| {
            settings::now(&mut env, &import).map_err(RuntimeError::from)
        }),
        Id::HostConfigGet => Function::new_typed_with_env(
            store,
            env,
            move |mut env: Env<'_>, key_ptr: u32, key_len: u32, ptr: u32, capacity: u32| {
                settings::config(&mut env, &import, (key_ptr, key_len), Buffer { ptr, capacity }).map_err(RuntimeError::from)
            },
        ),
        Id::HostAlloc => Function::new_typed_with_env(store, env, move |mut env: Env<'_>, size: u32| {
            allocator::allocate(&mut env, &import, size)
        }),
        Id::HostFree => Function::new_typed_with_env(store, env, move |mut env: Env<'_>, ptr: u32, size: u32| {
            allocator::free(&mut env, &import, ptr, size)
        }),
        Id::Abort => {
            Function::new_typed_with_env(store, env, move |mut env: Env<'_>, message: u32, file: u32, line: u32, column: u32| {
                assembly_script::abort(&mut env, &import, message, file, (line, column)).map_err(RuntimeError::from)
            })
        }
        Id::Trace => Function::new_typed_with_env(
            store,
            env,
            move |mut env: Env<'_>, message: u32, count: i32, a0: f64, a1: f64, a2: f64, a3: f64, a4: f64| {
                assembly_script::trace(&mut env, &import, message, count, [a0, a1, a2, a3, a4]).map_err(RuntimeError::from)
            },
        ),
        // Code of Singlepass takes a number with a fraction from the register for whole ones; the engine's dynamic calls leave it in both.
        Id::Seed => {
            Function::new_with_env(store, env, FunctionType::new([], [Type::F64]), move |mut env: Env<'_>, _: &[Value]| {
                let seed = assembly_script::seed(&mut env, &import).map_err(RuntimeError::from)?;
                Ok(vec![Value::F64(seed)])
            })
        }
        Id::NotifyMemoryGrowth => Function::new_typed_with_env(store, env, move |mut env: Env<'_>, memory_index: u32| {
            settings::notify_memory_growth(&mut env, &import, memory_index).map_err(RuntimeError::from)
        }),
    }
}

fn bind_http(store: &mut Store, env: &FunctionEnv<HostState>, import: Import, choice: http::Choice) -> Function {
    Function::new_typed_with_env(
        store,
        env,
        move |mut env: Env<'_>, url_ptr: u32, url_len: u32, body_ptr: u32, body_len: u32, ptr: u32, capacity: u32| {
            http::request(&mut env, &import, choice, [(url_ptr, url_len), (body_ptr, body_len)], Buffer { ptr, capacity })
                .map_err(RuntimeError::from)
        },
    )
}
