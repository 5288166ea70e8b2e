//! Keys of providers: they come from the environment, and nothing that is shown ever holds one.

use std::borrow::Cow;
use std::fmt;

/// What stands in place of a key.
const REDACTED: &str = "[redacted]";

/// Looks up an environment variable.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// A provider's key. Its `Debug` form is redacted, and it has no `Display`.
#[derive(Clone)]
pub struct Key {
    secret: String,
    /// The key as an URL or a JSON text spells it, where that differs.
    spellings: Vec<String>,
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The variable is not set, or is empty.
    #[error("the environment variable {variable} is not set")]
    Missing {
        /// The variable's name.
        variable: String,
    },
    /// No header could carry it.
    #[error("the environment variable {variable} holds no key: a key is printable ASCII without blanks")]
    Unusable {
        /// The variable's name.
        variable: String,
    },
}

impl Key {
    /// The key that an environment variable holds; blanks and line feeds around it do not count.
    ///
    /// # Errors
    /// Where the variable is not set, is empty, or holds what no header could carry.
    pub fn from_environment(variable: &str, environment: Environment<'_>) -> Result<Self, KeyError> {
        let value = environment(variable).unwrap_or_default();
        let secret = value.trim();
        if secret.is_empty() {
            return Err(KeyError::Missing { variable: variable.to_owned() });
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Unusable { variable: variable.to_owned() });
        }
        let in_url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let in_json = secret.replace('\\', "\\\\").replace('"', "\\\"");
        let spellings = [in_url, in_json].into_iter().filter(|spelling| spelling != secret).collect();
        Ok(Self { secret: secret.to_owned(), spellings })
    }

    /// The key itself, for the provider alone.
    pub(super) fn expose(&self) -> &str {
        &self.secret
    }

    /// The text with the key, wherever it stands, replaced by `[redacted]`.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for spelling in self.spellings.iter().chain([&self.secret]) {
            if clean.contains(spelling.as_str()) {
                clean = Cow::Owned(clean.replace(spelling.as_str(), REDACTED));
            }
        }
        clean
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: &str) -> Result<Key, KeyError> {
        Key::from_environment("THE_KEY", &|name| (name == "THE_KEY").then(|| value.to_owned()))
    }

    #[test]
    fn a_key_is_redacted_in_every_spelling() {
        let key = key("s3cret+/\"=").unwrap();
        assert_eq!(key.redact("a s3cret+/\"= b s3cret+/\"="), "a [redacted] b [redacted]");
        assert_eq!(key.redact("?key=s3cret%2B%2F%22%3D"), "?key=[redacted]");
        assert_eq!(key.redact(r#"{"k":"s3cret+/\"="}"#), r#"{"k":"[redacted]"}"#);
        assert!(matches!(key.redact("nothing here"), Cow::Borrowed(_)));
        assert_eq!(format!("{key:?}"), "[redacted]");
    }

    #[test]
    fn blanks_around_a_key_do_not_count_and_an_empty_one_is_missing() {
        assert_eq!(key(" abc\n").unwrap().expose(), "abc");
        assert_eq!(key(" \n").unwrap_err(), KeyError::Missing { variable: "THE_KEY".into() });
        assert_eq!(key("a\nb").unwrap_err(), KeyError::Unusable { variable: "THE_KEY".into() });
        assert!(key("schlüssel").unwrap_err().to_string().contains("THE_KEY"));
    }
}
