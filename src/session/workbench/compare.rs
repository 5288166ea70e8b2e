//! Two recorded runs compared: input, output, host calls, AI answers, usage, each as a text of both.

use super::records::failure_of;
use crate::event::{CallRecord, ComparedPart, Event, Failure, RunSummary, Tokens, WorkbenchEvent, figures};
use crate::record::{ReadRecord, RecordError};
use crossbeam_channel::Sender;
use std::path::{Path, PathBuf};

/// How many calls of each run are compared.
const MAX_CALLS: usize = 5_000;
/// How much of a request or a response is compared, in characters.
const MAX_TEXT: usize = 400;

/// Tells how the runs differ, as `Compared`.
pub fn compare(before: PathBuf, after: PathBuf, events: &Sender<Event>) {
    let events = events.clone();
    let work = move || {
        let event = match parts(&before, &after) {
            Ok(parts) => WorkbenchEvent::Compared { parts },
            Err(error) => WorkbenchEvent::Refused { failure: failure_of(&error) },
        };
        // A reader that has gone needs no events.
        let _ = events.send(Event::Workbench(Box::new(event)));
    };
    // Without a thread nothing is compared, and nothing changes.
    drop(std::thread::Builder::new().name("skillscope-compare".into()).spawn(work));
}

fn parts(before: &Path, after: &Path) -> Result<Vec<ComparedPart>, RecordError> {
    let (before, after) = (ReadRecord::read(before, MAX_CALLS)?, ReadRecord::read(after, MAX_CALLS)?);
    let part = |title: &str, text: fn(&ReadRecord) -> String| ComparedPart {
        title: title.to_owned(),
        before: text(&before),
        after: text(&after),
    };
    Ok(vec![
        part("Input", input),
        part("Output", output),
        part("Host calls", calls),
        part("AI answers", answers),
        part("Usage", usage),
        part("Time", time),
    ])
}

fn input(record: &ReadRecord) -> String {
    let started = record.summary.started.as_ref();
    started.map(|started| pretty(&started.input.to_text_lossy())).unwrap_or_default()
}

fn output(record: &ReadRecord) -> String {
    let Some(finished) = &record.summary.finished else { return "the record ends before the run does\n".to_owned() };
    let document = finished.output.as_ref().map(|document| pretty(&document.to_string()));
    let instead = || finished.output_text.as_ref().map(|text| text.to_text_lossy().into_owned());
    let error = finished.error.as_ref().map(|error| error_line(error, finished.outcome.word())).unwrap_or_default();
    format!("{}\n{error}{}\n", finished.outcome, document.or_else(instead).unwrap_or_default())
}

/// What went wrong; its kind only where neither the outcome nor the message says it.
fn error_line(error: &Failure, outcome: &str) -> String {
    let is_said = error.kind == outcome || error.message.starts_with(error.kind.as_ref());
    let kind = if is_said { String::new() } else { format!("{}: ", error.kind) };
    format!("{kind}{}\n", error.message)
}

/// As lines, where it is JSON that can be laid out; else as it is.
pub(in crate::session) fn pretty(document: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(document).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| document.to_owned())
}

fn calls(record: &ReadRecord) -> String {
    let RunSummary { calls, call_count, .. } = &record.summary;
    let mut text: String = calls.iter().filter(|call| !call.name.ends_with(".host_log")).map(call_line).collect();
    let left_out = call_count.saturating_sub(u64::try_from(calls.len()).unwrap_or(u64::MAX));
    if left_out > 0 {
        text.push_str(&format!("and {} more\n", figures::count(left_out)));
    }
    text
}

fn call_line(call: &CallRecord) -> String {
    let request: Vec<String> =
        call.request.0.iter().map(|(name, value)| format!("{name}={}", short(&value.to_text_lossy()))).collect();
    let result = match &call.finished {
        None => "did not end".to_owned(),
        Some(finished) => match (&finished.error, &finished.response) {
            (Some(error), _) => short(error),
            (None, Some(response)) => short(&response.to_text_lossy()),
            (None, None) => finished.result.map(|result| result.to_string()).unwrap_or_default(),
        },
    };
    format!("{} {} = {result}\n", call.name, request.join(" "))
}

fn answers(record: &ReadRecord) -> String {
    let is_ai = |call: &&CallRecord| call.name.ends_with(".ai_prompt") || call.name.ends_with(".host_ai_chat");
    let mut text = String::new();
    for call in record.summary.calls.iter().filter(is_ai) {
        let finished = call.finished.as_ref();
        let provider = finished.and_then(|finished| finished.provider.as_deref()).unwrap_or("nobody");
        let answer = finished.and_then(|finished| finished.response.as_ref()).map(|answer| answer.to_text_lossy().into_owned());
        let error = finished.and_then(|finished| finished.error.clone()).unwrap_or_default();
        let tokens = tokens(finished.and_then(|finished| finished.tokens));
        text.push_str(&format!("call {}, {provider}{tokens}:\n{}\n", call.id.0, answer.unwrap_or(error)));
        for other in &call.others {
            let said = other.response.as_deref().or(other.error.as_deref()).unwrap_or_default();
            let tokens = self::tokens(other.tokens);
            text.push_str(&format!("call {}, beside, {}{tokens}:\n{said}\n", call.id.0, other.provider));
        }
    }
    text
}

fn usage(record: &ReadRecord) -> String {
    let Some(usage) = record.summary.finished.as_ref().map(|finished| &finished.usage) else { return String::new() };
    let memory = usage.memory_peak_bytes.map_or_else(|| "none".to_owned(), figures::bytes);
    format!(
        "fuel {}{}\nmemory peak {memory}\nhost calls {}\n",
        if usage.fuel_exact { "" } else { "at least " },
        figures::count(usage.fuel),
        record.summary.call_count
    )
}

/// Durations always differ: they stand apart, so that all else can be seen to be equal.
fn time(record: &ReadRecord) -> String {
    let Some(usage) = record.summary.finished.as_ref().map(|finished| &finished.usage) else { return String::new() };
    format!("in all {}\nin the host {}\n", figures::milliseconds(usage.elapsed_ms), figures::milliseconds(usage.host_ms))
}

fn tokens(tokens: Option<Tokens>) -> String {
    match tokens {
        Some(Tokens { prompt: Some(prompt), answer: Some(answer) }) => format!(", {prompt}+{answer} tokens"),
        Some(Tokens { answer: Some(answer), .. }) => format!(", {answer} tokens"),
        Some(Tokens { prompt: Some(prompt), .. }) => format!(", {prompt} tokens asked"),
        Some(Tokens { prompt: None, answer: None }) | None => String::new(),
    }
}

fn short(text: &str) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(MAX_TEXT) {
        None => format!("{line:?}"),
        Some((at, _)) => format!("{:?}…", line.get(..at).unwrap_or_default()),
    }
}
