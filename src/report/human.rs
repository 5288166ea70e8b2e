//! `--format human`: the output document on stdout; host calls, log lines, errors and figures on stderr, for people.

use super::palette::Palette;
use super::progress::Progress;
use super::{Report, Streams, replayed, where_fuel_went};
use crate::event::figures;
use crate::event::{
    CallFinished, CallId, CallRequest, CallStarted, Event, Failure, Limits, LogLevel, Payload, Profile, RunEvent, RunFinished,
    RunId, RunStarted, ShadowAnswer, sanitize_line, sanitize_text,
};
use std::io;
use std::path::PathBuf;

/// Characters of a request or a response on a trace line.
const EXCERPT: usize = 60;

/// Writes for people, as things happen.
pub struct HumanReport {
    streams: Streams,
    max_trace: u64,
    progress: Progress,
    progress_drawn: bool,
    current: Current,
}

/// What is known of the run that is told.
#[derive(Default)]
struct Current {
    started: Option<RunStarted>,
    open_call: Option<CallStarted>,
    calls: u64,
    logs: u64,
    stdout_line: Vec<u8>,
    stderr_line: Vec<u8>,
}

impl HumanReport {
    /// A report that shows at most `max_trace` host calls and as many log lines of each run.
    pub fn new(streams: Streams, max_trace: usize) -> Self {
        let max_trace = u64::try_from(max_trace).unwrap_or(u64::MAX);
        Self { streams, max_trace, progress: Progress::default(), progress_drawn: false, current: Current::default() }
    }

