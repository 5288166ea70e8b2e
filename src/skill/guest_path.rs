//! Where a directory lies for a skill (WASI): one reading for the manifest and for flags.

/// Why a text is no path in the guest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuestPathError {
    /// Relative.
    #[error("a path in the guest is absolute; write \"/{0}\"")]
    Relative(String),
    /// It has a part that means another place, or a NUL.
    #[error("a path in the guest has no \".\", \"..\" or NUL in it")]
    Part,
}

/// Reads an absolute path in the guest and gives it without a slash at its end, so that one directory has one spelling.
///
/// # Errors
/// Where it is relative, or has a part `.` or `..`, or a NUL.
pub fn parse_guest_path(text: &str) -> Result<String, GuestPathError> {
    if !text.starts_with('/') {
        return Err(GuestPathError::Relative(text.chars().take(100).collect()));
    }
    if text.contains('\0') || text.split('/').any(|part| matches!(part, "." | "..")) {
        return Err(GuestPathError::Part);
    }
    let trimmed = text.trim_end_matches('/');
    Ok(if trimmed.is_empty() { "/" } else { trimmed }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_directory_has_one_spelling() {
        for (text, path) in [("/data", "/data"), ("/data/", "/data"), ("/", "/"), ("///", "/"), ("/a/b//", "/a/b")] {
            assert_eq!(parse_guest_path(text).as_deref(), Ok(path), "{text}");
        }
    }

    #[test]
    fn what_is_relative_or_leads_elsewhere_is_refused() {
        assert_eq!(parse_guest_path("data").unwrap_err().to_string(), "a path in the guest is absolute; write \"/data\"");
        for text in ["/a/../b", "/./a", "/..", "/a\0"] {
            assert_eq!(parse_guest_path(text), Err(GuestPathError::Part), "{text:?}");
        }
    }
}
