//! Traces of OpenTelemetry in the JSON encoding of OTLP: a span for each host call under one for the run. AI calls follow the conventions
//! for generative AI (`gen_ai.*`), HTTP calls those for HTTP clients.
//!
//! Identifiers are made of the record's first line, so that one record gives the same trace each time.

use super::writer::Elements;
use super::{Exporter, OpenCall, OpenCalls, asks_an_ai, asks_by_http, http_status, unix_ns};
use crate::event::{CallFinished, CallId, Event, Payload, RunEvent, RunFinished, ShadowAnswer, Tokens};
use crate::record::RecordHeader;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use url::Url;

/// Kinds of spans, by the protocol's numbers.
const INTERNAL: u32 = 1;
const CLIENT: u32 = 3;
/// What a status is, by the protocol's numbers.
const STATUS_OK: u32 = 1;
const STATUS_ERROR: u32 = 2;

/// Makes spans.
pub(super) struct Otlp {
    header: RecordHeader,
    trace: String,
    open: OpenCalls,
    /// AI calls, for the answers beside them: when they began, and the prompt.
    asked: HashMap<CallId, (u64, String)>,
    shadows: u64,
    finished: Option<Box<RunFinished>>,
    /// Log lines and warnings.
    events: Vec<Value>,
    last_us: u64,
}

/// A span but for what all of them have.
struct Span {
    id: String,
    parent: Option<String>,
    name: String,
    kind: u32,
    from_us: u64,
    to_us: u64,
    attributes: Vec<Value>,
    events: Vec<Value>,
    error: Option<String>,
    /// Whether somebody judged it well, and not just nobody badly.
    is_judged: bool,
}

impl Otlp {
    pub(super) fn new(header: &RecordHeader) -> Self {
        let seed = serde_json::to_string(header).unwrap_or_default();
        Self {
            header: header.clone(),
            trace: id(&[&seed], 16),
            open: OpenCalls::default(),
            asked: HashMap::new(),
            shadows: 0,
            finished: None,
            events: Vec::new(),
            last_us: 0,
        }
    }

    fn span_of(&self, what: &str) -> String {
        id(&[&self.trace, what], 8)
    }

    fn root(&self) -> String {
        self.span_of("run")
    }

    fn push(&self, span: Span, out: &mut Elements<'_>) -> io::Result<()> {
        let mut json = json!({
            "traceId": self.trace,
            "spanId": span.id,
            "name": span.name,
            "kind": span.kind,
            "startTimeUnixNano": unix_ns(&self.header, span.from_us).to_string(),
            "endTimeUnixNano": unix_ns(&self.header, span.to_us.max(span.from_us)).to_string(),
            "attributes": span.attributes,
            "status": status(span.error, span.is_judged),
        });
        if let Value::Object(fields) = &mut json {
            if let Some(parent) = span.parent {
                fields.insert("parentSpanId".to_owned(), parent.into());
            }
            if !span.events.is_empty() {
                fields.insert("events".to_owned(), span.events.into());
            }
        }
        out.push(&json)
    }

    fn run_event(&mut self, at_us: u64, event: &RunEvent, out: &mut Elements<'_>) -> io::Result<()> {
        self.last_us = self.last_us.max(at_us);
        match event {
            RunEvent::HostCallStarted(call) => {
                if asks_an_ai(&call.name) {
                    self.asked.insert(call.id, (at_us, field(&call.request, "prompt")));
                }
                self.open.begin(at_us, call);
            }
            RunEvent::HostCallFinished(finished) => {
                if let Some(open) = self.open.end(finished) {
                    return self.push(self.call(&open, at_us, Some(finished)), out);
                }
            }
            RunEvent::Log { level, message } => {
                let attributes = vec![text("log.severity", level.word()), text("message", message)];
                self.events.push(self.event_at(at_us, "log", attributes));
            }
            RunEvent::Warning { message } => self.events.push(self.event_at(at_us, "warning", vec![text("message", message)])),
            RunEvent::Finished(finished) => self.finished = Some(finished.clone()),
            _ => {}
        }
        Ok(())
    }

    fn event_at(&self, at_us: u64, name: &str, attributes: Vec<Value>) -> Value {
        json!({ "timeUnixNano": unix_ns(&self.header, at_us).to_string(), "name": name, "attributes": attributes })
    }

