//! Elements of a JSON array, written one after another.

use serde::Serialize;
use std::io::{self, Write};

/// An array that is being written.
pub(super) struct Elements<'w> {
    out: &'w mut dyn Write,
    is_empty: bool,
}

impl<'w> Elements<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, is_empty: true }
    }

    /// Adds an element on a line of its own.
    pub(super) fn push(&mut self, element: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if std::mem::take(&mut self.is_empty) { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *self.out, element).map_err(io::Error::from)
    }
}
