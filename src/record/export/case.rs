//! A record as a test case: what the skill was given, what everyone answered, and what came of it, as `docs/cases.md` has it.
//!
//! A case has a clock and randomness of its own. Where a run looked at live ones, the case says so, and its fuel is left open.

use super::{ExportError, OpenCall, OpenCalls, asks_an_ai, asks_by_http, function_of, http_status};
use crate::event::{CallFinished, CallRequest, Event, Outcome, Payload, RunEvent, RunFinished, RunStarted, USER_PROVIDER};
use crate::record::{Integrity, RecordHeader, RecordReader, RunSettings};
use crate::skill::{format_duration, written_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// Functions of WASI whose answers differ from run to run where nothing is seeded.
const LIVE_WASI: [&str; 2] = ["clock_time_get", "random_get"];
/// The same of host functions.
const LIVE: [&str; 2] = ["host_now", "seed"];
/// The code of a provider or a network that failed.
const FAILED: i64 = -4;

/// Writes the case of a record.
///
/// # Errors
/// Where the record cannot be read, or has no run that a case could repeat.
pub(super) fn case(record: &Path) -> Result<(String, Integrity), ExportError> {
    let mut reader = RecordReader::open(record)?;
    let mut told = Told::default();
    for event in &mut reader {
        if let Event::Run { at_us, what, .. } = event?.1 {
            told.take(at_us, &what);
        }
    }
    let no_case = |reason: &'static str| ExportError::NoCase { path: record.to_owned(), reason };
    let settings = reader.settings().ok_or_else(|| no_case("it does not tell what the run was given"))?;
    let started = told.started.take().ok_or_else(|| no_case("its run did not begin"))?;
    let finished = told
        .finished
        .take()
        .ok_or_else(|| no_case("it ends before its run did, so that it does not tell what must come of it"))?;
    if finished.outcome == Outcome::Cancelled {
        return Err(no_case("its run was cancelled"));
    }
    let mut case = Table::new();
    about(&mut case, reader.header(), record);
    input(&mut case, &started, settings)
        .ok_or_else(|| no_case("its input is not text: write it to a file, and name that as `stdin_file`"))?;
    surroundings(&mut case, &started, settings, &told);
    expected(&mut case, &started, &finished, &told);
    told.answers(&mut case, &finished, &started);
    let mut cases = ArrayOfTables::new();
    cases.push(case);
    let mut document = DocumentMut::new();
    document.insert("case", Item::ArrayOfTables(cases));
    let text =
        told.notes(&started, settings).into_iter().map(|note| format!("# {note}\n")).collect::<String>() + &document.to_string();
    Ok((text, reader.integrity().clone()))
}

/// What a record tells of its calls.
#[derive(Default)]
struct Told {
    started: Option<Box<RunStarted>>,
    finished: Option<Box<RunFinished>>,
    open: OpenCalls,
    /// Those that ask somebody, held ones left out, in order.
    calls: Vec<(OpenCall, CallFinished)>,
    /// Values that the skill found, by key.
    found: BTreeMap<String, Payload>,
    /// Keys that the skill has written or deleted, with what is there at the end.
    written: BTreeMap<String, Option<Payload>>,
    is_live: bool,
    user_failed: bool,
}

impl Told {
    fn take(&mut self, at_us: u64, event: &RunEvent) {
        match event {
            RunEvent::Started(started) => self.started = Some(started.clone()),
            RunEvent::Finished(finished) => self.finished = Some(finished.clone()),
            RunEvent::HostCallStarted(call) => {
                self.is_live |= LIVE.contains(&function_of(&call.name));
                self.open.begin(at_us, call);
            }
            RunEvent::HostCallFinished(finished) => {
                if let Some(open) = self.open.end(finished).filter(|_| !finished.held) {
                    self.call(open, finished.clone());
                }
            }
            RunEvent::WasiCall(call) => self.is_live |= LIVE_WASI.contains(&&*call.name),
            _ => {}
        }
    }

    fn call(&mut self, open: OpenCall, finished: CallFinished) {
        let is_by_user = finished.provider.as_deref() == Some(USER_PROVIDER);
        self.user_failed |= is_by_user && finished.error.is_some();
        let name = function_of(&open.call.name).to_owned();
        let key = text_of(&open.call.request, "key");
        let succeeded = finished.error.is_none();
        match (name.as_str(), key) {
            ("memory_get" | "host_memory_get", Some(key)) => {
                if let (Some(value), false) = (finished.response.clone().filter(|_| succeeded), self.written.contains_key(&key)) {
                    self.found.entry(key).or_insert(value);
                }
            }
            ("memory_set" | "host_memory_set", Some(key)) if succeeded && !is_by_user => {
                let value = open.call.request.get("value").cloned();
                self.written.insert(key, value);
            }
            ("host_memory_delete", Some(key)) if succeeded && !is_by_user => drop(self.written.insert(key, None)),
            _ => {}
        }
        let asks_somebody =
            asks_an_ai(&name) || asks_by_http(&name) || name.contains("memory_") && name != "emscripten_notify_memory_growth";
        if asks_somebody {
            self.calls.push((open, finished));
        }
    }

    /// `[[case.ai]]` and `[[case.http]]`: an entry for each prompt and each request that somebody answered.
    fn answers(&self, case: &mut Table, finished: &RunFinished, started: &RunStarted) {
        let (mut ai, mut http) = (ArrayOfTables::new(), ArrayOfTables::new());
        let (mut prompts, mut requests) = (0, 0);
        for (open, call) in &self.calls {
            let was_denied = matches!(call.result, Some(-3 | -2));
            if was_denied {
                continue;
            }
            // What was cut off by the deadline is so again.
            let is_cut_off = call.result.is_none() && finished.outcome == Outcome::Timeout;
            let delay = is_cut_off.then(|| format_duration(Duration::from_millis(started.limits.timeout_ms.saturating_mul(2))));
            if asks_an_ai(&open.call.name) {
                prompts += 1;
                ai.push(ai_entry(open, call, prompts, delay));
            } else if asks_by_http(&open.call.name) {
                requests += 1;
                http.push(http_entry(open, call, requests, delay));
            }
        }
        for (key, entries) in [("ai", ai), ("http", http)] {
            if !entries.is_empty() {
                case.insert(key, Item::ArrayOfTables(entries));
            }
        }
    }

    /// What the case cannot have from the record.
    fn notes(&self, started: &RunStarted, settings: &RunSettings) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_live && started.seed.is_none() {
            notes.push(
                "The recorded run looked at a live clock or live randomness, and a case has seeded ones: what depends on them comes out otherwise."
                    .to_owned(),
            );
        }
        if self.user_failed {
            notes.push(
                "A call that the user let fail in the workbench fails here as the AI, the network or the memory make it fail."
                    .to_owned(),
            );
        }
        if settings.wasi.as_ref().is_some_and(|wasi| !wasi.directories.is_empty()) {
            notes.push(
                "The recorded run saw directories: the case sees those of the manifest, as they are when it is run.".to_owned(),
            );
        }
        notes
    }
}

