//! Reading a file that the user names, without trusting it: it may be huge, growing, a pipe, or not text.

use crate::event::Failure;
use crate::skill::format_bytes;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The largest manifest or settings file that is read.
pub const MAX_TEXT_BYTES: u64 = 1 << 20;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A directory, a pipe, a device.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Too large, or still growing past the limit.
    #[error("{} {}", .path.display(), too_large(*.bytes, *.limit))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size; `None` where it grew past the limit while it was read.
        bytes: Option<u64>,
        /// The limit.
        limit: u64,
    },
    /// Not text.
    #[error("{} is not UTF-8 text: the byte at offset {offset} (line {line}) is {byte:#04x}", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Where the first wrong byte is, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
        /// What it is.
        byte: u8,
    },
}

fn too_large(bytes: Option<u64>, limit: u64) -> String {
    let shown = |size| {
        // Two sizes that differ by little must not look the same.
        let is_near = bytes.is_some_and(|bytes| format_bytes(bytes) == format_bytes(limit));
        if is_near { format!("{size} bytes") } else { format_bytes(size) }
    };
    match bytes {
        Some(bytes) => format!("has {}, more than the limit of {}", shown(bytes), shown(limit)),
        None => format!("has more than the limit of {}: it grew while it was read", format_bytes(limit)),
    }
}

impl FileError {
    /// The same error, with the path as the user knows it.
    #[must_use]
    pub fn at(mut self, shown: &Path) -> Self {
        let (Self::Io { path, .. } | Self::NotAFile(path) | Self::TooLarge { path, .. } | Self::NotUtf8 { path, .. }) = &mut self;
        shown.clone_into(path);
        self
    }

    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let (kind, hint) = match &error {
            FileError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => ("no-such-file", None),
            FileError::Io { .. } => ("io", None),
            FileError::NotAFile(_) => ("not-a-file", None),
            FileError::TooLarge { .. } => ("too-large", None),
            FileError::NotUtf8 { .. } => ("not-utf8", Some("save the file as UTF-8")),
        };
        let failure = Self::new(kind, error.to_string());
        hint.map_or(failure.clone(), |hint| failure.with_hint(hint))
    }
}

/// Reads a regular file of at most `limit` bytes. Its kind and size are those of the file that was opened, and the limit holds while
/// reading too. Never waits: a pipe without a writer is refused.
///
/// # Errors
/// Where it is not a regular file, too large, or cannot be read.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let file = open_without_waiting(path).map_err(|source| FileError::io(path, source))?;
    let metadata = file.metadata().map_err(|source| FileError::io(path, source))?;
    if !metadata.is_file() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    let too_large = |bytes| FileError::TooLarge { path: path.to_owned(), bytes, limit };
    if metadata.len() > limit {
        return Err(too_large(Some(metadata.len())));
    }
    // The size is a promise only: what is allocated at once is bounded by the limit.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| FileError::io(path, source))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) { Ok(bytes) } else { Err(too_large(None)) }
}

/// Reads a text of at most [`MAX_TEXT_BYTES`].
///
/// # Errors
/// As [`read_bytes`], and where it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    String::from_utf8(read_bytes(path, MAX_TEXT_BYTES)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
        FileError::NotUtf8 { path: path.to_owned(), offset, line, byte: bytes.get(offset).copied().unwrap_or_default() }
    })
}

/// Opening a pipe for reading waits for a writer, unless it is opened so.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or_default()).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_past_the_limit_is_refused_before_it_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("big");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read_bytes(&path, 64 << 10).unwrap_err();
        assert_eq!(error.to_string(), format!("{} has 1 TiB, more than the limit of 64 KiB", path.display()));
    }

    #[test]
    fn text_that_is_not_utf8_is_told_with_its_offset_and_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("skill.toml");
        std::fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
        let error = read_text(&path).unwrap_err();
        assert_eq!(error.to_string(), format!("{} is not UTF-8 text: the byte at offset 11 (line 2) is 0xff", path.display()));
    }

    #[test]
    fn a_directory_is_no_file() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(read_bytes(directory.path(), 9), Err(FileError::NotAFile(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_without_a_writer_does_not_hang() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
        assert!(matches!(read_bytes(&path, 9), Err(FileError::NotAFile(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_endless_file_of_no_size_is_cut() {
        // Files under /proc say that they have no bytes and have some all the same.
        assert!(matches!(read_bytes(Path::new("/proc/self/status"), 9), Err(FileError::TooLarge { bytes: None, .. })));
    }
}
