//! How typed words of several parts are read.

use super::choices::Format;
use clap::ValueEnum;
use skillscope::host::ai;
use skillscope::skill::{DurationError, GuestPathError, parse_guest_path, parse_timeout_ms};
use std::path::PathBuf;
use std::time::Duration;

/// Why a typed word is not understood; clap adds the argument's name.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// No `=`.
    #[error("expected NAME=VALUE")]
    Pair,
    /// No `::`.
    #[error("expected HOST::GUEST, such as fixtures::/data, or fixtures::/data:rw to let the skill write")]
    Directory,
    /// No name of one provider.
    #[error("expected names of providers, such as mock,local: both is two of them")]
    Provider,
    /// No report to a file.
    #[error("expected FORMAT=FILE, such as junit=target/junit.xml; formats are human, json, jsonl and junit")]
    Report,
    /// The guest path is none.
    #[error(transparent)]
    GuestPath(#[from] GuestPathError),
}

pub(super) fn parse_timeout(word: &str) -> Result<Duration, DurationError> {
    parse_timeout_ms(word).map(Duration::from_millis)
}

pub(super) fn parse_pair(word: &str) -> Result<(String, String), WordError> {
    let (name, value) = word.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(WordError::Pair)?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn parse_provider(word: &str) -> Result<String, WordError> {
    match word.trim() {
        "" | ai::BOTH => Err(WordError::Provider),
        name => Ok(name.to_owned()),
    }
}

pub(super) fn parse_report(word: &str) -> Result<(Format, PathBuf), WordError> {
    let (format, path) = word.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or(WordError::Report)?;
    Ok((Format::from_str(format, false).map_err(|_| WordError::Report)?, PathBuf::from(path)))
}

pub(super) fn parse_directory(word: &str) -> Result<(PathBuf, String, bool), WordError> {
    let (host, guest) = word.rsplit_once("::").filter(|(host, _)| !host.is_empty()).ok_or(WordError::Directory)?;
    let (guest, writable) = guest.strip_suffix(":rw").map_or((guest, false), |guest| (guest, true));
    Ok((PathBuf::from(host), parse_guest_path(guest)?, writable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_read_only_unless_they_say_so() {
        assert_eq!(parse_directory("a::/b").unwrap(), ("a".into(), "/b".into(), false));
        assert_eq!(parse_directory("C:\\x::/b:rw").unwrap(), ("C:\\x".into(), "/b".into(), true));
        assert_eq!(parse_directory("a::/b/").unwrap(), ("a".into(), "/b".into(), false));
        assert!(parse_directory("a:/b").is_err() && parse_directory("::/b").is_err() && parse_directory("a::b").is_err());
    }
}
