//! What a filter sees of one entry: borrowed fields, made from whatever the reader holds.

use crate::event::{CallFinished, CallRecord, CallRequest, CallStarted, LogLevel, LogRecord, Payload, RunEvent, WasiCall};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A prompt to an AI.
    Ai,
    /// The skill's stored values.
    Memory,
    /// An HTTP request.
    Http,
    /// The host call that makes a log line.
    LogCall,
    /// The time.
    Clock,
    /// Randomness.
    Random,
    /// The skill's configuration.
    Config,
    /// The skill's own allocator, called by way of the host.
    Alloc,
    /// Another host call.
    Host,
    /// A function of WASI.
    Wasi,
    /// A log line.
    LogLine,
    /// A piece of standard output.
    Stdout,
    /// A piece of standard error.
    Stderr,
    /// A warning.
    Warning,
}

/// Words that stand for several kinds.
pub const KIND_GROUPS: &[(&str, &[EntryKind])] = &[
    (
        "call",
        &[
            EntryKind::Ai,
            EntryKind::Memory,
            EntryKind::Http,
            EntryKind::LogCall,
            EntryKind::Clock,
            EntryKind::Random,
            EntryKind::Config,
            EntryKind::Alloc,
            EntryKind::Host,
        ],
    ),
    ("log", &[EntryKind::LogLine, EntryKind::LogCall]),
    ("out", &[EntryKind::Stdout, EntryKind::Stderr]),
];

impl EntryKind {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 14] = [
        Self::Ai,
        Self::Memory,
        Self::Http,
        Self::LogCall,
        Self::Clock,
        Self::Random,
        Self::Config,
        Self::Alloc,
        Self::Host,
        Self::Wasi,
        Self::LogLine,
        Self::Stdout,
        Self::Stderr,
        Self::Warning,
    ];

    /// The word that a filter uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Memory => "memory",
            Self::Http => "http",
            Self::LogCall => "log-call",
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Config => "config",
            Self::Alloc => "alloc",
            Self::Host => "host",
            Self::Wasi => "wasi",
            Self::LogLine => "log-line",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Warning => "warning",
        }
    }

    /// The kind of a host call, by the import's module and name.
    pub fn of_host_call(name: &str) -> Self {
        match name.rsplit_once('.').map_or(name, |(_, name)| name) {
            "ai_prompt" | "host_ai_chat" => Self::Ai,
            "memory_get" | "memory_set" | "host_memory_get" | "host_memory_set" | "host_memory_delete" => Self::Memory,
            "http_request" | "host_http_post" => Self::Http,
            "host_log" | "trace" => Self::LogCall,
            "host_now" => Self::Clock,
            "seed" => Self::Random,
            "host_config_get" => Self::Config,
            "host_alloc" | "host_free" => Self::Alloc,
            _ => Self::Host,
        }
    }
}

/// One entry of a trace, as far as it is known. Texts are bytes, since what a skill says need not be UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct EntryView<'a> {
    /// What it is.
    pub kind: EntryKind,
    /// The import, the function of WASI, or `log`, `stdout`, `stderr`, `warning`.
    pub name: &'a str,
    /// What was asked; `None` for what asks nothing.
    pub request: Option<&'a CallRequest>,
    /// The response of a call.
    pub response: Option<&'a [u8]>,
    /// The text of a log line, an output or a warning.
    pub text: Option<&'a [u8]>,
    /// What a host call returned, or the errno of a function of WASI.
    pub result: Option<i64>,
    /// What failed, in words.
    pub error: Option<&'a str>,
    /// Who answered.
    pub provider: Option<&'a str>,
    /// How long it took, or how long an open one has taken so far, in microseconds.
    pub elapsed_us: Option<u64>,
    /// Whether the skill's buffer was too small for the response.
    pub truncated: bool,
    /// Whether it has not ended yet.
    pub open: bool,
    /// The level of a log line.
    pub level: Option<LogLevel>,
    /// Whether its reader marked it.
    pub marked: bool,
}

impl<'a> EntryView<'a> {
    const fn new(kind: EntryKind, name: &'a str) -> Self {
        Self {
            kind,
            name,
            request: None,
            response: None,
            text: None,
            result: None,
            error: None,
            provider: None,
            elapsed_us: None,
            truncated: false,
            open: false,
            level: None,
            marked: false,
        }
    }

