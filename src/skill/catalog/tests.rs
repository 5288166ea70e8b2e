//! What a scan finds, passes over and refuses.

use super::*;
use std::fs;
use tempfile::TempDir;

/// A directory with these files; a `skill.toml` holds the name that is given as its text.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let is_manifest = path.ends_with(MANIFEST_FILE) && !text.contains('\n');
        let text = if is_manifest { format!("[skill]\nname = '{text}'\nmodule = 'm.wasm'\n") } else { (*text).to_owned() };
        fs::write(path, text).unwrap();
    }
    directory
}

fn scanned(directory: &TempDir) -> Catalog {
    Catalog::scan(&[directory.path().to_owned()]).unwrap()
}

fn names(catalog: &Catalog) -> Vec<&str> {
    catalog.entries().iter().map(|entry| entry.info.name.as_str()).collect()
}

#[test]
fn skills_and_bare_modules_are_found_in_the_order_of_their_names() {
    let directory = tree(&[
        ("b/deep/er/skill.toml", "beta"),
        ("a/skill.toml", "alpha"),
        ("a/m.wasm", ""),
        ("a/nested/skill.toml", "not-looked-at"),
        ("z.WAT", ""),
        ("c/d.wasm", ""),
        ("notes.txt", ""),
    ]);
    let catalog = scanned(&directory);
    assert_eq!(names(&catalog), ["alpha", "beta", "d", "z"]);
    assert!(catalog.entries().iter().all(|entry| entry.skill.is_ok()));
    assert_eq!(catalog.entries()[0].info.path, directory.path().join("a"));
    assert_eq!(catalog.entries()[2].info.path, directory.path().join("c/d.wasm"));
}

#[test]
fn hidden_folders_and_folders_of_tools_are_passed_over() {
    let directory = tree(&[
        (".git/a.wasm", ""),
        ("target/b.wasm", ""),
        ("x/node_modules/c/skill.toml", "c"),
        (".hidden.wasm", ""),
        ("targets/ok.wasm", ""),
    ]);
    assert_eq!(names(&scanned(&directory)), ["ok"]);
    // Named outright, such a folder is looked at.
    assert_eq!(names(&Catalog::scan(&[directory.path().join("target")]).unwrap()), ["b"]);
}

#[test]
fn a_skill_s_directory_a_module_or_a_manifest_may_be_a_root_and_roots_may_overlap() {
    let directory = tree(&[("a/skill.toml", "alpha"), ("b.wasm", "")]);
    let root = |path: &str| directory.path().join(path);
    assert_eq!(names(&Catalog::scan(&[root("a")]).unwrap()), ["alpha"]);
    assert_eq!(names(&Catalog::scan(&[root("b.wasm"), root("a/skill.toml")]).unwrap()), ["alpha", "b"]);
    let catalog = Catalog::scan(&[root(""), root("a"), root("a/../b.wasm"), root("")]).unwrap();
    assert_eq!(names(&catalog), ["alpha", "b"]);
    assert!(catalog.entries().iter().all(|entry| entry.skill.is_ok()));
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let directory = tree(&[]);
    let missing = directory.path().join("missing");
    let failure = Failure::from(Catalog::scan(std::slice::from_ref(&missing)).unwrap_err());
    assert_eq!(failure.kind, "no-such-directory");
    assert!(failure.message.starts_with(&format!("cannot look for skills in {}: ", missing.display())), "{}", failure.message);
}

#[test]
fn two_skills_of_one_name_are_refused_with_both_paths_and_others_stay() {
    let directory = tree(&[("x/skill.toml", "foo"), ("foo.wasm", ""), ("foo.wat", ""), ("bar.wasm", "")]);
    let catalog = scanned(&directory);
    assert_eq!(names(&catalog), ["bar", "foo"]);
    assert!(catalog.find("bar").unwrap().skill.is_ok());
    let failure = catalog.find("foo").unwrap().skill.clone().unwrap_err();
    assert_eq!(failure.kind, "duplicate-name");
    let path = |name: &str| directory.path().join(name).display().to_string();
    assert_eq!(
        failure.message,
        format!("3 skills are named \"foo\":\n  {}\n  {}\n  {}", path("foo.wasm"), path("foo.wat"), path("x"))
    );
    // By its path each can still be run.
    assert!(Catalog::open_path(&directory.path().join("foo.wat")).unwrap().skill.is_ok());
}

