//! Files and directories of WASI, through the front door: changes, listings, sizes, rights, and ways out that are none.

use crate::program::Workspace;
use crate::script::{Script, ended, succeeded, tells};
use crate::wasi::{CREATE, READ, RESULT, WRITE, files, open, path, read, with_directories};
use serde_json::{Value, json};

const SEEK: u64 = 1 << 2;
const READDIR: u64 = 1 << 14;
const SET_SIZE: u64 = 1 << 22;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;

const BADF: i64 = 8;
const EXIST: i64 = 20;
const INVAL: i64 = 28;
const MFILE: i64 = 33;
const NOENT: i64 = 44;
const NOTDIR: i64 = 54;
const NOTEMPTY: i64 = 55;
const ROFS: i64 = 69;

/// What the other tests' scripts know, and more.
fn more() -> Script {
    files()
        .wasi("path_rename", "(param i32 i32 i32 i32 i32 i32) (result i32)")
        .wasi("path_remove_directory", "(param i32 i32 i32) (result i32)")
        .wasi("path_symlink", "(param i32 i32 i32 i32 i32) (result i32)")
        .wasi("path_link", "(param i32 i32 i32 i32 i32 i32 i32) (result i32)")
        .wasi("path_readlink", "(param i32 i32 i32 i32 i32 i32) (result i32)")
        .wasi("path_filestat_get", "(param i32 i32 i32 i32 i32) (result i32)")
        .wasi("path_filestat_set_times", "(param i32 i32 i32 i32 i64 i64 i32) (result i32)")
        .wasi("fd_readdir", "(param i32 i32 i32 i64 i32) (result i32)")
        .wasi("fd_seek", "(param i32 i64 i32 i32) (result i32)")
        .wasi("fd_pread", "(param i32 i32 i32 i64 i32) (result i32)")
        .wasi("fd_pwrite", "(param i32 i32 i32 i64 i32) (result i32)")
        .wasi("fd_filestat_set_size", "(param i32 i64) (result i32)")
        .wasi("fd_close", "(param i32) (result i32)")
}

/// Where paths are put, one after another.
struct Paths(u32);

impl Paths {
    const fn new() -> Self {
        Self(0xa000)
    }

    /// The path as pointer and length, in the script's memory.
    fn put(&mut self, script: Script, name: &str) -> (Script, String) {
        let at = self.0;
        self.0 += u32::try_from(name.len()).unwrap();
        path(script, at, name)
    }

    /// Answers with the errno of a call with this path; `{}` in the arguments stands for it.
    fn call(&mut self, script: Script, function: &str, arguments: &str, name: &str) -> Script {
        let (script, place) = self.put(script, name);
        script.number(&format!("(call ${function} {})", arguments.replace("{}", &place)))
    }

    fn open(&mut self, script: Script, name: &str, flags: u32, rights: u64) -> Script {
        let at = self.0;
        self.0 += u32::try_from(name.len()).unwrap();
        open(script, at, name, flags, rights)
    }

    fn rename(&mut self, script: Script, from: (u32, &str), to: (u32, &str)) -> Script {
        let (script, old) = self.put(script, from.1);
        let (script, new) = self.put(script, to.1);
        script.number(&format!("(call $path_rename (i32.const {}) {old} (i32.const {}) {new})", from.0, to.0))
    }
}

/// Writes to what was opened last; answers with the errno.
fn write(script: Script, at: u32, text: &str) -> Script {
    let length = text.len();
    script
        .data(at, text)
        .wat(&format!("(i32.store (i32.const 0x9720) (i32.const {at})) (i32.store (i32.const 0x9724) (i32.const {length}))"))
        .number(&format!("(call $fd_write (i32.load {RESULT}) (i32.const 0x9720) (i32.const 1) (i32.const 0x9710))"))
}

const BOTH: &str = "\"/data\" = \"fixtures:rw\", \"/ro\" = \"fixtures\"";
/// Descriptors of the directories of `BOTH`, in the order of their guest paths.
const WRITABLE: u32 = 3;
const READ_ONLY: u32 = 4;

