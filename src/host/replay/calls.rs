//! The recorded calls that a replay answers, in their order, read from the record as they are needed.

use super::Printed;
use crate::event::{CallFinished, CallId, CallStarted, Event, Payload, RunEvent, WasiCall};
use crate::record::{RecordError, RecordReader};
use std::path::Path;

/// Functions whose calls are made anew: what the skill says, what it asks of itself, and how it gives up.
const LIVE: [&str; 6] = ["host_log", "trace", "abort", "host_alloc", "host_free", "emscripten_notify_memory_growth"];
/// The same of WASI, whatever the arguments: what the record begins with is given anew.
const LIVE_WASI: [&str; 7] =
    ["args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "sched_yield", "proc_exit", "proc_raise"];

/// The name of a function without the module from which it was imported.
pub(super) fn function_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, function)| function)
}

pub(super) fn is_live(name: &str) -> bool {
    LIVE.contains(&function_of(name))
}

/// Whether a function goes back into the guest.
pub(super) fn runs_guest_code(name: &str) -> bool {
    matches!(function_of(name), "host_alloc" | "host_free")
}

/// A recorded call that is an answer.
#[derive(Debug)]
pub(super) enum RecordedCall {
    /// A host call; without an end where the record ends inside it.
    Host {
        /// What was asked.
        started: Box<CallStarted>,
        /// How it ended.
        finished: Option<Box<CallFinished>>,
        /// The faults that befell it, as they were written.
        faults: Vec<String>,
    },
    /// A call of WASI.
    Wasi {
        /// The call.
        call: Box<WasiCall>,
        /// What it wrote to the standard streams.
        printed: Vec<(Printed, Payload)>,
    },
}

/// The calls of a record, from the first on.
#[derive(Debug)]
pub(super) struct RecordedCalls {
    reader: RecordReader,
    next: Option<RecordedCall>,
    printed: Vec<(Printed, Payload)>,
    stdio: Stdio,
}

/// Whether the standard streams are still where they were at the beginning: as long as they are, what is read and written there needs
/// no record.
#[derive(Clone, Copy, Debug, Default)]
struct Stdio {
    is_moved: bool,
}

impl Stdio {
    fn is_live(self, name: &str, arguments: &[i64]) -> bool {
        let fd = arguments.first().copied().unwrap_or(-1);
        match name {
            _ if LIVE_WASI.contains(&name) => true,
            _ if self.is_moved => false,
            "fd_read" => fd == 0,
            "fd_write" => fd == 1 || fd == 2,
            "fd_fdstat_get" | "fd_fdstat_set_flags" => (0..=2).contains(&fd),
            _ => false,
        }
    }

    fn look_at(&mut self, call: &WasiCall) {
        let moves = matches!(&*call.name, "fd_close" | "fd_renumber" | "fd_fdstat_set_rights");
        self.is_moved |= moves && call.arguments.iter().take(2).any(|fd| (0..=2).contains(fd));
    }
}

impl RecordedCalls {
    pub(super) fn open(path: &Path) -> Result<Self, RecordError> {
        Ok(Self { reader: RecordReader::open(path)?, next: None, printed: Vec::new(), stdio: Stdio::default() })
    }

    /// The next call, which stays the next; `None` at the end of the record.
    pub(super) fn peek(&mut self) -> Result<Option<&RecordedCall>, RecordError> {
        if self.next.is_none() {
            self.next = self.read(&mut |_| {})?;
        }
        Ok(self.next.as_ref())
    }

    /// Takes the next call, and shows every event that is read on the way; at the end of the record, all that were left.
    pub(super) fn next_beside(&mut self, see: &mut impl FnMut(&RunEvent)) -> Result<Option<RecordedCall>, RecordError> {
        self.next = self.read(see)?;
        Ok(self.take())
    }

    /// What the record says of itself, as far as it was read.
    pub(super) const fn reader(&self) -> &RecordReader {
        &self.reader
    }

    /// Takes the call that was looked at.
    pub(super) fn take(&mut self) -> Option<RecordedCall> {
        let call = self.next.take()?;
        if let RecordedCall::Wasi { call, .. } = &call {
            self.stdio.look_at(call);
        }
        Some(call)
    }

    /// Whether a call of WASI that comes now is made anew.
    pub(super) fn is_live_wasi(&self, name: &str, arguments: &[i64]) -> bool {
        self.stdio.is_live(name, arguments)
    }

    fn read(&mut self, see: &mut impl FnMut(&RunEvent)) -> Result<Option<RecordedCall>, RecordError> {
        while let Some(event) = self.event(see)? {
            match event {
                RunEvent::HostCallStarted(started) if !is_live(&started.name) => {
                    let (finished, faults) = self.end_of(started.id, see)?;
                    let (started, finished) = (Box::new(started), finished.map(Box::new));
                    return Ok(Some(RecordedCall::Host { started, finished, faults }));
                }
                RunEvent::Stdout { bytes } => self.printed.push((Printed::Stdout, bytes)),
                RunEvent::Stderr { bytes } => self.printed.push((Printed::Stderr, bytes)),
                RunEvent::WasiCall(call) => {
                    let printed = std::mem::take(&mut self.printed);
                    if !self.stdio.is_live(&call.name, &call.arguments) {
                        return Ok(Some(RecordedCall::Wasi { call: Box::new(call), printed }));
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The end of a call that has begun, and the faults that befell it: nothing but what is said of it comes between.
    fn end_of(
        &mut self,
        id: CallId,
        see: &mut impl FnMut(&RunEvent),
    ) -> Result<(Option<CallFinished>, Vec<String>), RecordError> {
        let mut faults = Vec::new();
        while let Some(event) = self.event(see)? {
            match event {
                RunEvent::HostCallFinished(finished) if finished.id == id => return Ok((Some(finished), faults)),
                RunEvent::FaultInjected { fault, call: Some(call) } if call == id => faults.push(fault),
                _ => {}
            }
        }
        Ok((None, faults))
    }

    fn event(&mut self, see: &mut impl FnMut(&RunEvent)) -> Result<Option<RunEvent>, RecordError> {
        loop {
            match self.reader.next().transpose()? {
                Some((_, Event::Run { what, .. })) => {
                    see(&what);
                    return Ok(Some(what));
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
}
