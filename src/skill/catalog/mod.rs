//! The skills of a workspace: what was found, under which name, and what cannot be taken and why.

#[cfg(test)]
mod tests;

use super::manifest::{Declared, Manifest};
use super::nearest_name::nearest_names;
use super::scan::{Found, ScanNote, is_module_name, resolved_directory, scan};
use super::source::directory_of;
use super::text_file::read_text;
use super::{MANIFEST_FILE, Skill};
use crate::event::{Failure, SkillInfo};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// How many names a message lists.
const LISTED_NAMES: usize = 20;

/// One skill of the catalog, or what stands in its place. A failure here is of the outcome `manifest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// What a list shows.
    pub info: SkillInfo,
    /// The skill, or why there is none.
    pub skill: Result<Skill, Failure>,
    /// What its manifest says, as far as it can be read.
    pub declared: Declared,
}

/// The skills of a workspace, in the order of their names.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
    /// For each entry the files that make it: a change in one of them is a change of the skill. Links in directories are resolved.
    files: Vec<Vec<PathBuf>>,
    notes: Vec<ScanNote>,
    roots: Vec<PathBuf>,
}

/// Why a directory or a path gives no skills.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A directory that was given is not there, or cannot be looked at.
    #[error("cannot look for skills in {}: {source}", .path.display())]
    Root {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A path that was given as a skill is not there.
    #[error("cannot open the skill {}: {source}", .path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A directory that was given as a skill has no manifest.
    #[error("{} is a directory without a {MANIFEST_FILE}, so it is no skill", .0.display())]
    NoManifest(PathBuf),
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        let message = error.to_string();
        match error {
            CatalogError::Root { .. } => Self::new("no-such-directory", message),
            CatalogError::Path { .. } => Self::new("no-such-skill", message),
            CatalogError::NoManifest(_) => Self::new("no-such-skill", message)
                .with_hint(format!("name a module's file, or a directory with a {MANIFEST_FILE}")),
        }
    }
}

/// No skill has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no skill is named {name:?} in {}", .roots.iter().map(|root| root.display().to_string()).collect::<Vec<_>>().join(", "))]
pub struct NoSuchSkill {
    /// The name.
    pub name: String,
    /// The names that it may stand for, the nearest first; three at most.
    pub nearest: Vec<String>,
    /// All names that there are.
    pub known: Vec<String>,
    /// Where they were looked for.
    pub roots: Vec<PathBuf>,
    /// What could not be looked at there, in words.
    pub unread: Vec<String>,
}

impl From<NoSuchSkill> for Failure {
    fn from(error: NoSuchSkill) -> Self {
        let quoted = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let hint = if !error.nearest.is_empty() {
            format!("did you mean {}?", quoted(&error.nearest))
        } else if error.known.is_empty() {
            format!("no skills were found there; a skill is a directory with a {MANIFEST_FILE}, or a .wasm or .wat file")
        } else {
            let more = error.known.len().saturating_sub(LISTED_NAMES);
            let listed: Vec<_> = error.known.iter().take(LISTED_NAMES).cloned().collect();
            format!("there are {}{}", quoted(&listed), if more > 0 { format!(" and {more} more") } else { String::new() })
        };
        let unread: String = error.unread.iter().take(LISTED_NAMES).map(|note| format!("\nnote: {note}")).collect();
        Self::new("no-such-skill", error.to_string()).with_hint(hint + &unread)
    }
}

impl Catalog {
    /// Finds the skills below the roots: directories with a `skill.toml`, and modules that lie in none.
    ///
    /// # Errors
    /// Where a root is not there. What is wrong with one skill is that entry's failure, what cannot be read below a root a note.
    pub fn scan(roots: &[PathBuf]) -> Result<Self, CatalogError> {
        let Found { manifests, modules, notes } = scan(roots)?;
        let skills = manifests.iter().map(|path| Candidate::of_manifest(path));
        let candidates: Vec<_> = skills.chain(modules.iter().map(|path| Candidate::of_module(path))).collect();
        let (entries, files) = by_name(candidates).into_iter().map(|candidate| (candidate.entry, candidate.files)).unzip();
        Ok(Self { entries, files, notes, roots: roots.to_owned() })
    }

    /// The entries, in the order of their names.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// What could not be looked at.
    pub fn notes(&self) -> &[ScanNote] {
        &self.notes
    }

