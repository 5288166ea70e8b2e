//! What `--accept` wrote down beside a case: the output, and what each function used of the accepted fuel.

use crate::event::FunctionFuel;
use crate::runtime::instrument::FUEL_RULE;
use crate::skill::cases::{CASES_DIRECTORY, Case, SNAPSHOTS_DIRECTORY};
use crate::skill::{FileError, Skill, read_bytes, write_whole};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// The largest snapshot that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Where the snapshots of a case lie.
pub struct Snapshots {
    output: PathBuf,
    fuel: PathBuf,
}

/// Why a snapshot cannot be taken, or not be written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not what was written there.
    #[error("{} is no snapshot: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What each function used of the accepted fuel.
#[derive(Debug, Serialize, Deserialize)]
pub struct FuelSnapshot {
    /// The version of the rule by which it was counted.
    pub fuel_rule: u32,
    /// The fuel of the run.
    pub fuel: u64,
    /// Those that used most first.
    pub functions: Vec<FunctionFuel>,
}

impl FuelSnapshot {
    /// Of a run.
    pub const fn new(fuel: u64, functions: Vec<FunctionFuel>) -> Self {
        Self { fuel_rule: FUEL_RULE, fuel, functions }
    }
}

impl Snapshots {
    /// Those of a case; they need not be there.
    pub fn of(skill: &Skill, case: &Case) -> Self {
        let directory = skill.directory.join(CASES_DIRECTORY).join(SNAPSHOTS_DIRECTORY);
        let stem = file_stem(&case.name);
        Self { output: directory.join(format!("{stem}.output.json")), fuel: directory.join(format!("{stem}.fuel.json")) }
    }

    /// The accepted output, where there is one.
    ///
    /// # Errors
    /// Where the file is there and cannot be taken.
    pub fn output(&self) -> Result<Option<Value>, SnapshotError> {
        read(&self.output)
    }

    /// What each function used of the accepted fuel, where that was written down.
    ///
    /// # Errors
    /// Where the file is there and cannot be taken.
    pub fn fuel(&self) -> Result<Option<FuelSnapshot>, SnapshotError> {
        read(&self.fuel)
    }

    /// Writes the accepted output.
    ///
    /// # Errors
    /// Where that cannot be done.
    pub fn write_output(&self, output: &Value) -> Result<(), SnapshotError> {
        write(&self.output, output)
    }

    /// Writes what each function used.
    ///
    /// # Errors
    /// Where that cannot be done.
    pub fn write_fuel(&self, fuel: &FuelSnapshot) -> Result<(), SnapshotError> {
        let lines = fuel.functions.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let fault = |error| SnapshotError::Write { path: self.fuel.clone(), source: io::Error::other(error) };
        // A line for each function, so that what changed can be seen in the history of the file.
        let text = format!(
            "{{\n  \"fuel_rule\": {},\n  \"fuel\": {},\n  \"functions\": [\n    {}\n  ]\n}}\n",
            fuel.fuel_rule,
            fuel.fuel,
            lines.map_err(fault)?.join(",\n    ")
        );
        write_text(&self.fuel, &text)
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, SnapshotError> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read_bytes(path, MAX_BYTES)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|source| SnapshotError::Malformed { path: path.to_owned(), source })
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), SnapshotError> {
    let fault = |source| SnapshotError::Write { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(value).map_err(|error| fault(io::Error::other(error)))?;
    write_text(path, &format!("{text}\n"))
}

fn write_text(path: &Path, text: &str) -> Result<(), SnapshotError> {
    let fault = |source| SnapshotError::Write { path: path.to_owned(), source };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(fault)?;
    }
    write_whole(path, text).map_err(fault)
}

/// A file's name for a case: its own words where they can be one, and a digest where they cannot, so that no two cases share it.
fn file_stem(name: &str) -> String {
    const MOST: usize = 60;
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let words: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(MOST).collect();
    let words_are_name = words.len() == name.len() && name.chars().all(|c| is_plain(c) || c == ' ') && !name.contains('-');
    if words_are_name {
        return words;
    }
    let digest: String = Sha256::digest(name.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{words}-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_tell_the_case_and_are_never_shared() {
        assert_eq!(file_stem("asks once"), "asks-once");
        assert!(file_stem("asks-once").starts_with("asks-once-"));
        assert_ne!(file_stem("Asks once"), file_stem("asks/once"));
        assert!(file_stem(&"x".repeat(200)).len() < 80);
    }
}
