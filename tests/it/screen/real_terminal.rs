//! The workbench on a real terminal: it starts, reloads, runs, is held, resized, suspended and ended, and leaves the terminal as it was.

use super::pty::{PATIENCE, Screen};
use crate::acceptance::{asking, d04};
use crate::program::{Workspace, cache_home};
use portable_pty::CommandBuilder;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (100, 30);

fn open(workspace: &Workspace, arguments: &[&str]) -> Screen {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
    command.args(arguments);
    command.cwd(workspace.path());
    Screen::start(command, &cache_home(), SIZE)
}

fn spinning() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("spins.wat", d04("", "(loop $again (br $again)) (unreachable)"));
    workspace
}

#[test]
fn it_starts_shows_the_skills_and_quits() {
    let workspace = spinning();
    let screen = open(&workspace, &[]);
    screen.until("the skill is there", |text| text.contains("spins") && text.contains("? help"));
    assert!(screen.shown().screen().alternate_screen());
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn the_readmes_first_command_opens_the_workbench_on_the_samples() {
    let workspace = Workspace::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let first = readme.split("```sh\n").nth(1).unwrap().lines().next().unwrap();
    let directory = first.strip_prefix("cargo run --quiet -- ").unwrap();
    super::workbench::copy(&root.join(directory), &workspace.path().join(directory));
    let screen = open(&workspace, &[directory]);
    screen.until("the samples are there, and how to run one", |text| {
        ["summarize", "word-count", "enter runs", "enter run", "? help"].iter().all(|words| text.contains(words))
    });
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_saved_module_is_run_again_with_its_new_code() {
    let workspace = Workspace::new();
    let answering = |answer: &str| d04(&format!("(data (i32.const 64) \"\\\"{answer}\\\"\\00\")"), "(i32.const 64)");
    workspace.write("a.wat", answering("one"));
    let screen = open(&workspace, &[]);
    screen.until("the skill is ready", |text| text.contains("● a"));
    screen.press("R3");
    screen.until("the first output is shown", |text| text.contains("\"one\""));
    for _ in 0..20 {
        workspace.write("a.wat", answering("two"));
    }
    screen.until("the second output is shown", |text| text.contains("\"two\""));
    workspace.write("a.wat", "(module (func");
    screen.until("the new one is refused", |text| text.contains("stale"));
    workspace.write("a.wat", answering("three"));
    screen.until("the third output is shown", |text| text.contains("\"three\"") && !text.contains("stale"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_loop_moves_the_gauges_is_paused_goes_on_and_is_cancelled() {
    let workspace = spinning();
    let screen = open(&workspace, &["--timeout", "5m"]);
    screen.until("the skill is ready", |text| text.contains("● spins"));
    screen.press("R");
    let fuel = |text: &str| -> Option<u64> {
        let line = text.lines().find(|line| line.contains(" fuel "))?;
        let figure =
            line.split(" fuel ").nth(1)?.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        figure.trim_end_matches(',').replace(',', "").parse().ok()
    };
    let first = fuel(&screen.until("fuel is used", |text| fuel(text).is_some_and(|fuel| fuel > 0))).unwrap();
    screen.until("more fuel is used", |text| fuel(text).is_some_and(|fuel| fuel > first));
    screen.press(" ");
    screen.until("it is paused", |text| text.contains("paused"));
    std::thread::sleep(Duration::from_millis(200));
    let paused = fuel(&screen.text());
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(fuel(&screen.text()), paused, "a paused run uses no fuel");
    screen.press(" ");
    screen.until("it goes on", |text| fuel(text) > paused);
    screen.press("\x03");
    screen.until("it is cancelled", |text| text.contains("cancelled"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_held_call_is_edited_and_goes_on() {
    let workspace = Workspace::new();
    workspace.write("asks.wat", asking());
    let screen = open(&workspace, &[]);
    screen.until("the skill is ready", |text| text.contains("● asks"));
    screen.press("1i").press("~k ai\r");
    screen.until("calls are held", |text| text.contains("intercept ~k ai"));
    screen.press("R");
    screen.until("the call is held", |text| text.contains("1 held"));
    screen.press("e");
    screen.until("the prompt is edited", |text| text.contains("The prompt of the held call"));
    screen.press("EDITED \x13");
    screen.until("the run has ended with the edited prompt", |text| text.contains("(edited)") && text.contains("ok"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_resized_terminal_is_filled_anew() {
    let workspace = spinning();
    let screen = open(&workspace, &[]);
    screen.until("the skill is there", |text| text.contains("spins"));
    for columns in [140, 60] {
        screen.resize((columns, 20));
        screen.until("the border reaches the edge", |text| {
            text.lines().any(|line| line.trim_end().chars().count() == usize::from(columns) && line.ends_with('╮'))
        });
    }
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_terminal_that_is_far_too_small_is_told_what_is_needed_and_all_is_there_again_when_it_grows() {
    let workspace = spinning();
    let screen = open(&workspace, &["--timeout", "5m"]);
    screen.until("the skill is ready", |text| text.contains("● spins"));
    screen.press("R");
    screen.until("it runs", |text| text.contains("running"));
    screen.resize((10, 3));
    screen.until("it says so", |text| text.contains("skillscope") && !text.contains("spins"));
    screen.resize((1, 1));
    screen.press("?j").press("\x1b");
    screen.resize((100, 30));
    screen.until("all is there again", |text| text.contains("spins") && text.contains("running"));
    screen.press("\x03");
    screen.until("it is cancelled", |text| text.contains("cancelled"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn after_a_kill_everything_works_again_and_the_run_that_was_cut_off_is_in_the_history() {
    let workspace = spinning();
    let mut killed = open(&workspace, &["--timeout", "5m"]);
    killed.until("the skill is ready", |text| text.contains("● spins"));
    killed.press("R");
    killed.until("it runs", |text| text.contains("running"));
    std::thread::sleep(Duration::from_millis(300));
    killed.signal("-KILL");
    killed.exit_code();
    let screen = open(&workspace, &["--timeout", "300ms"]);
    screen.until("the skill is ready", |text| text.contains("● spins"));
    screen.press("7");
    screen.until("the run is listed", |text| text.contains("ends early"));
    screen.press("\r");
    screen.until("it can be opened", |text| text.contains("from its record"));
    screen.press("\x1b");
    screen.press("R");
    screen.until("another one runs, and is listed above it", |text| text.contains("timeout") && text.contains("ends early"));
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn rubbish_from_a_keyboard_and_a_hundred_saves_a_second_leave_it_working() {
    let workspace = Workspace::new();
    let answering = |answer: u32| d04(&format!("(data (i32.const 64) \"\\22version-{answer}\\22\\00\")"), "(i32.const 64)");
    workspace.write("a.wat", answering(0));
    let screen = open(&workspace, &[]);
    screen.until("the skill is ready", |text| text.contains("● a"));
    screen.press("R3");
    let mut state = 7_u32;
    for version in 1..=100 {
        workspace.write("a.wat", answering(version));
        // Keys that are none, sequences that do not end, bytes that are no text. None of them quits, cancels or suspends.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let rubbish =
            ["\x1b[99~", "\u{fffd}", "\x1b[<0;999;999M", "\x1b[I", "é", "\x1b[200~paste\x1b[201~", "jk", "\x00", "\x1b]11;?\x07"];
        screen.send(rubbish[usize::try_from(state >> 16).unwrap() % rubbish.len()]);
        std::thread::sleep(Duration::from_millis(10));
    }
    screen.press("\x1b").press("\x1b").press("3");
    screen.until("the last version has run", |text| text.contains("version-100"));
    let shown = screen.text();
    assert!(!shown.contains("refused") && !shown.contains("stale"), "no passing error is shown:\n{shown}");
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn suspending_gives_the_terminal_back_until_it_goes_on() {
    let workspace = spinning();
    let screen = open(&workspace, &[]);
    screen.until("the skill is there", |text| text.contains("spins"));
    screen.press("\x1a");
    let pid = screen.child.process_id().unwrap();
    let is_stopped = || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T "));
    let since = Instant::now();
    while cfg!(target_os = "linux") && !is_stopped() {
        assert!(since.elapsed() < PATIENCE, "it does not stop");
        std::thread::sleep(Duration::from_millis(10));
    }
    screen.assert_given_back();
    screen.signal("-CONT");
    screen.until("it is drawn again", |text| text.contains("spins"));
    let is_taken = || screen.shown().screen().alternate_screen();
    let since = Instant::now();
    while !is_taken() {
        assert!(since.elapsed() < PATIENCE, "the screen is not taken again");
        std::thread::sleep(Duration::from_millis(10));
    }
    screen.press("q");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn signals_that_end_it_leave_the_terminal_as_it_was() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129)] {
        let workspace = spinning();
        let screen = open(&workspace, &["--timeout", "5m"]);
        screen.until("the skill is ready", |text| text.contains("● spins"));
        screen.press("R");
        screen.until("it runs", |text| text.contains("running"));
        screen.signal(signal);
        assert_eq!(screen.ended().0, code, "{signal}");
    }
}

#[test]
fn quitting_while_a_skill_runs_asks_first() {
    let workspace = spinning();
    let screen = open(&workspace, &["--timeout", "5m"]);
    screen.until("the skill is ready", |text| text.contains("● spins"));
    screen.press("R");
    screen.until("it runs", |text| text.contains("running"));
    screen.press("q");
    screen.until("it asks", |text| text.contains("End it and leave?"));
    screen.press("n");
    screen.until("it does not ask any more", |text| !text.contains("End it and leave?"));
    screen.press("q").press("y");
    assert_eq!(screen.ended().0, 0);
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "screen::real_terminal::a_screen_that_panics", "--ignored", "--nocapture"]);
    let (code, text) = Screen::start(command, &cache_home(), SIZE).ended();
    assert_ne!(code, 0);
    assert!(text.contains("wanted by a test"), "{text}");
}

#[test]
#[ignore = "the other half of the test above: it needs a terminal"]
fn a_screen_that_panics() {
    let mut screen = skillscope::ui::Screen::open(|_| {}).unwrap();
    screen.redraw().unwrap();
    panic!("wanted by a test");
}

#[test]
fn a_screen_that_does_not_answer_is_still_ended_by_a_signal() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "screen::real_terminal::a_screen_that_hangs", "--ignored", "--nocapture"]);
    let screen = Screen::start(command, &cache_home(), SIZE);
    screen.until("the screen is there", |text| text.contains("it hangs"));
    screen.signal("-TERM");
    assert_eq!(screen.ended().0, 143);
}

#[test]
#[ignore = "the other half of the test above: it needs a terminal"]
fn a_screen_that_hangs() {
    let mut screen = skillscope::ui::Screen::open(|_| {}).unwrap();
    let _signals = skillscope::ui::signals().unwrap();
    screen.terminal().draw(|frame| frame.render_widget("it hangs", frame.area())).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn without_a_terminal_it_says_so_and_makes_nothing() {
    let workspace = spinning();
    let ran = workspace.skillscope(&[]);
    ran.expect(2);
    assert!(ran.stderr.contains("is not a terminal") && ran.stderr.contains("skillscope --run NAME"), "{}", ran.stderr);
    assert!(!workspace.path().join(".skillscope").exists());
}
