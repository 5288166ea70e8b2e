//! What a skill may be called: its name stands in tables, on command lines and as a key's first part.

use crate::event::sanitize_line;

/// The longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 100;

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing there.
    #[error("a name is missing")]
    Empty,
    /// Too long.
    #[error("a name has at most {MAX_NAME_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// A path.
    #[error("a name is no path: it may not contain {0:?}")]
    Separator(char),
    /// `.` or `..`.
    #[error("{0:?} is a directory, not a name")]
    Directory(String),
    /// It would be read as a flag.
    #[error("a name may not begin with \"-\"")]
    Dash,
    /// Invisible characters.
    #[error("a name may not contain control characters: {0}")]
    Control(String),
    /// Blanks around it.
    #[error("a name may not begin or end with a blank")]
    Blank,
}

/// Checks a name.
///
/// # Errors
/// Where it cannot be a skill's name.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let shown = sanitize_line(name);
    if name.is_empty() {
        Err(NameError::Empty)
    } else if name.len() > MAX_NAME_BYTES {
        Err(NameError::TooLong(name.len()))
    } else if let Some(separator) = name.chars().find(|c| matches!(c, '/' | '\\')) {
        Err(NameError::Separator(separator))
    } else if shown != name {
        Err(NameError::Control(shown.into_owned()))
    } else if matches!(name, "." | "..") {
        Err(NameError::Directory(name.to_owned()))
    } else if name.starts_with('-') {
        Err(NameError::Dash)
    } else if name.trim() != name {
        Err(NameError::Blank)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["summarize", "page title", "日本", "a.b_c-d", "x"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_would_mislead_are_refused() {
        for (name, message) in [
            ("", "a name is missing"),
            ("a/b", "a name is no path: it may not contain '/'"),
            ("a\\b", "a name is no path: it may not contain '\\\\'"),
            ("..", "\"..\" is a directory, not a name"),
            ("-x", "a name may not begin with \"-\""),
            ("a\u{1b}[2J", "a name may not contain control characters: a␛[2J"),
            ("a\u{202e}b", "a name may not contain control characters: a<U+202E>b"),
            (" a", "a name may not begin or end with a blank"),
        ] {
            assert_eq!(check_name(name).unwrap_err().to_string(), message, "{name:?}");
        }
        assert_eq!(check_name(&"x".repeat(101)), Err(NameError::TooLong(101)));
    }
}