    /// A host call that goes on.
    pub fn of_open_call(name: &'a str, request: &'a CallRequest) -> Self {
        Self { request: Some(request), open: true, ..Self::new(EntryKind::of_host_call(name), name) }
    }

    /// A host call that has ended.
    pub fn of_finished_call(name: &'a str, request: &'a CallRequest, finished: &'a CallFinished) -> Self {
        Self {
            response: finished.response.as_ref().map(Payload::as_bytes),
            result: finished.result,
            error: finished.error.as_deref(),
            provider: finished.provider.as_deref(),
            elapsed_us: Some(finished.elapsed_us),
            truncated: finished.truncated,
            open: false,
            ..Self::of_open_call(name, request)
        }
    }

    /// A host call that begins: what interception sees.
    pub fn of_started_call(call: &'a CallStarted) -> Self {
        Self::of_open_call(&call.name, &call.request)
    }

    /// A host call as a summary or a record holds it.
    pub fn of_call(call: &'a CallRecord) -> Self {
        match &call.finished {
            Some(finished) => Self::of_finished_call(&call.name, &call.request, finished),
            None => Self::of_open_call(&call.name, &call.request),
        }
    }

    /// A call of a function of WASI; one that did not return has no errno.
    pub fn of_wasi_call(call: &'a WasiCall) -> Self {
        Self { result: call.errno.map(i64::from), elapsed_us: Some(call.elapsed_us), ..Self::new(EntryKind::Wasi, &call.name) }
    }

    /// A log line.
    pub fn of_log_line(level: LogLevel, message: &'a str) -> Self {
        Self { level: Some(level), text: Some(message.as_bytes()), ..Self::new(EntryKind::LogLine, "log") }
    }

    /// A log line as a summary holds it.
    pub fn of_log(log: &'a LogRecord) -> Self {
        Self::of_log_line(log.level, &log.message)
    }

    /// A piece of standard output.
    pub const fn of_stdout(bytes: &'a [u8]) -> Self {
        Self { text: Some(bytes), ..Self::new(EntryKind::Stdout, EntryKind::Stdout.word()) }
    }

    /// A piece of standard error.
    pub const fn of_stderr(bytes: &'a [u8]) -> Self {
        Self { text: Some(bytes), ..Self::new(EntryKind::Stderr, EntryKind::Stderr.word()) }
    }

    /// A warning.
    pub const fn of_warning(message: &'a str) -> Self {
        Self { text: Some(message.as_bytes()), ..Self::new(EntryKind::Warning, EntryKind::Warning.word()) }
    }

    /// An event that is an entry of its own. The end of a host call is none: it belongs to the call's beginning.
    pub fn of_event(event: &'a RunEvent) -> Option<Self> {
        Some(match event {
            RunEvent::HostCallHeld { .. } | RunEvent::HostCallReleased { .. } | RunEvent::FaultInjected { .. } => return None,
            RunEvent::HostCallStarted(call) => Self::of_started_call(call),
            RunEvent::WasiCall(call) => Self::of_wasi_call(call),
            RunEvent::Log { level, message } => Self::of_log_line(*level, message),
            RunEvent::Stdout { bytes } => Self::of_stdout(bytes.as_bytes()),
            RunEvent::Stderr { bytes } => Self::of_stderr(bytes.as_bytes()),
            RunEvent::Warning { message } => Self::of_warning(message),
            RunEvent::Started(_)
            | RunEvent::PhaseStarted { .. }
            | RunEvent::HostCallFinished(_)
            | RunEvent::Sample(_)
            | RunEvent::Finished(_) => return None,
        })
    }

    /// The same entry, marked or not.
    #[must_use]
    pub const fn marked(self, marked: bool) -> Self {
        Self { marked, ..self }
    }

    /// The same entry, which has taken this long so far.
    #[must_use]
    pub const fn taking(self, elapsed_us: u64) -> Self {
        Self { elapsed_us: Some(elapsed_us), ..self }
    }

    /// Whether it failed: an error, a negative code of a host call, an errno of WASI.
    pub fn has_failed(&self) -> bool {
        let is_error = |result| if self.kind == EntryKind::Wasi { result != 0 } else { result < 0 };
        self.error.is_some() || self.result.is_some_and(is_error)
    }
}
