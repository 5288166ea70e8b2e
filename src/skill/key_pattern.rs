//! Patterns of keys that a skill may read and write: one reading for the manifest and for flags.

use crate::event::MAX_KEY_BYTES;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyPatternError {
    /// Nothing there.
    #[error("an empty pattern matches no key; write \"*\" for all keys")]
    Empty,
    /// Longer than any key.
    #[error("a pattern has at most {MAX_KEY_BYTES} bytes, as a key has")]
    TooLong,
}

/// Reads a pattern of keys, in which `*` matches any characters.
///
/// # Errors
/// Where it is empty, or longer than a key can be.
pub fn parse_key_pattern(text: &str) -> Result<String, KeyPatternError> {
    if text.is_empty() {
        Err(KeyPatternError::Empty)
    } else if u64::try_from(text.len()).is_ok_and(|length| length > MAX_KEY_BYTES) {
        Err(KeyPatternError::TooLong)
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_something_in_it_and_is_no_longer_than_a_key() {
        assert_eq!(parse_key_pattern("notes/*").as_deref(), Ok("notes/*"));
        assert_eq!(parse_key_pattern(""), Err(KeyPatternError::Empty));
        assert!(parse_key_pattern(&"k".repeat(8192)).is_ok());
        assert_eq!(parse_key_pattern(&"k".repeat(8193)), Err(KeyPatternError::TooLong));
    }
}
