//! Which cases failed last time, kept in the workspace's state directory.

use crate::event::{CaseId, CaseStatus};
use crate::skill::{StateDirectoryError, Workspace, read_bytes, write_whole};
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

const FILE: &str = "failed-cases.json";
const MAX_BYTES: u64 = 16 << 20;

/// The cases that failed when they were last run.
#[derive(Debug, Default)]
pub struct LastFailed {
    cases: BTreeSet<CaseId>,
}

/// Why they cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum LastFailedError {
    /// There is no place for them.
    #[error(transparent)]
    Directory(#[from] StateDirectoryError),
    /// They cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LastFailed {
    /// Reads them; where nothing was kept, or it cannot be read, nothing failed.
    pub fn read(workspace: &Workspace) -> Self {
        let bytes = read_bytes(&workspace.state_path().join(FILE), MAX_BYTES).unwrap_or_default();
        Self { cases: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// Whether a case failed.
    pub fn has(&self, id: &CaseId) -> bool {
        self.cases.contains(id)
    }

    /// Takes in what came of cases, and keeps it where it differs from before: those that were not run stay as they were.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn update<'r>(
        mut self,
        workspace: &Workspace,
        results: impl Iterator<Item = (&'r CaseId, CaseStatus)>,
    ) -> Result<(), LastFailedError> {
        let before = self.cases.clone();
        for (id, status) in results {
            match status {
                CaseStatus::Failed => drop(self.cases.insert(id.clone())),
                CaseStatus::Passed | CaseStatus::Flaky | CaseStatus::Skipped => drop(self.cases.remove(id)),
            }
        }
        if self.cases == before {
            return Ok(());
        }
        let path = workspace.state_directory()?.join(FILE);
        let written = serde_json::to_string_pretty(&self.cases).map_err(io::Error::other);
        written
            .and_then(|text| write_whole(&path, &format!("{text}\n")))
            .map_err(|source| LastFailedError::Write { path, source })
    }
}
