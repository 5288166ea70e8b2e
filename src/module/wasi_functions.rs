//! The functions of WASI preview 1 with their types: validation checks imports against them.

use super::Type::{self, I32, I64};

/// The import module of WASI preview 1.
pub const WASI_MODULE: &str = "wasi_snapshot_preview1";

/// Each function of WASI preview 1: its name, its parameters and its result.
pub const WASI_FUNCTIONS: &[(&str, &[Type], Option<Type>)] = &[
    ("args_get", &[I32, I32], Some(I32)),
    ("args_sizes_get", &[I32, I32], Some(I32)),
    ("environ_get", &[I32, I32], Some(I32)),
    ("environ_sizes_get", &[I32, I32], Some(I32)),
    ("clock_res_get", &[I32, I32], Some(I32)),
    ("clock_time_get", &[I32, I64, I32], Some(I32)),
    ("fd_advise", &[I32, I64, I64, I32], Some(I32)),
    ("fd_allocate", &[I32, I64, I64], Some(I32)),
    ("fd_close", &[I32], Some(I32)),
    ("fd_datasync", &[I32], Some(I32)),
    ("fd_fdstat_get", &[I32, I32], Some(I32)),
    ("fd_fdstat_set_flags", &[I32, I32], Some(I32)),
    ("fd_fdstat_set_rights", &[I32, I64, I64], Some(I32)),
    ("fd_filestat_get", &[I32, I32], Some(I32)),
    ("fd_filestat_set_size", &[I32, I64], Some(I32)),
    ("fd_filestat_set_times", &[I32, I64, I64, I32], Some(I32)),
    ("fd_pread", &[I32, I32, I32, I64, I32], Some(I32)),
    ("fd_prestat_get", &[I32, I32], Some(I32)),
    ("fd_prestat_dir_name", &[I32, I32, I32], Some(I32)),
    ("fd_pwrite", &[I32, I32, I32, I64, I32], Some(I32)),
    ("fd_read", &[I32, I32, I32, I32], Some(I32)),
    ("fd_readdir", &[I32, I32, I32, I64, I32], Some(I32)),
    ("fd_renumber", &[I32, I32], Some(I32)),
    ("fd_seek", &[I32, I64, I32, I32], Some(I32)),
    ("fd_sync", &[I32], Some(I32)),
    ("fd_tell", &[I32, I32], Some(I32)),
    ("fd_write", &[I32, I32, I32, I32], Some(I32)),
    ("path_create_directory", &[I32, I32, I32], Some(I32)),
    ("path_filestat_get", &[I32, I32, I32, I32, I32], Some(I32)),
    ("path_filestat_set_times", &[I32, I32, I32, I32, I64, I64, I32], Some(I32)),
    ("path_link", &[I32, I32, I32, I32, I32, I32, I32], Some(I32)),
    ("path_open", &[I32, I32, I32, I32, I32, I64, I64, I32, I32], Some(I32)),
    ("path_readlink", &[I32, I32, I32, I32, I32, I32], Some(I32)),
    ("path_remove_directory", &[I32, I32, I32], Some(I32)),
    ("path_rename", &[I32, I32, I32, I32, I32, I32], Some(I32)),
    ("path_symlink", &[I32, I32, I32, I32, I32], Some(I32)),
    ("path_unlink_file", &[I32, I32, I32], Some(I32)),
    ("poll_oneoff", &[I32, I32, I32, I32], Some(I32)),
    ("proc_exit", &[I32], None),
    ("proc_raise", &[I32], Some(I32)),
    ("sched_yield", &[], Some(I32)),
    ("random_get", &[I32, I32], Some(I32)),
    ("sock_accept", &[I32, I32, I32], Some(I32)),
    ("sock_recv", &[I32, I32, I32, I32, I32, I32], Some(I32)),
    ("sock_send", &[I32, I32, I32, I32, I32], Some(I32)),
    ("sock_shutdown", &[I32, I32], Some(I32)),
];

/// The functions of WASI that read and write no guest memory.
const WITHOUT_MEMORY: &[&str] = &[
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_renumber",
    "fd_sync",
    "proc_exit",
    "proc_raise",
    "sched_yield",
    "sock_shutdown",
];

/// Parameters and result of a function of WASI preview 1.
pub fn find_wasi_function(name: &str) -> Option<(&'static [Type], Option<Type>)> {
    WASI_FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, parameters, result)| (*parameters, *result))
}

/// Whether a function of WASI reads or writes guest memory.
pub(super) fn wasi_function_uses_memory(name: &str) -> bool {
    !WITHOUT_MEMORY.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forty_six_functions_are_there_once() {
        let mut names: Vec<_> = WASI_FUNCTIONS.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 46);
        assert!(WITHOUT_MEMORY.iter().all(|name| names.contains(name)));
    }
}
