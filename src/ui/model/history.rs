//! The history panel: recorded runs, the newest first.

use crate::event::RunHeadline;
use std::path::PathBuf;

/// The list, the selected run, and the one that others are compared with.
#[derive(Debug, Default)]
pub struct HistoryView {
    /// The records.
    pub runs: Vec<RunHeadline>,
    /// The selected one.
    pub selected: usize,
    /// The marked one.
    pub marked: Option<PathBuf>,
    /// The two that are compared, each in a few words: the earlier one first.
    pub compared: (String, String),
    /// Whether the list was asked for.
    pub known: bool,
}

impl HistoryView {
    /// The list was read anew; the cursor stays on its run.
    pub fn take(&mut self, runs: Vec<RunHeadline>) {
        let selected = self.selected_run().map(|run| run.path.clone());
        self.known = true;
        self.runs = runs;
        let again = selected.and_then(|path| self.runs.iter().position(|run| run.path == path));
        self.selected = again.unwrap_or(self.selected.min(self.runs.len().saturating_sub(1)));
    }

    /// The selected run.
    pub fn selected_run(&self) -> Option<&RunHeadline> {
        self.runs.get(self.selected)
    }

    /// Moves the cursor.
    pub fn select(&mut self, position: usize) {
        self.selected = position.min(self.runs.len().saturating_sub(1));
    }
}