    /// What lists show.
    pub fn infos(&self) -> Vec<SkillInfo> {
        self.entries.iter().map(|entry| entry.info.clone()).collect()
    }

    /// The entry of a name; where several have it (which is only so for ones whose manifest cannot be read), a sound one.
    ///
    /// # Errors
    /// Where there is none; with the nearest names.
    pub fn find(&self, name: &str) -> Result<&CatalogEntry, NoSuchSkill> {
        let named = || self.entries.iter().filter(|entry| entry.info.name == name);
        named().find(|entry| entry.skill.is_ok()).or_else(|| named().next()).ok_or_else(|| {
            let mut known: Vec<String> = self.entries.iter().map(|entry| entry.info.name.clone()).collect();
            known.dedup();
            let nearest = nearest_names(name, known.iter().map(String::as_str), 3).into_iter().map(str::to_owned).collect();
            let unread = self.notes.iter().map(ToString::to_string).collect();
            NoSuchSkill { name: name.to_owned(), nearest, known, roots: self.roots.clone(), unread }
        })
    }

    /// The skill that a command line names: by its name, else by the path of a module, a skill's directory or a `skill.toml`.
    ///
    /// # Errors
    /// Where there is neither. What is wrong with the skill is the entry's failure.
    pub fn resolve(&self, name_or_path: &OsStr) -> Result<CatalogEntry, Failure> {
        let path = Path::new(name_or_path);
        match self.find(&name_or_path.to_string_lossy()) {
            Ok(entry) => Ok(entry.clone()),
            Err(_) if path.exists() || looks_like_a_path(path) => Ok(Self::open_path(path)?),
            Err(missing) => Err(missing.into()),
        }
    }

    /// The skill at a path: a module, a skill's directory, or its `skill.toml`. A module that the `skill.toml` beside it names is
    /// that skill, any other is a bare one.
    ///
    /// # Errors
    /// Where there is none. What is wrong with the skill is the entry's failure.
    pub fn open_path(path: &Path) -> Result<CatalogEntry, CatalogError> {
        Ok(Candidate::at_path(path)?.entry)
    }

    /// Whether a path is a directory that is no skill itself, so that skills may lie below it.
    pub fn is_directory_of_skills(path: &Path) -> bool {
        path.is_dir() && !is_there(&path.join(MANIFEST_FILE))
    }

    /// The names of the skills that a saved file is part of. A module in the directory of a broken skill counts: it may be that skill's.
    pub fn touched_by(&self, path: &Path) -> Vec<&str> {
        let path = resolved_directory(path);
        let touched = self.entries.iter().zip(&self.files).filter(|(entry, files)| {
            let may_be_its_own = || entry.skill.is_err() && Self::is_skill_file(&path);
            files.contains(&path) || (may_be_its_own() && files.iter().any(|file| file.parent() == path.parent()))
        });
        touched.map(|(entry, _)| entry.info.name.as_str()).collect()
    }

    /// Whether nothing of this name is looked at below a workspace's directories: hidden ones, and those in which tools put what they make.
    pub fn is_passed_over(name: &OsStr) -> bool {
        super::scan::is_passed_over(name)
    }

    /// Whether a file of this name could make, change or unmake a skill, so that the workspace is to be scanned again.
    pub fn is_skill_file(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == MANIFEST_FILE || is_module_name(name))
    }
}

impl CatalogEntry {
    fn new(name: String, path: PathBuf, skill: Result<Skill, Failure>, declared: Declared) -> Self {
        match skill {
            Ok(skill) => Self { info: skill.info(), skill: Ok(skill), declared },
            Err(failure) => Self { declared, ..Self::refused(name, path, failure) },
        }
    }

    fn refused(name: String, path: PathBuf, failure: Failure) -> Self {
        let info = SkillInfo { name, version: None, description: None, path, module: None };
        Self { info, skill: Err(failure), declared: Declared::default() }
    }
}

/// Whether anything has this name, a link without a target too.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())
}

/// What is meant as a path even where nothing lies there: one with a separator, or with a module's extension.
fn looks_like_a_path(path: &Path) -> bool {
    path.components().count() > 1 || path.is_absolute() || Catalog::is_skill_file(path)
}

