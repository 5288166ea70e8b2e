//! WASI preview 1 as a skill sees it: clocks, randomness, environment, directories, streams, sleeping.

use crate::program::Workspace;
use crate::script::{Script, succeeded};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where results of WASI calls are put.
pub const RESULT: &str = "(i32.const 0x9000)";

fn clock(script: Script) -> Script {
    script.wasi("clock_time_get", "(param i32 i64 i32) (result i32)").wasi("clock_res_get", "(param i32 i32) (result i32)")
}

/// Answers with a clock's nanoseconds.
fn time(script: Script, id: u32) -> Script {
    script
        .number(&format!("(call $clock_time_get (i32.const {id}) (i64.const 1) {RESULT})"))
        .wat(&format!("(call $number (i64.load {RESULT}))"))
}

fn random(script: Script) -> Script {
    script.wasi("random_get", "(param i32 i32) (result i32)")
}

/// Answers with 16 random bytes.
fn random_bytes(script: Script) -> Script {
    script.number(&format!("(call $random_get {RESULT} (i32.const 16))")).show(0x9000, 16)
}

#[test]
fn clocks_are_live_and_the_monotonic_one_never_goes_back() {
    let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    let before = now();
    let answer = time(time(time(clock(Script::new()), 0), 1), 1).answer(&[]);
    let after = now();
    let at = |index: usize| answer[index].as_u64().unwrap();
    assert!((before..=after).contains(&at(1)), "{answer}");
    assert!(at(3) <= at(5), "{answer}");
    let resolution = clock(Script::new())
        .number(&format!("(call $clock_res_get (i32.const 1) {RESULT})"))
        .number(&format!("(i64.ne (i64.load {RESULT}) (i64.const 0))"))
        .number(&format!("(call $clock_time_get (i32.const 77) (i64.const 1) {RESULT})"));
    assert_eq!(resolution.answer(&[]), json!([0, 1, 28]), "an unknown clock is an invalid argument");
}

#[test]
fn random_bytes_differ() {
    let script = random_bytes(random_bytes(random(Script::new())));
    let (first, second) = (script.answer(&[]), script.answer(&[]));
    assert_ne!(first[1], first[3]);
    assert_ne!(first[1], second[1]);
    let outside = random(Script::new()).number("(call $random_get (i32.const 65535) (i32.const 2))");
    assert_eq!(outside.answer(&[]), json!([21]), "a range outside memory is a fault");
}

#[test]
fn a_seed_makes_clocks_and_randomness_repeatable_with_both_compilers() {
    let script = random_bytes(time(time(random(clock(Script::new())), 0), 1));
    let script = random_bytes(time(script.call("env.host_now", &[]).wat("(call $spend)"), 0)).with(SPENDS);
    let seeded = |seed: &str, compiler: &str| script.answer(&["--seed", seed, "--compiler", compiler]);
    let first = seeded("7", "cranelift");
    assert_eq!(seeded("7", "cranelift"), first);
    assert_eq!(seeded("7", "singlepass"), first);
    let other = seeded("8", "cranelift");
    assert_eq!(other[1], first[1], "time does not depend on the seed");
    assert_ne!(other[5], first[5], "randomness does");
    let start = 1_577_836_800_000_000_000_u64;
    let at = |index: usize| first[index].as_u64().unwrap();
    assert!((start..start + 1_000_000).contains(&at(1)), "{first}");
    assert_eq!(at(6), start / 1_000_000_000);
    assert!(at(8) - at(1) > 5000, "it advances with fuel: {first}");
    assert_ne!(first[5], first[10]);
}

/// A function that uses some fuel.
const SPENDS: &str = "(func $spend (local $n i32) (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000)))))";

#[test]
fn sleeping_moves_seeded_time_and_takes_real_time_otherwise() {
    let sleeps = |ns: u64| {
        let script = time(clock(Script::new()).wasi("poll_oneoff", "(param i32 i32 i32 i32) (result i32)"), 1);
        let script = script
            .wat("(i64.store (i32.const 0x9100) (i64.const 55)) (i32.store (i32.const 0x9110) (i32.const 1))")
            .wat(&format!("(i64.store (i32.const 0x9118) (i64.const {ns}))"))
            .number("(call $poll_oneoff (i32.const 0x9100) (i32.const 0x9200) (i32.const 1) (i32.const 0x9300))")
            .number("(i32.load (i32.const 0x9300))")
            .wat("(call $number (i64.load (i32.const 0x9200)))");
        time(script, 1)
    };
    for arguments in [&[][..], &["--seed", "1"]] {
        let answer = sleeps(30_000_000).answer(arguments);
        assert_eq!((&answer[2], &answer[3], &answer[4]), (&json!(0), &json!(1), &json!(55)), "one event, with its user data");
        assert!(answer[6].as_u64().unwrap() - answer[1].as_u64().unwrap() >= 30_000_000, "{answer}");
    }
}

