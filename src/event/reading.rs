//! How events are read back from JSON, exactly as they were.
//!
//! Where a type's word stands beside its fields, serde buffers the fields until it has met the word, and what it buffers are
//! values: a document that is kept as text would be lost. So the text as a whole is read twice: once for the words, and then for
//! what they stand for.

use super::{Event, JsonDocument, RunEvent, RunId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The words of an event.
#[derive(Deserialize)]
struct Words<'t> {
    #[serde(borrow, default)]
    event: Cow<'t, str>,
    #[serde(borrow, default, rename = "type")]
    of_run: Cow<'t, str>,
}

/// What stands beside a run's event.
#[derive(Deserialize)]
struct Place {
    run: RunId,
    at_us: u64,
}

fn event(text: &str) -> serde_json::Result<Event> {
    if serde_json::from_str::<Words<'_>>(text)?.event == "run" {
        let Place { run, at_us } = serde_json::from_str(text)?;
        return Ok(Event::Run { run, at_us, what: run_event(text)? });
    }
    Event::deserialize(&mut serde_json::Deserializer::from_str(text))
}

fn run_event(text: &str) -> serde_json::Result<RunEvent> {
    if serde_json::from_str::<Words<'_>>(text)?.of_run == "finished" {
        return Ok(RunEvent::Finished(serde_json::from_str(text)?));
    }
    RunEvent::deserialize(&mut serde_json::Deserializer::from_str(text))
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        event(Box::<RawValue>::deserialize(deserializer)?.get()).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for RunEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        run_event(Box::<RawValue>::deserialize(deserializer)?.get()).map_err(D::Error::custom)
    }
}

// The derived forms are functions of the types themselves, under these same names.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Serialize for RunEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// A field that is there holds a document, also where that is `null`.
pub(super) fn document<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<JsonDocument>, D::Error> {
    JsonDocument::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CallId, CallRequest, CallStarted, Failure, LogLevel, Outcome, Payload, RunFinished, Usage};

    fn finished(outcome: Outcome, output: Option<&str>) -> RunEvent {
        let usage = Usage { elapsed_ms: 0.1 + 0.2, host_ms: 1.0e-7, compile_ms: 123_456_789.123_456_78, ..Usage::default() };
        let output = output.map(|output| JsonDocument::parse(output.as_bytes()).unwrap());
        let error = (outcome != Outcome::Ok).then(|| Failure::new("exit", "m\n").with_hint("h"));
        RunEvent::Finished(Box::new(RunFinished {
            outcome,
            output,
            output_text: Some(Payload::from(&[0xff][..])),
            error,
            usage,
            functions: None,
        }))
    }

    fn events() -> Vec<RunEvent> {
        let fields = [("url", "u"), ("method", "m"), ("body", "b")].map(|(name, value)| (name.into(), value.into()));
        let request = CallRequest(fields.into());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        vec![
            RunEvent::HostCallStarted(CallStarted { id: CallId(u64::MAX), name: "cis.http_request".into(), request }),
            RunEvent::Log { level: LogLevel::Warn, message: "\u{9b}\0".into() },
            finished(Outcome::Ok, Some(r#"{"b":1.10,"a":[1e400,-0],"b":"\u00e9"}"#)),
            finished(Outcome::Ok, Some(&deep)),
            finished(Outcome::Exit, Some("null")),
            finished(Outcome::Exit, None),
        ]
    }

    #[test]
    fn what_happened_in_a_run_is_read_back_as_it_was() {
        for what in events() {
            let alone = serde_json::to_string(&what).unwrap();
            assert_eq!(serde_json::from_str::<RunEvent>(&alone).unwrap(), what);
            let event = Event::Run { run: RunId(7), at_us: u64::MAX, what };
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
            assert_eq!(serde_json::from_reader::<_, Event>(json.as_bytes()).unwrap(), event);
        }
    }

    #[test]
    fn what_happened_in_a_session_is_read_back_as_it_was() {
        let failure = Failure::new("wat", "no");
        for event in [
            Event::Compiling { skill: "a".into(), module_bytes: 1 },
            Event::Rejected { skill: "type".into(), outcome: Outcome::Invalid, failure },
            Event::ChecksDone,
            Event::Notice { message: "finished".into() },
        ] {
            let json = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
        }
    }

    #[test]
    fn what_is_no_event_is_told_as_that() {
        let error = |text: &str| serde_json::from_str::<Event>(text).unwrap_err().to_string();
        assert!(error(r#"{"event":"ended"}"#).contains("unknown variant `ended`"));
        assert!(error(r#"{"event":"run","run":1,"at_us":2,"type":"ended"}"#).contains("unknown variant `ended`"));
        assert!(error(r#"{"event":"run","type":"finished"}"#).contains("missing field `run`"));
        assert!(error("{}").contains("event"), "{}", error("{}"));
    }
}
