//! What a cached module is found by.

use crate::runtime::instrument::REWRITER_VERSION;
use crate::runtime::prepared::{Build, PREPARATION_VERSION};
use sha2::{Digest, Sha256};

/// A digest of all that a module's native code depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::runtime) struct Key([u8; 32]);

impl Key {
    /// The key of a module (by the SHA-256 of its binary form) in this build, compiled by a compiler of this identity.
    pub(in crate::runtime) fn new(module_sha256: &[u8; 32], build: Build, compiler_identity: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(module_sha256);
        digest.update(REWRITER_VERSION.to_le_bytes());
        digest.update(PREPARATION_VERSION.to_le_bytes());
        digest.update(build.word().as_bytes());
        digest.update([0]);
        digest.update(compiler_identity.as_bytes());
        Self(digest.finalize().into())
    }

    /// Its bytes.
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The name of the file of this key.
    pub(super) fn file_name(&self) -> String {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}.{FILE_EXTENSION}")
    }
}

/// How the names of the cache's files end.
pub(super) const FILE_EXTENSION: &str = "code";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_build_and_compiler_all_tell_keys_apart() {
        let normal =
            [([0; 32], "a"), ([1; 32], "a"), ([0; 32], "b")].map(|(module, compiler)| Key::new(&module, Build::Normal, compiler));
        let keys: Vec<Key> = normal.into_iter().chain([Key::new(&[0; 32], Build::Profiled, "a")]).collect();
        assert!(keys.iter().enumerate().all(|(index, key)| keys.iter().skip(index + 1).all(|other| other != key)));
        assert!(keys[0].file_name().len() == 64 + 5);
    }
}
