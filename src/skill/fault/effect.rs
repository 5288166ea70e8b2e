//! What can befall a call or a growth of memory: the one table of faults, by which they are read and documented.

use std::time::Duration;

/// What a host call does, as far as it matters to what can go wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallClass {
    /// Asks an AI.
    Ai,
    /// Makes an HTTP request.
    Http,
    /// Reads a stored value.
    StoreRead,
    /// Writes a stored value.
    StoreWrite,
    /// Deletes a stored value.
    StoreDelete,
    /// Reads the configuration.
    Config,
    /// Asks for the time or for randomness, logs a line, or tells of something: only time can be lost there.
    Other,
}

impl CallClass {
    /// The class of an import, by its name with or without its module; `None` where no fault befalls it: calls that go back into
    /// the skill, and `abort`.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name.rsplit_once('.').map_or(name, |(_, name)| name) {
            "ai_prompt" | "host_ai_chat" => Self::Ai,
            "http_request" | "host_http_post" => Self::Http,
            "memory_get" | "host_memory_get" => Self::StoreRead,
            "memory_set" | "host_memory_set" => Self::StoreWrite,
            "host_memory_delete" => Self::StoreDelete,
            "host_config_get" => Self::Config,
            "host_log" | "host_now" | "trace" | "seed" | "emscripten_notify_memory_growth" => Self::Other,
            _ => return None,
        })
    }
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Who is asked fails, with these words.
    Error(Option<String>),
    /// The connection is given up: nobody answered in time.
    Timeout,
    /// The connection is refused.
    Refused,
    /// The server answers with this status.
    Status(u16),
    /// The permission is not there.
    Denied,
    /// The store is full.
    Full,
    /// The answer is larger than the host takes.
    TooLarge,
    /// The answer is a JSON text that breaks off.
    Garbage,
    /// The answer is empty.
    Empty,
    /// The answer is bytes that are no text; of an AI, a text of control characters.
    Binary,
    /// The answer is a text of so many bytes.
    Long(u64),
    /// The answer is this text.
    Answer(String),
    /// The answer is larger than the skill's buffer.
    Truncated,
    /// It takes this much longer.
    Delay(Duration),
    /// It never comes to an end.
    Hang,
    /// The limit on linear memory is this, in bytes.
    MemoryLimit(u64),
    /// Memory does not grow, from the occurrence on.
    NoGrowth,
}

/// What a fault wants behind its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultArgument {
    /// Nothing.
    None,
    /// A text, which may be left out.
    OptionalText,
    /// A text, which may be empty.
    Text,
    /// A status of HTTP that is not 2xx.
    Status,
    /// A duration.
    Duration,
    /// A size, which may be left out.
    OptionalSize,
    /// A size that memory can have.
    Memory,
}

