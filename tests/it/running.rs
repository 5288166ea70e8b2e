//! The program while it goes on: its events as they come, and signals to it.

use crate::program::{Ran, wait};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Longer than anything takes; what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A program that was started, read line by line; it is killed where a test fails before its end.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    seen: String,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let mut stream = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            String::from_utf8(bytes).expect("the program writes text")
        });
        Self { child, lines, stderr: Some(stderr), seen: String::new() }
    }

    /// The next line; `None` where the program has ended.
    fn line(&mut self, patience: Duration) -> Option<String> {
        let line = self.lines.recv_timeout(patience).ok()?;
        self.seen.push_str(&line);
        self.seen.push('\n');
        Some(line)
    }

    /// The events up to the first one that is wanted, that one last.
    #[track_caller]
    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let line = self.line(PATIENCE).unwrap_or_else(|| panic!("it did not come; there were {events:#?}"));
            events.push(serde_json::from_str(&line).unwrap());
            if events.last().is_some_and(&wanted) {
                return events;
            }
        }
    }

    /// The events up to the end of a run, the run's end last.
    #[track_caller]
    pub fn until_finished(&mut self) -> Vec<Value> {
        self.until(|event| event["type"] == "finished")
    }

    /// The outputs of the runs that end until there is this one.
    #[track_caller]
    pub fn outputs_until(&mut self, output: &Value) -> Vec<Value> {
        let events = self.until(|event| event["type"] == "finished" && event["output"] == *output);
        events.iter().filter(|event| event["type"] == "finished").map(|event| event["output"].clone()).collect()
    }

    /// What comes in a time in which nothing is expected.
    pub fn in_the_meantime(&mut self, time: Duration) -> Vec<String> {
        let until = std::time::Instant::now() + time;
        let left = || until.saturating_duration_since(std::time::Instant::now());
        std::iter::from_fn(|| self.line(left())).collect()
    }

    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Sends Ctrl-C, and what the program left then.
    #[cfg(unix)]
    pub fn interrupt(self) -> Ran {
        self.signal(rustix::process::Signal::INT);
        self.end()
    }

    /// Waits for its end; all that it wrote.
    pub fn end(mut self) -> Ran {
        while self.line(PATIENCE).is_some() {}
        let status = wait(&mut self.child);
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Ran { code: status.code().unwrap_or(-1), stdout: std::mem::take(&mut self.seen), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
