//! What the targets share with the property tests: the very same files.

#![allow(dead_code, missing_docs, reason = "the property tests use the rest of it")]

#[path = "../tests/it/proof/mod.rs"]
pub mod proof;
