//! HTTP Archive 1.2: an entry for each HTTP request that a skill made, also for one that was denied or failed. What was answered by the user,
//! or handed over again, asked nobody and is none.
//!
//! A record knows neither headers nor the version of HTTP, and of a success not which of its statuses it was: 200 stands for all. A
//! request without a response has the status 0, as browsers write it, and says why in `_error`.

use super::writer::Elements;
use super::{Exporter, OpenCall, OpenCalls, asks_by_http, http_status, unix_ns};
use crate::event::{CallFinished, Event, Payload, RunEvent};
use crate::record::RecordHeader;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use url::Url;

/// Makes entries.
pub(super) struct Har {
    header: RecordHeader,
    open: OpenCalls,
}

impl Har {
    pub(super) fn new(header: &RecordHeader) -> Self {
        Self { header: header.clone(), open: OpenCalls::default() }
    }

    fn entry(&self, open: &OpenCall, finished: &CallFinished) -> Value {
        let ms = Duration::from_micros(finished.elapsed_us).as_secs_f64() * 1_000.0;
        let began = std::time::UNIX_EPOCH + Duration::from_nanos(unix_ns(&self.header, open.at_us));
        let mut entry = json!({
            "startedDateTime": humantime::format_rfc3339_millis(began).to_string(),
            "time": ms,
            "request": request(open),
            "response": response(finished),
            "cache": {},
            "timings": { "send": 0, "wait": ms, "receive": 0 },
            "_call": open.call.id,
        });
        if let (Some(error), Value::Object(fields)) = (&finished.error, &mut entry) {
            fields.insert("_error".to_owned(), error.as_str().into());
        }
        entry
    }
}

impl Exporter for Har {
    fn prefix(&self) -> String {
        let creator = json!({ "name": "skillscope", "version": env!("CARGO_PKG_VERSION") });
        let comment = Value::from(format!("HTTP calls of the skill {}", self.header.skill));
        format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"comment\":{comment},\"entries\":[")
    }

    fn event(&mut self, event: &Event, out: &mut Elements<'_>) -> io::Result<()> {
        let Event::Run { at_us, what, .. } = event else { return Ok(()) };
        match what {
            RunEvent::HostCallStarted(call) if asks_by_http(&call.name) => self.open.begin(*at_us, call),
            RunEvent::HostCallFinished(finished) => {
                // Only what the user answered has somebody's name.
                if let Some(open) = self.open.end(finished).filter(|_| !finished.held && finished.provider.is_none()) {
                    out.push(&self.entry(&open, finished))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _out: &mut Elements<'_>) -> io::Result<()> {
        Ok(())
    }

    fn suffix(&self) -> &'static str {
        "\n]}}\n"
    }
}

fn request(open: &OpenCall) -> Value {
    let field = |name: &str| open.call.request.get(name);
    let url = field("url").map(Payload::to_text_lossy).unwrap_or_default();
    let method = field("method").map(Payload::to_text_lossy).unwrap_or_default();
    let body = field("body").filter(|body| !body.is_empty());
    let mut request = json!({
        "method": method,
        "url": url,
        "httpVersion": "unknown",
        "cookies": [],
        "headers": [],
        "queryString": query(&url),
        "headersSize": -1,
        "bodySize": body.map_or(0, Payload::len),
    });
    if let (Some(body), Value::Object(fields)) = (body, &mut request) {
        let mut data = json!({ "mimeType": "application/json", "params": [], "text": text(body) });
        if let (None, Value::Object(data)) = (body.as_text(), &mut data) {
            data.insert("_encoding".to_owned(), "base64".into());
        }
        fields.insert("postData".to_owned(), data);
    }
    request
}

fn query(url: &str) -> Vec<Value> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    url.query_pairs().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn response(finished: &CallFinished) -> Value {
    let succeeded = finished.error.is_none() && finished.response.is_some();
    let status = if succeeded { 200 } else { http_status(finished).unwrap_or(0) };
    let body = finished.response.as_ref();
    let mut content = json!({ "size": body.map_or(0, Payload::len), "mimeType": body.map_or("x-unknown", kind) });
    if let (Some(body), Value::Object(fields)) = (body, &mut content) {
        fields.insert("text".to_owned(), text(body).into());
        if body.as_text().is_none() {
            fields.insert("encoding".to_owned(), "base64".into());
        }
    }
    json!({
        "status": status,
        "statusText": "",
        "httpVersion": "unknown",
        "cookies": [],
        "headers": [],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": body.map_or(-1, |body| i64::try_from(body.len()).unwrap_or(i64::MAX)),
    })
}

/// What a body looks like: the header that would tell is not in the record.
fn kind(body: &Payload) -> &'static str {
    match body.as_text() {
        Some(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "application/json",
        Some(_) => "text/plain; charset=utf-8",
        None => "application/octet-stream",
    }
}

fn text(body: &Payload) -> String {
    body.as_text().map_or_else(|| STANDARD.encode(body.as_bytes()), str::to_owned)
}
