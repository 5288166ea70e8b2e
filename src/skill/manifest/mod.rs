//! The manifest `skill.toml`: its tables as data. `docs/manifest.md` tells an author the same, `docs/skill.schema.json` an editor.

mod declared;
#[cfg(test)]
mod document_tests;
mod edit;
mod tables;
#[cfg(test)]
mod tests;

pub use declared::Declared;
pub(crate) use edit::write_whole;
pub use edit::{ManifestEditError, write_terms};
pub(super) use tables::{limits, path_below, permissions};

use super::cases::Case;
use super::schema;
use super::text_file::{FileError, read_text};
use super::toml_source::{TomlError, read_toml};
use super::{Permissions, Skill};
use crate::event::{Failure, Limits, Profile};
use schemars::JsonSchema;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const MANIFEST_FILE: &str = "skill.toml";

/// The manifest of a skill.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, title = "skill.toml")]
pub struct Manifest {
    /// What the skill is.
    pub skill: SkillTable,
    /// What one run may use; a flag wins over it.
    #[schemars(default)]
    pub limits: LimitsTable,
    /// What the skill may do; what is not granted is denied.
    #[schemars(default)]
    pub permissions: Permissions,
    /// What `host_config_get` answers.
    #[schemars(default)]
    pub config: BTreeMap<String, String>,
    /// What WASI preview 1 shows to the skill.
    #[schemars(default)]
    pub wasi: WasiTable,
    /// What the skill is held to by `--test`; `cases/*.toml` may have more.
    #[schemars(skip)]
    pub cases: Vec<Case>,
}

/// `[skill]`
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SkillTable {
    /// The skill's name, unique in the workspace; no path, no control characters, at most 100 bytes.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^-\s/\\]([^/\\]*[^\s/\\])?$"))]
    pub name: String,
    /// Its version, shown in lists.
    pub version: Option<String>,
    /// What it does, shown in lists.
    pub description: Option<String>,
    /// The module's file, relative to this one; may not lead out of its directory, by link either.
    #[schemars(with = "String", length(min = 1), regex(pattern = r"^[^/]"))]
    pub module: PathBuf,
    /// How the module is called; by default told by its exports.
    #[schemars(default, schema_with = "schema::profile")]
    pub profile: Option<Profile>,
    /// SHA-256 of the module's file in hex, verified at every load.
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
    /// The line of the key `module`, from 1.
    #[schemars(skip)]
    pub module_line: usize,
    /// The line of the key `sha256`, from 1; 0 where it is not there.
    #[schemars(skip)]
    pub sha256_line: usize,
}

/// `[limits]`; what is `None` is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LimitsTable {
    /// Linear memory: a size with a unit, or bytes; from 64 KiB to 4 GiB, by default 512 MiB.
    #[schemars(rename = "memory", default, schema_with = "schema::memory")]
    pub memory_bytes: Option<u64>,
    /// Wall-clock time of a run, with a unit; by default 30s.
    #[schemars(rename = "timeout", default, schema_with = "schema::timeout")]
    pub timeout_ms: Option<u64>,
    /// Fuel of a run, by default unlimited.
    #[schemars(default, schema_with = "schema::fuel")]
    pub fuel: Option<u64>,
}

impl LimitsTable {
    /// These limits over the defaults.
    pub fn limits(&self) -> Limits {
        let defaults = Limits::default();
        Limits {
            memory_bytes: self.memory_bytes.unwrap_or(defaults.memory_bytes),
            timeout_ms: self.timeout_ms.unwrap_or(defaults.timeout_ms),
            fuel: self.fuel.or(defaults.fuel),
            ..defaults
        }
    }
}

/// `[wasi]`
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WasiTable {
    /// Whether the module may import WASI at all.
    #[schemars(default = "wasi_is_on")]
    pub enabled: bool,
    /// The environment variables that the skill sees; it sees no others.
    #[schemars(default)]
    pub env: BTreeMap<String, String>,
    /// The directories that the skill sees: guest path = path under this file's directory, read-only unless it ends in ":rw".
    #[schemars(default, schema_with = "schema::directories")]
    pub dirs: BTreeMap<String, WasiDirectory>,
}

const fn wasi_is_on() -> bool {
    true
}

impl Default for WasiTable {
    fn default() -> Self {
        Self { enabled: true, env: BTreeMap::new(), dirs: BTreeMap::new() }
    }
}

/// A directory of `[wasi] dirs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasiDirectory {
    /// Relative to the manifest's directory, without `..`.
    pub path: PathBuf,
    /// Whether the skill may write there.
    pub writable: bool,
}

impl Manifest {
    /// Reads a manifest's text; `path` is only named in messages.
    ///
    /// # Errors
    /// With every problem, its place, and what to do.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ManifestError> {
        Ok(read_toml(path, text, |root| tables::manifest(root, path))?)
    }

    /// Reads a manifest from its file.
    ///
    /// # Errors
    /// Where the file cannot be read, or as [`Self::parse`].
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        Self::parse(path, &read_text(path)?)
    }

    /// The skill that this manifest describes.
    pub fn into_skill(self, manifest_path: PathBuf) -> Skill {
        Skill::of_manifest(self, manifest_path)
    }
}

/// Why a manifest cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its text is wrong.
    #[error(transparent)]
    Toml(#[from] TomlError),
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::File(error) => error.into(),
            ManifestError::Toml(error) => error.into(),
        }
    }
}
