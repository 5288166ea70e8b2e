//! What a module's bytes say, without an engine.
//!
//! Validation before anything runs, the profile, imports and exports, names, WAT. It knows `event` and reads no file but
//! the ones it is handed as bytes; it must not know the engine, the host's services or the manifest.

#[cfg(test)]
mod damage_tests;
mod digest;
mod exports;
mod fault;
mod file_content;
mod function_names;
mod host_functions;
mod imports;
mod inspect;
mod load;
#[cfg(test)]
mod load_tests;
mod memory_access;
mod refused_features;
mod shown_name;
mod signature;
mod size_limits;
mod text_module;
mod toolchains;
mod validation;
mod wasi_functions;
mod wat_excerpt;

pub use digest::{ModuleDigest, digest_hex, module_digest};
pub use exports::ExportFault;
pub use fault::{ModuleError, ModuleFault};
pub use file_content::ForeignFormat;
pub use function_names::{FunctionNames, function_at};
pub use host_functions::{Grant, HOST_FUNCTIONS, HostFunction, HostFunctionId, Type, find_host_function, qualified_name};
pub use imports::{ImportFault, ImportProblem};
pub use inspect::inspect;
pub use load::{LoadOptions, load};
pub use refused_features::{FeatureUse, RefusedFeature};
pub use size_limits::{MAX_TABLE_ENTRIES, MAX_TABLES};
pub use text_module::TextFault;
pub use wasi_functions::{WASI_FUNCTIONS, WASI_MODULE, find_wasi_function};
pub use wat_excerpt::wat_excerpt;

use crate::event::Profile;
use std::sync::Arc;

/// A module that passed validation: what every other floor may rely on.
#[derive(Clone, Debug)]
pub struct ValidModule {
    /// The binary module as its author built it (a text module's binary form); all offsets refer to it.
    pub bytes: Arc<[u8]>,
    /// SHA-256 of `bytes`.
    pub sha256: ModuleDigest,
    /// How it is called.
    pub profile: Profile,
    /// Its imported functions, in order: all of them are known and rightly typed.
    pub imports: Vec<ImportedFunction>,
    /// The memory that the host reaches: imported as `env.memory`, or its own, exported as `memory`. `None` only where a command
    /// has no memory, or keeps it to itself, and imports nothing that needs one.
    pub memory: Option<MemoryDeclaration>,
    /// The allocator's exports: `alloc`/`dealloc` or `malloc`/`free`, if it has both of a pair.
    pub allocator: Option<Allocator>,
    /// Whether vector types or instructions occur: Singlepass cannot compile those.
    pub uses_simd: bool,
    /// Whether it has a start function.
    pub has_start: bool,
    /// Whether it exports `_initialize` with type `() -> ()`.
    pub has_initialize: bool,
    /// Whether it exports a command's `_start`, which its profile does not call, and no `_initialize` in its place.
    pub leaves_start_uncalled: bool,
    /// Whether it exports `skill_init` (cis-sdk).
    pub has_skill_init: bool,
    /// Whether it exports `skill_shutdown` (cis-sdk).
    pub has_skill_shutdown: bool,
}

impl ValidModule {
    /// The digest as lower-case hex.
    pub fn sha256_hex(&self) -> String {
        digest_hex(self.sha256)
    }

    /// Whether any import comes from WASI.
    pub fn uses_wasi(&self) -> bool {
        self.imports.iter().any(|import| import.kind == ImportKind::Wasi)
    }
}

/// An imported function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFunction {
    /// The import's module.
    pub module: String,
    /// The import's name.
    pub name: String,
    /// What serves it.
    pub kind: ImportKind,
}

/// What serves an imported function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// A host function of the table [`HOST_FUNCTIONS`].
    Host(HostFunctionId),
    /// WASI preview 1, module `wasi_snapshot_preview1`.
    Wasi,
}

/// A module's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryDeclaration {
    /// Whether it is imported as `env.memory`.
    pub imported: bool,
    /// Declared minimum, in pages.
    pub minimum_pages: u32,
    /// Declared maximum, in pages.
    pub maximum_pages: Option<u32>,
}

/// Names of the exports that give and take buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocator {
    /// `(len) -> ptr`.
    pub allocate: &'static str,
    /// `alloc`'s `dealloc` takes `(ptr, len)`, `malloc`'s `free` takes `(ptr)`.
    pub free: &'static str,
    /// Whether `free` takes the length too.
    pub free_takes_len: bool,
}
