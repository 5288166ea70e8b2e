//! What the screen wants done: `update` only tells it, the loop does it.

use crate::event::RunId;
use crate::session::{Command, Session, WorkbenchCommand};

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the session.
    Session(WorkbenchCommand),
    /// End a run.
    Cancel(RunId),
    /// Let a run stand still.
    Pause(RunId),
    /// Let it go on.
    Resume(RunId),
    /// Hand a text to the terminal's clipboard.
    Copy(String),
    /// Draw everything afresh.
    Redraw,
    /// Give the terminal back and stop, as Ctrl-Z asks.
    Suspend,
    /// Leave.
    Quit,
}

impl Effect {
    /// Hands what is the session's to it; gives back what is the screen's own.
    pub fn send(self, session: &Session) -> Option<Self> {
        let commander = session.commander();
        match self {
            Self::Session(command) => commander.send(Command::Workbench(command)),
            Self::Cancel(run) => commander.send(Command::Cancel(run)),
            Self::Pause(run) => commander.send(Command::Pause(run)),
            Self::Resume(run) => commander.send(Command::Resume(run)),
            Self::Copy(_) | Self::Redraw | Self::Suspend | Self::Quit => return Some(self),
        }
        None
    }
}