#[test]
fn files_are_made_changed_moved_and_removed() {
    let mut paths = Paths::new();
    let script = paths.open(more(), "new.txt", CREATE | EXCLUSIVE, READ | WRITE);
    let script = write(script, 0x9600, "hello");
    let script = paths.open(script, "new.txt", CREATE | EXCLUSIVE, WRITE);
    let script = paths.call(script, "path_create_directory", "(i32.const 3) {}", "made");
    let script = paths.rename(script, (WRITABLE, "new.txt"), (WRITABLE, "made/moved.txt"));
    let script = paths.rename(script, (WRITABLE, "new.txt"), (WRITABLE, "nowhere"));
    let script = paths.call(script, "path_remove_directory", "(i32.const 3) {}", "made");
    let script = paths.call(script, "path_unlink_file", "(i32.const 3) {}", "note.txt");
    let script = paths.call(script, "path_unlink_file", "(i32.const 3) {}", "note.txt");
    let script = read(paths.open(script, "made/moved.txt", 0, READ));
    let script = paths.open(script, "made/moved.txt", TRUNCATE, WRITE);
    let script = write(script, 0x9600, "hello");
    let script = paths.open(script, "made/moved.txt/x", 0, READ);
    let script = paths.open(script, "made", DIRECTORY | CREATE, READ);
    let (workspace, answer) = with_directories(&script, BOTH, &[]);
    let expected = json!([0, 0, EXIST, 0, 0, NOENT, NOTEMPTY, 0, NOENT, 0, 0, "hello", 0, 0, NOTDIR, INVAL]);
    assert_eq!(answer, expected);
    let fixtures = workspace.path().join("s/fixtures");
    assert_eq!(std::fs::read_to_string(fixtures.join("made/moved.txt")).unwrap(), "hello");
    assert!(!fixtures.join("note.txt").exists() && !fixtures.join("new.txt").exists());
}

#[test]
fn nothing_is_changed_through_a_read_only_directory_though_another_way_is_writable() {
    let mut paths = Paths::new();
    let refused = |script: Script, paths: &mut Paths| {
        let script = paths.rename(script, (READ_ONLY, "note.txt"), (READ_ONLY, "b"));
        let script = paths.rename(script, (READ_ONLY, "note.txt"), (WRITABLE, "b"));
        let script = paths.rename(script, (WRITABLE, "note.txt"), (READ_ONLY, "b"));
        let script = paths.call(script, "path_unlink_file", "(i32.const 4) {}", "note.txt");
        let script = paths.call(script, "path_create_directory", "(i32.const 4) {}", "made");
        let script = paths.call(script, "path_remove_directory", "(i32.const 4) {}", "sub");
        let script = paths.call(script, "path_symlink", "(i32.const 0x9600) (i32.const 1) (i32.const 4) {}", "link");
        let times = "(i32.const 4) (i32.const 1) {} (i64.const 0) (i64.const 0) (i32.const 5)";
        let script = paths.call(script, "path_filestat_set_times", times, "note.txt");
        let (script, old) = paths.put(script, "note.txt");
        let (script, new) = paths.put(script, "second");
        [(READ_ONLY, WRITABLE), (WRITABLE, READ_ONLY)].iter().fold(script, |script, (from, to)| {
            let link = format!("(call $path_link (i32.const {from}) (i32.const 0) {old} (i32.const {to}) {new})");
            script.number(&link)
        })
    };
    let script = refused(more(), &mut paths);
    let (workspace, answer) = with_directories(&script, BOTH, &[]);
    assert_eq!(answer, Value::from(vec![json!(ROFS); 10]), "{answer}");
    let fixtures = workspace.path().join("s/fixtures");
    let mut names: Vec<_> = std::fs::read_dir(&fixtures).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["note.txt", "sub"]);
}

#[test]
fn a_descriptor_has_the_rights_that_it_was_opened_with_and_no_more() {
    let mut paths = Paths::new();
    let on_opened =
        |script: Script, call: &str| script.number(&format!("(call {})", call.replace("FD", &format!("(i32.load {RESULT})"))));
    let script = paths.open(more(), "note.txt", 0, READ);
    let script = write(script, 0x9600, "x");
    let script = on_opened(script, "$fd_filestat_set_size FD (i64.const 0)");
    let script = paths.open(script, "note.txt", 0, WRITE);
    let script = on_opened(script, "$fd_read FD (i32.const 0x9700) (i32.const 1) (i32.const 0x9710)");
    let script = on_opened(script, "$fd_close FD");
    let script = on_opened(script, "$fd_close FD");
    let (workspace, answer) = with_directories(&script, BOTH, &[]);
    assert_eq!(answer, json!([0, BADF, INVAL, 0, BADF, 0, BADF]));
    assert_eq!(std::fs::read_to_string(workspace.path().join("s/fixtures/note.txt")).unwrap(), "a note");
}

