//! What is watched: single files, and what lies below directories.

use crate::skill::Catalog;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many links in a row are followed, as on most systems.
const MAX_LINKS: usize = 40;
/// How many files and directories below one directory are looked at.
pub(super) const MAX_BELOW: usize = 20_000;
/// How deep below a directory is looked.
const MAX_DEPTH: usize = 32;

/// The files that matter to someone. All paths are absolute; links in them are not resolved, so that a link that leads
/// elsewhere is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    files: BTreeSet<PathBuf>,
    /// Those of the files that are told of as soon as somebody has put them there.
    prompt: BTreeSet<PathBuf>,
    trees: BTreeSet<Tree>,
}

/// What counts below a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Below {
    /// Every file.
    Everything,
    /// Modules and manifests, where a scan for skills would find them.
    SkillFiles,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tree {
    root: PathBuf,
    below: Below,
}

/// What an interest comes to at one moment.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// The files that were asked for by name, there or not.
    pub named: BTreeSet<PathBuf>,
    /// Files found below directories.
    pub found: BTreeSet<PathBuf>,
    /// The directories in which a change can be one of these files.
    pub directories: BTreeSet<PathBuf>,
    /// The directories below which there is more than can be watched.
    pub cut: BTreeSet<PathBuf>,
}

impl Interest {
    /// Adds a file, there or not, and where it is a link, each file on the way to what it leads to.
    pub fn add_file(&mut self, path: &Path) {
        add_with_links(&mut self.files, path);
    }

    /// Adds a file likewise, whose user can tell by its content whether it is whole: it is told of as soon as somebody has closed it or
    /// moved it into its place, and once more when all has settled where it is another one then.
    pub fn add_prompt_file(&mut self, path: &Path) {
        self.add_file(path);
        add_with_links(&mut self.prompt, path);
    }

    /// Adds what lies below a directory, there or not.
    pub fn add_below(&mut self, directory: &Path, below: Below) {
        self.trees.insert(Tree { root: absolute(directory), below });
    }

    /// Adds all that matters to someone else too.
    pub fn extend(&mut self, other: &Self) {
        self.files.extend(other.files.iter().cloned());
        self.prompt.extend(other.prompt.iter().cloned());
        self.trees.extend(other.trees.iter().cloned());
    }

    /// Whether this very file was added.
    pub fn names(&self, file: &Path) -> bool {
        self.files.contains(file)
    }

    /// Whether this very file is told of at once.
    pub(super) fn is_prompt(&self, file: &Path) -> bool {
        self.prompt.contains(file)
    }

    /// The files that were asked for by name, without a look at any directory.
    pub(super) fn named(&self) -> Extent {
        Extent { named: self.files.clone(), ..Extent::default() }
    }

    /// Whether something that happened to `path` can be a change of a file that matters: to the file, or to a directory above it.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file.starts_with(path))
            || self.trees.iter().any(|tree| tree.root.starts_with(path) || tree.may_hold(path))
    }

    /// The files and directories that it comes to now.
    pub(super) fn extent(&self) -> Extent {
        let mut extent = self.named();
        for file in &self.files {
            extent.add_directories_above(file);
        }
        for tree in &self.trees {
            extent.add_directories_above(&tree.root);
            tree.walk(&mut extent);
        }
        extent
    }
}

impl Extent {
    /// The two directories above a path, so that one that is replaced is seen too; or else the nearest that is there.
    fn add_directories_above(&mut self, path: &Path) {
        let there: Vec<_> = path.ancestors().skip(1).filter(|directory| directory.is_dir()).take(2).collect();
        self.directories.extend(there.into_iter().map(Path::to_owned));
    }
}

impl Tree {
    fn may_hold(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        match self.below {
            Below::Everything => true,
            Below::SkillFiles => !inside.iter().any(Catalog::is_passed_over),
        }
    }

    fn walk(&self, extent: &mut Extent) {
        let mut open = vec![(self.root.clone(), 0)];
        let mut seen = 0;
        while let Some((directory, depth)) = open.pop() {
            // A directory that went away, or may not be read, has nothing to watch.
            let Ok(entries) = std::fs::read_dir(&directory) else { continue };
            extent.directories.insert(directory);
            for entry in entries.flatten() {
                seen += 1;
                if seen > MAX_BELOW {
                    extent.cut.insert(self.root.clone());
                    return;
                }
                let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
                if self.below == Below::SkillFiles && Catalog::is_passed_over(&entry.file_name()) {
                    continue;
                }
                if kind.is_dir() {
                    if depth < MAX_DEPTH {
                        open.push((path, depth + 1));
                    }
                } else if self.below == Below::Everything || Catalog::is_skill_file(&path) {
                    extent.found.insert(path);
                }
            }
        }
    }
}

/// Adds a file, and where it is a link, each file on the way to what it leads to.
fn add_with_links(files: &mut BTreeSet<PathBuf>, path: &Path) {
    let mut path = absolute(path);
    for _ in 0..MAX_LINKS {
        if !files.insert(path.clone()) {
            return;
        }
        let Ok(target) = std::fs::read_link(&path) else { return };
        path = path.parent().map_or_else(|| target.clone(), |directory| directory.join(&target));
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_brings_the_directories_above_it_that_are_there() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir(top.path().join("a")).unwrap();
        let mut interest = Interest::default();
        interest.add_file(&top.path().join("a/b/c/module.wasm"));
        let extent = interest.extent();
        assert_eq!(extent.directories, BTreeSet::from([top.path().to_owned(), top.path().join("a")]));
        assert!(interest.concerns(&top.path().join("a/b")) && interest.concerns(top.path()));
        assert!(!interest.concerns(&top.path().join("a/x")) && !interest.concerns(&top.path().join("a/b/c/module.wasm.tmp")));
    }

    #[cfg(unix)]
    #[test]
    fn every_link_on_the_way_counts_and_a_circle_ends() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        fs::create_dir(at("out")).unwrap();
        std::os::unix::fs::symlink("two", at("one")).unwrap();
        std::os::unix::fs::symlink("out/three", at("two")).unwrap();
        std::os::unix::fs::symlink("round", at("round")).unwrap();
        let mut interest = Interest::default();
        interest.add_file(&at("one"));
        interest.add_file(&at("round"));
        assert_eq!(interest.files, BTreeSet::from([at("one"), at("two"), at("out/three"), at("round")]));
    }

    #[test]
    fn below_a_workspace_skills_files_count_and_below_fixtures_every_file() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        for file in ["a/skill.toml", "a/a.wasm", "a/README.md", "target/x.wasm", ".git/y.wat"] {
            fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            fs::write(at(file), "").unwrap();
        }
        let found = |below| {
            let mut interest = Interest::default();
            interest.add_below(top.path(), below);
            (interest.extent().found, interest.concerns(&at("target/z.wasm")))
        };
        assert_eq!(found(Below::SkillFiles), (BTreeSet::from([at("a/skill.toml"), at("a/a.wasm")]), false));
        assert_eq!((found(Below::Everything).0.len(), found(Below::Everything).1), (5, true));
    }
}
