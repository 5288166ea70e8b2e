//! Contents that a case names: written into the case, or in a file of the skill.

use super::TextMatch;
use crate::skill::text_file::{FileError, read_bytes};
use serde_json::Value;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The largest file that a case may name, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These.
    Inline(Vec<u8>),
    /// Those of a file, relative to the skill's directory and inside it.
    File(PathBuf),
}

impl Content {
    /// The bytes; `directory` is the skill's.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn bytes(&self, directory: &Path) -> Result<Cow<'_, [u8]>, FileError> {
        match self {
            Self::Inline(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::File(path) => read_bytes(&directory.join(path), MAX_FILE_BYTES).map(Cow::Owned),
        }
    }
}

/// What a stored value is to be after the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredValue {
    /// These bytes.
    Is(Content),
    /// JSON that is equal to this one, however it is written.
    Json(Value),
    /// A text.
    Text(TextMatch),
}