#[test]
fn a_directory_is_listed_whole_in_parts_of_any_size() {
    // Copies each part to the end of what was read; the cookie of the next part is in the last whole entry.
    let list = r#"
      (func $list (param $fd i32) (param $size i32) (result i32)
        (local $cookie i64) (local $used i32) (local $at i32) (local $count i32) (local $end i32)
        (loop $part
          (if (call $fd_readdir (local.get $fd) (i32.const 0x20000) (local.get $size) (local.get $cookie) (i32.const 0x9300))
            (then (return (i32.const -1))))
          (local.set $used (i32.load (i32.const 0x9300)))
          (local.set $at (i32.const 0))
          (block $cut (loop $entry
            (br_if $cut (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $used)))
            (local.set $end (i32.add (local.get $at)
              (i32.add (i32.const 24) (i32.load offset=0x20010 (local.get $at)))))
            (br_if $cut (i32.gt_u (local.get $end) (local.get $used)))
            (local.set $cookie (i64.load offset=0x20000 (local.get $at)))
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (local.set $at (local.get $end))
            (br $entry)))
          (br_if $part (i32.eq (local.get $used) (local.get $size))))
        (local.get $count))"#;
    let mut paths = Paths::new();
    let script = paths.open(more().pages(4).with(list), ".", DIRECTORY, READDIR | READ);
    let sizes = [64, 100, 333, 4096, 65_536];
    let script =
        sizes.iter().fold(script, |script, size| script.number(&format!("(call $list (i32.load {RESULT}) (i32.const {size}))")));
    let script = script.number("(call $list (i32.const 3) (i32.const 4096))");
    let workspace = Workspace::new();
    workspace.write("s.wat", script.module());
    for number in 0..300 {
        workspace.write(&format!("data/file number {number}"), "");
    }
    let answer = succeeded(workspace.run_json("s", &["--dir", "data::/data", "--max-trace", "10"]))["output"].clone();
    assert_eq!(answer, json!([0, 302, 302, 302, 302, 302, 302]), "with . and ..");
}

#[test]
fn a_file_may_be_larger_than_what_a_guest_can_address() {
    let mut paths = Paths::new();
    let script = paths.open(more(), "big", CREATE, READ | WRITE | SEEK | SET_SIZE);
    let fd = format!("(i32.load {RESULT})");
    let far = 5_i64 << 30;
    let script = script
        .data(0x9600, "far out")
        .wat("(i32.store (i32.const 0x9720) (i32.const 0x9600)) (i32.store (i32.const 0x9724) (i32.const 7))")
        .number(&format!("(call $fd_pwrite {fd} (i32.const 0x9720) (i32.const 1) (i64.const {far}) (i32.const 0x9710))"))
        .number(&format!("(call $fd_seek {fd} (i64.const -3) (i32.const 2) (i32.const 0x9300))"))
        .wat("(call $number (i64.load (i32.const 0x9300)))")
        .number(&format!("(call $fd_pread {fd} (i32.const 0x9700) (i32.const 1) (i64.const {}) (i32.const 0x9710))", far + 4))
        .wat("(call $show (i32.const 0x9800) (i32.load (i32.const 0x9710)))")
        .number(&format!("(call $fd_pwrite {fd} (i32.const 0x9720) (i32.const 1) (i64.const -1) (i32.const 0x9710))"))
        .number(&format!("(call $fd_filestat_set_size {fd} (i64.const 3))"));
    let workspace = Workspace::new();
    workspace.write("s.wat", script.module());
    std::fs::create_dir(workspace.path().join("data")).unwrap();
    let answer = succeeded(workspace.run_json("s", &["--dir", "data::/data:rw"]))["output"].clone();
    assert_eq!(answer.parts(..5), json!([0, 0, 0, far + 4, 0]).parts(..5));
    assert_eq!((&answer[5], answer[6] != 0, &answer[7]), (&json!("out"), true, &json!(0)), "{answer}");
    assert_eq!(std::fs::metadata(workspace.path().join("data/big")).unwrap().len(), 3);
}

trait Parts {
    fn parts(&self, range: std::ops::RangeTo<usize>) -> &[Value];
}

impl Parts for Value {
    fn parts(&self, range: std::ops::RangeTo<usize>) -> &[Value] {
        &self.as_array().unwrap()[range]
    }
}

