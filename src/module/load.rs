//! From a file's bytes to a module that every other floor may rely on, or to all that is wrong with it.

use super::digest::{ModuleDigest, digest};
use super::exports::Exports;
use super::fault::{ModuleError, ModuleFault};
use super::file_content::{Content, recognize};
use super::function_names::{FunctionNames, function_at};
use super::imports::{Served, check_imports};
use super::memory_access::reached_memory;
use super::refused_features::{ACCEPTED, diagnose};
use super::shown_name::shown_reason;
use super::size_limits::DeclaredSizes;
use super::validation::{Declarations, Invalid, Stop, validate};
use super::{MemoryDeclaration, ValidModule, text_module, wat_excerpt};
use crate::event::{DEFAULT_MAX_MODULE_BYTES, DEFAULT_MEMORY_BYTES, Profile};
use wasmparser::{BinaryReader, WasmFeatures};

/// What a module is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// The limit on the size of the file, in bytes.
    pub max_bytes: u64,
    /// The limit on linear memory, in bytes.
    pub memory_limit_bytes: u64,
    /// Whether WASI is on.
    pub wasi_enabled: bool,
    /// The profile that the manifest names.
    pub profile: Option<Profile>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { max_bytes: DEFAULT_MAX_MODULE_BYTES, memory_limit_bytes: DEFAULT_MEMORY_BYTES, wasi_enabled: true, profile: None }
    }
}

/// Validates a module, binary or text, against the contract.
///
/// # Errors
/// All that is wrong with it; `file` is the name that messages give the file.
pub fn load(file: &str, bytes: Vec<u8>, options: &LoadOptions) -> Result<ValidModule, ModuleError> {
    let error = |Refused { faults, sha256, profile }| ModuleError {
        file: file.to_owned(),
        faults,
        sha256,
        profile: profile.or(options.profile),
    };
    let bytes = to_binary(bytes, options).map_err(error)?;
    let sha256 = digest(&bytes);
    checked(&bytes, sha256, options).map_err(|refused| error(Refused { sha256: Some(sha256), ..refused }))
}

/// What is wrong with a module, and what is known of it all the same.
struct Refused {
    faults: Vec<ModuleFault>,
    sha256: Option<ModuleDigest>,
    profile: Option<Profile>,
}

impl From<Vec<ModuleFault>> for Refused {
    fn from(faults: Vec<ModuleFault>) -> Self {
        Self { faults, sha256: None, profile: None }
    }
}

fn checked(bytes: &[u8], sha256: ModuleDigest, options: &LoadOptions) -> Result<ValidModule, Refused> {
    let (declarations, uses_simd) = declarations(bytes, options)?;
    let Interface { profile, served, memory, exports } = interface(&declarations, options)?;
    Ok(ValidModule {
        sha256,
        profile,
        imports: served.functions,
        memory,
        allocator: exports.allocator(profile),
        uses_simd,
        has_start: declarations.has_start,
        has_initialize: exports.has("_initialize"),
        leaves_start_uncalled: profile != Profile::Command && exports.has("_start") && !exports.has("_initialize"),
        has_skill_init: exports.has("skill_init"),
        has_skill_shutdown: exports.has("skill_shutdown"),
        bytes: bytes.into(),
    })
}

/// The binary; or why there is none, with the digest of a file that was looked at and is no text.
fn to_binary(bytes: Vec<u8>, options: &LoadOptions) -> Result<Vec<u8>, Refused> {
    let size = bytes.len() as u64;
    if size > options.max_bytes {
        return Err(vec![ModuleFault::TooLarge { size, limit: options.max_bytes }].into());
    }
    match recognize(&bytes) {
        Ok(Content::Binary) => Ok(bytes),
        Ok(Content::Text) => text_module::to_binary(&bytes).map_err(|fault| vec![fault].into()),
        Err(fault) => Err(Refused { sha256: Some(digest(&bytes)), ..vec![fault].into() }),
    }
}