fn about(case: &mut Table, header: &RecordHeader, record: &Path) {
    let name = record.file_name().map_or_else(|| "a record".into(), |name| name.to_string_lossy());
    put(case, "name", format!("recorded {}", header.started_at));
    put(case, "description", format!("from {}, written by skillscope {}", crate::event::sanitize_line(&name), header.skillscope));
}

/// `None` where it cannot be written down.
fn input(case: &mut Table, started: &RunStarted, settings: &RunSettings) -> Option<()> {
    let document = started.input.as_text()?;
    put(case, if settings.raw_stdin { "stdin" } else { "input_json" }, document);
    if let Some(event) = &settings.event_type {
        put(case, "event", event);
    }
    Some(())
}

fn surroundings(case: &mut Table, started: &RunStarted, settings: &RunSettings, told: &Told) {
    if let Some(seed) = started.seed.and_then(|seed| i64::try_from(seed).ok()) {
        put(case, "seed", seed);
    }
    put_texts(case, "config", settings.config.iter());
    let environment = settings.wasi.iter().flat_map(|wasi| &wasi.environment);
    put_texts(case, "env", environment.map(|(name, value)| (name, value)));
    let mut limits = InlineTable::new();
    limits.insert("memory", written_bytes(started.limits.memory_bytes).into());
    limits.insert("timeout", format_duration(started.limits.timeout()).into());
    if let Some(fuel) = started.limits.fuel.and_then(|fuel| i64::try_from(fuel).ok()) {
        limits.insert("fuel", fuel.into());
    }
    put(case, "limits", limits);
    let granted = &settings.permissions;
    let mut permissions = InlineTable::new();
    permissions.insert("ai", granted.ai.into());
    permissions.insert("memory", granted.memory.iter().collect::<Array>().into());
    permissions.insert("http", granted.http.iter().collect::<Array>().into());
    put(case, "permissions", permissions);
    let mut store: BTreeMap<&str, &Payload> = settings.stored.iter().map(|(key, value)| (key.as_str(), value)).collect();
    store.extend(told.found.iter().map(|(key, value)| (key.as_str(), value)));
    put_contents(case, "store", store);
}

