//! The workspace: the directory that settings, stored values and records belong to.

use super::settings::SETTINGS_FILE;
use super::source::directory_of;
use crate::event::Failure;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The name of the directory, in the root, of what skillscope keeps there.
pub const STATE_DIRECTORY: &str = ".skillscope";

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its root: the nearest directory upwards with a `skillscope.toml`, else the first directory given.
    pub root: PathBuf,
    /// The settings file, where there is one.
    pub settings_path: Option<PathBuf>,
}

/// Why the workspace's state directory cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot make {}: {source}", .path.display())]
pub struct StateDirectoryError {
    /// The directory or file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl From<StateDirectoryError> for Failure {
    fn from(error: StateDirectoryError) -> Self {
        Self::new("io", error.to_string())
    }
}

impl Workspace {
    /// The workspace that the first of `starts` lies in; a file stands for its directory. Without any it is that of the
    /// current directory. Reads nothing but the names of files, and makes nothing.
    pub fn find(starts: &[PathBuf]) -> Self {
        let start = starts.first().map_or(Path::new("."), PathBuf::as_path);
        let directory = if start.is_file() { directory_of(start) } else { start.to_owned() };
        // Going upwards needs a path that has an upwards; links are resolved, since `..` does the same.
        let absolute =
            directory.canonicalize().or_else(|_| std::path::absolute(&directory)).unwrap_or_else(|_| directory.clone());
        let settings = |directory: &Path| directory.join(SETTINGS_FILE);
        match absolute.ancestors().find(|ancestor| settings(ancestor).is_file()) {
            Some(root) if root == absolute => Self { settings_path: Some(settings(&directory)), root: directory },
            Some(root) => Self { root: root.to_owned(), settings_path: Some(settings(root)) },
            None => Self { root: directory, settings_path: None },
        }
    }

    /// The settings files that would be in force if they were there: the nearest one upwards counts, so those up to the one that is.
    pub fn settings_candidates(starts: &[PathBuf]) -> Vec<PathBuf> {
        let workspace = Self::find(starts);
        let inside = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
        let start = starts.first().map_or(Path::new("."), PathBuf::as_path);
        let start = inside(&if start.is_file() { directory_of(start) } else { start.to_owned() });
        let root = inside(&workspace.root);
        let between = start.ancestors().take_while(|ancestor| ancestor.starts_with(&root));
        between.map(|directory| directory.join(SETTINGS_FILE)).collect()
    }

    /// Where what skillscope keeps lies; it may not be there yet.
    pub fn state_path(&self) -> PathBuf {
        self.root.join(STATE_DIRECTORY)
    }

    /// The same, made where it is not there, with a `.gitignore` of its own: to be called only when something is written.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn state_directory(&self) -> Result<PathBuf, StateDirectoryError> {
        let path = self.state_path();
        fs::create_dir_all(&path).map_err(|source| StateDirectoryError { path: path.clone(), source })?;
        let ignore = path.join(".gitignore");
        match fs::File::create_new(&ignore).and_then(|mut file| file.write_all(b"*\n")) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => Err(StateDirectoryError { path: ignore, source }),
            _ => Ok(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_nearest_directory_upwards_with_settings() {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path().canonicalize().unwrap();
        let inner = top.join("a/b/c");
        fs::create_dir_all(&inner).unwrap();
        fs::write(top.join(SETTINGS_FILE), "").unwrap();
        fs::write(top.join("a/b").join(SETTINGS_FILE), "").unwrap();
        let expected = Workspace { root: top.join("a/b"), settings_path: Some(top.join("a/b").join(SETTINGS_FILE)) };
        assert_eq!(Workspace::find(&[inner, top.clone()]), expected);
        assert_eq!(Workspace::find(&[top.join("a/b")]), expected);
        assert_eq!(Workspace::find(&[top.join("a")]).root, top);
    }

    #[test]
    fn without_settings_the_root_is_the_first_directory() {
        let temporary = tempfile::tempdir().unwrap();
        let file = temporary.path().join("x.wasm");
        fs::write(&file, "").unwrap();
        let expected = Workspace { root: temporary.path().to_owned(), settings_path: None };
        assert_eq!(Workspace::find(&[temporary.path().to_owned()]), expected);
        assert_eq!(Workspace::find(&[file]), expected);
        let missing = temporary.path().join("missing");
        assert_eq!(Workspace::find(std::slice::from_ref(&missing)).root, missing);
    }

    #[test]
    fn settings_may_appear_anywhere_up_to_the_ones_in_force() {
        let temporary = tempfile::tempdir().unwrap();
        let top = temporary.path().canonicalize().unwrap();
        let inner = top.join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let candidates = || Workspace::settings_candidates(std::slice::from_ref(&inner));
        assert_eq!(candidates(), [inner.join(SETTINGS_FILE)]);
        fs::write(top.join(SETTINGS_FILE), "").unwrap();
        assert_eq!(candidates(), [inner.join(SETTINGS_FILE), top.join("a").join(SETTINGS_FILE), top.join(SETTINGS_FILE)]);
    }

    #[test]
    fn the_state_directory_is_made_once_and_keeps_out_of_version_control() {
        let temporary = tempfile::tempdir().unwrap();
        let workspace = Workspace::find(&[temporary.path().to_owned()]);
        assert!(!workspace.state_path().exists());
        let state = workspace.state_directory().unwrap();
        assert_eq!(fs::read_to_string(state.join(".gitignore")).unwrap(), "*\n");
        fs::write(state.join(".gitignore"), "mine").unwrap();
        assert_eq!(workspace.state_directory().unwrap(), state);
        assert_eq!(fs::read_to_string(state.join(".gitignore")).unwrap(), "mine");
    }

    #[test]
    fn a_file_in_the_way_of_the_state_directory_is_told() {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join(STATE_DIRECTORY), "").unwrap();
        let error = Workspace::find(&[temporary.path().to_owned()]).state_directory().unwrap_err();
        assert!(error.to_string().starts_with(&format!("cannot make {}: ", temporary.path().join(STATE_DIRECTORY).display())));
    }
}
