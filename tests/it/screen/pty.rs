//! The program in a pseudo-terminal, before a terminal emulator that answers as a terminal does.
//!
//! Tests, pictures and benches drive the workbench by it. It knows none of them, and nothing of what is on the screen.

#![allow(dead_code, reason = "those who drive the program need different parts of it")]

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program and its screen. It is killed when this is dropped before its end.
pub struct Screen {
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    shown: Arc<Shown>,
    modes: String,
}

/// What is on the screen, and a bell for each change.
struct Shown {
    parser: Mutex<vt100::Parser>,
    changed: Condvar,
}

impl Screen {
    /// Starts a command in a terminal of this many columns and rows.
    pub fn start(mut command: CommandBuilder, cache_home: &Path, (columns, rows): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size((columns, rows))).unwrap();
        command.env_remove("NO_COLOR");
        command.env_remove("COLORFGBG");
        command.env("XDG_CACHE_HOME", cache_home);
        command.env("XDG_CONFIG_HOME", cache_home.join("no-configuration"));
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let modes = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let shown = Arc::new(Shown { parser: Mutex::new(vt100::Parser::new(rows, columns, 0)), changed: Condvar::new() });
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (mut stream, sink, answers) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&shown), Arc::clone(&keys));
        std::thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(length @ 1..) = stream.read(&mut bytes) {
                sink.parser.lock().unwrap().process(&bytes[..length]);
                sink.changed.notify_all();
                // A terminal answers where its cursor is.
                if bytes[..length].windows(4).any(|window| window == b"\x1b[6n") {
                    answers.lock().unwrap().write_all(b"\x1b[1;1R").unwrap();
                }
            }
        });
        Self { child, master: pair.master, keys, shown, modes }
    }

    /// The terminal as it is now; the program's output waits meanwhile.
    pub fn shown(&self) -> MutexGuard<'_, vt100::Parser> {
        self.shown.parser.lock().unwrap()
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.shown().screen().contents()
    }

    /// Waits until the screen is so, and gives its text.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        self.until_screen(what, |screen| is_so(&screen.contents())).contents()
    }

    /// Waits until the screen is so; it is looked at after each piece of output.
    #[track_caller]
    pub fn until_screen(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) -> vt100::Screen {
        let since = Instant::now();
        let mut parser = self.shown();
        while !is_so(parser.screen()) {
            if since.elapsed() > PATIENCE {
                let text = parser.screen().contents();
                // Whoever reads the program's output goes on.
                drop(parser);
                panic!("waited in vain until {what}:\n{text}");
            }
            (parser, _) = self.shown.changed.wait_timeout(parser, Duration::from_millis(100)).unwrap();
        }
        parser.screen().clone()
    }

    /// Types without a pause.
    pub fn send(&self, keys: &str) {
        let mut sink = self.keys.lock().unwrap();
        sink.write_all(keys.as_bytes()).unwrap();
        sink.flush().unwrap();
    }

    /// Types as a person does: an escape that is followed at once by a letter would be another key.
    pub fn press(&self, keys: &str) -> &Self {
        self.send(keys);
        std::thread::sleep(Duration::from_millis(60));
        self
    }

    /// Gives the terminal another size.
    pub fn resize(&self, (columns, rows): (u16, u16)) {
        self.shown().screen_mut().set_size(rows, columns);
        self.master.resize(size((columns, rows))).unwrap();
    }

    /// Sends a signal, as `kill` names it.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// The exit code of the program, which must end.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(since.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The end of the program; the terminal must be as it was before.
    #[track_caller]
    pub fn ended(mut self) -> (u32, String) {
        let code = self.exit_code();
        std::thread::sleep(Duration::from_millis(100));
        self.assert_given_back();
        (code, self.text())
    }

    /// The terminal is as it was before the program began.
    #[track_caller]
    pub fn assert_given_back(&self) {
        assert_eq!(modes(self.master.as_ref()), self.modes, "the line's modes");
        let shown = self.shown();
        let screen = shown.screen();
        assert!(!screen.alternate_screen(), "the screen before is shown again");
        assert!(!screen.hide_cursor(), "the cursor is shown again");
        assert!(!screen.bracketed_paste(), "pasting is as it was");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is the terminal's again");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
    }
}

fn size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// How the line behaves: echo, line by line, signals.
fn modes(master: &(dyn MasterPty + Send)) -> String {
    let modes = master.get_termios().unwrap();
    format!("{:?} {:?} {:?} {:?}", modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags)
}
