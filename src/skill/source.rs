//! A skill as it lies on disk: from its manifest, or a bare module with the defaults.

use super::manifest::{Manifest, WasiDirectory};
use super::skill_name::{NameError, check_name};
use super::text_file::{FileError, read_bytes};
use super::{MANIFEST_FILE, Permissions};
use crate::event::{Failure, Limits, Outcome, SkillInfo};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A skill: what its manifest says, or the defaults of a bare module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// Its name.
    pub name: String,
    /// The directory that it may not lead out of.
    pub directory: PathBuf,
    /// The module's file.
    pub module_path: PathBuf,
    /// The manifest's file; `None` for a bare module.
    pub manifest_path: Option<PathBuf>,
    /// The manifest; `None` for a bare module.
    pub manifest: Option<Manifest>,
}

/// A directory of the host that a skill may see, found to be one and to lie in the skill's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedDirectory {
    /// The directory, with all links resolved.
    pub host: PathBuf,
    /// Its path in the guest, absolute.
    pub guest: String,
    /// Whether the skill may write there.
    pub writable: bool,
}

impl Skill {
    /// The skill that a manifest describes.
    pub(super) fn of_manifest(manifest: Manifest, manifest_path: PathBuf) -> Self {
        let directory = directory_of(&manifest_path);
        Self {
            name: manifest.skill.name.clone(),
            module_path: manifest_path.with_file_name(&manifest.skill.module),
            directory,
            manifest_path: Some(manifest_path),
            manifest: Some(manifest),
        }
    }

    /// The skill that a bare module is; its name is the file's stem.
    ///
    /// # Errors
    /// Where the stem cannot be a name.
    pub fn of_bare_module(module_path: PathBuf) -> Result<Self, SkillError> {
        let stem = module_path.file_stem().unwrap_or_default();
        let fault = |reason| SkillError::Name { path: module_path.clone(), reason };
        let name = stem.to_str().ok_or_else(|| fault(NameFault::NotUtf8))?.to_owned();
        check_name(&name).map_err(|error| fault(NameFault::Refused(error)))?;
        let directory = directory_of(&module_path);
        Ok(Self { name, directory, module_path, manifest_path: None, manifest: None })
    }

    /// What it may do.
    pub fn permissions(&self) -> Permissions {
        self.manifest.as_ref().map_or_else(Permissions::of_a_bare_module, |manifest| manifest.permissions.clone())
    }

    /// What one run may use.
    pub fn limits(&self) -> Limits {
        self.manifest.as_ref().map_or_else(Limits::default, |manifest| manifest.limits.limits())
    }

    /// What `host_config_get` answers.
    pub fn config(&self) -> BTreeMap<String, String> {
        self.manifest.as_ref().map(|manifest| manifest.config.clone()).unwrap_or_default()
    }

    /// Whether the module may import WASI.
    pub fn wasi_is_enabled(&self) -> bool {
        self.manifest.as_ref().is_none_or(|manifest| manifest.wasi.enabled)
    }

    /// The environment variables that the skill sees.
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.manifest.as_ref().map(|manifest| manifest.wasi.env.clone()).unwrap_or_default()
    }

    /// The directories that the skill sees, but for those whose path in the guest is given to another one.
    ///
    /// # Errors
    /// Where one is not there, is no directory, or leads out of the skill's directory by a link.
    pub fn directories(&self, is_replaced: impl Fn(&str) -> bool) -> Result<Vec<GrantedDirectory>, SkillError> {
        let dirs = self.manifest.iter().flat_map(|manifest| &manifest.wasi.dirs);
        dirs.filter(|(guest, _)| !is_replaced(guest)).map(|(guest, directory)| self.granted(guest, directory)).collect()
    }

    fn granted(&self, guest: &str, WasiDirectory { path, writable }: &WasiDirectory) -> Result<GrantedDirectory, SkillError> {
        let shown = self.directory.join(path);
        let refused = |source| SkillError::Directory { path: shown.clone(), guest: guest.to_owned(), source };
        let host = self.resolved(&shown).map_err(refused)?.ok_or_else(|| self.outside("wasi.dirs", 0, &shown))?;
        if !host.is_dir() {
            return Err(refused(io::ErrorKind::NotADirectory.into()));
        }
        Ok(GrantedDirectory { host, guest: guest.to_owned(), writable: *writable })
    }

    /// The skill as lists show it.
    pub fn info(&self) -> SkillInfo {
        let table = self.manifest.as_ref().map(|manifest| &manifest.skill);
        SkillInfo {
            name: self.name.clone(),
            version: table.and_then(|table| table.version.clone()),
            description: table.and_then(|table| table.description.clone()),
            path: if self.manifest.is_some() { self.directory.clone() } else { self.module_path.clone() },
            module: Some(self.module_path.clone()),
        }
    }

    /// Reads the module's file: a regular file of at most `max_bytes`, inside the skill's directory. [`Self::verify`] tells whether
    /// it is the right one.
    ///
    /// # Errors
    /// Where any of that does not hold, or the file cannot be read.
    pub fn read_module(&self, max_bytes: u64) -> Result<Vec<u8>, SkillError> {
        let Some(manifest) = &self.manifest else {
            return read_bytes(&self.module_path, max_bytes).map_err(SkillError::BareModule);
        };
        let line = manifest.skill.module_line;
        let unreadable = |source| SkillError::Module { manifest: self.manifest_shown(), line, source };
        let path = self
            .resolved(&self.module_path)
            .map_err(|source| unreadable(FileError::Io { path: self.module_path.clone(), source }))?
            .ok_or_else(|| self.outside("skill.module", line, &self.module_path))?;
        read_bytes(&path, max_bytes).map_err(|error| unreadable(error.at(&self.module_path)))
    }

    /// Holds the module's file against the manifest's checksum, where it gives one.
    ///
    /// # Errors
    /// Where they differ.
    pub fn verify(&self, module: &[u8]) -> Result<(), SkillError> {
        let Some(manifest) = &self.manifest else { return Ok(()) };
        let Some(expected) = &manifest.skill.sha256 else { return Ok(()) };
        let found: String = Sha256::digest(module).iter().map(|byte| format!("{byte:02x}")).collect();
        if *expected == found {
            return Ok(());
        }
        Err(SkillError::Checksum {
            manifest: self.manifest_shown(),
            line: manifest.skill.sha256_line,
            module: self.module_path.clone(),
            expected: expected.clone(),
            found,
        })
    }

    /// The path with all links resolved; `None` where it lies outside the skill's directory.
    fn resolved(&self, path: &Path) -> io::Result<Option<PathBuf>> {
        let directory = self.directory.canonicalize()?;
        let path = path.canonicalize()?;
        Ok(path.starts_with(directory).then_some(path))
    }

    fn outside(&self, key: &'static str, line: usize, path: &Path) -> SkillError {
        SkillError::Outside {
            manifest: self.manifest_shown(),
            key,
            line,
            path: path.to_owned(),
            target: path.canonicalize().ok(),
        }
    }

    fn manifest_shown(&self) -> PathBuf {
        self.manifest_path.clone().unwrap_or_else(|| PathBuf::from(MANIFEST_FILE))
    }
}