    /// Writes a line on stderr, in place of the progress line.
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.clear_progress()?;
        self.streams.write_err(&format!("{line}\n"))
    }

    fn clear_progress(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.progress_drawn) { self.streams.write_err("\r\x1b[2K") } else { Ok(()) }
    }

    fn run_event(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(started) => {
                self.current = Current { started: Some((**started).clone()), ..Current::default() };
                Ok(())
            }
            RunEvent::HostCallStarted(call) => {
                self.current.open_call = Some(call.clone());
                self.current.calls += 1;
                Ok(())
            }
            RunEvent::HostCallFinished(call) => self.call(call),
            RunEvent::Log { level, message } => self.log(*level, message),
            RunEvent::Stdout { bytes } => self.captured(bytes, false),
            RunEvent::Stderr { bytes } => self.captured(bytes, true),
            RunEvent::Warning { message } => {
                let Palette { warning, reset, .. } = self.streams.palette;
                self.line(&format!("{warning}warning{reset}: {}", sanitize_line(message)))
            }
            RunEvent::Finished(finished) => self.finished(finished),
            RunEvent::PhaseStarted { .. }
            | RunEvent::HostCallHeld { .. }
            | RunEvent::HostCallReleased { .. }
            | RunEvent::WasiCall(_)
            | RunEvent::Sample(_) => Ok(()),
        }
    }

    fn call(&mut self, call: &CallFinished) -> io::Result<()> {
        // Each call that ends has begun: without its beginning there is nothing to tell.
        let Some(begun) = self.current.open_call.take() else { return Ok(()) };
        // A log line that went well has been shown as itself.
        let is_shown_log = call.error.is_none() && (begun.name.ends_with(".host_log") || begun.name == "env.trace");
        if is_shown_log || self.current.calls > self.max_trace {
            return Ok(());
        }
        let Palette { name, bad, faint, warning, reset, .. } = self.streams.palette;
        let mut line = format!("{faint}{:>4}{reset} {name}{}{reset}{}", call.id.0, begun.name, request_text(&begun.request));
        if let Some(response) = &call.response {
            line.push_str(&format!(" → {}", excerpt(response)));
        }
        match (call.result, &call.error) {
            (_, Some(error)) => {
                let code = call.result.map(|code| format!("{code} ")).unwrap_or_default();
                line.push_str(&format!(" → {bad}{code}{}{reset}", sanitize_line(error)));
            }
            (Some(result), None) if call.response.is_none() => line.push_str(&format!(" → {result}")),
            _ => {}
        }
        if call.truncated {
            line.push_str(&format!(" {warning}truncated{reset}"));
        }
        let provider = call.provider.as_ref().map(|provider| format!("{} · ", sanitize_line(provider))).unwrap_or_default();
        let held = if call.held { "held · " } else { "" };
        line.push_str(&format!(" {faint}({provider}{held}{}){reset}", figures::microseconds(call.elapsed_us)));
        self.line(&line)
    }

    fn log(&mut self, level: LogLevel, message: &str) -> io::Result<()> {
        self.current.logs += 1;
        if self.current.logs > self.max_trace {
            return Ok(());
        }
        let Palette { reset, .. } = self.streams.palette;
        self.line(&format!("{}{:<5}{reset} {}", self.streams.palette.level(level), level.word(), sanitize_text(message)))
    }

    /// Shows captured output line by line; a command's stdout is its output and is shown as that.
    fn captured(&mut self, bytes: &Payload, is_stderr: bool) -> io::Result<()> {
        if !is_stderr && self.current.started.as_ref().is_some_and(|started| started.profile == Some(Profile::Command)) {
            return Ok(());
        }
        let (word, line) =
            if is_stderr { ("stderr", &mut self.current.stderr_line) } else { ("stdout", &mut self.current.stdout_line) };
        line.extend_from_slice(bytes.as_bytes());
        let mut whole = std::mem::take(line);
        let rest = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        // A line without end is shown in pieces rather than kept without bound.
        let rest = if whole.len() - rest > 8192 { whole.len() } else { rest };
        *line = whole.split_off(rest);
        self.captured_lines(word, &whole)
    }

    fn captured_lines(&mut self, word: &str, whole: &[u8]) -> io::Result<()> {
        let Palette { faint, reset, .. } = self.streams.palette;
        for line in String::from_utf8_lossy(whole).lines() {
            self.line(&format!("{faint}{word} │{reset} {}", sanitize_line(line)))?;
        }
        Ok(())
    }

    fn finished(&mut self, finished: &RunFinished) -> io::Result<()> {
        for (word, rest) in
            [("stdout", std::mem::take(&mut self.current.stdout_line)), ("stderr", std::mem::take(&mut self.current.stderr_line))]
        {
            self.captured_lines(word, &rest)?;
        }
        self.left_out("host calls", self.current.calls)?;
        self.left_out("log lines", self.current.logs)?;
        self.output(finished)?;
        if let Some(failure) = &finished.error {
            let word = finished.outcome.word();
            let colour = self.streams.palette.outcome(finished.outcome);
            let text = failure_text(failure, word, colour, &self.streams.palette);
            self.line(&text)?;
        }
        if finished.usage.cache.is_some() {
            let line = self.usage_line(finished);
            self.line(&line)?;
        }
        if let Some(functions) = &finished.functions {
            let table = where_fuel_went::table(functions, finished.usage.fuel, &self.streams.palette);
            self.line(&table)?;
        }
        Ok(())
    }

    fn left_out(&mut self, what: &str, count: u64) -> io::Result<()> {
        match count.checked_sub(self.max_trace) {
            None | Some(0) => Ok(()),
            Some(more) => self.line(&format!("… and {} more {what} (--max-trace)", figures::count(more))),
        }
    }

    fn output(&mut self, finished: &RunFinished) -> io::Result<()> {
        self.clear_progress()?;
        if let Some(output) = &finished.output {
            self.streams.write_document(output)?;
        } else if let Some(text) = &finished.output_text {
            let text = format!("instead of JSON: {}", figures::cut(&sanitize_line(&text.to_text_lossy()), 400));
            self.line(&text)?;
        }
        Ok(())
    }

    fn usage_line(&self, finished: &RunFinished) -> String {
        let usage = &finished.usage;
        let palette = &self.streams.palette;
        let Palette { faint, reset, .. } = *palette;
        let limits = self.current.started.as_ref().map_or_else(Limits::default, |started| started.limits.clone());
        let about = if usage.fuel_exact { "" } else { "at least " };
        let fuel_limit = limits.fuel.map(|limit| format!(" of {}", figures::count(limit))).unwrap_or_default();
        let memory = match (usage.memory_bytes, usage.memory_peak_bytes) {
            (Some(_), Some(peak)) => format!("memory {} of {}", figures::bytes(peak), figures::bytes(limits.memory_bytes)),
            _ => "no memory".to_owned(),
        };
        let calls = match self.current.calls {
            0 => String::new(),
            1 => format!(" · 1 host call ({})", figures::milliseconds(usage.host_ms)),
            calls => format!(" · {} host calls ({})", figures::count(calls), figures::milliseconds(usage.host_ms)),
        };
        let cache = match usage.cache {
            Some(crate::event::CacheUse::Miss) => format!("compiled in {}", figures::milliseconds(usage.compile_ms)),
            Some(crate::event::CacheUse::Disk) => format!("from the cache in {}", figures::milliseconds(usage.compile_ms)),
            Some(crate::event::CacheUse::Memory) | None => "compiled before".to_owned(),
        };
        format!(
            "{}{}{reset} {faint}in {} of {} · fuel {about}{}{fuel_limit} · {memory}{calls} · {cache}{reset}",
            palette.outcome(finished.outcome),
            finished.outcome,
            figures::milliseconds(usage.elapsed_ms),
            figures::milliseconds(limits.timeout().as_secs_f64() * 1_000.0),
            figures::count(usage.fuel),
        )
    }

    fn shadow(&mut self, call: CallId, answer: &ShadowAnswer) -> io::Result<()> {
        let Palette { bad, faint, reset, .. } = self.streams.palette;
        let said = match (&answer.response, &answer.error) {
            (Some(text), _) => figures::cut(&sanitize_line(text), EXCERPT),
            (None, Some(error)) => format!("{bad}{}{reset}", sanitize_line(error)),
            (None, None) => "no answer".to_owned(),
        };
        let provider = sanitize_line(&answer.provider).into_owned();
        self.line(&format!(
            "{faint}{:>4}{reset}   beside: {said} {faint}({provider} · {}){reset}",
            call.0,
            figures::microseconds(answer.elapsed_us)
        ))
    }
}