/// What a valid binary declares, and whether it uses SIMD: whether it is invalid without.
fn declarations<'a>(bytes: &'a [u8], options: &LoadOptions) -> Result<(Declarations<'a>, bool), Vec<ModuleFault>> {
    let attempt = |features| validate(bytes, features, &mut DeclaredSizes::new(options.memory_limit_bytes));
    let without_simd = ACCEPTED.difference(WasmFeatures::SIMD);
    match attempt(without_simd) {
        Ok(declarations) => return Ok((declarations, false)),
        Err(Stop::Exceeded(fault)) => return Err(vec![fault]),
        Err(Stop::Invalid(_)) => {}
    }
    match attempt(ACCEPTED) {
        Ok(declarations) => Ok((declarations, true)),
        Err(Stop::Exceeded(fault)) => Err(vec![fault]),
        Err(Stop::Invalid(invalid)) => Err(invalid_faults(bytes, invalid)),
    }
}

fn invalid_faults(bytes: &[u8], invalid: Invalid) -> Vec<ModuleFault> {
    let diagnosis = diagnose(bytes, invalid);
    let remaining = diagnosis.remaining.map(|invalid| malformed(bytes, invalid));
    let features = (!diagnosis.features.is_empty()).then_some(ModuleFault::Features(diagnosis.features));
    remaining.into_iter().chain(features).collect()
}

fn malformed(bytes: &[u8], invalid: Invalid) -> ModuleFault {
    let Invalid { offset, message, truncated, .. } = invalid;
    if truncated && is_cut_off(bytes) {
        return ModuleFault::Truncated { offset: bytes.len() as u64 };
    }
    let function = function_at(bytes, offset).map(|index| match FunctionNames::of(bytes).name(index) {
        Some(name) => format!("function {index} (`{name}`)"),
        None => format!("function {index}"),
    });
    // A section that cannot be read has no lines.
    let excerpt = function.is_some().then(|| wat_excerpt::wat_excerpt(bytes, offset)).flatten();
    ModuleFault::Malformed { offset, reason: shown_reason(&message), function, excerpt }
}

/// Whether a section is longer than what is left of the file.
fn is_cut_off(bytes: &[u8]) -> bool {
    let mut reader = BinaryReader::new(bytes.get(8..).unwrap_or_default(), 8);
    while !reader.eof() {
        let size = reader.read_u8().and_then(|_section| reader.read_var_u32());
        let Some(size) = size.ok().and_then(|size| usize::try_from(size).ok()) else { return true };
        if reader.read_bytes(size).is_err() {
            return true;
        }
    }
    false
}

struct Interface<'a> {
    profile: Profile,
    served: Served,
    memory: Option<MemoryDeclaration>,
    exports: Exports<'a>,
}

/// What the module and its host are to each other; or all that is wrong with its imports and its exports.
fn interface<'a>(declarations: &'a Declarations<'a>, options: &LoadOptions) -> Result<Interface<'a>, Refused> {
    let exports = Exports::of(declarations);
    let served = check_imports(declarations, options.wasi_enabled);
    let profile = exports.profile(options.profile);
    let memory = reached_memory(declarations, &exports, served.as_ref().ok(), profile.as_ref().ok().copied());
    let mut export_faults = profile.as_ref().map_or_else(|_| Vec::new(), |&profile| exports.faults(profile));
    match (served, profile, memory) {
        (Ok(served), Ok(profile), Ok(memory)) if export_faults.is_empty() => Ok(Interface { profile, served, memory, exports }),
        (served, profile, memory) => {
            export_faults.extend(memory.err());
            let mut faults: Vec<_> = served.err().into_iter().collect();
            let named = profile.as_ref().ok().copied();
            faults.extend(profile.err());
            if !export_faults.is_empty() {
                // Without a profile only an import can be the one that needs the memory: that of a command.
                let profile = named.unwrap_or(Profile::Command);
                faults.push(ModuleFault::Exports { profile, from_manifest: options.profile.is_some(), faults: export_faults });
            }
            Err(Refused { profile: named, ..faults.into() })
        }
    }
}
