//! The one table of operators: the parser reads by it, help screens and documents are drawn from it.

/// What an operator wants behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    /// Nothing.
    None,
    /// A regular expression, in quotes where it has blanks, quotes, parentheses, `&` or `|`.
    Regex,
    /// A duration with a unit, which may be left out.
    Duration,
    /// A whole number.
    Code,
    /// The word of a kind, or of a group of kinds.
    Kind,
    /// The word of a log level.
    Level,
}

impl Argument {
    /// What help shows in its place; empty for none.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Regex => "REGEX",
            Self::Duration => "[DURATION]",
            Self::Code => "CODE",
            Self::Kind => "KIND",
            Self::Level => "LEVEL",
        }
    }
}

/// What an operator asks of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    Name,
    Request,
    Response,
    Body,
    Url,
    Provider,
    Failed,
    Code,
    Truncated,
    Slow,
    Open,
    Kind,
    Level,
    Marked,
    All,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// How it is written, with its `~`.
    pub name: &'static str,
    /// Other ways to write it.
    pub aliases: &'static [&'static str],
    /// What it wants behind it.
    pub argument: Argument,
    /// What it asks, in one line.
    pub doc: &'static str,
    pub(super) question: Question,
}

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    argument: Argument,
    question: Question,
    doc: &'static str,
) -> Operator {
    Operator { name, aliases, argument, doc, question }
}

/// Every operator.
pub const OPERATORS: &[Operator] = &[
    row("~n", &[], Argument::Regex, Question::Name, "the name, such as `cis.ai_prompt` or `fd_write`"),
    row("~q", &["~bq"], Argument::Regex, Question::Request, "a text of the request"),
    row("~s", &["~bs"], Argument::Regex, Question::Response, "the text of the response"),
    row("~b", &[], Argument::Regex, Question::Body, "a text of the request, the response, a log line or an output"),
    row("~u", &[], Argument::Regex, Question::Url, "the URL of an HTTP call"),
    row("~p", &[], Argument::Regex, Question::Provider, "who answered, such as `mock`"),
    row("~e", &[], Argument::None, Question::Failed, "it failed: an error, a negative code, an errno"),
    row("~c", &[], Argument::Code, Question::Code, "the result is this code, such as `-3`, or this errno"),
    row("~t", &[], Argument::None, Question::Truncated, "the skill's buffer was too small for the response"),
    row("~slow", &[], Argument::Duration, Question::Slow, "it took as long or longer; `100ms` where no duration is given"),
    row("~open", &[], Argument::None, Question::Open, "it has not ended yet"),
    row("~k", &[], Argument::Kind, Question::Kind, "the kind, such as `ai` or `wasi`, or a group of kinds"),
    row("~l", &[], Argument::Level, Question::Level, "a log line of this level or a graver one"),
    row("~marked", &[], Argument::None, Question::Marked, "it is marked"),
    row("~all", &[], Argument::None, Question::All, "everything"),
];

/// The row of that name.
pub(super) fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|row| row.name == name || row.aliases.contains(&name))
}