fn environment() -> Script {
    Script::new()
        .wasi("environ_sizes_get", "(param i32 i32) (result i32)")
        .wasi("environ_get", "(param i32 i32) (result i32)")
        .number("(call $environ_sizes_get (i32.const 0x9000) (i32.const 0x9004))")
        .number("(i32.load (i32.const 0x9000))")
        .number("(call $environ_get (i32.const 0x9010) (i32.const 0x9100))")
        .wat("(call $show (i32.const 0x9100) (i32.load (i32.const 0x9004)))")
}

#[test]
fn the_environment_is_the_manifests_and_the_flags_and_nothing_else() {
    assert_eq!(environment().answer(&[]), json!([0, 0, 0, ""]), "nothing of the program's own");
    let tables = "[wasi]\nenv = { MODE = \"dev\", OTHER = \"1\" }\n";
    let document = succeeded(environment().run_with_manifest(tables, &["--env", "OTHER=2", "--env", "NEW=a=b"]));
    let mut variables: Vec<_> = document["output"][3].as_str().unwrap().split_terminator('\0').collect();
    variables.sort_unstable();
    assert_eq!(variables, ["MODE=dev", "NEW=a=b", "OTHER=2"]);
}

#[test]
fn streams_present_themselves_as_character_devices() {
    let script = (0..3).fold(Script::new().wasi("fd_fdstat_get", "(param i32 i32) (result i32)"), |script, fd| {
        script.number(&format!("(call $fd_fdstat_get (i32.const {fd}) {RESULT})")).number(&format!("(i32.load8_u {RESULT})"))
    });
    let answer = script.answer(&[]);
    assert_eq!((&answer[2], &answer[3], &answer[4], &answer[5]), (&json!(0), &json!(2), &json!(0), &json!(2)), "{answer}");
    let closed = Script::new()
        .wasi("fd_fdstat_get", "(param i32 i32) (result i32)")
        .number(&format!("(call $fd_fdstat_get (i32.const 3) {RESULT})"));
    assert_eq!(closed.answer(&[]), json!([8]), "there is no directory without a grant");
}

pub const READ: u64 = 1 << 1;
pub const WRITE: u64 = 1 << 6;
pub const CREATE: u32 = 1;

/// A skill that knows how to open, read and write; the first directory has the number 3.
pub fn files() -> Script {
    Script::new()
        .wasi("path_open", "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)")
        .wasi("fd_read", "(param i32 i32 i32 i32) (result i32)")
        .wasi("fd_write", "(param i32 i32 i32 i32) (result i32)")
        .wasi("fd_prestat_dir_name", "(param i32 i32 i32) (result i32)")
        .wasi("path_unlink_file", "(param i32 i32 i32) (result i32)")
        .wasi("path_create_directory", "(param i32 i32 i32) (result i32)")
        .data(0x9700, b"\x00\x98\x00\x00\x40\x00\x00\x00")
}

/// Puts a path where the calls take it from.
pub fn path(script: Script, at: u32, path: &str) -> (Script, String) {
    (script.data(at, path), format!("(i32.const {at}) (i32.const {})", path.len()))
}

/// Answers with the errno of opening a path.
pub fn open(script: Script, at: u32, name: &str, flags: u32, rights: u64) -> Script {
    let (script, path) = path(script, at, name);
    script.number(&format!(
        "(call $path_open (i32.const 3) (i32.const 0) {path} (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) {RESULT})"
    ))
}

/// Answers with errno and bytes of reading up to 64 bytes from what was opened last.
pub fn read(script: Script) -> Script {
    script
        .number(&format!("(call $fd_read (i32.load {RESULT}) (i32.const 0x9700) (i32.const 1) (i32.const 0x9710))"))
        .wat("(call $show (i32.const 0x9800) (i32.load (i32.const 0x9710)))")
}

/// Runs a script as a skill with directories.
#[track_caller]
pub fn with_directories(script: &Script, dirs: &str, arguments: &[&str]) -> (Workspace, Value) {
    let workspace = Workspace::new();
    workspace.write("s/s.wat", script.module());
    workspace.write("s/fixtures/note.txt", "a note");
    workspace.write("s/fixtures/sub/deep.txt", "deep");
    workspace.write("s/secret.txt", "secret");
    workspace.write("s/skill.toml", format!("[skill]\nname = \"s\"\nmodule = \"s.wat\"\n[wasi]\ndirs = {{ {dirs} }}\n"));
    let document = succeeded(workspace.run_json("s", arguments));
    let answer = document["output"].clone();
    (workspace, answer)
}

