//! `--format json`, one document a run, and `--format jsonl`, every event as it happens.

use super::{Report, Streams, document};
use crate::event::{Event, RunId, RunSummary};
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
            Some(document) => self.streams.write_json(&document, true),
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
        self.streams.write_json(event, false)
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}
