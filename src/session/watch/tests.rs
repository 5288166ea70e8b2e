//! A watcher against files that are saved in all the ways in which tools and people save.

use super::follower::Happened;
use super::places::Notifier;
use super::*;
use crossbeam_channel::Receiver;
use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Long enough for a second word to come, if one comes.
const QUIET: Duration = Duration::from_millis(400);

struct Watched {
    watcher: Watcher,
    told: Receiver<Told>,
}

impl Watched {
    fn by_the_system(files: &[&Path]) -> Self {
        Self::by(system, files)
    }

    fn by(
        notifier: impl FnOnce(Sender<Happened>) -> Result<Box<dyn Notifier>, String> + Send + 'static,
        files: &[&Path],
    ) -> Self {
        let (sender, told) = unbounded();
        let watcher = Watcher::start_with(notifier, move |what| drop(sender.send(what))).unwrap();
        watcher.attend(interest(files));
        Self { watcher, told }
    }

    fn saved(&self) -> BTreeSet<PathBuf> {
        match self.told.recv_timeout(PATIENCE).unwrap() {
            Told::Saved(files) => files,
            Told::Note(note) => panic!("{note}"),
        }
    }

    fn note(&self) -> String {
        match self.told.recv_timeout(PATIENCE).unwrap() {
            Told::Note(note) => note,
            Told::Saved(files) => panic!("{files:?}"),
        }
    }

    fn says_no_more(&self) {
        assert_eq!(self.told.recv_timeout(QUIET).ok(), None);
    }
}

fn interest(files: &[&Path]) -> Interest {
    let mut interest = Interest::default();
    files.iter().for_each(|file| interest.add_file(file));
    interest
}

fn only(file: &Path) -> BTreeSet<PathBuf> {
    BTreeSet::from([file.to_owned()])
}

/// A notifier that takes every directory and never says a word.
struct Silent;

impl Notifier for Silent {
    fn watch(&mut self, _directory: &Path) -> Result<(), String> {
        Ok(())
    }

    fn unwatch(&mut self, _directory: &Path) {}
}

/// A notifier that has no room for any directory.
struct Full;

impl Notifier for Full {
    fn watch(&mut self, _directory: &Path) -> Result<(), String> {
        Err("no room".to_owned())
    }

    fn unwatch(&mut self, _directory: &Path) {}
}

#[test]
fn a_save_is_told_once_and_what_lies_beside_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let (file, other) = (directory.path().join("a.wasm"), directory.path().join("b.wasm"));
    fs::write(&file, "1").unwrap();
    let watched = Watched::by_the_system(&[&file]);
    fs::write(&other, "1").unwrap();
    watched.says_no_more();
    fs::write(&file, "2").unwrap();
    assert_eq!(watched.saved(), only(&file));
    watched.says_no_more();
    // As editors save.
    fs::write(&other, "3").unwrap();
    fs::rename(&other, &file).unwrap();
    assert_eq!(watched.saved(), only(&file));
    fs::remove_file(&file).unwrap();
    assert_eq!(watched.saved(), only(&file));
    watched.says_no_more();
}

#[test]
fn a_burst_of_saves_is_told_when_it_is_over() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.wasm");
    fs::write(&file, "0").unwrap();
    let watched = Watched::by_the_system(&[&file]);
    let (mut longest, mut last) = (Duration::ZERO, Instant::now());
    for save in 0..100 {
        fs::write(&file, save.to_string()).unwrap();
        longest = longest.max(last.elapsed());
        last = Instant::now();
        std::thread::sleep(Duration::from_millis(8));
    }
    watched.saved();
    // Where this thread itself stood still between two saves, the burst was two.
    if longest < Duration::from_millis(25) {
        watched.says_no_more();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_open_for_writing_is_not_saved_yet() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.wasm");
    fs::write(&file, "0").unwrap();
    let watched = Watched::by_the_system(&[&file]);
    let mut writer = fs::File::create(&file).unwrap();
    writer.write_all(b"half").unwrap();
    assert_eq!(watched.told.recv_timeout(Duration::from_millis(700)).ok(), None);
    writer.write_all(b" and half").unwrap();
    drop(writer);
    assert_eq!(watched.saved(), only(&file));
    watched.says_no_more();
}

/// While somebody writes another file nothing settles: what is told meanwhile is told early.
#[cfg(target_os = "linux")]
#[test]
fn a_prompt_file_is_told_of_when_it_is_put_there_and_again_only_where_it_became_another() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let (prompt, slow) = (at("a.wasm"), at("b.wasm"));
    for file in [&prompt, &slow] {
        fs::write(file, "0").unwrap();
    }
    let watched = Watched::by_the_system(&[]);
    let mut interest = interest(&[&slow]);
    interest.add_prompt_file(&prompt);
    watched.watcher.attend(interest);
    let put = |content: &str| {
        fs::write(at("new"), content).unwrap();
        fs::rename(at("new"), &prompt).unwrap();
    };
    let begin = |file: &Path| {
        let mut writer = fs::File::create(file).unwrap();
        writer.write_all(b"half").unwrap();
        writer
    };
    // Moved into its place, and then the same again.
    let writer = begin(&slow);
    put("1");
    assert_eq!(watched.saved(), only(&prompt));
    put("1");
    watched.says_no_more();
    drop(writer);
    assert_eq!(watched.saved(), only(&slow));
    // Written in its place, and then another version that waits.
    let writer = begin(&slow);
    let own = begin(&prompt);
    watched.says_no_more();
    drop(own);
    assert_eq!(watched.saved(), only(&prompt));
    fs::write(&prompt, "3").unwrap();
    watched.says_no_more();
    drop(writer);
    assert_eq!(watched.saved(), BTreeSet::from([prompt.clone(), slow.clone()]));
    // One that goes away is not told of early.
    let writer = begin(&slow);
    fs::remove_file(&prompt).unwrap();
    watched.says_no_more();
    drop(writer);
    assert_eq!(watched.saved(), BTreeSet::from([prompt, slow]));
    watched.says_no_more();
}

