//! The cache of compiled modules: what is loaded from it, what never is, and what is told.

use crate::acceptance::d04;
use crate::program::{Ran, Workspace, finish};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A workspace with a skill, and a cache of its own.
struct Cached {
    workspace: Workspace,
    home: PathBuf,
}

impl Cached {
    fn new() -> Self {
        Self::with(&d04("", "(local.get $input)"))
    }

    fn with(module: &str) -> Self {
        let workspace = Workspace::new();
        workspace.write("s.wat", module);
        let home = workspace.path().join("cache home");
        Self { workspace, home }
    }

    fn skillscope(&self, arguments: &[&str]) -> Ran {
        self.workspace.skillscope_with(arguments, &[("XDG_CACHE_HOME", self.home.to_str().unwrap())], b"")
    }

    /// Runs the skill; where its code came from, and what was told on stderr.
    #[track_caller]
    fn run(&self) -> (String, String) {
        let ran = self.skillscope(&["--run", "s", "--input", "[7]", "--format", "json"]);
        let document = ran.expect(0).json();
        assert_eq!(document["output"], json!([7]));
        (document["usage"]["cache"].as_str().unwrap().to_owned(), ran.stderr)
    }

    /// Where the code came from; nothing was told.
    #[track_caller]
    fn source(&self) -> String {
        let (source, told) = self.run();
        assert_eq!(told, "");
        source
    }

    fn directory(&self) -> PathBuf {
        self.home.join("skillscope/modules")
    }

    fn files(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self.directory()) else { return Vec::new() };
        files.map(|file| file.unwrap().path()).collect()
    }

    #[track_caller]
    fn file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

