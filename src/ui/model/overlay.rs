//! What lies over the panels and takes the keys: help, the palette, a prompt, an editor, a choice, a question.

use super::pager::Pager;
use crate::event::{CallId, RunId};
use crate::session::Saveable;
use crate::ui::action::Action;
use ratatui_textarea::TextArea;
use std::path::PathBuf;

/// Something over the panels.
#[derive(Debug)]
pub enum Overlay {
    /// A text that is read: help, a message in full.
    Text {
        /// Its title.
        title: String,
        /// The text.
        pager: Pager,
    },
    /// Commands by their names.
    Palette(Palette),
    /// One line that is typed.
    Prompt(Prompt),
    /// A text that is edited.
    Editor(Editor),
    /// One of several.
    Choice(Choice),
    /// Yes or no.
    Question {
        /// What is asked.
        text: String,
        /// What is done on yes.
        then: Then,
    },
}

/// Commands that fit what was typed so far.
#[derive(Debug)]
pub struct Palette {
    /// What was typed.
    pub line: TextArea<'static>,
    /// The commands that fit, the best first, each with the positions of the letters that fit.
    pub matches: Vec<(Action, Vec<u32>)>,
    /// The selected one.
    pub selected: usize,
}

/// One line that is typed.
#[derive(Debug)]
pub struct Prompt {
    /// What for.
    pub purpose: PromptPurpose,
    /// The line.
    pub line: TextArea<'static>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The editor that it was asked from, and that comes back.
    pub behind: Option<Box<Editor>>,
}

impl Prompt {
    /// With a text in the line.
    pub fn of(purpose: PromptPurpose, text: &str) -> Self {
        Self { purpose, line: line_with(text), error: None, behind: None }
    }
}

/// What a typed line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptPurpose {
    /// A text to look for in this panel.
    Search,
    /// A filter of the trace.
    Filter,
    /// A filter of the calls to hold.
    Intercept,
    /// A code with which a held call fails.
    FailCode(RunId, CallId),
    /// A time after which a held call goes on.
    Delay(RunId, CallId),
    /// The text by which a rule of the mock is told.
    MockRule {
        /// What the mock will say.
        reply: String,
    },
    /// Which providers are compared, and how often each is tried.
    Compare {
        /// The skill's name.
        skill: String,
    },
    /// A file that something is saved to.
    Save(Saveable),
    /// A limit or a permission.
    Term(TermField),
    /// The type of the event that a skill is given.
    EventType,
}

/// A limit or a permission that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermField {
    /// Linear memory.
    Memory,
    /// Wall-clock time.
    Timeout,
    /// Fuel.
    Fuel,
    /// Whether AI may be asked.
    Ai,
    /// Key patterns.
    Keys,
    /// Hosts.
    Hosts,
}

impl TermField {
    /// Every field, in the order of the panel.
    pub const ALL: [Self; 6] = [Self::Memory, Self::Timeout, Self::Fuel, Self::Ai, Self::Keys, Self::Hosts];

    /// Its name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Timeout => "time",
            Self::Fuel => "fuel",
            Self::Ai => "ask an AI",
            Self::Keys => "memory keys",
            Self::Hosts => "HTTP hosts",
        }
    }

    /// How it is written, in a few words.
    pub const fn written_as(self) -> &'static str {
        match self {
            Self::Memory => "64MiB",
            Self::Timeout => "30s or 500ms",
            Self::Fuel => "a number; empty: unlimited",
            Self::Ai => "true or false",
            Self::Keys => "key or prefix/*, with blanks between; empty: none",
            Self::Hosts => "host or host:port, with blanks between; empty: none",
        }
    }
}

/// A text that is edited.
#[derive(Debug)]
pub struct Editor {
    /// What for.
    pub purpose: EditorPurpose,
    /// The text.
    pub area: TextArea<'static>,
    /// What is wrong with it: line and column from 0 where they are known, and words.
    pub error: Option<(Option<(usize, usize)>, String)>,
    /// The type of the event that goes with an input.
    pub event: Option<String>,
    /// Other texts that can be taken: the earlier ones, the newest first, and then those of cases.
    pub others: Vec<OtherText>,
    /// How far in `others` the user is; 0 is what they typed themselves.
    pub back: usize,
    /// What the user typed, and the type of its event, before they looked at others.
    pub typed: Option<(String, Option<String>)>,
}

/// A text that can be taken in the place of the one in the editor.
#[derive(Clone, Debug)]
pub struct OtherText {
    /// The text.
    pub text: String,
    /// The type of the event that went with it.
    pub event: Option<String>,
    /// The case that it is from.
    pub case: Option<String>,
}

impl Editor {
    /// With a text that nothing else can take the place of.
    pub fn of(purpose: EditorPurpose, area: TextArea<'static>) -> Self {
        Self { purpose, area, error: None, event: None, others: Vec::new(), back: 0, typed: None }
    }
}

/// What an edited text is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditorPurpose {
    /// The input document of a skill.
    Input {
        /// The skill's name.
        skill: String,
    },
    /// One field of a held call's request.
    Request {
        /// The run.
        run: RunId,
        /// The call.
        call: CallId,
        /// The field's name.
        field: String,
    },
    /// An answer to a held call.
    Answer {
        /// The run.
        run: RunId,
        /// The call.
        call: CallId,
        /// Whether such calls are answered so from now on.
        keep: bool,
    },
}

/// One of several.
#[derive(Debug)]
pub struct Choice {
    /// What for.
    pub purpose: ChoicePurpose,
    /// The title.
    pub title: String,
    /// The items.
    pub items: Vec<String>,
    /// The selected one.
    pub selected: usize,
}

/// What a choice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoicePurpose {
    /// Who answers the skill.
    Lead,
    /// Which answer is saved as a rule of the mock.
    MockReply,
    /// Which part of an entry is saved: each with a name for its file.
    Save(Vec<(Saveable, String)>),
    /// In which order a trace is listed.
    Order,
    /// Which field of a held call's request is edited.
    RequestField(RunId, CallId),
}

/// What is done on yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Leave, and end what runs.
    Quit,
    /// Write the changed terms to the manifest of a skill.
    WriteManifest(String),
    /// Delete a record.
    DeleteRecord(PathBuf),
}

/// A line to type in, with a text in it.
pub fn line_with(text: &str) -> TextArea<'static> {
    let mut line = TextArea::new(vec![text.replace(['\n', '\r'], " ")]);
    line.move_cursor(ratatui_textarea::CursorMove::End);
    line
}

/// What stands in a line.
pub fn text_of(line: &TextArea<'_>) -> String {
    line.lines().join("\n")
}
