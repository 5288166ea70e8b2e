//! On a real terminal: the moving line, colours, the width, and nothing that a skill or a provider says acting on it.
#![cfg(unix)]

use crate::acceptance::{asking, d04};
use crate::program::{Workspace, cache_home};
use crate::running::PATIENCE;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROWS: u16 = 40;

/// The program on a terminal of its own.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    /// Kept open until the end, and written to for keys.
    keys: Box<dyn Write + Send>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
    shown: Arc<Mutex<Shown>>,
    reader: std::thread::JoinHandle<()>,
}

struct Shown {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

/// What it left there.
struct Left {
    code: u32,
    raw: String,
    screen: String,
}

impl Terminal {
    fn start(workspace: &Workspace, columns: u16, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let size = PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
        command.args(arguments);
        command.cwd(workspace.path());
        command.env_remove("NO_COLOR");
        command.env("XDG_CACHE_HOME", cache_home());
        command.env("TERM", "xterm-256color");
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let shown = Arc::new(Mutex::new(Shown { screen: vt100::Parser::new(ROWS, columns, 1000), raw: Vec::new() }));
        let (mut stream, sink) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&shown));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The other end of a terminal that was closed gives an error.
            while let Ok(length @ 1..) = stream.read(&mut bytes) {
                let mut shown = sink.lock().unwrap();
                shown.screen.process(&bytes[..length]);
                shown.raw.extend_from_slice(&bytes[..length]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, keys, _master: pair.master, shown, reader }
    }

    fn screen(&self) -> String {
        self.shown.lock().unwrap().screen.screen().contents()
    }

    /// Waits until the screen is as wanted, and gives it.
    #[track_caller]
    fn until(&self, wanted: impl Fn(&str) -> bool) -> String {
        let since = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(since.elapsed() < PATIENCE, "the screen stays so:\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
        self.keys.flush().unwrap();
    }

    fn end(mut self) -> Left {
        let code = self.child.wait().unwrap().exit_code();
        self.reader.join().unwrap();
        let shown = self.shown.lock().unwrap();
        Left { code, raw: String::from_utf8(shown.raw.clone()).unwrap(), screen: shown.screen.screen().contents() }
    }
}

impl Left {
    /// The raw bytes without line ends, the wiping of a line and colours: what is left may hold nothing that acts.
    fn acting(&self) -> String {
        let plain = ["\r\n", "\r\x1b[2K", "\x1b[0m", "\x1b[1;32m", "\x1b[33m", "\x1b[1;31m", "\x1b[36m", "\x1b[2m"]
            .iter()
            .fold(self.raw.clone(), |raw, known| raw.replace(known, ""));
        plain.chars().filter(|c| c.is_control()).collect()
    }
}

fn spinning() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("s.wat", d04("", "(loop $again (br $again)) (unreachable)"));
    workspace
}

#[test]
fn a_long_run_shows_a_moving_line_that_is_wiped() {
    let workspace = spinning();
    let terminal = Terminal::start(&workspace, 100, &[], &["--run", "s", "--timeout", "2s"]);
    let screen = terminal.until(|screen| screen.contains("fuel"));
    assert!(screen.starts_with("running … ") && screen.contains("Ctrl-C"), "{screen}");
    terminal.until(|now| now.starts_with("running") && *now != screen);
    let left = terminal.end();
    assert_eq!(left.code, 5);
    assert!(!left.screen.contains("running") && left.screen.contains("timeout in 2.0"), "{}", left.screen);
    assert_eq!(left.acting(), "");
}

#[test]
fn a_long_compile_shows_a_moving_line_and_ctrl_c_abandons_it() {
    let workspace = Workspace::new();
    workspace.write("huge.wasm", crate::signals::huge());
    let mut terminal = Terminal::start(&workspace, 100, &[], &["--run", "huge", "--no-cache"]);
    terminal.until(|screen| screen.starts_with("compiling ") && screen.contains("MiB"));
    terminal.press(b"\x03");
    let left = terminal.end();
    assert_eq!(left.code, 130);
    assert!(!left.screen.contains("compiling … ") && left.screen.contains("cancelled"), "{}", left.screen);
    assert!(!left.screen.contains("MiB …"), "the line is wiped: {}", left.screen);
}

#[test]
fn a_host_call_that_takes_long_is_named() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", asking());
    workspace.write("skillscope.toml", "[[ai.mock]]\ncontains = \"\"\nreply = \"late\"\ndelay = \"2s\"\n");
    let terminal = Terminal::start(&workspace, 100, &[], &["--run", "ask", "--input", "\"hi\""]);
    terminal.until(|screen| screen.contains("in cis.ai_prompt"));
    let left = terminal.end();
    assert!(left.code == 0 && !left.screen.contains("running"), "{}", left.screen);
}

#[test]
fn the_moving_line_never_wraps_and_follows_a_change_of_the_width() {
    let workspace = spinning();
    let terminal = Terminal::start(&workspace, 24, &[], &["--run", "s", "--timeout", "3s"]);
    let screen = terminal.until(|screen| screen.starts_with("running"));
    assert!(!screen.contains('\n') && screen.chars().count() < 24 && screen.ends_with('…'), "{screen:?}");
    let size = PtySize { rows: ROWS, cols: 12, pixel_width: 0, pixel_height: 0 };
    terminal._master.resize(size).unwrap();
    terminal.shown.lock().unwrap().screen.screen_mut().set_size(ROWS, 12);
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(600) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let screen = terminal.screen();
    assert!(!screen.contains('\n') && screen.chars().count() < 12, "{screen:?}");
    let left = terminal.end();
    assert!(left.code == 5 && !left.screen.contains("running"), "{}", left.screen);
}