    /// The span of a host call; without its end where the record ends inside it.
    fn call(&self, open: &OpenCall, to_us: u64, finished: Option<&CallFinished>) -> Span {
        let name = &open.call.name;
        let mut attributes = vec![text("skillscope.function", name), number("skillscope.call.id", open.call.id.0)];
        let mut kind = INTERNAL;
        let mut title = name.clone().into_owned();
        if asks_an_ai(name) {
            let provider = finished.and_then(|finished| finished.provider.as_deref());
            let answer = finished.filter(|finished| finished.error.is_none()).and_then(|finished| finished.response.as_ref());
            let tokens = finished.and_then(|finished| finished.tokens);
            let prompt = field(&open.call.request, "prompt");
            let (name, more) = gen_ai(provider, &prompt, answer.map(|text| text.to_text_lossy().into_owned()), tokens);
            (title, kind) = (name, CLIENT);
            attributes.extend(more);
        } else if asks_by_http(name) {
            (title, kind) = (field(&open.call.request, "method"), CLIENT);
            attributes.extend(http(open, finished));
        } else {
            let fields = open.call.request.0.iter();
            attributes.extend(fields.map(|(name, value)| text(&format!("skillscope.request.{name}"), &value.to_text_lossy())));
        }
        if let Some(finished) = finished {
            attributes.extend(ended(finished));
        }
        let error =
            finished.map_or_else(|| Some("the record ends inside this call".to_owned()), |finished| finished.error.clone());
        if error.is_some() {
            let code = finished.and_then(|finished| http_status(finished).or(finished.result));
            attributes.push(text("error.type", &code.map_or_else(|| "_OTHER".to_owned(), |code| code.to_string())));
        }
        let within = self.open.0.last().map(|outer| self.span_of(&format!("call {}", outer.call.id.0)));
        Span {
            id: self.span_of(&format!("call {}", open.call.id.0)),
            parent: Some(within.unwrap_or_else(|| self.root())),
            name: title,
            kind,
            from_us: open.at_us,
            to_us,
            attributes,
            events: Vec::new(),
            error,
            is_judged: false,
        }
    }

    /// The span of an answer beside the lead's, under the call that it belongs to.
    fn shadow(&mut self, call: CallId, answer: &ShadowAnswer, out: &mut Elements<'_>) -> io::Result<()> {
        self.shadows += 1;
        let (from_us, prompt) = self.asked.get(&call).cloned().unwrap_or_default();
        let (name, mut attributes) = gen_ai(Some(&answer.provider), &prompt, answer.response.clone(), answer.tokens);
        attributes.push(json!({ "key": "skillscope.beside", "value": { "boolValue": true } }));
        if answer.error.is_some() {
            attributes.push(text("error.type", "_OTHER"));
        }
        let span = Span {
            id: self.span_of(&format!("beside {}", self.shadows)),
            parent: Some(self.span_of(&format!("call {}", call.0))),
            name,
            kind: CLIENT,
            from_us,
            to_us: from_us.saturating_add(answer.elapsed_us),
            attributes,
            events: Vec::new(),
            error: answer.error.clone(),
            is_judged: false,
        };
        self.push(span, out)
    }

    fn run(&mut self) -> Span {
        let mut attributes = vec![text("skillscope.skill", &self.header.skill)];
        attributes.extend(self.header.module_sha256.as_deref().map(|digest| text("skillscope.module.sha256", digest)));
        attributes.extend(self.header.profile.map(|profile| text("skillscope.profile", profile.word())));
        let mut error = Some("the record ends before the run did".to_owned());
        if let Some(finished) = &self.finished {
            let usage = &finished.usage;
            attributes.push(text("skillscope.outcome", finished.outcome.word()));
            attributes.push(number("skillscope.fuel", usage.fuel));
            attributes.extend(usage.memory_peak_bytes.map(|bytes| number("skillscope.memory.peak", bytes)));
            attributes.extend(finished.error.as_ref().map(|error| text("error.type", &error.kind)));
            error = finished.error.as_ref().map(|error| error.message.clone());
        }
        Span {
            id: self.root(),
            parent: None,
            name: format!("run {}", self.header.skill),
            kind: INTERNAL,
            from_us: 0,
            to_us: self.last_us,
            attributes,
            events: std::mem::take(&mut self.events),
            error,
            is_judged: true,
        }
    }
}

impl Exporter for Otlp {
    fn prefix(&self) -> String {
        let resource = [text("service.name", "skillscope"), text("service.version", &self.header.skillscope)];
        let scope = json!({ "name": "skillscope", "version": env!("CARGO_PKG_VERSION") });
        let resource = json!({ "attributes": resource });
        format!("{{\"resourceSpans\":[{{\"resource\":{resource},\"scopeSpans\":[{{\"scope\":{scope},\"spans\":[")
    }

