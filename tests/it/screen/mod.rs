//! The workbench's screen: real sessions on real skills, real keys, and what is drawn.

mod panels;
#[cfg(unix)]
mod real_terminal;
mod workbench;
