//! The calls that end a process.

use crate::event::Failure;
use crate::host::Stop;

/// The end of a run by `proc_exit`; a status is 32 bits wide, and 0 is a success.
pub(super) const fn exit(status: i32) -> Stop {
    Stop::Exit(status)
}

/// The end of a run by `proc_raise`: there are no signals here that a skill could handle.
pub(super) fn raise(signal: i32) -> Stop {
    let name = match signal {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        5 => "TRAP",
        6 => "ABRT",
        7 => "BUS",
        8 => "FPE",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        14 => "ALRM",
        15 => "TERM",
        _ => return Stop::Trap(Failure::new("signal", format!("the skill raised signal {signal}"))),
    };
    Stop::Trap(Failure::new("signal", format!("the skill raised signal {signal} ({name})")))
}