#[test]
fn a_broken_manifest_keeps_its_name_where_it_can_be_read_and_spoils_no_other() {
    let directory = tree(&[
        ("one/skill.toml", "[skill]\nname = 'first'\nmodule = 3\n"),
        ("two/skill.toml", "[skill\n\n"),
        ("x/two/skill.toml", "[skill\n\n"),
        ("good.wasm", ""),
    ]);
    let catalog = scanned(&directory);
    assert_eq!(names(&catalog), ["first", "good", "two", "two"]);
    assert_eq!(catalog.find("first").unwrap().skill.clone().unwrap_err().kind, "wrong-type");
    assert_eq!(catalog.find("two").unwrap().skill.clone().unwrap_err().kind, "syntax");
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let directory = tree(&[("summarize.wasm", ""), ("title.wasm", "")]);
    let root = directory.path().display();
    let catalog = scanned(&directory);
    let failure = |name: &str| catalog.resolve(name.as_ref()).unwrap_err();
    assert_eq!(failure("sumarise").message, format!("no skill is named \"sumarise\" in {root}"));
    assert_eq!(failure("sumarise").hint.as_deref(), Some("did you mean \"summarize\"?"));
    assert_eq!(failure("qqq").hint.as_deref(), Some("there are \"summarize\", \"title\""));
    let none = Catalog::scan(&[tree(&[]).path().to_owned()]).unwrap_or_default().resolve("x".as_ref()).unwrap_err();
    assert_eq!(
        none.hint.as_deref(),
        Some("no skills were found there; a skill is a directory with a skill.toml, or a .wasm or .wat file")
    );
}

#[test]
fn a_path_serves_as_a_name() {
    let directory = tree(&[("a/skill.toml", "alpha"), ("a/m.wasm", ""), ("a/other.wasm", ""), ("b/x.bin", ""), ("c/.keep", "")]);
    let path = |name: &str| directory.path().join(name);
    let catalog = Catalog::default();
    let opened = |name: &str| catalog.resolve(path(name).as_os_str()).map(|entry| entry.skill.unwrap().name);
    for alpha in ["a", "a/", "a/skill.toml", "a/m.wasm"] {
        assert_eq!(opened(alpha).as_deref(), Ok("alpha"), "{alpha}");
    }
    assert_eq!(opened("a/other.wasm").as_deref(), Ok("other"));
    assert_eq!(opened("b/x.bin").as_deref(), Ok("x"));
    let failure = opened("c").unwrap_err();
    assert_eq!(failure.message, format!("{} is a directory without a skill.toml, so it is no skill", path("c").display()));
    assert_eq!(opened("missing.wasm").unwrap_err().kind, "no-such-skill");
    let missing = Failure::from(Catalog::open_path(Path::new("missing.wasm")).unwrap_err());
    assert!(missing.message.starts_with("cannot open the skill missing.wasm: "), "{}", missing.message);
    let is_directory_of_skills = |name: &str| Catalog::is_directory_of_skills(&path(name));
    assert!(is_directory_of_skills("c") && !is_directory_of_skills("a") && !is_directory_of_skills("b/x.bin"));
}

#[test]
fn a_saved_file_touches_the_skills_that_it_is_part_of() {
    let directory = tree(&[
        ("a/skill.toml", "alpha"),
        ("a/m.wasm", ""),
        ("a/other.wasm", ""),
        ("broken/skill.toml", "[skill\n\n"),
        ("b.wasm", ""),
    ]);
    let catalog = scanned(&directory);
    let touched = |name: &str| catalog.touched_by(&directory.path().join(name));
    assert_eq!(touched("a/skill.toml"), ["alpha"]);
    assert_eq!(touched("a/../a/m.wasm"), ["alpha"]);
    assert_eq!(touched("b.wasm"), ["b"]);
    assert_eq!(touched("broken/any.wasm"), ["broken"]);
    assert_eq!(touched("broken/skill.toml"), ["broken"]);
    assert!(touched("a/other.wasm").is_empty());
    assert!(touched("broken/notes.txt").is_empty());
    fs::remove_file(directory.path().join("b.wasm")).unwrap();
    assert_eq!(touched("b.wasm"), ["b"]);
}