/// Something found, before it is known whether its name is its own alone.
struct Candidate {
    entry: CatalogEntry,
    /// See [`Catalog::files`].
    files: Vec<PathBuf>,
    /// Whether the name was told by the skill itself; the directory's name is a makeshift.
    is_named: bool,
}

impl Candidate {
    fn at_path(path: &Path) -> Result<Self, CatalogError> {
        let metadata = path.metadata().map_err(|source| CatalogError::Path { path: path.to_owned(), source })?;
        if metadata.is_dir() {
            let manifest = path.join(MANIFEST_FILE);
            return if is_there(&manifest) {
                Ok(Self::of_manifest(&manifest))
            } else {
                Err(CatalogError::NoManifest(path.to_owned()))
            };
        }
        if path.file_name() == Some(OsStr::new(MANIFEST_FILE)) {
            return Ok(Self::of_manifest(path));
        }
        let beside = directory_of(path).join(MANIFEST_FILE);
        if is_there(&beside) {
            let candidate = Self::of_manifest(&beside);
            if candidate.entry.skill.is_err() || candidate.files.contains(&resolved_directory(path)) {
                return Ok(candidate);
            }
        }
        Ok(Self::of_module(path))
    }

    fn of_manifest(path: &Path) -> Self {
        let text = read_text(path);
        let declared = text.as_ref().map(|text| Declared::read(text)).unwrap_or_default();
        let manifest = text.map_err(Failure::from).and_then(|text| Manifest::parse(path, &text).map_err(Failure::from));
        let is_named = declared.name.is_some();
        let name = declared.name.clone().unwrap_or_else(|| directory_name(path));
        let skill = manifest.map(|manifest| manifest.into_skill(path.to_owned()));
        let files = std::iter::once(resolved_directory(path)).chain(skill.iter().flat_map(module_files)).collect();
        Self { entry: CatalogEntry::new(name, directory_of(path), skill, declared), files, is_named }
    }

    fn of_module(path: &Path) -> Self {
        let skill = Skill::of_bare_module(path.to_owned()).map_err(Failure::from);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_named = skill.is_ok();
        let files = skill.as_ref().map_or_else(|_| vec![resolved_directory(path)], module_files);
        Self { entry: CatalogEntry::new(stem, path.to_owned(), skill, Declared::default()), files, is_named }
    }
}

/// The module's file, and where it is a link, what it leads to.
fn module_files(skill: &Skill) -> Vec<PathBuf> {
    let module = resolved_directory(&skill.module_path);
    let target = skill.module_path.canonicalize().ok().filter(|target| *target != module);
    std::iter::once(module).chain(target).collect()
}

/// The name of the directory that a manifest lies in.
fn directory_name(manifest: &Path) -> String {
    let directory = directory_of(manifest);
    let directory = directory.canonicalize().unwrap_or(directory);
    directory.file_name().unwrap_or(OsStr::new(MANIFEST_FILE)).to_string_lossy().into_owned()
}

/// The candidates in the order of their names; where several skills have given themselves one name, one that says so stands for them.
fn by_name(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut named: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    let mut settled = Vec::new();
    for candidate in candidates {
        if candidate.is_named {
            named.entry(candidate.entry.info.name.clone()).or_default().push(candidate)
        } else {
            settled.push(candidate)
        }
    }
    for (name, same) in named {
        if same.len() == 1 { settled.extend(same) } else { settled.extend(duplicates(&name, same)) }
    }
    settled.sort_by(|left, right| {
        let (left, right) = (&left.entry.info, &right.entry.info);
        (&left.name, &left.path).cmp(&(&right.name, &right.path))
    });
    settled
}

fn duplicates(name: &str, mut same: Vec<Candidate>) -> Option<Candidate> {
    same.sort_by(|left, right| left.entry.info.path.cmp(&right.entry.info.path));
    let paths: String = same.iter().map(|candidate| format!("\n  {}", candidate.entry.info.path.display())).collect();
    let failure = Failure::new("duplicate-name", format!("{} skills are named {name:?}:{paths}", same.len()))
        .with_hint("give each a name of its own in its skill.toml, or run one by its path");
    let files = same.iter().flat_map(|candidate| candidate.files.iter().cloned()).collect();
    let first = same.into_iter().next()?.entry.info.path;
    Some(Candidate { entry: CatalogEntry::refused(name.to_owned(), first, failure), files, is_named: true })
}
