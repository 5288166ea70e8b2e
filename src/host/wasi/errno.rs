//! What a guest sees of a failure inside a call: an errno wherever one fits; only what no errno says ends the run.

use crate::event::Failure;
use crate::host::Stop;
use std::io::ErrorKind;
use wasi_common::snapshots::preview_1::types::Errno;
use wiggle::{GuestError, anyhow};

/// The errno of an error that came out of a call, or the end of the run.
pub(super) fn settle(function: &str, error: &anyhow::Error, has_memory: bool) -> Result<i32, Stop> {
    if let Some(errno) = error.downcast_ref::<Errno>() {
        return Ok(number(*errno));
    }
    if let Some(guest) = error.downcast_ref::<GuestError>() {
        let errno = of_guest_error(guest);
        return if has_memory || errno != Errno::Fault { Ok(number(errno)) } else { Err(no_memory(function)) };
    }
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        return Ok(number(of_io_error(io.kind())));
    }
    Err(Stop::Trap(Failure::new("wasi", format!("{function}: {error:#}"))))
}

/// The number that a call returns.
pub(super) fn number(errno: Errno) -> i32 {
    i32::from(u16::from(errno))
}

fn no_memory(function: &str) -> Stop {
    let message = format!("{function} was called, but there is no memory that it could read or write");
    Stop::Trap(Failure::new("no-memory", message).with_hint(
        "export the memory as \"memory\"; in the start function only an imported memory is known: call WASI from _initialize or later",
    ))
}

fn of_guest_error(error: &GuestError) -> Errno {
    match error {
        GuestError::InFunc { err, .. } => of_guest_error(err),
        GuestError::PtrOverflow
        | GuestError::PtrOutOfBounds(_)
        | GuestError::PtrNotAligned(..)
        | GuestError::SliceLengthsDiffer => Errno::Fault,
        // A number that does not fit is an argument for which there is no value.
        GuestError::InvalidFlagValue(_) | GuestError::InvalidEnumValue(_) | GuestError::TryFromIntError(_) => Errno::Inval,
        GuestError::InvalidUtf8(_) => Errno::Ilseq,
    }
}

/// Errors of the system for which `wasi-common` has no errno.
fn of_io_error(kind: ErrorKind) -> Errno {
    match kind {
        ErrorKind::ReadOnlyFilesystem => Errno::Rofs,
        ErrorKind::CrossesDevices => Errno::Xdev,
        ErrorKind::ExecutableFileBusy => Errno::Txtbsy,
        ErrorKind::ResourceBusy => Errno::Busy,
        ErrorKind::QuotaExceeded => Errno::Dquot,
        ErrorKind::StorageFull => Errno::Nospc,
        ErrorKind::FileTooLarge => Errno::Fbig,
        ErrorKind::NotSeekable => Errno::Spipe,
        ErrorKind::NotADirectory => Errno::Notdir,
        ErrorKind::IsADirectory => Errno::Isdir,
        ErrorKind::DirectoryNotEmpty => Errno::Notempty,
        ErrorKind::TooManyLinks => Errno::Mlink,
        ErrorKind::OutOfMemory => Errno::Nomem,
        ErrorKind::Interrupted => Errno::Intr,
        ErrorKind::Unsupported => Errno::Notsup,
        _ => Errno::Io,
    }
}