/// The directory that a file lies in, as a path that can be opened.
pub(super) fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Why a file's stem is no name.
#[derive(Debug, thiserror::Error)]
pub enum NameFault {
    /// Not text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// Text, and no name.
    #[error(transparent)]
    Refused(#[from] NameError),
}

/// Why a skill's files cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum SkillError {
    /// The stem of a bare module is no name.
    #[error("{}: the file's stem cannot be the skill's name: {reason}", .path.display())]
    Name {
        /// The module's file.
        path: PathBuf,
        /// Why not.
        reason: NameFault,
    },
    /// A bare module cannot be read.
    #[error(transparent)]
    BareModule(FileError),
    /// The module that a manifest names cannot be read.
    #[error("{}:{line}: the module cannot be taken: {source}", .manifest.display())]
    Module {
        /// The manifest.
        manifest: PathBuf,
        /// The line of `module`.
        line: usize,
        /// What is wrong.
        source: FileError,
    },
    /// A path of the manifest leads out of its directory.
    #[error("{}{}: `{key}` leads out of the skill's directory by a link: {}{}", .manifest.display(), at_line(*.line), .path.display(), target_shown(.target.as_deref()))]
    Outside {
        /// The manifest.
        manifest: PathBuf,
        /// The key.
        key: &'static str,
        /// Its line; 0 where it is not known.
        line: usize,
        /// The path.
        path: PathBuf,
        /// Where it leads.
        target: Option<PathBuf>,
    },
    /// A directory of `[wasi] dirs` cannot be taken.
    #[error("the directory {} (in the guest {guest}) cannot be taken: {source}", .path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Its path in the guest.
        guest: String,
        /// What is wrong.
        source: io::Error,
    },
    /// The module is not the one that the manifest's checksum was made of.
    #[error("{}:{line}: the checksum of {} differs\n  expected {expected}\n  found    {found}", .manifest.display(), .module.display())]
    Checksum {
        /// The manifest.
        manifest: PathBuf,
        /// The line of `sha256`.
        line: usize,
        /// The module.
        module: PathBuf,
        /// The manifest's digest.
        expected: String,
        /// The file's digest.
        found: String,
    },
}

fn at_line(line: usize) -> String {
    if line == 0 { String::new() } else { format!(":{line}") }
}

fn target_shown(target: Option<&Path>) -> String {
    target.map(|target| format!(" -> {}", target.display())).unwrap_or_default()
}

impl SkillError {
    /// Whether it counts as a fault of the manifest or of the module: a file that is too large is the module's fault, and so is
    /// a bare module that cannot be read.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::BareModule(_) | Self::Module { source: FileError::TooLarge { .. }, .. } => Outcome::Invalid,
            Self::Name { .. } | Self::Module { .. } | Self::Outside { .. } | Self::Directory { .. } | Self::Checksum { .. } => {
                Outcome::Manifest
            }
        }
    }
}

impl From<SkillError> for Failure {
    fn from(error: SkillError) -> Self {
        let message = error.to_string();
        match error {
            SkillError::Name { .. } => {
                Self::new("name", message).with_hint("rename the file, or write a skill.toml that names the skill")
            }
            SkillError::BareModule(error) => error.into(),
            SkillError::Module { source, .. } => {
                let is_missing = matches!(&source, FileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound);
                let failure = Self { message, ..Self::from(source) };
                if is_missing { failure.with_hint("build the skill first, or correct `module`") } else { failure }
            }
            SkillError::Outside { .. } => Self::new("module-outside", message)
                .with_hint("copy it into the skill's directory; links are not followed out of it"),
            SkillError::Directory { .. } => {
                Self::new("directory", message).with_hint("make the directory, or correct `dirs` in [wasi]")
            }
            SkillError::Checksum { found, .. } => Self::new("checksum", message)
                .with_hint(format!("where the new module is the right one, write: sha256 = \"{found}\"")),
        }
    }
}

#[cfg(test)]
mod tests;