#[test]
fn a_directory_is_read_only_unless_it_says_otherwise() {
    let (script, new) = path(files(), 0x9500, "new");
    let (script, note) = path(script, 0x9510, "note.txt");
    let script = script.number("(call $fd_prestat_dir_name (i32.const 3) (i32.const 0x9600) (i32.const 5))").show(0x9600, 5);
    let script = read(open(read(open(script, 0x9520, "note.txt", 0, READ)), 0x9530, "sub/deep.txt", 0, READ));
    let script = open(open(script, 0x9540, "new.txt", CREATE, WRITE), 0x9550, "note.txt", 0, READ | WRITE);
    let script = script
        .number(&format!("(call $path_create_directory (i32.const 3) {new})"))
        .number(&format!("(call $path_unlink_file (i32.const 3) {note})"));
    let (workspace, answer) = with_directories(&script, "\"/data\" = \"fixtures\"", &[]);
    let answer = answer.as_array().unwrap();
    assert_eq!(answer[..8], [json!(0), json!("/data"), json!(0), json!(0), json!("a note"), json!(0), json!(0), json!("deep")]);
    assert!(answer[8..].iter().all(|errno| errno.as_i64().unwrap() != 0), "{answer:?}");
    let fixtures = workspace.path().join("s/fixtures");
    assert!(fixtures.join("note.txt").exists() && !fixtures.join("new.txt").exists() && !fixtures.join("new").exists());
    let (workspace, answer) = with_directories(&script, "\"/data\" = \"fixtures:rw\"", &[]);
    assert!(answer.as_array().unwrap()[8..].iter().all(|errno| *errno == 0), "{answer}");
    let fixtures = workspace.path().join("s/fixtures");
    assert!(!fixtures.join("note.txt").exists() && fixtures.join("new.txt").exists() && fixtures.join("new").is_dir());
}

#[test]
fn a_flag_gives_a_directory_too_and_wins_over_the_manifest() {
    let script = read(open(files(), 0x9500, "note.txt", 0, READ));
    let bare = Workspace::new();
    bare.write("probe.wat", script.module());
    bare.write("there/note.txt", "by flag");
    let document = succeeded(bare.run_json("probe", &["--dir", "there::/data"]));
    assert_eq!(document["output"], json!([0, 0, "by flag"]));
    let absolute = format!("{}::/data", bare.path().join("there").display());
    let (_workspace, answer) = with_directories(&script, "\"/data\" = \"fixtures\"", &["--dir", &absolute]);
    assert_eq!(answer, json!([0, 0, "by flag"]));
    let writes = open(files(), 0x9500, "new.txt", CREATE, WRITE);
    bare.write("probe.wat", writes.module());
    assert_ne!(succeeded(bare.run_json("probe", &["--dir", "there::/data"]))["output"], json!([0]));
    assert_eq!(succeeded(bare.run_json("probe", &["--dir", "there::/data:rw"]))["output"], json!([0]));
    assert!(bare.path().join("there/new.txt").exists());
}

#[test]
fn no_path_leads_out_of_a_directory() {
    let mut script = files();
    for (index, name) in ["../secret.txt", "sub/../../secret.txt", "/etc/passwd", "out", "out/secret.txt", "../fixtures/note.txt"]
        .iter()
        .enumerate()
    {
        script = open(script, 0x9500 + 32 * u32::try_from(index).unwrap(), name, 0, READ);
    }
    let workspace = Workspace::new();
    workspace.write("probe.wat", script.module());
    workspace.write("secret.txt", "secret");
    workspace.write("fixtures/sub/x", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", workspace.path().join("fixtures/out")).unwrap();
    let document = succeeded(workspace.run_json("probe", &["--dir", "fixtures::/data:rw"]));
    assert!(document["output"].as_array().unwrap().iter().all(|errno| *errno != 0), "{document:#}");
}

#[test]
fn yielding_and_raising_do_what_they_say() {
    let yields = Script::new().wasi("sched_yield", "(result i32)").number("(call $sched_yield)");
    assert_eq!(yields.answer(&[]), json!([0]));
    let raises = Script::new().wasi("proc_raise", "(param i32) (result i32)").number("(call $proc_raise (i32.const 6))");
    let document = crate::script::ended(raises.run(&[]), "trap", "signal", 1);
    crate::script::tells(&document["error"]["message"], &["ABRT"]);
}
