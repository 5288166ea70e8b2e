//! The readers of a session's events without a screen: human, json, jsonl.
//!
//! A report knows `event` and streams to write to. It must not know how runs are made, the engine, or exit codes; it never
//! writes a skill's or a provider's text to a terminal without making it harmless.

mod columns;
mod document;
mod human;
mod json;
mod json_text;
mod listing;
mod palette;
mod progress;
mod replayed;
mod streams;
mod where_fuel_went;

pub use document::{Document, document};
pub use human::HumanReport;
pub use json::{JsonLinesReport, JsonReport};
pub use listing::{HumanListing, JsonListing};
pub use streams::Streams;

use crate::event::{Event, RunId};
use std::io;

/// A reader of events that writes as it reads.
pub trait Report {
    /// Takes one event of the session.
    ///
    /// # Errors
    /// Where a stream cannot be written; a closed one is no error.
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Some time passed without an event: what moves may be drawn.
    ///
    /// # Errors
    /// As [`Report::event`].
    fn tick(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A run is over, its shadow answers included: what is told at the end is written.
    ///
    /// # Errors
    /// As [`Report::event`].
    fn run_done(&mut self, run: RunId) -> io::Result<()>;

    /// Whether the reader of the output has gone: nothing more that is written there reaches anybody.
    fn has_lost_its_reader(&self) -> bool;
}
