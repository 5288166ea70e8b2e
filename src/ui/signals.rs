//! Signals that concern the screen: the end, the suspension, and the going on after it.

use crossbeam_channel::Receiver;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGHUP, SIGINT: leave.
    Leave(i32),
    /// SIGTSTP: stop, until somebody says go on.
    Suspend,
    /// SIGCONT: the terminal may have been used by others meanwhile.
    Continued,
}

/// The signals from now on. One that ends the program ends it even where nobody receives it.
///
/// # Errors
/// Where the system gives no handlers or no thread.
#[cfg(unix)]
pub fn signals() -> std::io::Result<Receiver<Signal>> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
    let (send, receive) = crossbeam_channel::unbounded();
    std::thread::Builder::new().name("skillscope-signals".into()).spawn(move || {
        for signal in signals.forever() {
            let told = match signal {
                SIGTSTP => Signal::Suspend,
                SIGCONT => Signal::Continued,
                other => Signal::Leave(other),
            };
            if send.send(told).is_err() {
                return;
            }
            if let Signal::Leave(number) = told {
                super::way_out::end_if_stuck(128 + number);
            }
        }
    })?;
    Ok(receive)
}

/// There are none here.
#[cfg(not(unix))]
pub fn signals() -> std::io::Result<Receiver<Signal>> {
    Ok(crossbeam_channel::never())
}

/// Stops the process as the terminal's Ctrl-Z does; returns when it goes on.
#[cfg(unix)]
pub fn stop_here() {
    // Where the signal cannot be raised, the program just goes on.
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

/// There is no such thing here.
#[cfg(not(unix))]
pub fn stop_here() {}
