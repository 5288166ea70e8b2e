//! The inputs that skills were run with, kept for the workspace: the newest first, bounded, written whole or not at all.

use crate::event::{Failure, KeptInput};
use crate::skill::Workspace;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

/// The file's name in the state directory.
const FILE: &str = "inputs.json";
/// How many inputs of a skill are kept.
const KEPT: usize = 50;
/// Longer documents are given to the next run, and not kept on disk.
const MAX_KEPT_BYTES: usize = 256 << 10;

/// Why inputs are not kept on disk.
#[derive(Debug, thiserror::Error)]
pub enum InputsError {
    /// The file cannot be read or written.
    #[error("inputs are not kept: {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what was written there.
    #[error("inputs of before are not known: {} is damaged ({source}); it was renamed to end in .damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// There is no state directory.
    #[error(transparent)]
    State(#[from] crate::skill::StateDirectoryError),
}

impl From<InputsError> for Failure {
    fn from(error: InputsError) -> Self {
        Self::new("inputs", error.to_string())
    }
}

/// The inputs by the skills' names.
#[derive(Debug)]
pub struct Inputs {
    workspace: Workspace,
    kept: BTreeMap<String, Vec<KeptInput>>,
}

impl Inputs {
    /// Reads what was kept. A damaged file is put aside, not overwritten.
    pub fn read(workspace: Workspace) -> (Self, Option<InputsError>) {
        let path = workspace.state_path().join(FILE);
        let read = std::fs::read(&path);
        let (kept, error) = match read {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (BTreeMap::new(), None),
            Err(source) => (BTreeMap::new(), Some(InputsError::Io { path, source })),
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(kept) => (kept, None),
                Err(source) => {
                    let aside = path.with_extension("json.damaged");
                    match std::fs::rename(&path, aside) {
                        Ok(()) => (BTreeMap::new(), Some(InputsError::Damaged { path, source })),
                        Err(source) => (BTreeMap::new(), Some(InputsError::Io { path, source })),
                    }
                }
            },
        };
        (Self { workspace, kept }, error)
    }

    /// The inputs of a skill, the newest first.
    pub fn of(&self, skill: &str) -> &[KeptInput] {
        self.kept.get(skill).map_or(&[], Vec::as_slice)
    }

    /// Keeps an input as the newest; one that was there before moves up.
    ///
    /// # Errors
    /// Where it cannot be written; it is given to the next run all the same.
    pub fn keep(&mut self, skill: &str, input: KeptInput) -> Result<(), InputsError> {
        let kept = self.kept.entry(skill.to_owned()).or_default();
        if kept.first() == Some(&input) {
            return Ok(());
        }
        kept.retain(|before| *before != input);
        kept.insert(0, input);
        kept.truncate(KEPT);
        self.write()
    }

    fn write(&self) -> Result<(), InputsError> {
        let directory = self.workspace.state_directory()?;
        let path = directory.join(FILE);
        let short = |input: &&KeptInput| input.document.len() <= MAX_KEPT_BYTES;
        let written: BTreeMap<&String, Vec<&KeptInput>> =
            self.kept.iter().map(|(skill, inputs)| (skill, inputs.iter().filter(short).collect())).collect();
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&directory)?;
            serde_json::to_writer_pretty(&mut file, &written)?;
            file.write_all(b"\n")?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|source| InputsError::Io { path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(document: &str) -> KeptInput {
        KeptInput { document: document.into(), event: None }
    }

    #[test]
    fn inputs_are_there_again_the_newest_first_and_each_once() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: directory.path().to_owned(), settings_path: None };
        let (mut inputs, error) = Inputs::read(workspace.clone());
        assert!(error.is_none());
        for document in ["1", "2", "1"] {
            inputs.keep("a", input(document)).unwrap();
        }
        let (inputs, _) = Inputs::read(workspace);
        assert_eq!(inputs.of("a"), [input("1"), input("2")]);
        assert_eq!(inputs.of("b"), []);
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: directory.path().to_owned(), settings_path: None };
        let state = workspace.state_directory().unwrap();
        std::fs::write(state.join(FILE), "{\"a\": [").unwrap();
        let (_, error) = Inputs::read(workspace);
        assert!(matches!(error, Some(InputsError::Damaged { .. })));
        assert_eq!(std::fs::read_to_string(state.join("inputs.json.damaged")).unwrap(), "{\"a\": [");
    }
}
