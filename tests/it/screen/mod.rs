//! The workbench's screen: real sessions on real skills, real keys, and what is drawn.

mod first_steps;
mod history;
mod long_traces;
mod looks;
mod panels;
#[cfg(unix)]
mod pictures;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod real_terminal;
mod saves;
mod saving;
#[cfg(unix)]
mod svg;
mod workbench;
