//! `--format json`, one document a run, and `--format jsonl`, every event as it happens.

use super::{Report, Streams, document};
use crate::event::{Event, RunId, RunSummary};
use serde::Serialize;
use std::io;

/// Writes one document when a run is done.
pub struct JsonReport {
    streams: Streams,
    max_trace: usize,
    current: Option<(RunId, RunSummary)>,
}

impl JsonReport {
    /// A report that keeps at most `max_trace` host calls and log lines of each run.
    pub const fn new(streams: Streams, max_trace: usize) -> Self {
        Self { streams, max_trace, current: None }
    }
}

impl Report for JsonReport {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Run { run, .. } if self.current.as_ref().is_none_or(|(known, _)| known != run) => {
                self.current = Some((*run, RunSummary::new(self.max_trace)));
            }
            Event::Notice { message } => self.streams.write_err(&format!("note: {}\n", crate::event::sanitize_text(message)))?,
            _ => {}
        }
        if let Some((run, summary)) = &mut self.current {
            summary.apply_session_event(*run, event);
        }
        Ok(())
    }

    fn run_done(&mut self, run: RunId) -> io::Result<()> {
        match self.current.take_if(|(known, _)| *known == run).as_ref().and_then(|(_, summary)| document(summary)) {
            Some(document) => self.streams.write_out(&to_json(&document, true)?),
            None => Ok(()),
        }
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}

/// Writes every event as one line when it comes.
pub struct JsonLinesReport {
    streams: Streams,
}

impl JsonLinesReport {
    /// A report without bounds: what is written is not kept.
    pub const fn new(streams: Streams) -> Self {
        Self { streams }
    }
}

impl Report for JsonLinesReport {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.streams.write_out(&to_json(event, false)?)
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}

/// JSON with a line feed. Control characters are escaped by JSON itself; those that JSON leaves alone are escaped here.
pub fn to_json(value: &impl Serialize, pretty: bool) -> io::Result<Vec<u8>> {
    let text =
        if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }.map_err(io::Error::other)?;
    Ok(escape_controls(text).into_bytes())
}

/// JSON leaves DEL, C1 controls and bidirectional overrides as they are; inside its strings they can be escaped without a change of meaning.
fn escape_controls(mut json: String) -> String {
    let acts_on_a_terminal =
        |c: char| matches!(c, '\x7f'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if json.contains(acts_on_a_terminal) {
        json = json.chars().fold(String::with_capacity(json.len() + 64), |mut escaped, c| {
            if acts_on_a_terminal(c) {
                escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                escaped.push(c);
            }
            escaped
        });
    }
    json.push('\n');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_leaves_json_raw_and_the_meaning_stays() {
        let value = serde_json::json!({ "a": "\x1b[2J\x7f\u{9b}\u{202e}é" });
        let json = String::from_utf8(to_json(&value, false).unwrap()).unwrap();
        assert_eq!(json, "{\"a\":\"\\u001b[2J\\u007f\\u009b\\u202eé\"}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    }
}