impl FaultArgument {
    /// How it is documented.
    pub const fn form(self) -> &'static str {
        match self {
            Self::None => "",
            Self::OptionalText => "[:TEXT]",
            Self::Text => ":TEXT",
            Self::Status => ":STATUS",
            Self::Duration => ":DURATION",
            Self::OptionalSize => "[:SIZE]",
            Self::Memory => ":SIZE",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FaultRow {
    /// Its word.
    pub word: &'static str,
    /// What it wants behind it.
    pub argument: FaultArgument,
    /// Whom it befalls: classes of calls; none of them where it befalls the growth of memory.
    pub classes: &'static [CallClass],
    /// Whom it befalls, in words.
    pub befalls: &'static str,
    /// What happens then, in one line.
    pub doc: &'static str,
}

use CallClass::{Ai, Config, Http, Other, StoreDelete, StoreRead, StoreWrite};

const ANSWERED: &[CallClass] = &[Ai, Http, StoreRead];
const SERVICES: &[CallClass] = &[Ai, Http, StoreRead, StoreWrite, StoreDelete];
const EVERY: &[CallClass] = &[Ai, Http, StoreRead, StoreWrite, StoreDelete, Config, Other];

const fn row(
    word: &'static str,
    argument: FaultArgument,
    classes: &'static [CallClass],
    befalls: &'static str,
    doc: &'static str,
) -> FaultRow {
    FaultRow { word, argument, classes, befalls, doc }
}

/// Every fault.
pub const FAULTS: &[FaultRow] = &[
    row(
        "error",
        FaultArgument::OptionalText,
        SERVICES,
        "`ai`, `http`, `store`",
        "the provider, the network or the store fails: -4",
    ),
    row("timeout", FaultArgument::None, &[Ai, Http], "`ai`, `http`", "the connection is given up, since nobody answers: -4"),
    row("refused", FaultArgument::None, &[Ai, Http], "`ai`, `http`", "the connection is refused: -4"),
    row(
        "status",
        FaultArgument::Status,
        &[Http],
        "`http`",
        "the server answers with this status, which is not 2xx: the status, negated",
    ),
    row("denied", FaultArgument::None, SERVICES, "`ai`, `http`, `store`", "the permission is missing: -3"),
    row("full", FaultArgument::None, &[StoreWrite], "writes of `store`", "the store has no room for the value: -5"),
    row("too-large", FaultArgument::None, &[Ai, Http], "`ai`, `http`", "the answer is larger than the host takes: -5"),
    row(
        "garbage",
        FaultArgument::None,
        ANSWERED,
        "`ai`, `http`, reads of `store`",
        "the answer is a JSON text that breaks off in the middle",
    ),
    row(
        "empty",
        FaultArgument::None,
        ANSWERED,
        "`ai`, `http`, reads of `store`",
        "the answer has no text: -4 of an AI, else a length of 0",
    ),
    row(
        "binary",
        FaultArgument::None,
        ANSWERED,
        "`ai`, `http`, reads of `store`",
        "the answer is bytes that are not UTF-8; of an AI, a text of control characters, NUL among them",
    ),
    row(
        "long",
        FaultArgument::OptionalSize,
        ANSWERED,
        "`ai`, `http`, reads of `store`",
        "the answer is a text of this size, 1 MiB without one",
    ),
    row("answer", FaultArgument::Text, ANSWERED, "`ai`, `http`, reads of `store`", "the answer is this text"),
    row(
        "truncated",
        FaultArgument::None,
        &[Ai, Http, StoreRead, Config],
        "`ai`, `http`, `config`, reads of `store`",
        "blanks behind the answer make it larger than the skill's buffer",
    ),
    row("delay", FaultArgument::Duration, EVERY, "every call", "the call takes this much longer, within the deadline"),
    row("hang", FaultArgument::None, EVERY, "every call", "the call never ends: the deadline does it"),
    row(
        "limit",
        FaultArgument::Memory,
        &[],
        "`memory`",
        "memory is limited to this size, where that is less than the limit in force",
    ),
    row("refused", FaultArgument::None, &[], "`memory`", "memory does not grow any more: `memory.grow` returns -1"),
];

impl Effect {
    /// Whether it can befall such a call.
    pub fn befalls(&self, class: CallClass) -> bool {
        self.row().is_some_and(|row| row.classes.contains(&class))
    }

    fn row(&self) -> Option<&'static FaultRow> {
        let (word, of_memory) = self.word();
        FAULTS.iter().find(|row| row.word == word && row.classes.is_empty() == of_memory)
    }

    /// Its word, and whether it befalls memory.
    const fn word(&self) -> (&'static str, bool) {
        match self {
            Self::Error(_) => ("error", false),
            Self::Timeout => ("timeout", false),
            Self::Refused => ("refused", false),
            Self::Status(_) => ("status", false),
            Self::Denied => ("denied", false),
            Self::Full => ("full", false),
            Self::TooLarge => ("too-large", false),
            Self::Garbage => ("garbage", false),
            Self::Empty => ("empty", false),
            Self::Binary => ("binary", false),
            Self::Long(_) => ("long", false),
            Self::Answer(_) => ("answer", false),
            Self::Truncated => ("truncated", false),
            Self::Delay(_) => ("delay", false),
            Self::Hang => ("hang", false),
            Self::MemoryLimit(_) => ("limit", true),
            Self::NoGrowth => ("refused", true),
        }
    }
}
