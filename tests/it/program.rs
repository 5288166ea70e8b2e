//! The program as its users start it, in a workspace of its own.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than any run of a test; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A directory with skills, removed at the end.
pub struct Workspace {
    directory: tempfile::TempDir,
}

/// What the program left.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }

    /// The same, once its exit code is the expected one.
    #[track_caller]
    pub fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "exit code\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl Workspace {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, file: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs the program here to its end.
    pub fn skillscope(&self, arguments: &[&str]) -> Ran {
        self.skillscope_with(arguments, &[], b"")
    }

    /// Runs the program here with variables of the environment and bytes on stdin.
    pub fn skillscope_with(&self, arguments: &[&str], environment: &[(&str, &str)], stdin: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        finish(command.spawn().unwrap(), stdin)
    }

    /// `--run NAME --format json` with more arguments; the document and the exit code.
    #[track_caller]
    pub fn run_json(&self, name: &str, more: &[&str]) -> (serde_json::Value, i32) {
        let ran = self.skillscope(&[&["--run", name, "--format", "json"], more].concat());
        (ran.json(), ran.code)
    }

    /// The program as a command that runs here, with pipes.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skillscope"));
        command.args(arguments).current_dir(self.path());
        // One cache for all tests, so that a module that several of them run is compiled once.
        command.env("XDG_CACHE_HOME", cache_home()).env_remove("NO_COLOR").env("TERM", "xterm-256color");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The cache directory that tests share.
pub fn cache_home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// Feeds a child, reads it to its end, and kills it where it hangs.
pub fn finish(mut child: Child, stdin: &[u8]) -> Ran {
    let mut input = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A child that does not read its input closes the pipe; that is its own affair.
    let feeder = std::thread::spawn(move || drop(input.write_all(&stdin)));
    let stdout = reader(child.stdout.take().unwrap());
    let stderr = reader(child.stderr.take().unwrap());
    let status = wait(&mut child);
    feeder.join().unwrap();
    Ran { code: status.code().unwrap_or(-1), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Waits for a child's end, but not for ever.
pub fn wait(child: &mut Child) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the program did not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn reader(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("the program writes text")
    })
}
