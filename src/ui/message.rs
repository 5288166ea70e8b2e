//! What comes to the screen: keys, the mouse, the session's events, figures of runs.

use super::model::gauges::LiveFigures;
use crate::event::{Event, RunId};
use crossterm::event::{KeyEvent, MouseEvent};

/// Something that `update` takes in.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// A text that was pasted.
    Paste(String),
    /// The terminal has another size now.
    Resize(u16, u16),
    /// The session tells something.
    Session(Box<Event>),
    /// The figures of runs that go on.
    Figures(Vec<(RunId, LiveFigures)>),
}
