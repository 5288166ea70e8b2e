//! Where in a tree of directories skills lie: manifests, and modules that belong to none.
//!
//! Nothing is opened here but directories. Links to directories are not followed, save that a link to a skill's directory is
//! that skill: so there are no loops, and a scan stays below its roots.

use super::MANIFEST_FILE;
use super::catalog::CatalogError;
use super::source::directory_of;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what tools make, not what people write.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];
/// How deep below a root directories are looked at.
const MAX_DEPTH: usize = 32;
/// How many files and directories are looked at.
const MAX_ENTRIES: usize = 200_000;

/// Something that a scan could not look at; the rest was.
#[derive(Debug, thiserror::Error)]
pub enum ScanNote {
    /// A directory cannot be read.
    #[error("cannot read the directory {}: {source}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Too far below its root.
    #[error("did not look into {}: more than {MAX_DEPTH} directories deep", .0.display())]
    TooDeep(PathBuf),
    /// Too many files.
    #[error("stopped looking for skills at {} after {MAX_ENTRIES} files; name the directories that hold skills", .0.display())]
    TooMany(PathBuf),
}

/// What a scan found, in the order of the paths.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub manifests: Vec<PathBuf>,
    pub modules: Vec<PathBuf>,
    pub notes: Vec<ScanNote>,
}

/// Looks below the roots; one that is a file is looked at itself.
pub(super) fn scan(roots: &[PathBuf]) -> Result<Found, CatalogError> {
    let mut scan = Scan::default();
    for root in roots {
        let metadata = fs::metadata(root).map_err(|source| CatalogError::Root { path: root.clone(), source })?;
        if metadata.is_dir() {
            scan.below(root);
        } else if root.file_name() == Some(OsStr::new(MANIFEST_FILE)) {
            scan.add_manifest(root.clone());
        } else {
            scan.add_module(root.clone());
        }
    }
    Ok(scan.found)
}

#[derive(Default)]
struct Scan {
    found: Found,
    /// What was found, with links in the directories resolved: roots may overlap.
    seen: BTreeSet<PathBuf>,
    entries: usize,
}

impl Scan {
    fn below(&mut self, root: &Path) {
        // A stack, so that no depth of directories can exhaust the thread's own.
        let mut open = vec![(root.to_owned(), 0)];
        while let Some((directory, depth)) = open.pop() {
            let Some(mut entries) = self.entries_of(&directory) else { continue };
            if entries.iter().any(|(name, kind)| name == MANIFEST_FILE && !kind.is_dir()) {
                self.add_manifest(shown_join(&directory, MANIFEST_FILE.as_ref()));
                continue;
            }
            entries.sort_by(|(left, _), (right, _)| left.cmp(right));
            let mut deeper = Vec::new();
            for (name, kind) in entries {
                let path = shown_join(&directory, &name);
                if kind.is_dir() {
                    deeper.extend((!is_passed_over(&name)).then_some((path, depth + 1)));
                } else if kind.is_symlink() && path.is_dir() {
                    self.add_linked(&name, &path);
                } else if is_module_name(&name) && !is_hidden(&name) {
                    self.add_module(path);
                }
            }
            if depth < MAX_DEPTH {
                open.extend(deeper.into_iter().rev());
            } else {
                self.found.notes.extend(deeper.into_iter().map(|(path, _)| ScanNote::TooDeep(path)));
            }
        }
    }

    /// The names in a directory; `None` where it cannot be read or there were too many already.
    fn entries_of(&mut self, directory: &Path) -> Option<Vec<(OsString, FileType)>> {
        if self.entries > MAX_ENTRIES {
            return None;
        }
        let mut names = Vec::new();
        let read = fs::read_dir(directory).and_then(|entries| {
            for entry in entries.take(MAX_ENTRIES + 1) {
                let entry = entry?;
                names.push((entry.file_name(), entry.file_type()?));
            }
            Ok(())
        });
        self.entries += names.len();
        if let Err(source) = read {
            self.found.notes.push(ScanNote::Unreadable { path: directory.to_owned(), source });
        }
        if self.entries > MAX_ENTRIES {
            self.found.notes.push(ScanNote::TooMany(directory.to_owned()));
            return None;
        }
        Some(names)
    }

    fn add_linked(&mut self, name: &OsStr, directory: &Path) {
        let manifest = directory.join(MANIFEST_FILE);
        if !is_passed_over(name) && manifest.is_file() {
            self.add_manifest(manifest);
        }
    }

    fn add_manifest(&mut self, path: PathBuf) {
        if self.seen.insert(resolved_directory(&path)) {
            self.found.manifests.push(path);
        }
    }

    fn add_module(&mut self, path: PathBuf) {
        if self.seen.insert(resolved_directory(&path)) {
            self.found.modules.push(path);
        }
    }
}

/// The path with the links in its directory resolved, as far up as that is there, and its own name kept: two paths of one file are
/// the same then, also where the file is not there yet, or not any more.
pub(super) fn resolved_directory(path: &Path) -> PathBuf {
    let directory = directory_of(path);
    let absolute = std::path::absolute(&directory).unwrap_or(directory);
    let resolved = absolute.ancestors().find_map(|ancestor| {
        let below = absolute.strip_prefix(ancestor).ok()?;
        ancestor.canonicalize().ok().map(|ancestor| if below.as_os_str().is_empty() { ancestor } else { ancestor.join(below) })
    });
    resolved.unwrap_or(absolute).join(path.file_name().unwrap_or_default())
}

/// `./name` reads as `name`.
fn shown_join(directory: &Path, name: &OsStr) -> PathBuf {
    if directory == Path::new(".") { PathBuf::from(name) } else { directory.join(name) }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

pub(super) fn is_passed_over(name: &OsStr) -> bool {
    is_hidden(name) || PASSED_OVER.iter().any(|passed| name == *passed)
}

/// Whether a file of that name is taken for a module.
pub(super) fn is_module_name(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("wasm") || extension.eq_ignore_ascii_case("wat"))
}
