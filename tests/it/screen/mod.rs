//! The workbench's screen: real sessions on real skills, real keys, and what is drawn.

mod panels;
#[cfg(unix)]
mod pictures;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod real_terminal;
#[cfg(unix)]
mod svg;
mod workbench;
