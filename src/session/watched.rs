//! Which files a run depends on, so that it is to be repeated when they are saved.

use super::command::{Overrides, RunRequest, Target};
use super::config::SessionConfig;
use super::watch::{Below, Interest};
use crate::skill::{Catalog, CatalogEntry, MANIFEST_FILE, Skill, Workspace};
use std::ffi::OsStr;
use std::path::Path;

/// What a run depends on.
pub struct Watched {
    /// The files of the skill that is meant, what its manifest and the flags name, and the settings. Where there is no such
    /// skill, those that could become it.
    pub interest: Interest,
    /// The workspace's settings alone.
    pub settings: Interest,
    /// Whether there is such a skill.
    pub is_there: bool,
}

impl Watched {
    /// Finds out what a run depends on now.
    pub fn of(config: &SessionConfig, request: &RunRequest) -> Self {
        let mut settings = Interest::default();
        for file in Workspace::settings_candidates(&config.directories) {
            settings.add_file(&file);
        }
        let mut interest = settings.clone();
        if let Target::Path(path) = &request.target {
            interest.add_file(path);
            add_manifest_of(&mut interest, path);
        }
        let is_there = match entry(config, &request.target) {
            Some(CatalogEntry { skill: Ok(skill), .. }) => {
                add_skill(&mut interest, &skill);
                true
            }
            Some(CatalogEntry { info, .. }) => {
                add_manifest_of(&mut interest, &info.path);
                interest.add_below(directory_of(&info.path), Below::SkillFiles);
                false
            }
            None => {
                add_places_of(&mut interest, config, &request.target);
                false
            }
        };
        add_directories(&mut interest, &request.overrides);
        Self { interest, settings, is_there }
    }
}

/// How often is read what to watch, at most, until it stays the same: whoever changes it all the time is told of by the watcher.
const MOST_READINGS: usize = 4;

/// Watches what `read` says that matters, and gives what it read together with that: a change that falls between reading and watching is
/// one that nobody would be told of, so it is read again after that, until nothing else is to be watched.
pub fn read_and_watch<T>(watched: &mut Interest, mut read: impl FnMut() -> (T, Interest), mut watch: impl FnMut(Interest)) -> T {
    for _ in 1..MOST_READINGS {
        let (known, interest) = read();
        if interest == *watched {
            return known;
        }
        watched.clone_from(&interest);
        watch(interest);
    }
    read().0
}

fn entry(config: &SessionConfig, target: &Target) -> Option<CatalogEntry> {
    match target {
        Target::Path(path) => Catalog::open_path(path).ok(),
        Target::Name(name) => Catalog::scan(&config.directories).ok()?.resolve(OsStr::new(name)).ok(),
    }
}

/// Adds the files that the skill of an entry depends on, sound or not; its module is told of as soon as it is put there.
pub fn add_entry(interest: &mut Interest, entry: &CatalogEntry) {
    match &entry.skill {
        Ok(skill) => {
            add_skill(interest, skill);
            interest.add_prompt_file(&skill.module_path);
        }
        // What is wrong may be mended in its manifest or its module.
        Err(_) => {
            add_manifest_of(interest, &entry.info.path);
            entry.info.module.iter().for_each(|module| interest.add_file(module));
        }
    }
}

/// Adds the files that a skill depends on.
pub fn add_skill(interest: &mut Interest, skill: &Skill) {
    interest.add_file(&skill.module_path);
    match &skill.manifest_path {
        Some(manifest) => interest.add_file(manifest),
        // One that appears beside a bare module makes it another skill.
        None => interest.add_file(&skill.directory.join(MANIFEST_FILE)),
    }
    let dirs = skill.manifest.iter().flat_map(|manifest| manifest.wasi.dirs.values());
    // What a skill writes itself would start it again and again.
    for directory in dirs.filter(|directory| !directory.writable) {
        interest.add_below(&skill.directory.join(&directory.path), Below::Everything);
    }
}

fn add_directories(interest: &mut Interest, overrides: &Overrides) {
    for (host, _, writable) in &overrides.directories {
        if !writable {
            interest.add_below(host, Below::Everything);
        }
    }
}

fn add_manifest_of(interest: &mut Interest, path: &Path) {
    interest.add_file(&directory_of(path).join(MANIFEST_FILE));
}

fn add_places_of(interest: &mut Interest, config: &SessionConfig, target: &Target) {
    if let Target::Name(name) = target {
        // A word that no skill is named by may be a path.
        interest.add_file(Path::new(name));
        for directory in &config.directories {
            interest.add_below(directory, Below::SkillFiles);
        }
    }
}

/// The directory that a skill's path stands for: its own, or that of its file.
fn directory_of(path: &Path) -> &Path {
    let is_file_name = path.file_name().is_some_and(|_| Catalog::is_skill_file(path)) && !path.is_dir();
    match path.parent() {
        Some(parent) if is_file_name && parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) if is_file_name => parent,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn interest(file: &str) -> Interest {
        let mut interest = Interest::default();
        interest.add_file(Path::new(file));
        interest
    }

    #[test]
    fn a_save_between_reading_and_watching_is_not_missed() {
        // A manifest that names a module, and is saved just before it is watched.
        let manifest = RefCell::new("/one.wasm");
        let mut watched = Interest::default();
        let mut told = Vec::new();
        let read = || (*manifest.borrow(), interest(*manifest.borrow()));
        let known = read_and_watch(&mut watched, read, |interest| {
            *manifest.borrow_mut() = "/two.wasm";
            told.push(interest);
        });
        assert_eq!((known, &watched), ("/two.wasm", &interest("/two.wasm")));
        assert_eq!(told, [interest("/one.wasm"), interest("/two.wasm")]);
        // Nothing is watched anew where nothing else matters.
        assert_eq!(read_and_watch(&mut watched, read, |interest| panic!("{interest:?}")), "/two.wasm");
    }

    #[test]
    fn what_changes_without_an_end_is_watched_and_not_waited_for() {
        let (mut version, mut watches) = (0, 0);
        let read = || {
            version += 1;
            (version, interest(&format!("/{version}.wasm")))
        };
        assert_eq!(read_and_watch(&mut Interest::default(), read, |_| watches += 1), MOST_READINGS);
        assert_eq!(watches, MOST_READINGS - 1);
    }
}
