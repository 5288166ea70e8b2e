//! The cases of a skill on disk: those of its manifest, and those of the files beside it.

use super::{Case, read};
use crate::event::Failure;
use crate::skill::text_file::read_text;
use crate::skill::toml_source::read_toml;
use crate::skill::{Skill, TomlError};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The directory of the files of cases, in the skill's.
pub const CASES_DIRECTORY: &str = "cases";
/// The directory of what `--accept` writes beside the cases, in that one.
pub const SNAPSHOTS_DIRECTORY: &str = "snapshots";

/// The cases of a skill, and what is wrong with those that cannot be read.
#[derive(Debug, Default)]
pub struct LoadedCases {
    /// In the order of the files, and in each in its order.
    pub cases: Vec<Case>,
    /// Files that cannot be taken.
    pub faults: Vec<CaseFault>,
}

/// A file of cases that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFault {
    /// The file.
    pub file: PathBuf,
    /// The line of the first fault, from 1; 0 where it is not known.
    pub line: usize,
    /// All faults, in words, each with its place.
    pub failure: Failure,
}

/// Reads the cases of a skill. One without a manifest has none.
pub fn load_cases(skill: &Skill) -> LoadedCases {
    let Some(manifest) = &skill.manifest else { return LoadedCases::default() };
    let mut loaded = LoadedCases { cases: manifest.cases.clone(), faults: Vec::new() };
    match files(&skill.directory.join(CASES_DIRECTORY)) {
        Ok(files) => files.iter().for_each(|file| loaded.take(file)),
        Err(fault) => loaded.faults.push(*fault),
    }
    loaded.refuse_equal_names();
    loaded
}

impl LoadedCases {
    fn take(&mut self, file: &Path) {
        let fault = |line, failure| CaseFault { file: file.to_owned(), line, failure };
        match read_text(file) {
            Ok(text) => match read_file(file, &text) {
                Ok(cases) => self.cases.extend(cases),
                Err(error) => {
                    let line = error.problems.first().map_or(0, |problem| problem.line);
                    self.faults.push(fault(line, error.into()));
                }
            },
            Err(error) => self.faults.push(fault(0, error.into())),
        }
    }

    fn refuse_equal_names(&mut self) {
        let mut places: HashMap<&str, &Case> = HashMap::new();
        for case in &self.cases {
            let Some(first) = places.insert(&case.name, case) else { continue };
            let (file, line) = (case.place.file.clone(), case.place.line);
            let message = format!(
                "{}:{line}: two cases of this skill are named {:?}; the other one is at {}:{}",
                file.display(),
                case.name,
                first.place.file.display(),
                first.place.line
            );
            let failure = Failure::new("bad-value", message).with_hint("give each case a name of its own");
            self.faults.push(CaseFault { file, line, failure });
        }
    }
}

/// The cases of a file's text; `path` is named in messages, and is where the cases say they stand.
fn read_file(path: &Path, text: &str) -> Result<Vec<Case>, TomlError> {
    read_toml(path, text, |root| root.required("case", "[[case]]", |item| read::cases(item, path)))
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, Box<CaseFault>> {
    let fault = |error: std::io::Error| {
        let failure = Failure::new("io", format!("cannot look for cases in {}: {error}", directory.display()));
        Box::new(CaseFault { file: directory.to_owned(), line: 0, failure })
    };
    let entries = match std::fs::read_dir(directory) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        entries => entries.map_err(fault)?,
    };
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(fault)?;
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml") && !is_hidden(path));
    paths.sort();
    Ok(paths)
}