#[test]
fn a_module_that_is_built_into_a_new_folder_touches_its_skill() {
    let directory = tree(&[("a/skill.toml", "[skill]\nname = 'alpha'\nmodule = 'build/out/a.wasm'\n")]);
    let catalog = scanned(&directory);
    let module = directory.path().join("a/build/out/a.wasm");
    fs::create_dir_all(module.parent().unwrap()).unwrap();
    fs::write(&module, "").unwrap();
    assert_eq!(catalog.touched_by(&module), ["alpha"]);
    fs::remove_dir_all(directory.path().join("a")).unwrap();
    assert_eq!(catalog.touched_by(&module), ["alpha"]);
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn loops_of_links_end_and_a_link_to_a_skill_is_that_skill() {
        let elsewhere = tree(&[("far/skill.toml", "far"), ("plain/x.wasm", "")]);
        let directory = tree(&[("a/skill.toml", "alpha"), ("b/c.wasm", "")]);
        let link = |target: &Path, name: &str| symlink(target, directory.path().join(name)).unwrap();
        link(directory.path(), "b/loop");
        link(&directory.path().join("a"), "again");
        link(&elsewhere.path().join("far"), "linked");
        link(&elsewhere.path().join("plain"), "plain");
        link(&elsewhere.path().join("plain/x.wasm"), "y.wasm");
        link(Path::new("missing"), "dangling.wasm");
        let catalog = scanned(&directory);
        assert_eq!(names(&catalog), ["alpha", "c", "dangling", "far", "y"]);
        assert!(catalog.entries().iter().all(|entry| entry.skill.is_ok()));
        assert_eq!(catalog.touched_by(&elsewhere.path().join("plain/x.wasm")), ["y"]);
    }

    #[test]
    fn a_file_name_that_is_no_text_is_an_entry_that_says_so() {
        use std::os::unix::ffi::OsStrExt as _;
        let directory = tree(&[("a.wasm", "")]);
        fs::write(directory.path().join(OsStr::from_bytes(b"b\xff.wasm")), "").unwrap();
        fs::write(directory.path().join("c\u{1b}[2J.wasm"), "").unwrap();
        let catalog = scanned(&directory);
        assert_eq!(names(&catalog), ["a", "b\u{fffd}", "c\u{1b}[2J"]);
        let failures: Vec<_> = catalog.entries().iter().filter_map(|entry| entry.skill.clone().err()).collect();
        assert!(failures.iter().all(|failure| failure.kind == "name"));
        assert!(failures[0].message.ends_with("the file's stem cannot be the skill's name: it is not UTF-8"));
    }

    #[test]
    fn a_manifest_that_is_a_pipe_does_not_hang() {
        let directory = tree(&[("a/m.wasm", "")]);
        let pipe = directory.path().join("a/skill.toml");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
        let catalog = scanned(&directory);
        assert_eq!(names(&catalog), ["a"]);
        assert_eq!(catalog.entries()[0].skill.clone().unwrap_err().kind, "not-a-file");
    }

    #[test]
    fn a_directory_that_cannot_be_read_is_a_note() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tree(&[("a.wasm", ""), ("closed/b.wasm", "")]);
        let closed = directory.path().join("closed");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
        let catalog = scanned(&directory);
        let may_read_all = fs::read_dir(&closed).is_ok();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        if !may_read_all {
            assert_eq!(names(&catalog), ["a"]);
            assert!(catalog.notes()[0].to_string().starts_with(&format!("cannot read the directory {}: ", closed.display())));
        }
    }
}

#[test]
fn directories_too_deep_are_a_note() {
    let directory = tree(&[(&format!("{}x.wasm", "d/".repeat(40)), ""), ("a.wasm", "")]);
    let catalog = scanned(&directory);
    assert_eq!(names(&catalog), ["a"]);
    assert!(catalog.notes()[0].to_string().ends_with("more than 32 directories deep"), "{:?}", catalog.notes());
}