#[test]
fn files_that_were_found_below_a_directory_are_not_saved_by_being_named_too() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let (named, other) = (at("a.wasm"), at("b.wasm"));
    fs::write(&named, "0").unwrap();
    let watched = Watched::by_the_system(&[]);
    let mut interest = Interest::default();
    interest.add_below(directory.path(), Below::SkillFiles);
    watched.watcher.attend(interest.clone());
    interest.add_file(&named);
    watched.watcher.attend(interest);
    // Something that makes it look.
    fs::write(&other, "0").unwrap();
    assert_eq!(watched.saved(), only(&other));
    fs::write(&named, "1").unwrap();
    assert_eq!(watched.saved(), only(&named));
    watched.says_no_more();
}

#[test]
fn a_directory_that_is_replaced_again_and_again_is_followed() {
    let top = tempfile::tempdir().unwrap();
    let (inner, file) = (top.path().join("a/b"), top.path().join("a/b/c.wasm"));
    fs::create_dir_all(&inner).unwrap();
    fs::write(&file, "0").unwrap();
    let watched = Watched::by_the_system(&[&file]);
    for version in 1..4 {
        fs::remove_dir_all(top.path().join("a")).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::write(&file, version.to_string()).unwrap();
        assert_eq!(watched.saved(), only(&file), "replaced, {version}");
        fs::write(&file, format!("{version} in place")).unwrap();
        assert_eq!(watched.saved(), only(&file), "written in place, {version}");
        fs::rename(&inner, top.path().join("moved")).unwrap();
        fs::create_dir(&inner).unwrap();
        fs::write(&file, format!("{version} in another")).unwrap();
        assert_eq!(watched.saved(), only(&file), "moved, {version}");
        fs::remove_dir_all(top.path().join("moved")).unwrap();
    }
    watched.says_no_more();
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_directories() {
    use std::os::unix::fs::symlink;
    let top = tempfile::tempdir().unwrap();
    let at = |name: &str| top.path().join(name);
    for build in ["one", "two"] {
        fs::create_dir(at(build)).unwrap();
        fs::write(at(&format!("{build}/x.wasm")), build).unwrap();
    }
    symlink("one", at("current")).unwrap();
    symlink("one/x.wasm", at("link.wasm")).unwrap();
    let watched = Watched::by_the_system(&[&at("link.wasm"), &at("current/x.wasm")]);
    symlink("two", at("next")).unwrap();
    fs::rename(at("next"), at("current")).unwrap();
    assert_eq!(watched.saved(), only(&at("current/x.wasm")));
    fs::write(at("next"), "new").unwrap();
    fs::rename(at("next"), at("one/x.wasm")).unwrap();
    assert_eq!(watched.saved(), BTreeSet::from([at("link.wasm"), at("one/x.wasm")]));
    fs::write(at("two/x.wasm"), "newer").unwrap();
    assert_eq!(watched.saved(), only(&at("current/x.wasm")));
}

#[test]
fn where_the_system_cannot_watch_time_does_and_that_is_told_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.wasm");
    fs::write(&file, "0").unwrap();
    type Start = fn(Sender<Happened>) -> Result<Box<dyn Notifier>, String>;
    let broken: Start = |_| Err("no watches are left".to_owned());
    let full: Start = |_| Ok(Box::new(Full));
    for (notifier, why) in [(broken, "no watches are left"), (full, "no room")] {
        let watched = Watched::by(notifier, &[&file]);
        let note = watched.note();
        assert!(note.contains(why) && note.contains("twice a second"), "{note}");
        for version in ["1", "2"] {
            fs::write(&file, format!("{why}: {version}")).unwrap();
            assert_eq!(watched.saved(), only(&file));
        }
        watched.says_no_more();
    }
}

#[test]
fn a_notification_that_is_lost_only_costs_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.wasm");
    fs::write(&file, "0").unwrap();
    let watched = Watched::by(|_| Ok(Box::new(Silent)), &[&file]);
    fs::write(&file, "1").unwrap();
    assert_eq!(watched.saved(), only(&file));
}

#[test]
fn more_files_than_can_be_watched_are_told_once() {
    let directory = tempfile::tempdir().unwrap();
    for number in 0..=super::interest::MAX_BELOW {
        fs::File::create(directory.path().join(number.to_string())).unwrap();
    }
    let watched = Watched::by_the_system(&[]);
    let mut interest = Interest::default();
    interest.add_below(directory.path(), Below::Everything);
    watched.watcher.attend(interest);
    assert!(watched.note().contains("too many files below"));
    fs::write(directory.path().join("0"), "saved").unwrap();
    // Which of the files are watched is the file system's choice.
    assert!(!matches!(watched.told.recv_timeout(Duration::from_secs(4)), Ok(Told::Note(_))));
}

#[test]
fn what_mattered_before_is_noticed_though_the_interest_changes_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (directory.path().join("a.wasm"), directory.path().join("b.wasm"));
    fs::write(&old, "0").unwrap();
    fs::write(&new, "0").unwrap();
    let watched = Watched::by_the_system(&[&old]);
    fs::write(&old, "1").unwrap();
    watched.watcher.attend(interest(&[&old, &new]));
    assert_eq!(watched.saved(), only(&old));
    fs::write(&new, "1").unwrap();
    assert_eq!(watched.saved(), only(&new));
    watched.watcher.attend(interest(&[&new]));
    fs::write(&old, "2").unwrap();
    watched.says_no_more();
}
