//! Keys never leave: whatever text is shown or recorded passes here first.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What stands in place of a key.
const REDACTED: &str = "[redacted]";

/// The secrets that no text may hold. Cheap to clone; its `Debug` form shows none of them.
#[derive(Clone, Default)]
pub struct Redactor(Arc<[String]>);

impl Redactor {
    /// A redactor of these secrets; empty ones do not count.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        // One that holds another as its part is replaced first, so that nothing of it stays.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets.into())
    }

    /// The text with each secret replaced.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in self.0.iter() {
            if clean.contains(secret.as_str()) {
                clean = Cow::Owned(clean.replace(secret.as_str(), REDACTED));
            }
        }
        clean
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_stays() {
        let redactor = Redactor::new(["key".to_owned(), String::new(), "key-longer".to_owned()]);
        assert_eq!(redactor.redact("a key-longer b key"), "a [redacted] b [redacted]");
        assert!(matches!(redactor.redact("nothing"), Cow::Borrowed("nothing")));
        assert!(!format!("{redactor:?}").contains("longer"));
    }
}