#[test]
fn colours_are_for_terminals_and_not_for_those_who_want_none() {
    let is_coloured = |left: &Left| left.raw.contains("\x1b[1;31m");
    let workspace = spinning();
    let run =
        |environment: &[(&str, &str)]| Terminal::start(&workspace, 100, environment, &["--run", "s", "--timeout", "1s"]).end();
    assert!(is_coloured(&run(&[])));
    let plain = run(&[("NO_COLOR", "1")]);
    assert!(!is_coloured(&plain) && !plain.raw.contains("\x1b[0m"), "{:?}", plain.raw);
    assert!(plain.raw.contains("running"), "the moving line is no colour");
    assert!(is_coloured(&run(&[("NO_COLOR", "")])), "empty counts as not set");
    let dumb = run(&[("TERM", "dumb")]);
    assert!(!dumb.raw.contains('\x1b') && !dumb.raw.contains("running"), "{:?}", dumb.raw);
    let piped = workspace.skillscope(&["--run", "s", "--timeout", "1s"]);
    assert!(!piped.stderr.contains('\x1b') && !piped.stderr.contains("running"), "{}", piped.stderr);
}

/// Sequences that clear the screen, rename the window, ring, and reorder text.
const EVIL: &str = "\x1b[2J\x1b]0;gone\x07\u{9b}31m\x08\u{202e}\r\x7fend";

/// The bytes of a text, as the text format writes them.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}

#[test]
fn what_a_skill_says_never_acts_on_a_terminal() {
    let workspace = Workspace::new();
    let len = EVIL.len();
    let imports = r#"(import "env" "host_log" (func $log (param i32 i32 i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "env" "host_http_post" (func $post (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "env" "host_memory_set" (func $set (param i32 i32 i32 i32) (result i32)))"#;
    let says = format!(
        r#"(call $log (i32.const 3) (i32.const 64) (i32.const {len}))
           (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const {len}))
           (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
           (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
           (drop (call $post (i32.const 64) (i32.const {len}) (i32.const 64) (i32.const {len}) (i32.const 200) (i32.const 9)))
           (drop (call $set (i32.const 64) (i32.const {len}) (i32.const 64) (i32.const {len})))"#
    );
    let module = |answer: &str| {
        let data = format!("(data (i32.const 64) \"{}\") (data (i32.const 512) \"{answer}\")", escaped(EVIL));
        d04(imports, &format!("{says} (i32.const 512)")).replace("(global $top", &format!("{data} (global $top"))
    };
    workspace.write("json.wat", module(&format!("\\22{}\\22\\00", escaped("\u{9b}31m\u{202e}\x7fend"))));
    workspace.write("not-json.wat", module(&format!("{}\\00", escaped(EVIL))));
    let abort =
        |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let units = u32::try_from(EVIL.encode_utf16().count() * 2).unwrap();
    let length: String = units.to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect();
    workspace.write(
        "abort.wat",
        d04(
            r#"(import "env" "abort" (func $abort (param i32 i32 i32 i32)))"#,
            "(call $abort (i32.const 68) (i32.const 68) (i32.const 1) (i32.const 2)) (unreachable)",
        )
        .replace("(global $top", &format!("(data (i32.const 64) \"{length}{}\") (global $top", abort(EVIL))),
    );
    for (name, code) in [("json", 0), ("not-json", 1), ("abort", 1)] {
        let left = Terminal::start(&workspace, 200, &[], &["--run", name]).end();
        assert_eq!((left.code, left.acting().as_str()), (code, ""), "{name}: {:?}", left.raw);
        assert!(!left.raw.contains('\u{202e}') && left.screen.contains("end"), "{name}: {:?}", left.raw);
    }
}

#[test]
fn what_a_provider_says_never_acts_on_a_terminal() {
    let workspace = Workspace::new();
    workspace.write("ask.wat", asking());
    let server = crate::server::Server::openai(EVIL, Duration::ZERO);
    let json = serde_json::to_string(EVIL).unwrap().replace('\x7f', "\\u007f");
    let settings = |answer: &str| {
        let provider = format!("[ai.providers.local]\nkind = \"openai\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n", server.url());
        workspace.write("skillscope.toml", format!("[[ai.mock]]\ncontains = \"\"\n{answer} = {json}\n{provider}"));
    };
    for (answer, lead) in [("reply", "both"), ("error", "both"), ("reply", "local")] {
        settings(answer);
        let left = Terminal::start(&workspace, 200, &[], &["--run", "ask", "--ai", lead, "--input", "\"hi\""]).end();
        assert_eq!(left.acting(), "", "{answer}, {lead}: {:?}", left.raw);
        assert!(!left.raw.contains('\u{202e}') && left.screen.contains("end"), "{answer}, {lead}: {:?}", left.raw);
    }
}

#[test]
fn names_of_files_never_act_on_a_terminal() {
    let workspace = Workspace::new();
    workspace.write("e\x1b[2Jvil.wat", "(module)");
    workspace.write("s\x1b[31m/skill.toml", "[skill]\nname = \"\\u001b[2J\"\nmodule = \"\\u001b[2J.wasm\"\n");
    for arguments in [&["--list"][..], &["--validate", "."], &["--run", "e\x1b[2Jvil.wat"], &["--run", "\x1b[2J"]] {
        let left = Terminal::start(&workspace, 200, &[], arguments).end();
        assert_eq!(left.acting(), "", "{arguments:?}: {:?}", left.raw);
    }
}