impl Report for HumanReport {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.progress.event(event);
        match event {
            Event::Run { what, .. } => self.run_event(what),
            Event::ShadowAnswered { call, answer, .. } => self.shadow(*call, answer),
            Event::Notice { message } => {
                let Palette { warning, reset, .. } = self.streams.palette;
                self.line(&format!("{warning}note{reset}: {}", sanitize_text(message)))
            }
            Event::Replayed { replay, .. } => {
                let text = replayed::text(replay, &self.streams.palette);
                self.line(&text)
            }
            Event::Changed { skill, files } => self.line(&format!("\n{}", saved_text(skill, files))),
            Event::Skills { .. }
            | Event::Compiling { .. }
            | Event::Loaded(_)
            | Event::Rejected { .. }
            | Event::ChecksDone
            | Event::ShadowsDone { .. }
            | Event::Workbench(_) => Ok(()),
        }
    }

    fn tick(&mut self) -> io::Result<()> {
        if !self.streams.err_can_move {
            return Ok(());
        }
        match self.progress.line() {
            Some(line) => {
                self.progress_drawn = true;
                // A line that wraps could not be wiped; in the last column the cursor of some terminals goes on to the next line.
                let line = match self.streams.columns() {
                    Some(columns) => figures::cut_to_columns(&line, columns.saturating_sub(1)),
                    None => line,
                };
                let Palette { faint, reset, .. } = self.streams.palette;
                self.streams.write_err(&format!("\r\x1b[2K{faint}{line}{reset}"))
            }
            None => self.clear_progress(),
        }
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        self.clear_progress()
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}

/// A failure in full: its kind and message, the guest's frames, and what to do. Several lines, no line feed at the end.
pub fn failure_text(failure: &Failure, word: &str, colour: &str, palette: &Palette) -> String {
    let Palette { faint, reset, name, .. } = *palette;
    let kind = if failure.kind == word { String::new() } else { format!(" ({})", failure.kind) };
    let mut text = format!("{colour}{word}{reset}{kind}: {}", sanitize_text(&failure.message));
    for frame in &failure.backtrace {
        text.push_str(&format!("\n    {faint}at{reset} {}", sanitize_line(&frame.to_string())));
    }
    if let Some(hint) = &failure.hint {
        text.push_str(&format!("\n  {name}hint{reset}: {}", sanitize_text(hint)));
    }
    text
}

/// Which files were saved, by their names; where there are many, how many.
fn saved_text(skill: &str, files: &[PathBuf]) -> String {
    const SHOWN: usize = 3;
    let names = files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    let names: Vec<String> = names.take(SHOWN).map(|name| sanitize_line(&name).into_owned()).collect();
    let more = files.len().saturating_sub(names.len());
    match (names.is_empty(), more) {
        (true, _) => format!("{} was saved", sanitize_line(skill)),
        (false, 0) if names.len() == 1 => format!("{} was saved", names.concat()),
        (false, 0) => format!("{} were saved", names.join(", ")),
        (false, more) => format!("{} and {more} more were saved", names.join(", ")),
    }
}

fn request_text(request: &CallRequest) -> String {
    request.0.iter().map(|(field, value)| format!(" {field}={}", excerpt(value))).collect()
}

fn excerpt(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => quoted(text),
        Payload::Bytes(bytes) => format!("<{} bytes>", figures::count(bytes.len() as u64)),
    }
}

/// The start of a text in quotes, harmless, with an ellipsis where it goes on.
fn quoted(text: &str) -> String {
    // There is no need to look at a whole megabyte for an excerpt.
    let start: String = text.chars().take(EXCERPT + 1).collect();
    format!("\"{}\"", figures::cut(&sanitize_line(&start), EXCERPT))
}