#[test]
fn a_skill_may_have_256_files_open_at_a_time() {
    let mut paths = Paths::new();
    let (script, place) = paths.put(more(), "note.txt");
    let open = format!(
        "(call $path_open (i32.const 3) (i32.const 0) {place} (i32.const 0) (i64.const {READ}) (i64.const 0) (i32.const 0) {RESULT})"
    );
    let script = script
        .with(&format!(
            "(func $open_all (result i32) (local $n i32)
               (loop $again (if (i32.eqz {open}) (then (local.set $n (i32.add (local.get $n) (i32.const 1)))
                 (br_if $again (i32.lt_u (local.get $n) (i32.const 1000))))))
               (local.get $n))"
        ))
        .number("(call $open_all)")
        .number(&open)
        .number(&format!("(call $fd_close (i32.load {RESULT}))"))
        .number(&open)
        .number(&open);
    let (_workspace, answer) = with_directories(&script, "\"/data\" = \"fixtures\"", &[]);
    assert_eq!(answer, json!([256, MFILE, 0, 0, MFILE]));
}

#[cfg(unix)]
#[test]
fn links_that_a_skill_makes_or_finds_lead_nowhere_outside() {
    let workspace = Workspace::new();
    let secret = workspace.write("secret.txt", "secret");
    workspace.write("data/sub/x.txt", "inside");
    let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, workspace.path().join("data").join(name)).unwrap();
    link("sub/x.txt", "inside");
    link("../secret.txt", "up");
    link(secret.to_str().unwrap(), "absolute");
    link("sub/../../secret.txt", "round about");
    link("loop", "loop");
    let mut paths = Paths::new();
    // The flag follows a link at the path's end.
    let mut script = more();
    for name in ["inside", "up", "absolute", "round about", "loop"] {
        let arguments =
            format!("(i32.const 3) (i32.const 1) {{}} (i32.const 0) (i64.const {READ}) (i64.const 0) (i32.const 0) {RESULT}");
        script = paths.call(script, "path_open", &arguments, name);
    }
    let mut made = Paths(0xae00);
    for (target, name) in [("/etc/passwd", "made1"), ("../secret.txt", "made2"), ("sub/x.txt", "made3")] {
        let (next, old) = made.put(script, target);
        script = made.call(next, "path_symlink", &format!("{old} (i32.const 3) {{}}"), name);
        let arguments =
            format!("(i32.const 3) (i32.const 1) {{}} (i32.const 0) (i64.const {READ}) (i64.const 0) (i32.const 0) {RESULT}");
        script = made.call(script, "path_open", &arguments, name);
    }
    let script = read(script);
    workspace.write("s.wat", script.module());
    let document = succeeded(workspace.run_json("s", &["--dir", "data::/data:rw"]));
    let answer = &document["output"];
    assert_eq!(answer[0], json!(0));
    assert!(answer.parts(..5)[1..].iter().all(|errno| *errno != 0), "{answer}");
    // Whether such a link can be made at all, it cannot be followed.
    assert!(answer[6] != 0 && answer[8] != 0, "{answer}");
    assert_eq!(answer.as_array().unwrap()[9..], [json!(0), json!(0), json!(0), json!("inside")], "{answer}");
    assert!(!document.to_string().contains("secret\""), "{document:#}");
}

#[test]
fn a_directory_that_is_not_there_or_leads_out_is_told_before_the_skill_runs() {
    let workspace = Workspace::new();
    workspace.write("s/s.wat", more().module());
    let manifest = |dirs: &str| {
        workspace.write("s/skill.toml", format!("[skill]\nname = \"s\"\nmodule = \"s.wat\"\n[wasi]\ndirs = {{ {dirs} }}\n"))
    };
    manifest("\"/data\" = \"nowhere\"");
    let document = ended(workspace.run_json("s", &[]), "manifest", "directory", 3);
    tells(&document["error"]["message"], &["nowhere", "/data"]);
    manifest("\"/data\" = \"s.wat\"");
    ended(workspace.run_json("s", &[]), "manifest", "directory", 3);
    for out in ["..", "../s", "/etc"] {
        manifest(&format!("\"/data\" = \"{out}\""));
        assert_eq!(workspace.run_json("s", &[]).1, 3, "{out}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("..", workspace.path().join("s/link")).unwrap();
        manifest("\"/data\" = \"link\"");
        ended(workspace.run_json("s", &[]), "manifest", "module-outside", 3);
    }
    manifest("\"/data\" = \".\"");
    // What the command line names is looked for before anything else.
    workspace.skillscope(&["--run", "s", "--dir", "gone::/data"]).expect(2);
}
