//! The functions of WASI preview 1, each by its name and with its exact type.

use super::bounded;
use super::call::{call, complete, end};
use super::poll::poll_oneoff;
use super::process;
use crate::host::HostState;
use wasi_common::snapshots::preview_1::wasi_snapshot_preview1 as preview1;
use wasmer::{Function, FunctionEnv, FunctionEnvMut, RuntimeError, Store};

/// From the table: the names, and the function that binds one of them.
macro_rules! bind {
    (
        through $plain:ident: { $($name:ident($($argument:ident: $type:ident),*);)* }
        through $cut:ident: { $($cut_name:ident($($cut_argument:ident: $cut_type:ident),*);)* }
    ) => {
        /// Every function of WASI preview 1 that [`function`] binds.
        pub const FUNCTION_NAMES: &[&str] =
            &[$(stringify!($name),)* $(stringify!($cut_name),)* "poll_oneoff", "proc_exit", "proc_raise"];

        /// The function of this name, bound to a run; `None` where WASI preview 1 has none of it.
        pub fn function(store: &mut Store, env: &FunctionEnv<HostState>, name: &str) -> Option<Function> {
            Some(match name {
                $(stringify!($name) => Function::new_typed_with_env(
                    store,
                    env,
                    |mut env: FunctionEnvMut<'_, HostState>, $($argument: $type),*| {
                        call(&mut env, stringify!($name), &[$(i64::from($argument)),*], |state, memory| {
                            complete($plain::$name(&mut state.context, memory, $($argument),*))
                        })
                        .map_err(RuntimeError::from)
                    },
                ),)*
                $(stringify!($cut_name) => Function::new_typed_with_env(
                    store,
                    env,
                    |mut env: FunctionEnvMut<'_, HostState>, $($cut_argument: $cut_type),*| {
                        call(&mut env, stringify!($cut_name), &[$(i64::from($cut_argument)),*], |state, memory| {
                            complete($cut::$cut_name(&mut state.context, memory, $($cut_argument),*))
                        })
                        .map_err(RuntimeError::from)
                    },
                ),)*
                "poll_oneoff" => Function::new_typed_with_env(store, env, poll),
                "proc_exit" => Function::new_typed_with_env(store, env, exit),
                "proc_raise" => Function::new_typed_with_env(store, env, raise),
                _ => return None,
            })
        }
    };
}

bind! {
    through preview1: {
        args_get(argv: i32, buffer: i32);
        args_sizes_get(count: i32, size: i32);
        environ_get(environ: i32, buffer: i32);
        environ_sizes_get(count: i32, size: i32);
        clock_res_get(clock: i32, resolution: i32);
        clock_time_get(clock: i32, precision: i64, time: i32);
        fd_advise(fd: i32, offset: i64, length: i64, advice: i32);
        fd_allocate(fd: i32, offset: i64, length: i64);
        fd_close(fd: i32);
        fd_datasync(fd: i32);
        fd_fdstat_get(fd: i32, stat: i32);
        fd_fdstat_set_flags(fd: i32, flags: i32);
        fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64);
        fd_filestat_get(fd: i32, stat: i32);
        fd_filestat_set_size(fd: i32, size: i64);
        fd_filestat_set_times(fd: i32, accessed: i64, modified: i64, flags: i32);
        fd_prestat_get(fd: i32, prestat: i32);
        fd_prestat_dir_name(fd: i32, path: i32, length: i32);
        fd_readdir(fd: i32, buffer: i32, length: i32, cookie: i64, used: i32);
        fd_renumber(fd: i32, to: i32);
        fd_seek(fd: i32, offset: i64, whence: i32, position: i32);
        fd_sync(fd: i32);
        fd_tell(fd: i32, position: i32);
        path_create_directory(fd: i32, path: i32, length: i32);
        path_filestat_get(fd: i32, flags: i32, path: i32, length: i32, stat: i32);
        path_filestat_set_times(fd: i32, flags: i32, path: i32, length: i32, accessed: i64, modified: i64, which: i32);
        path_link(fd: i32, flags: i32, path: i32, length: i32, to_fd: i32, to_path: i32, to_length: i32);
        path_open(
            fd: i32, look_up: i32, path: i32, length: i32, flags: i32, rights: i64, inheriting: i64, fd_flags: i32, opened: i32
        );
        path_readlink(fd: i32, path: i32, length: i32, buffer: i32, size: i32, used: i32);
        path_remove_directory(fd: i32, path: i32, length: i32);
        path_rename(fd: i32, path: i32, length: i32, to_fd: i32, to_path: i32, to_length: i32);
        path_symlink(target: i32, target_length: i32, fd: i32, path: i32, length: i32);
        path_unlink_file(fd: i32, path: i32, length: i32);
        sched_yield();
        random_get(buffer: i32, length: i32);
        sock_accept(fd: i32, flags: i32, accepted: i32);
        sock_shutdown(fd: i32, how: i32);
    }
    through bounded: {
        fd_read(fd: i32, list: i32, count: i32, size: i32);
        fd_pread(fd: i32, list: i32, count: i32, offset: i64, size: i32);
        fd_write(fd: i32, list: i32, count: i32, size: i32);
        fd_pwrite(fd: i32, list: i32, count: i32, offset: i64, size: i32);
        sock_recv(fd: i32, list: i32, count: i32, flags: i32, size: i32, out_flags: i32);
        sock_send(fd: i32, list: i32, count: i32, flags: i32, size: i32);
    }
}

fn poll(
    mut env: FunctionEnvMut<'_, HostState>,
    subscriptions: i32,
    events: i32,
    count: i32,
    stored: i32,
) -> Result<i32, RuntimeError> {
    let arguments = [subscriptions, events, count, stored].map(i64::from);
    call(&mut env, "poll_oneoff", &arguments, |state, memory| {
        complete(poll_oneoff(state, memory, subscriptions, events, count, stored))
    })
    .map_err(RuntimeError::from)
}

fn exit(mut env: FunctionEnvMut<'_, HostState>, status: i32) -> Result<(), RuntimeError> {
    end(&mut env, "proc_exit", &[i64::from(status)], process::exit(status)).map(drop).map_err(RuntimeError::from)
}

fn raise(mut env: FunctionEnvMut<'_, HostState>, signal: i32) -> Result<i32, RuntimeError> {
    end(&mut env, "proc_raise", &[i64::from(signal)], process::raise(signal)).map_err(RuntimeError::from)
}
