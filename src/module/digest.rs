//! The digest by which a module is known: SHA-256 of its binary form.

use super::file_content::{Content, recognize};
use super::text_module;
use sha2::{Digest as _, Sha256};

/// A module's SHA-256.
pub type ModuleDigest = [u8; 32];

/// The digest of a module's file, whether the module is good or not; `None` for a text that stands for no binary.
pub fn module_digest(file: &[u8]) -> Option<ModuleDigest> {
    match recognize(file) {
        Ok(Content::Text) => text_module::to_binary(file).ok().map(|binary| digest(&binary)),
        Ok(Content::Binary) | Err(_) => Some(digest(file)),
    }
}

/// A digest in lower-case hex.
pub fn digest_hex(digest: ModuleDigest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn digest(bytes: &[u8]) -> ModuleDigest {
    Sha256::digest(bytes).into()
}
