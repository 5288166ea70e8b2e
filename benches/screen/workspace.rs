//! Workspaces to measure on, and the program opened on them.

use crate::pty::Screen;
use portable_pty::CommandBuilder;
use std::path::{Path, PathBuf};

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Enough to see that it works.
    Little,
    /// Enough for figures.
    Full,
}

impl Effort {
    /// One of two numbers.
    pub const fn of<T: Copy>(self, little: T, full: T) -> T {
        match self {
            Self::Little => little,
            Self::Full => full,
        }
    }
}

/// The size of the screen that is measured.
pub const SIZE: (u16, u16) = (200, 60);

/// A directory of its own, deleted in the end.
pub struct Workspace(tempfile::TempDir);

impl Workspace {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file as editors do: beside it, and then in its place.
    pub fn save(&self, name: &str, content: &[u8]) {
        let beside = self.path().join(format!(".{name}.new"));
        std::fs::write(&beside, content).unwrap();
        std::fs::rename(beside, self.path().join(name)).unwrap();
    }

    /// The workbench on it.
    pub fn open(&self, arguments: &[&str]) -> Screen {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skillscope"));
        command.args(arguments);
        command.cwd(self.path());
        Screen::start(command, &cache_home(), SIZE)
    }

    /// The workbench on one skill, which is ready.
    pub fn open_on(&self, skill: &str, arguments: &[&str]) -> Screen {
        let screen = self.open(arguments);
        let ready = format!("● {skill}");
        screen.until("the skill is ready", |text| text.contains(&ready));
        screen
    }
}

/// The sample skills in a workspace, without what was built for them.
pub fn samples() -> Workspace {
    let workspace = Workspace::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills"), workspace.path());
    workspace
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            std::fs::create_dir_all(to.join(&name)).unwrap();
            copy(&path, &to.join(&name));
        } else {
            std::fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

fn cache_home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// A d04 skill that calls `host_now` so many times, or without an end.
pub fn calling(times: Option<u32>) -> String {
    looping(times, r#"(import "env" "host_now" (func $now (result i64)))"#, "(drop (call $now))", "")
}

/// A d04 skill that logs so many lines, and then a last one; or lines without an end.
pub fn logging(times: Option<u32>) -> String {
    looping(
        times,
        r#"(import "env" "host_log" (func $log (param i32 i32 i32)))
           (data (i32.const 128) "chatter about what the skill does just now") (data (i32.const 256) "the last line")"#,
        "(call $log (i32.const 2) (i32.const 128) (i32.const 42))",
        "(call $log (i32.const 2) (i32.const 256) (i32.const 13))",
    )
}

/// A d04 skill that does something so many times, or without an end, and something else when it has.
fn looping(times: Option<u32>, fields: &str, act: &str, at_last: &str) -> String {
    let (start, again) = match times {
        Some(times) => (
            format!("(local.set $left (i32.const {times}))"),
            "(br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))",
        ),
        None => (String::new(), "(br $again)"),
    };
    format!(
        r#"(module {fields} (memory (export "memory") 1)
  (data (i32.const 64) "true\00")
  (func (export "alloc") (param i32) (result i32) (i32.const 4096)) (func (export "dealloc") (param i32 i32))
  (func (export "execute") (param $input i32) (result i32) (local $left i32) {start}
    (loop $again {act} {again}) {at_last} (i32.const 64)))"#
    )
}
