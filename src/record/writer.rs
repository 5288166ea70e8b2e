//! The thread that writes one record: takes what waits, hands it to the system, and ends the file well.

use super::lines::{OwnLine, append};
use super::queue::{MAX_WAITING_BYTES, Queue};
use super::{RecordHeader, RunSettings, running};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

/// How long a line waits at most before it is handed to the system: what a killed program loses. Power loss may cost more: the disk
/// itself is asked only at a record's end.
pub const FLUSH_EVERY: Duration = Duration::from_millis(100);

/// A record's file, and the digest of what was written.
#[derive(Debug)]
pub(super) struct Writer {
    file: File,
    digest: Sha256,
    bytes: u64,
    lines: u64,
}

impl Writer {
    /// Makes a file that is not there yet, or writes one anew, and writes the first two lines.
    pub(super) fn create(path: &Path, anew: bool, header: &RecordHeader, settings: &RunSettings) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = if anew { options.write(true).create(true).truncate(true) } else { options.write(true).create_new(true) }
            .open(path)?;
        running::hold(&file);
        let mut writer = Self { file, digest: Sha256::new(), bytes: 0, lines: 2 };
        let mut first = Vec::new();
        append(&mut first, &OwnLine::Record(header))?;
        append(&mut first, &OwnLine::Settings(settings))?;
        match writer.write(&first) {
            Ok(()) => Ok(writer),
            Err(error) => {
                // A record without its first line says nothing to anyone. What was there before is not ours to delete.
                if !anew {
                    let _ = std::fs::remove_file(path);
                }
                Err(error)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.file.write_all(bytes)
    }

    /// Writes until nothing more comes, then the last line.
    pub(super) fn work(mut self, queue: &Queue) -> io::Result<()> {
        let mut buffer = Vec::new();
        loop {
            let is_last = queue.take(&mut buffer);
            self.write(&buffer)?;
            buffer.clear();
            buffer.shrink_to(MAX_WAITING_BYTES);
            if is_last {
                return self.end(queue);
            }
        }
    }

    fn end(&mut self, queue: &Queue) -> io::Result<()> {
        let (mut end, lines) = queue.counted();
        end.lines = self.lines.saturating_add(lines);
        end.bytes = self.bytes;
        end.sha256 = hex(&self.digest);
        let mut last = Vec::new();
        append(&mut last, &OwnLine::End(&end))?;
        self.file.write_all(&last)?;
        self.file.sync_data()
    }
}

/// The digest of what was taken in so far, in lower-case hex.
pub(super) fn hex(digest: &Sha256) -> String {
    digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