    fn event(&mut self, event: &Event, out: &mut Elements<'_>) -> io::Result<()> {
        match event {
            Event::Run { at_us, what, .. } => self.run_event(*at_us, what, out),
            Event::ShadowAnswered { call, answer, .. } => self.shadow(*call, answer, out),
            _ => Ok(()),
        }
    }

    fn end(&mut self, out: &mut Elements<'_>) -> io::Result<()> {
        while let Some(open) = self.open.0.pop() {
            self.push(self.call(&open, self.last_us, None), out)?;
        }
        let run = self.run();
        self.push(run, out)
    }

    fn suffix(&self) -> &'static str {
        "\n]}]}]}\n"
    }
}

/// The first bytes of a digest in lower-case hex. That all of them are zero, which the protocol forbids, is as good as impossible.
fn id(parts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// 64-bit numbers are strings in this encoding, and signed.
fn number(key: &str, value: impl TryInto<i64>) -> Value {
    json!({ "key": key, "value": { "intValue": value.try_into().unwrap_or(i64::MAX).to_string() } })
}

fn status(error: Option<String>, is_judged: bool) -> Value {
    match error {
        Some(message) => json!({ "code": STATUS_ERROR, "message": message }),
        None if is_judged => json!({ "code": STATUS_OK }),
        None => json!({}),
    }
}

fn field(request: &crate::event::CallRequest, name: &str) -> String {
    request.get(name).map(|value| value.to_text_lossy().into_owned()).unwrap_or_default()
}

fn ended(finished: &CallFinished) -> Vec<Value> {
    let result = finished.result.map(|result| number("skillscope.result", result));
    let flag = |key: &str, is_set: bool| is_set.then(|| json!({ "key": key, "value": { "boolValue": true } }));
    let flags = [flag("skillscope.truncated", finished.truncated), flag("skillscope.held", finished.held)];
    result.into_iter().chain(flags.into_iter().flatten()).collect()
}

/// Name and attributes of an AI call. A provider's label is its name, and its model in brackets where it has one.
fn gen_ai(provider: Option<&str>, prompt: &str, answer: Option<String>, tokens: Option<Tokens>) -> (String, Vec<Value>) {
    let label = provider.unwrap_or("unknown");
    let (name, model) = match label.strip_suffix(')').and_then(|label| label.split_once(" (")) {
        Some((name, model)) => (name, Some(model)),
        None => (label, None),
    };
    let message = |role: &str, content: &str| json!({ "role": role, "parts": [{ "type": "text", "content": content }] });
    let mut attributes = vec![
        text("gen_ai.operation.name", "chat"),
        text("gen_ai.provider.name", name),
        text("gen_ai.input.messages", &json!([message("user", prompt)]).to_string()),
    ];
    attributes.extend(model.map(|model| text("gen_ai.request.model", model)));
    if let Some(answer) = answer {
        let mut message = message("assistant", &answer);
        if let Value::Object(fields) = &mut message {
            fields.insert("finish_reason".to_owned(), "stop".into());
        }
        attributes.push(text("gen_ai.output.messages", &json!([message]).to_string()));
    }
    let Tokens { prompt, answer } = tokens.unwrap_or_default();
    attributes.extend(prompt.map(|count| number("gen_ai.usage.input_tokens", count)));
    attributes.extend(answer.map(|count| number("gen_ai.usage.output_tokens", count)));
    (model.map_or_else(|| "chat".to_owned(), |model| format!("chat {model}")), attributes)
}

fn http(open: &OpenCall, finished: Option<&CallFinished>) -> Vec<Value> {
    let url = field(&open.call.request, "url");
    let mut attributes = vec![text("http.request.method", &field(&open.call.request, "method")), text("url.full", &url)];
    if let Ok(url) = Url::parse(&url) {
        attributes.extend(url.host_str().map(|host| text("server.address", host)));
        attributes.extend(url.port_or_known_default().map(|port| number("server.port", port)));
    }
    attributes.extend(finished.and_then(http_status).map(|status| number("http.response.status_code", status)));
    let sizes = [
        ("http.request.body.size", open.call.request.get("body")),
        ("http.response.body.size", finished.and_then(|finished| finished.response.as_ref())),
    ];
    let sized = |(key, body): (&str, Option<&Payload>)| body.map(|body| number(key, body.len()));
    attributes.extend(sizes.into_iter().filter_map(sized));
    attributes
}
