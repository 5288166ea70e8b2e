//! Why a module is refused: typed, worded for the skill's author, each with a word for scripts and what to do.

use super::digest::ModuleDigest;
use super::exports::ExportFault;
use super::file_content::ForeignFormat;
use super::imports::ImportFault;
use super::refused_features::FeatureUse;
use super::size_limits::{MAX_TABLE_ENTRIES, MAX_TABLES, byte_size, memory_size};
use super::text_module::TextFault;
use crate::event::{Failure, PAGE_BYTES, Profile};

/// A module that is refused, with everything that was found wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleError {
    /// The file, as messages name it.
    pub file: String,
    /// What is wrong, the most telling first; never empty.
    pub faults: Vec<ModuleFault>,
    /// SHA-256 of the binary; `None` for a text that stands for none.
    pub sha256: Option<ModuleDigest>,
    /// How it would be called, where the options or its exports tell.
    pub profile: Option<Profile>,
}

/// One thing that is wrong with a module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModuleFault {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// Neither a binary module nor a text module.
    #[error("not a WebAssembly module: {}", not_wasm_words(*looks_like, starts_with))]
    NotWasm {
        /// What it seems to be instead.
        looks_like: Option<ForeignFormat>,
        /// Its first bytes, at most four.
        starts_with: Vec<u8>,
    },
    /// The file is larger than allowed.
    #[error("the module has {size} bytes, more than the limit of {}", byte_size(*limit))]
    TooLarge {
        /// Its size, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Binary WebAssembly of another version than 1.
    #[error("binary WebAssembly of version {version:#x} (at byte offset 0x4); only version 1 is known")]
    Version {
        /// The header's version field.
        version: u32,
    },
    /// A component, binary or text.
    #[error("a component of the component model, not a core module{}", component_words(*version))]
    Component {
        /// The version in the binary header; `None` for text.
        version: Option<u16>,
    },
    /// The binary ends too early.
    #[error("the module is cut off: it ends at byte offset {offset:#x}, in the middle of something")]
    Truncated {
        /// Where it ends.
        offset: u64,
    },
    /// The text of a text module is wrong.
    #[error("{}\n{}", .0.reason, .0.excerpt)]
    Text(TextFault),
    /// The binary is malformed, or its code is invalid.
    #[error("invalid at byte offset {offset:#x}{}: {reason}{}", function_words(function.as_deref()), excerpt_words(excerpt.as_deref()))]
    Malformed {
        /// Where, in the binary module.
        offset: u64,
        /// What is wrong there.
        reason: String,
        /// The function in whose body it is.
        function: Option<String>,
        /// The lines of the module's text round the place.
        excerpt: Option<String>,
    },
    /// Features are used that are refused.
    #[error("{}", feature_words(.0))]
    Features(Vec<FeatureUse>),
    /// The memory is larger from the start than it may ever become.
    #[error(
        "the {} is at least {}, above the limit of {}",
        if *imported { "imported memory" } else { "memory" },
        memory_size(pages.saturating_mul(PAGE_BYTES)),
        memory_size(*limit_bytes)
    )]
    MemoryTooLarge {
        /// The declared minimum, in pages.
        pages: u64,
        /// The host's limit, in bytes.
        limit_bytes: u64,
        /// Whether it is imported.
        imported: bool,
    },
    /// More tables than allowed.
    #[error("the module has more than {MAX_TABLES} tables, which is the limit")]
    TooManyTables,
    /// A table is larger from the start than it may ever become.
    #[error("table {index} has at least {minimum} entries, above the limit of {MAX_TABLE_ENTRIES}")]
    TableTooLarge {
        /// Which table.
        index: u32,
        /// Its declared minimum.
        minimum: u64,
    },
    /// Imports cannot be served: every one of them.
    #[error("{}", super::imports::message(.0))]
    Imports(Vec<ImportFault>),
    /// Both `execute` and `skill_on_event` are exported.
    #[error("both `execute` (profile d04) and `skill_on_event` (profile cis-sdk) are exported, so the profile is not clear")]
    TwoProfiles,
    /// No export tells a profile.
    #[error(
        "no profile: none of `execute` (d04), `skill_on_event` (cis-sdk) and `_start` (command) is exported; {}",
        super::exports::exports_words(exports, *more, nearest)
    )]
    NoProfile {
        /// The exports that are there: name and kind, the first of them.
        exports: Vec<(String, &'static str)>,
        /// How many more there are.
        more: usize,
        /// Exports that are named almost like what is looked for: found, looked for.
        nearest: Vec<(String, &'static str)>,
    },
    /// Exports are missing or wrongly typed: every one of them.
    #[error("{}", super::exports::message(*profile, *from_manifest, faults))]
    Exports {
        /// The profile that they are held against.
        profile: Profile,
        /// Whether the manifest names it.
        from_manifest: bool,
        /// What is wrong.
        faults: Vec<ExportFault>,
    },
}

fn not_wasm_words(looks_like: Option<ForeignFormat>, starts_with: &[u8]) -> String {
    if let Some(format) = looks_like {
        return format!("the file is {}", format.words);
    }
    let bytes: Vec<_> = starts_with.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("the file begins with the bytes {}, not with `\\0asm` (binary) or `(` (text)", bytes.join(" "))
}

fn component_words(version: Option<u16>) -> String {
    version.map_or_else(String::new, |version| format!(" (version {version:#x}, layer 1, at byte offset 0x4)"))
}

fn function_words(function: Option<&str>) -> String {
    function.map_or_else(String::new, |function| format!(", in {function}"))
}

fn excerpt_words(excerpt: Option<&str>) -> String {
    excerpt.map_or_else(String::new, |excerpt| format!("\n{excerpt}"))
}

fn feature_words(features: &[FeatureUse]) -> String {
    let uses = |used: &FeatureUse| format!("{} (at byte offset {:#x})", used.feature.name, used.offset);
    match features {
        [used] => format!("the module uses {}, which is not accepted", uses(used)),
        all => format!("the module uses features that are not accepted: {}", all.iter().map(uses).collect::<Vec<_>>().join(", ")),
    }
}

impl ModuleFault {
    /// The stable word for scripts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotWasm { .. } => "not-wasm",
            Self::TooLarge { .. } => "too-large",
            Self::Version { .. } => "version",
            Self::Component { .. } => "component",
            Self::Truncated { .. } | Self::Malformed { .. } => "malformed",
            Self::Text(_) => "wat",
            Self::Features(_) => "feature",
            Self::MemoryTooLarge { .. } => "memory-limit",
            Self::TooManyTables | Self::TableTooLarge { .. } => "table-limit",
            Self::Imports(faults) => super::imports::kind(faults),
            Self::TwoProfiles | Self::NoProfile { .. } => "profile",
            Self::Exports { faults, .. } => super::exports::kind(faults),
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Empty => Some("the build failed or is still writing: build it again".into()),
            Self::NotWasm { looks_like, .. } => looks_like.map(|format| format.hint.into()),
            Self::TooLarge { .. } => {
                Some("leave out debug info (`wasm-tools strip`, Rust `strip = true`, clang `-s`), or raise the limit on a module's size".into())
            }
            Self::Version { .. } => Some("the file is damaged, or was written by a tool of another age: build it again".into()),
            Self::Component { .. } => Some(
                "build a core module: Rust `--target wasm32-wasip1`, not wasm32-wasip2; without `wasm-tools component new`, `cargo component`, jco or \
                 componentize-py; `wasm-tools component unbundle` takes the core modules out of a component"
                    .into(),
            ),
            Self::Truncated { .. } => Some("a copy, a download or a build broke off: build or fetch it again".into()),
            Self::Text(fault) => fault.hint.map(Into::into),
            Self::Malformed { .. } => Some(
                "this breaks the rules of WebAssembly itself: correct the text of a text module; a built one is damaged, or its toolchain is at fault".into(),
            ),
            Self::Features(features) => Some(feature_hints(features)),
            Self::MemoryTooLarge { .. } => Some(
                "ask for less at the start (wasm-ld `--initial-memory=BYTES`, emcc `-sINITIAL_MEMORY=BYTES`), or raise the limit: `memory` under \
                 `[limits]` in skill.toml, `--max-memory` on the command line"
                    .into(),
            ),
            Self::TooManyTables | Self::TableTooLarge { .. } => None,
            Self::Imports(faults) => super::imports::hint(faults),
            Self::TwoProfiles => Some("say which one holds: `profile = \"d04\"` or `profile = \"cis-sdk\"` under `[skill]` in skill.toml".into()),
            Self::NoProfile { .. } => Some(super::exports::NO_PROFILE_HINT.into()),
            Self::Exports { faults, .. } => super::exports::hint(faults),
        }
    }
}

fn feature_hints(features: &[FeatureUse]) -> String {
    match features {
        [used] => used.feature.hint.to_owned(),
        all => all.iter().map(|used| format!("{}: {}", used.feature.name, used.feature.hint)).collect::<Vec<_>>().join("\n"),
    }
}

impl std::fmt::Display for ModuleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (position, fault) in self.faults.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&self.file)?;
            if let ModuleFault::Text(TextFault { line, column, .. }) = fault {
                write!(f, ":{line}:{column}")?;
            }
            write!(f, ": {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ModuleError {}

impl From<ModuleError> for Failure {
    fn from(error: ModuleError) -> Self {
        let kind = error.faults.first().map_or("malformed", ModuleFault::kind);
        let hints: Vec<_> = error.faults.iter().filter_map(ModuleFault::hint).collect();
        let failure = Self::new(kind, error.to_string());
        if hints.is_empty() { failure } else { failure.with_hint(hints.join("\n")) }
    }
}
