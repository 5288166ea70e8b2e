//! `poll_oneoff`: sleeping, and waiting for streams that are always ready.
//!
//! It is answered here and not by `wasi-common`, which knows no absolute real time and fails the whole call for one bad descriptor.

use super::WasiState;
use super::link::{RunLink, STREAM_CHUNK_BYTES};
use std::sync::Arc;
use std::time::Duration;
use wasi_common::snapshots::preview_1::types::{
    Clockid, Errno, Event, EventFdReadwrite, Eventrwflags, Eventtype, Fd, Filetype, Rights, Subclockflags, Subscription,
    SubscriptionClock, SubscriptionU, Userdata,
};
use wasi_common::snapshots::preview_1::wasi_snapshot_preview1::WasiSnapshotPreview1;
use wasi_common::{Error, ErrorExt, Poll, WasiSched};
use wiggle::{GuestMemory, GuestPtr, anyhow};

/// How many subscriptions one call may have.
const MAX_SUBSCRIPTIONS: u32 = 4096;

/// Answers `poll_oneoff`.
pub(super) async fn poll_oneoff(
    state: &mut WasiState,
    memory: &mut GuestMemory<'_>,
    subscriptions: i32,
    events: i32,
    count: i32,
    stored: i32,
) -> anyhow::Result<i32> {
    let subscriptions = GuestPtr::<Subscription>::new(subscriptions.cast_unsigned());
    let events = GuestPtr::<Event>::new(events.cast_unsigned());
    match poll(state, memory, subscriptions, events, count.cast_unsigned()).await {
        Ok(happened) => {
            memory.write(GuestPtr::<u32>::new(stored.cast_unsigned()), happened)?;
            Ok(super::errno::number(Errno::Success))
        }
        Err(error) => Ok(super::errno::number(error.downcast()?)),
    }
}

async fn poll(
    state: &mut WasiState,
    memory: &mut GuestMemory<'_>,
    subscriptions: GuestPtr<Subscription>,
    events: GuestPtr<Event>,
    count: u32,
) -> Result<u32, Error> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Error::invalid_argument());
    }
    let mut ready = Vec::new();
    let mut timers = Vec::new();
    for pointer in subscriptions.as_array(count).iter() {
        let subscription = memory.read(pointer?)?;
        match &subscription.u {
            SubscriptionU::Clock(clock) => match wait_of(&state.link, clock) {
                Some(wait) => timers.push((subscription.userdata, wait)),
                None => ready.push(event(subscription.userdata, Eventtype::Clock, Err(Errno::Inval))),
            },
            SubscriptionU::FdRead(read) => {
                let answer = readable(state, memory, read.file_descriptor).await;
                ready.push(event(subscription.userdata, Eventtype::FdRead, answer));
            }
            SubscriptionU::FdWrite(write) => {
                let answer = writable(state, memory, write.file_descriptor).await;
                ready.push(event(subscription.userdata, Eventtype::FdWrite, answer));
            }
        }
    }
    ready.extend(rung(&state.link, &timers, !ready.is_empty())?);
    let mut happened = 0;
    for event in ready {
        memory.write(events.add(happened)?, event)?;
        happened += 1;
    }
    Ok(happened)
}

/// Waits for the earliest timer, or not at all where something else is `ready`; the events of all timers that are then due.
fn rung(link: &RunLink, timers: &[(Userdata, Duration)], ready: bool) -> Result<Vec<Event>, Error> {
    let earliest = timers.iter().map(|(_, wait)| *wait).min().unwrap_or_default();
    let wait = if ready { Duration::ZERO } else { earliest };
    if wait.is_zero() {
        link.check()?;
    } else {
        link.sleep(wait)?;
    }
    let due = timers.iter().filter(|(_, own)| *own <= wait);
    Ok(due.map(|(userdata, _)| event(*userdata, Eventtype::Clock, Ok(nothing()))).collect())
}

/// How long until a timer is due; `None` for a clock that cannot be waited for.
fn wait_of(link: &RunLink, timer: &SubscriptionClock) -> Option<Duration> {
    let absolute = timer.flags.contains(Subclockflags::SUBSCRIPTION_CLOCK_ABSTIME);
    let now = match (timer.id, absolute) {
        (_, false) => 0,
        (Clockid::Realtime, true) => link.now_ns(),
        (Clockid::Monotonic, true) => link.monotonic_ns(),
        (Clockid::ProcessCputimeId | Clockid::ThreadCputimeId, true) => return None,
    };
    Some(Duration::from_nanos(timer.timeout.saturating_sub(now)))
}

async fn readable(state: &mut WasiState, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<EventFdReadwrite, Errno> {
    let stat = state.context.fd_fdstat_get(memory, fd).await.map_err(errno_of)?;
    if !stat.fs_rights_base.contains(Rights::FD_READ) {
        return Err(Errno::Badf);
    }
    if stat.fs_filetype == Filetype::RegularFile {
        let size = state.context.fd_filestat_get(memory, fd).await.map_err(errno_of)?.size;
        let offset = state.context.fd_tell(memory, fd).await.map_err(errno_of)?;
        return Ok(EventFdReadwrite { nbytes: size.saturating_sub(offset), flags: Eventrwflags::empty() });
    }
    // All else that can be read is stdin: its end was written before the run began.
    let nbytes = state.link.stdin_left();
    let flags = if nbytes == 0 { Eventrwflags::FD_READWRITE_HANGUP } else { Eventrwflags::empty() };
    Ok(EventFdReadwrite { nbytes, flags })
}

async fn writable(state: &mut WasiState, memory: &mut GuestMemory<'_>, fd: Fd) -> Result<EventFdReadwrite, Errno> {
    let stat = state.context.fd_fdstat_get(memory, fd).await.map_err(errno_of)?;
    if !stat.fs_rights_base.contains(Rights::FD_WRITE) {
        return Err(Errno::Badf);
    }
    let nbytes = u64::try_from(STREAM_CHUNK_BYTES).unwrap_or(u64::MAX);
    Ok(EventFdReadwrite { nbytes, flags: Eventrwflags::empty() })
}

fn errno_of(error: Error) -> Errno {
    error.downcast().unwrap_or(Errno::Io)
}

fn event(userdata: Userdata, type_: Eventtype, answer: Result<EventFdReadwrite, Errno>) -> Event {
    match answer {
        Ok(fd_readwrite) => Event { userdata, error: Errno::Success, type_, fd_readwrite },
        Err(error) => Event { userdata, error, type_, fd_readwrite: nothing() },
    }
}

fn nothing() -> EventFdReadwrite {
    EventFdReadwrite { nbytes: 0, flags: Eventrwflags::empty() }
}

/// What `wasi-common` may still ask of a scheduler.
pub(super) struct Scheduler(Arc<RunLink>);

impl Scheduler {
    pub(super) const fn new(link: Arc<RunLink>) -> Self {
        Self(link)
    }
}

#[wiggle::async_trait]
impl WasiSched for Scheduler {
    async fn poll_oneoff<'a>(&self, _poll: &mut Poll<'a>) -> Result<(), Error> {
        // Answered above, before `wasi-common` sees it.
        Err(Error::not_supported())
    }

    async fn sched_yield(&self) -> Result<(), Error> {
        self.0.check()
    }

    async fn sleep(&self, duration: Duration) -> Result<(), Error> {
        self.0.sleep(duration)
    }
}