fn expected(case: &mut Table, started: &RunStarted, finished: &RunFinished, told: &Told) {
    if finished.outcome != Outcome::Ok {
        put(case, "outcome", finished.outcome.word());
        if let Some(error) = &finished.error {
            put(case, "error_kind", &*error.kind);
        }
    }
    if let Some(output) = &finished.output {
        put(case, "output_json", output.as_str());
    }
    let mut calls: Array = told.calls.iter().map(|(open, finished)| expected_call(open, finished)).collect();
    for call in calls.iter_mut() {
        call.decor_mut().set_prefix("\n    ");
    }
    if !calls.is_empty() {
        calls.set_trailing("\n");
        calls.set_trailing_comma(true);
    }
    put(case, "calls", calls);
    let after = |is_there: bool| told.written.iter().filter(move |(_, value)| value.is_some() == is_there);
    let values = after(true).filter_map(|(key, value)| Some((key.as_str(), value.as_ref()?)));
    put_contents(case, "store_after_includes", values.collect());
    let gone: Array = after(false).map(|(key, _)| key).collect();
    if !gone.is_empty() {
        put(case, "store_after_lacks", gone);
    }
    // A deadline is the machine's: where it bites, the fuel differs from run to run.
    let is_repeatable = (!told.is_live || started.seed.is_some()) && finished.outcome != Outcome::Timeout;
    if let Some(fuel) = i64::try_from(finished.usage.fuel).ok().filter(|_| finished.usage.fuel_exact && is_repeatable) {
        put(case, "fuel", fuel);
    }
}

fn expected_call(open: &OpenCall, finished: &CallFinished) -> Value {
    let mut call = InlineTable::new();
    call.insert("call", open.call.name.as_ref().into());
    let texts = open.call.request.0.iter().filter_map(|(name, value)| Some((name, value.as_text()?)));
    let request: InlineTable = texts.map(|(name, text)| (name.as_ref(), text)).collect();
    if !request.is_empty() {
        call.insert("request", request.into());
    }
    if let Some(code) = finished.result.filter(|_| finished.error.is_some()) {
        call.insert("result", code.into());
    }
    call.into()
}

fn ai_entry(open: &OpenCall, finished: &CallFinished, number: i64, delay: Option<String>) -> Table {
    let mut entry = Table::new();
    if let Some(prompt) = text_of(&open.call.request, "prompt") {
        put(&mut entry, "prompt", prompt);
    }
    put(&mut entry, "call", number);
    match (&finished.error, &finished.response) {
        (None, Some(response)) => put(&mut entry, "reply", response.to_text_lossy().as_ref()),
        (Some(error), _) if delay.is_none() => put(&mut entry, "error", error.as_str()),
        _ => put(&mut entry, "reply", ""),
    }
    if let Some(delay) = delay {
        put(&mut entry, "delay", delay);
    }
    entry
}

fn http_entry(open: &OpenCall, finished: &CallFinished, number: i64, delay: Option<String>) -> Table {
    let mut entry = Table::new();
    for field in ["url", "method", "body"] {
        if let Some(text) = text_of(&open.call.request, field) {
            put(&mut entry, field, text);
        }
    }
    put(&mut entry, "call", number);
    let status = http_status(finished).filter(|_| finished.error.is_some() && finished.result != Some(FAILED));
    match (status, &finished.error, &finished.response) {
        (None, Some(error), _) if delay.is_none() => put(&mut entry, "error", error.as_str()),
        (status, _, response) => {
            if let Some(status) = status {
                put(&mut entry, "status", status);
            }
            match response.as_ref().map(|body| (body, body.as_text())) {
                Some((_, Some(text))) => put(&mut entry, "reply", text),
                Some((bytes, None)) => put(&mut entry, "reply_base64", STANDARD.encode(bytes.as_bytes())),
                None => put(&mut entry, "reply", ""),
            }
        }
    }
    if let Some(delay) = delay {
        put(&mut entry, "delay", delay);
    }
    entry
}

fn text_of(request: &CallRequest, field: &str) -> Option<String> {
    request.get(field).and_then(Payload::as_text).map(str::to_owned)
}

fn put(table: &mut Table, key: &str, value: impl Into<Value>) {
    table.insert(key, Item::Value(value.into()));
}

fn put_texts<'a>(table: &mut Table, key: &str, texts: impl Iterator<Item = (&'a String, &'a String)>) {
    let texts: InlineTable = texts.map(|(name, text)| (name.as_str(), text.as_str())).collect();
    if !texts.is_empty() {
        put(table, key, texts);
    }
}

/// Stored values: as text, or base64 where they are none.
fn put_contents(table: &mut Table, key: &str, contents: BTreeMap<&str, &Payload>) {
    let content = |value: &Payload| match value.as_text() {
        Some(text) => Value::from(text),
        None => InlineTable::from_iter([("base64", STANDARD.encode(value.as_bytes()))]).into(),
    };
    let contents: InlineTable = contents.into_iter().map(|(name, value)| (name, content(value))).collect();
    if !contents.is_empty() {
        put(table, key, contents);
    }
}