#[test]
fn the_second_start_loads_from_disk_whatever_the_format() {
    let cached = Cached::new();
    assert_eq!((cached.source(), cached.source()), ("miss".into(), "disk".into()));
    let human = cached.skillscope(&["--run", "s"]);
    assert!(human.expect(0).stderr.contains("from the cache in"), "{}", human.stderr);
    let lines = cached.skillscope(&["--run", "s", "--format", "jsonl"]);
    assert!(lines.expect(0).stdout.contains(r#""cache":"disk""#), "{}", lines.stdout);
    // Another module, and another compiler, have code of their own.
    let other = cached.skillscope(&["--run", "s", "--format", "json", "--compiler", "singlepass"]);
    assert_eq!(other.expect(0).json()["usage"]["cache"], json!("miss"));
    cached.workspace.write("s.wat", d04("", "(nop) (local.get $input)"));
    assert_eq!(cached.source(), "miss");
    cached.workspace.write("s.wat", format!("(; the same module ;) {}", d04("", "(local.get $input)")));
    assert_eq!(cached.source(), "disk", "what counts is the binary");
}

#[test]
fn a_damaged_file_is_compiled_afresh_and_replaced() {
    let cached = Cached::new();
    cached.source();
    let file = cached.file();
    let whole = std::fs::read(&file).unwrap();
    let last = whole.len() - 1;
    let mut damages: Vec<Vec<u8>> = Vec::new();
    for at in [0, 15, 16, 47, 48, 79, 80, 83, 84, 100, 200, whole.len() / 3, whole.len() / 2, last - 8, last] {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x41;
        damages.push(flipped);
    }
    damages.extend([0, 1, 16, 84, 120, whole.len() / 2, last].map(|length| whole[..length].to_vec()));
    damages.push([&whole[..], b"more"].concat());
    damages.push(vec![0xff; whole.len()]);
    for (index, damaged) in damages.iter().enumerate() {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(cached.source(), "miss", "damage {index}");
        assert_eq!(std::fs::read(&file).unwrap().len(), whole.len(), "damage {index}: it is replaced");
    }
    assert_eq!(cached.source(), "disk");
}

#[test]
fn another_modules_code_under_this_ones_name_is_not_loaded() {
    let cached = Cached::new();
    cached.source();
    let file = cached.file();
    let other = Cached::with(&d04("", "(i32.const 0)"));
    other.skillscope(&["--run", "s"]).expect(1);
    std::fs::copy(other.file(), &file).unwrap();
    assert_eq!(cached.source(), "miss");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn what_others_may_write_is_never_loaded_and_that_is_told() {
    let cached = Cached::new();
    cached.source();
    let (directory, file) = (cached.directory(), cached.file());
    for (path, bad, good) in
        [(&directory, 0o777, 0o700), (&directory, 0o770, 0o700), (&file, 0o666, 0o600), (&file, 0o620, 0o600)]
    {
        set_mode(path, bad);
        for _ in 0..2 {
            let (source, told) = cached.run();
            assert_eq!(source, "miss", "{bad:o}");
            assert!(told.contains("others may write") && told.contains(path.to_str().unwrap()), "{told}");
        }
        let lines = cached.skillscope(&["--run", "s", "--format", "jsonl"]);
        assert!(lines.stdout.lines().any(|line| line.contains("\"notice\"") && line.contains("others may write")));
        set_mode(path, good);
        assert_eq!(cached.source(), "disk", "{good:o}");
    }
    assert_eq!(cached.files().len(), 1, "nothing was written there");
}

#[cfg(unix)]
#[test]
fn what_somebody_else_owns_is_never_loaded_and_that_is_told() {
    if !rustix::process::geteuid().is_root() {
        // Only root can give a file to somebody else.
        return;
    }
    let cached = Cached::new();
    cached.source();
    for path in [cached.directory(), cached.file()] {
        std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        let (source, told) = cached.run();
        assert_eq!(source, "miss");
        assert!(told.contains("belongs to somebody else (user 12345)"), "{told}");
        std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        assert_eq!(cached.source(), "disk");
    }
}

#[cfg(unix)]
#[test]
fn a_linked_directory_is_the_directory_that_it_leads_to_and_a_linked_file_is_none() {
    use std::os::unix::fs::symlink;
    let cached = Cached::new();
    let elsewhere = cached.workspace.path().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    set_mode(&elsewhere, 0o700);
    std::fs::create_dir_all(cached.home.join("skillscope")).unwrap();
    symlink(&elsewhere, cached.directory()).unwrap();
    assert_eq!((cached.source(), cached.source()), ("miss".into(), "disk".into()));
    set_mode(&elsewhere, 0o777);
    assert!(cached.run().1.contains("others may write"));
    set_mode(&elsewhere, 0o700);
    let file = cached.file();
    std::fs::rename(&file, elsewhere.join("moved")).unwrap();
    symlink(elsewhere.join("moved"), &file).unwrap();
    assert_eq!(cached.run().0, "miss");
}

#[test]
fn a_cache_that_cannot_be_written_costs_time_and_is_told() {
    let cached = Cached::new();
    std::fs::write(&cached.home, "a file in its way").unwrap();
    for _ in 0..2 {
        let (source, told) = cached.run();
        assert_eq!(source, "miss");
        assert!(told.contains("cache") && told.contains("compiled afresh"), "{told}");
    }
    assert_eq!(std::fs::read_to_string(&cached.home).unwrap(), "a file in its way");
}

#[test]
fn the_cache_can_be_emptied_and_left_alone() {
    let cached = Cached::new();
    assert!(cached.skillscope(&["--clear-cache"]).expect(0).stderr.contains("removed 0 compiled modules"));
    let ran = cached.skillscope(&["--run", "s", "--no-cache"]);
    assert!(ran.expect(0).stderr.contains("compiled in"), "{}", ran.stderr);
    assert!(!cached.home.exists(), "nothing is written");
    cached.source();
    let before = std::fs::metadata(cached.file()).unwrap().modified().unwrap();
    assert!(cached.skillscope(&["--run", "s", "--no-cache"]).expect(0).stderr.contains("compiled in"), "nor read");
    assert_eq!(std::fs::metadata(cached.file()).unwrap().modified().unwrap(), before);
    std::fs::write(cached.directory().join("notes.txt"), "somebody's own").unwrap();
    let told = cached.skillscope(&["--clear-cache"]);
    assert!(told.expect(0).stderr.contains("removed 1 compiled modules from"), "{}", told.stderr);
    assert_eq!(cached.files(), [cached.directory().join("notes.txt")]);
    assert_eq!(cached.source(), "miss");
}

#[test]
fn the_cache_is_bound_in_size_and_the_oldest_go() {
    let cached = Cached::new();
    cached.source();
    let age = |path: &Path, days: u64| {
        let file = std::fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
    };
    // Files with holes: large, and no bytes on the disk.
    let filled = |name: &str, days: u64| {
        let path = cached.directory().join(name);
        std::fs::File::create(&path).unwrap().set_len(400 << 20).unwrap();
        age(&path, days);
        path
    };
    let first = cached.file();
    age(&first, 30);
    let [oldest, older, young] = [("a.code", 90), ("b.code", 60), ("c.code", 1)].map(|(name, days)| filled(name, days));
    cached.workspace.write("s.wat", d04("", "(nop) (nop) (local.get $input)"));
    assert_eq!(cached.source(), "miss");
    assert!(!oldest.exists() && older.exists() && young.exists() && first.exists());
    assert_eq!(cached.source(), "disk", "what was just written stays");
}

#[test]
fn processes_at_the_same_time_on_an_empty_cache_do_not_disturb_each_other() {
    let cached = Cached::with(&large("(local.get $input)"));
    let arguments = ["--run", "s", "--input", "[7]", "--format", "json"];
    let start = || {
        let mut command = cached.workspace.command(&arguments);
        command.env("XDG_CACHE_HOME", &cached.home).spawn().unwrap()
    };
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    for child in children {
        let ran = finish(child, b"");
        assert_eq!((&ran.expect(0).json()["output"], ran.stderr.as_str()), (&json!([7]), ""));
    }
    assert_eq!(cached.files().len(), 1, "{:?}", cached.files());
    assert_eq!(cached.source(), "disk");
}

/// A skill whose code takes some hundred milliseconds to compile, and some to write.
fn large(body: &str) -> String {
    let line =
        "(local.set 1 (i32.rotl (i32.mul (local.get 0) (local.get 1)) (i32.load (i32.and (local.get 1) (i32.const 1020)))))";
    let function = format!("(func (param i32) (result i32) (local i32) {} (local.get 1))", line.repeat(60));
    d04("", body).replace("(func (export \"execute\")", &format!("{} (func (export \"execute\")", function.repeat(300)))
}

#[test]
fn a_kill_while_the_code_is_written_leaves_nothing_half_that_loads() {
    let cached = Cached::with(&large("(local.get $input)"));
    let arguments = ["--run", "s", "--format", "jsonl"];
    let start = || {
        let mut command = cached.workspace.command(&arguments);
        command.env("XDG_CACHE_HOME", &cached.home).spawn().unwrap()
    };
    let mut seen_while_written = 0;
    for round in 0..12_u32 {
        let mut child = start();
        // As soon as there is a file that is being written, or a little later, the program is killed.
        let since = std::time::Instant::now();
        while cached.files().is_empty() && child.try_wait().unwrap().is_none() && since.elapsed() < Duration::from_secs(60) {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 150));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = cached.files();
        seen_while_written += usize::from(left.iter().any(|file| file.extension().is_none()));
        let (source, told) = cached.run();
        let is_whole = left.iter().any(|file| file.extension().is_some_and(|extension| extension == "code"));
        assert_eq!((source.as_str(), told.as_str()), (if is_whole { "disk" } else { "miss" }, ""), "{left:?}");
        std::fs::remove_dir_all(cached.directory()).unwrap();
    }
    println!("{seen_while_written} of 12 kills came while the file was written");
}

#[test]
fn a_run_in_the_same_session_takes_the_code_from_memory() {
    let cached = Cached::new();
    let mut command = cached.workspace.command(&["--run", "s", "--watch", "--no-cache", "--format", "jsonl"]);
    command.env("XDG_CACHE_HOME", &cached.home);
    let mut running = crate::running::Running::start(command);
    let source = |events: Vec<Value>| events.last().unwrap()["cache"].clone();
    assert_eq!(source(running.until(|event| event["event"] == "loaded")), json!("miss"));
    running.until_finished();
    cached.workspace.write("s.wat", format!("{}\n", d04("", "(local.get $input)")));
    assert_eq!(source(running.until(|event| event["event"] == "loaded")), json!("memory"));
}
