//! What the command line gives a skill: documents and bytes from a word, a file or standard input, and directories.

use skillscope::session::RunInput;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest input that is read.
const MAX_INPUT_BYTES: u64 = 1 << 30;

/// Why an input cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file, or standard input, cannot be read.
    #[error("cannot read {what}: {error}")]
    Unreadable {
        /// The file's path, or `standard input`.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is larger than anything a skill could take.
    #[error("{what} is larger than 1 GiB")]
    TooLarge {
        /// As in `Unreadable`.
        what: String,
    },
    /// A directory for the skill is none, or is not there.
    #[error("cannot open the directory {} of --dir: {error}", .path.display())]
    Directory {
        /// Its path on the host.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// It is not JSON.
    #[error("the input {what} is not JSON: {error}\n{excerpt}")]
    NotJson {
        /// Where it came from.
        what: String,
        /// What the parser said, with line and column.
        error: serde_json::Error,
        /// The line with a caret.
        excerpt: String,
    },
    /// It is not text.
    #[error("the input {what} is not UTF-8 text (byte {offset}); a command may be given raw bytes by --stdin @FILE")]
    NotText {
        /// Where it came from.
        what: String,
        /// The first byte that is wrong.
        offset: usize,
    },
}

/// The input of a run, from `--input` or `--stdin`.
///
/// # Errors
/// Where it cannot be read, or `--input` is not a JSON document.
pub fn read(input: &str, stdin: Option<&str>, event: Option<String>) -> Result<RunInput, InputError> {
    if let Some(word) = stdin {
        let (_, document) = bytes_of(word)?;
        return Ok(RunInput { document, raw_stdin: true, event });
    }
    let (what, document) = bytes_of(input)?;
    let text = std::str::from_utf8(&document)
        .map_err(|error| InputError::NotText { what: what.clone(), offset: error.valid_up_to() })?;
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(InputError::NotJson { what, excerpt: excerpt(text, error.line(), error.column()), error });
    }
    Ok(RunInput { document, raw_stdin: false, event })
}

/// Checks that the directories of `--dir` are there, before anything runs.
///
/// # Errors
/// Where one is not, or is no directory.
pub fn check_directories(directories: &[(PathBuf, String, bool)]) -> Result<(), InputError> {
    let check = |path: &Path| if path.metadata()?.is_dir() { Ok(()) } else { Err(std::io::ErrorKind::NotADirectory.into()) };
    directories.iter().try_for_each(|(path, ..)| check(path).map_err(|error| InputError::Directory { path: path.clone(), error }))
}

fn bytes_of(word: &str) -> Result<(String, Vec<u8>), InputError> {
    if word == "-" {
        let what = "from standard input".to_owned();
        return Ok((what.clone(), read_bounded(std::io::stdin().lock(), what)?));
    }
    let Some(path) = word.strip_prefix('@') else { return Ok(("on the command line".into(), word.as_bytes().to_vec())) };
    let file = std::fs::File::open(path).map_err(|error| InputError::Unreadable { what: path.to_owned(), error })?;
    Ok((path.to_owned(), read_bounded(file, path.to_owned())?))
}

fn read_bounded(source: impl Read, what: String) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    match source.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes) {
        Err(error) => Err(InputError::Unreadable { what, error }),
        Ok(_) if bytes.len() as u64 > MAX_INPUT_BYTES => Err(InputError::TooLarge { what }),
        Ok(_) => Ok(bytes),
    }
}

/// The line at which a parser stopped, harmless and cut to a window, with a caret under the column (in bytes, from 1).
fn excerpt(text: &str, line: usize, column: usize) -> String {
    const WINDOW: usize = 60;
    let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let before = source.char_indices().take_while(|(at, _)| at + 1 < column).count();
    let start = before.saturating_sub(WINDOW / 2);
    let shown: String = source.chars().skip(start).take(WINDOW).collect();
    let shown_before: String = source.chars().skip(start).take(before - start).collect();
    let width = unicode_width::UnicodeWidthStr::width(skillscope::event::sanitize_line(&shown_before).as_ref());
    let ellipsis = if start > 0 { "…" } else { "" };
    format!(
        "  {ellipsis}{}\n  {}{}^",
        skillscope::event::sanitize_line(&shown),
        " ".repeat(ellipsis.chars().count()),
        " ".repeat(width)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_not_json_is_refused_at_its_place() {
        let error = read("{\"a\": tru}", None, None).unwrap_err().to_string();
        assert_eq!(
            error,
            "the input on the command line is not JSON: expected ident at line 1 column 10\n  {\"a\": tru}\n           ^"
        );
    }

    #[test]
    fn raw_stdin_need_not_be_json() {
        assert_eq!(read("null", Some("abc"), None).unwrap().document, b"abc");
    }
}
