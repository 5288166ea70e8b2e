//! Modules are read as the manifest allows, and not otherwise.

use super::*;
use std::fs;
use tempfile::TempDir;

const LIMIT: u64 = 1 << 20;

/// A skill in a directory of its own, with more lines in its `[skill]` table.
fn skill(lines: &str) -> (TempDir, Skill) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("skill.toml");
    fs::write(&path, format!("[skill]\nname = 'a'\nmodule = 'build/a.wasm'\n{lines}")).unwrap();
    fs::create_dir(directory.path().join("build")).unwrap();
    fs::write(directory.path().join("build/a.wasm"), b"test").unwrap();
    let skill = Manifest::read(&path).unwrap().into_skill(path);
    (directory, skill)
}

fn failure(skill: &Skill) -> (Outcome, Failure) {
    let error = skill.read_module(LIMIT).and_then(|module| skill.verify(&module)).unwrap_err();
    (error.outcome(), error.into())
}

#[test]
fn a_module_is_read_from_the_manifest_s_directory() {
    let (_directory, skill) = skill("");
    assert_eq!(skill.read_module(LIMIT).unwrap(), b"test");
}

#[test]
fn the_checksum_is_verified_and_both_digests_are_told() {
    let right = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let (directory, skill) = skill(&format!("sha256 = '{right}'"));
    skill.verify(&skill.read_module(LIMIT).unwrap()).unwrap();
    fs::write(directory.path().join("build/a.wasm"), b"tess").unwrap();
    let (outcome, failure) = failure(&skill);
    assert_eq!((outcome, failure.kind.as_ref()), (Outcome::Manifest, "checksum"));
    let digest = failure.hint.as_deref().unwrap().split('"').nth(1).unwrap();
    assert_eq!(digest.len(), 64);
    assert_ne!(digest, right);
    assert_eq!(
        failure.message,
        format!(
            "{}:4: the checksum of {} differs\n  expected {right}\n  found    {digest}",
            directory.path().join("skill.toml").display(),
            directory.path().join("build/a.wasm").display()
        )
    );
    assert_eq!(failure.hint, Some(format!("where the new module is the right one, write: sha256 = \"{digest}\"")));
}

#[test]
fn a_missing_module_is_told_at_the_manifest_s_line() {
    let (directory, skill) = skill("");
    fs::remove_file(directory.path().join("build/a.wasm")).unwrap();
    let (outcome, failure) = failure(&skill);
    assert_eq!((outcome, failure.kind.as_ref()), (Outcome::Manifest, "no-such-file"));
    let begin = format!(
        "{}:3: the module cannot be taken: cannot read {}: ",
        directory.path().join("skill.toml").display(),
        directory.path().join("build/a.wasm").display()
    );
    assert!(failure.message.starts_with(&begin), "{}", failure.message);
    assert_eq!(failure.hint.as_deref(), Some("build the skill first, or correct `module`"));
}

#[test]
fn a_module_past_the_size_limit_is_the_module_s_fault() {
    let (_directory, skill) = skill("");
    let error = skill.read_module(3).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Invalid);
    assert!(error.to_string().ends_with("build/a.wasm has 4 bytes, more than the limit of 3 bytes"), "{error}");
    assert_eq!(Failure::from(error).kind, "too-large");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_directory_is_refused_and_one_inside_is_followed() {
    use std::os::unix::fs::symlink;
    let (directory, skill) = skill("");
    let elsewhere = tempfile::tempdir().unwrap();
    let (inside, outside) = (directory.path().join("b.wasm"), elsewhere.path().join("b.wasm"));
    let module = directory.path().join("build/a.wasm");
    for (target, works) in [(&inside, true), (&outside, false)] {
        fs::write(target, b"other").unwrap();
        fs::remove_file(&module).unwrap();
        symlink(target, &module).unwrap();
        assert_eq!(skill.read_module(LIMIT).is_ok(), works);
    }
    let (outcome, failure) = failure(&skill);
    assert_eq!((outcome, failure.kind.as_ref()), (Outcome::Manifest, "module-outside"));
    assert_eq!(
        failure.message,
        format!(
            "{}:3: `skill.module` leads out of the skill's directory by a link: {} -> {}",
            directory.path().join("skill.toml").display(),
            module.display(),
            outside.canonicalize().unwrap().display()
        )
    );
    // A link of a directory on the way is no better.
    fs::remove_dir_all(directory.path().join("build")).unwrap();
    fs::write(elsewhere.path().join("a.wasm"), b"x").unwrap();
    symlink(elsewhere.path(), directory.path().join("build")).unwrap();
    assert!(matches!(skill.read_module(LIMIT), Err(SkillError::Outside { .. })));
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_directory_is_no_module_and_nothing_hangs() {
    let (directory, skill) = skill("");
    let module = directory.path().join("build/a.wasm");
    fs::remove_file(&module).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &module, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    assert_eq!(failure(&skill).1.kind, "not-a-file");
    let bare = Skill::of_bare_module(module.clone()).unwrap();
    assert_eq!(failure(&bare).1.kind, "not-a-file");
    fs::remove_file(&module).unwrap();
    fs::create_dir(&module).unwrap();
    assert_eq!(failure(&skill).1.kind, "not-a-file");
}

#[test]
fn a_bare_module_has_its_stem_and_the_defaults() {
    let skill = Skill::of_bare_module("x/summarize.v2.wat".into()).unwrap();
    assert_eq!((skill.name.as_str(), skill.directory.as_path()), ("summarize.v2", Path::new("x")));
    assert_eq!(skill.permissions(), Permissions { ai: true, memory: vec!["*".into()], http: Vec::new() });
    assert!(skill.wasi_is_enabled());
    assert_eq!(Skill::of_bare_module("a.wasm".into()).unwrap().directory, Path::new("."));
    let error = Skill::of_bare_module("x/-a.wasm".into()).unwrap_err();
    assert_eq!(error.to_string(), "x/-a.wasm: the file's stem cannot be the skill's name: a name may not begin with \"-\"");
}

#[test]
fn directories_are_resolved_and_must_be_there() {
    let (directory, skill) = skill("[wasi.dirs]\n'/data' = 'fixtures:rw'\n");
    let error = skill.directories(|_| false).unwrap_err();
    let begin = format!("the directory {} (in the guest /data) cannot be taken: ", directory.path().join("fixtures").display());
    assert!(error.to_string().starts_with(&begin), "{error}");
    fs::write(directory.path().join("fixtures"), "").unwrap();
    assert_eq!(Failure::from(skill.directories(|_| false).unwrap_err()).kind, "directory");
    fs::remove_file(directory.path().join("fixtures")).unwrap();
    fs::create_dir(directory.path().join("fixtures")).unwrap();
    let host = directory.path().join("fixtures").canonicalize().unwrap();
    assert_eq!(skill.directories(|_| false).unwrap(), [GrantedDirectory { host, guest: "/data".into(), writable: true }]);
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_a_link_out_of_the_skill_is_refused() {
    let (directory, skill) = skill("[wasi.dirs]\n'/data' = 'fixtures'\n");
    std::os::unix::fs::symlink("/", directory.path().join("fixtures")).unwrap();
    assert_eq!(Failure::from(skill.directories(|_| false).unwrap_err()).kind, "module-outside");
}
