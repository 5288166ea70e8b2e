//! From what a user named to a run that can begin: the skill found, its manifest read, its module read, checked and compiled.

use super::command::{Overrides, RunInput, RunRequest, Target};
use super::config::SettingsInForce;
use super::optimizer::Optimizer;
use super::services::Shared;
use crate::event::{CacheUse, Event, Failure, Limits, LoadedModule, Outcome, Profile};
use crate::host::RunControl;
use crate::host::wasi::{Preopen, WasiSetup};
use crate::module::{self, LoadOptions, ModuleDigest, ValidModule};
use crate::runtime::{Compiled, Compiler};
use crate::skill::{Catalog, CatalogEntry, GrantedDirectory, Permissions, Skill, SkillError};
use crossbeam_channel::Sender;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a run cannot begin.
#[derive(Debug)]
pub struct Refusal {
    /// `manifest`, `invalid`, `cancelled`, or `host` for a fault of ours.
    pub outcome: Outcome,
    /// In words.
    pub failure: Failure,
    /// What is known of the run all the same.
    pub known: Known,
}

/// What is known of a run before it can begin.
#[derive(Clone, Debug)]
pub struct Known {
    /// The skill's name, or else what the user named.
    pub skill: String,
    /// The limits in force; flags over defaults where the manifest cannot be read.
    pub limits: Limits,
    /// The profile, where the manifest or the module tells.
    pub profile: Option<Profile>,
    /// The module's digest, where it was read.
    pub sha256: Option<ModuleDigest>,
    /// The skill's directory or file, where it was found.
    pub path: Option<PathBuf>,
    /// The module's file, where the manifest tells.
    pub module: Option<PathBuf>,
}

impl Known {
    /// Of a run of which nothing was read yet.
    pub fn nothing(target: &Target, overrides: &Overrides) -> Self {
        let path = match target {
            Target::Path(path) => Some(path.clone()),
            Target::Name(_) => None,
        };
        let limits = limits(Limits::default(), overrides);
        Self { skill: target.to_string(), limits, profile: None, sha256: None, path, module: None }
    }

    /// Of a skill whose module was not read yet.
    fn of_skill(skill: &Skill, overrides: &Overrides) -> Self {
        let profile = declared_profile(skill);
        let info = skill.info();
        let limits = limits(skill.limits(), overrides);
        Self { skill: info.name, limits, profile, sha256: None, path: Some(info.path), module: info.module }
    }

    fn refuse(self, outcome: Outcome, failure: impl Into<Failure>) -> Box<Refusal> {
        Box::new(Refusal { outcome, failure: failure.into(), known: self })
    }
}

/// A skill whose module passed validation.
pub struct Checked {
    /// The skill on disk.
    pub skill: Skill,
    /// Its module.
    pub module: Arc<ValidModule>,
    /// The limits in force.
    pub limits: Limits,
    /// WASI as the skill sees it, where it is on; arguments and stdin are the run's to fill in.
    pub wasi: Option<WasiSetup>,
}

impl Checked {
    /// What is known of a run of it.
    pub fn known(&self) -> Known {
        let info = self.skill.info();
        Known {
            skill: info.name,
            limits: self.limits.clone(),
            profile: Some(self.module.profile),
            sha256: Some(self.module.sha256),
            path: Some(info.path),
            module: info.module,
        }
    }

    /// What the session tells about it.
    pub fn loaded(&self, compiled: Option<(f64, CacheUse, Compiler)>) -> LoadedModule {
        LoadedModule {
            skill: self.skill.name.clone(),
            sha256: self.module.sha256_hex(),
            profile: self.module.profile,
            module_bytes: self.module.bytes.len() as u64,
            compile_ms: compiled.map(|(ms, ..)| ms),
            cache: compiled.map(|(_, cache, _)| cache),
            compiler: compiled.map(|(.., compiler)| compiler.word().to_owned()),
        }
    }
}

/// Finds the skill that is meant.
///
/// # Errors
/// Where there is none of that name or path, or its manifest is wrong.
pub fn find(shared: &Shared, target: &Target, overrides: &Overrides) -> Result<Skill, Box<Refusal>> {
    let refuse = |failure: Failure| Known::nothing(target, overrides).refuse(Outcome::Manifest, failure);
    let entry = match target {
        Target::Path(path) => Catalog::open_path(path).map_err(|error| refuse(error.into()))?,
        Target::Name(name) => {
            let catalog = Catalog::scan(&shared.config.directories).map_err(|error| refuse(error.into()))?;
            catalog.resolve(OsStr::new(name)).map_err(refuse)?
        }
    };
    open(entry, overrides)
}

/// The skill of a catalog's entry.
///
/// # Errors
/// Where its manifest is wrong.
pub fn open(entry: CatalogEntry, overrides: &Overrides) -> Result<Skill, Box<Refusal>> {
    let CatalogEntry { info, skill, declared } = entry;
    skill.map_err(|failure| {
        let limits = limits(declared.limits.limits(), overrides);
        let (path, module) = (Some(info.path), info.module);
        Known { skill: info.name, limits, profile: declared.profile, sha256: None, path, module }
            .refuse(Outcome::Manifest, failure)
    })
}

/// Reads and validates a skill's module.
///
/// # Errors
/// Where it cannot be read, differs from its checksum, or is refused, or where a directory that the manifest grants cannot be taken.
pub fn check(shared: &Shared, settings: &SettingsInForce, skill: Skill, overrides: &Overrides) -> Result<Checked, Box<Refusal>> {
    let known = Known::of_skill(&skill, overrides);
    let wasi = match wasi_setup(&skill, overrides) {
        Ok(wasi) => wasi,
        Err(error) => return Err(known.refuse(error.outcome(), error)),
    };
    let bytes = match skill.read_module(settings.max_module_bytes) {
        Ok(bytes) => bytes,
        Err(error) => return Err(known.refuse(error.outcome(), error)),
    };
    if let Err(error) = skill.verify(&bytes) {
        return Err(Known { sha256: module::module_digest(&bytes), ..known }.refuse(error.outcome(), error));
    }
    let options = LoadOptions {
        max_bytes: settings.max_module_bytes,
        memory_limit_bytes: known.limits.memory_bytes,
        wasi_enabled: wasi_enabled(&skill, overrides),
        profile: declared_profile(&skill).or(overrides.profile),
    };
    match shared.modules.load(&skill.module_path.display().to_string(), bytes, &options) {
        Ok(module) => Ok(Checked { module, limits: known.limits, wasi, skill }),
        Err(error) => Err(Known { profile: error.profile, sha256: error.sha256, ..known }.refuse(Outcome::Invalid, error)),
    }
}

/// Checks that a skill of this profile has a use for what it is given.
///
/// # Errors
/// Where it is given raw stdin and is no command, or an event's type and handles no events.
pub fn fits(checked: &Checked, input: &RunInput) -> Result<(), Box<Refusal>> {
    let profile = checked.module.profile;
    let fault = if input.raw_stdin && profile != Profile::Command {
        Some(("--stdin gives raw bytes to a command", "give it a JSON document by --input"))
    } else if input.event.is_some() && profile != Profile::CisSdk {
        Some(("--event names the event of a skill of the profile cis-sdk", "leave the flag out"))
    } else {
        None
    };
    let Some((flag, hint)) = fault else { return Ok(()) };
    let name = &checked.skill.name;
    let failure = Failure::new("usage", format!("{flag}, and {name:?} has the profile {profile}")).with_hint(hint);
    Err(checked.known().refuse(Outcome::Manifest, failure))
}

/// Compiles a checked module, or fetches it from the cache.
///
/// # Errors
/// Where the engine refuses it, or the run was cancelled.
pub fn compile(
    shared: &Arc<Shared>,
    checked: &Checked,
    request: &RunRequest,
    control: &RunControl,
    events: &Sender<Event>,
) -> Result<Compiled, Box<Refusal>> {
    // A reader that has gone needs no events.
    let _ = events.send(Event::Compiling { skill: checked.skill.name.clone(), module_bytes: checked.module.bytes.len() as u64 });
    let is_quick = request.overrides.quick_from_bytes.is_some_and(|from| checked.module.bytes.len() as u64 >= from);
    let compiled = if request.profile_fuel {
        let compiler = if is_quick { Compiler::Singlepass } else { request.compiler };
        shared.runtime.compile_profiled(&checked.module, compiler, control)
    } else if is_quick {
        shared.runtime.compile_quickly(&checked.module, control)
    } else {
        shared.runtime.compile(&checked.module, request.compiler, control)
    };
    let compiled = compiled.map_err(|error| checked.known().refuse(error.outcome(), error))?;
    if is_quick && !request.profile_fuel && compiled.compiler == Compiler::Singlepass {
        Optimizer::begin(shared, &checked.module);
    }
    for message in &compiled.notices {
        let _ = events.send(Event::Notice { message: message.clone() });
    }
    let _ = events.send(Event::Loaded(checked.loaded(Some((compiled.compile_ms, compiled.cache, compiled.compiler)))));
    Ok(compiled)
}

/// The limits of a run: a flag wins over the manifest.
pub fn limits(of_manifest: Limits, overrides: &Overrides) -> Limits {
    let mut limits = of_manifest;
    if let Some(bytes) = overrides.memory_bytes {
        limits.memory_bytes = bytes;
    }
    if let Some(timeout) = overrides.timeout {
        limits.timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
    }
    if let Some(fuel) = overrides.fuel {
        limits.fuel = fuel;
    }
    limits
}

/// What the skill may do: what the manifest grants, and what flags add.
pub fn permissions(skill: &Skill, overrides: &Overrides) -> Permissions {
    if let Some(permissions) = &overrides.permissions {
        return permissions.clone();
    }
    let mut permissions = skill.permissions();
    permissions.ai |= overrides.allow_ai;
    permissions.memory.extend(overrides.allow_memory.iter().cloned());
    permissions.http.extend(overrides.allow_http.iter().cloned());
    permissions
}

fn declared_profile(skill: &Skill) -> Option<Profile> {
    skill.manifest.as_ref().and_then(|manifest| manifest.skill.profile)
}

fn wasi_enabled(skill: &Skill, overrides: &Overrides) -> bool {
    !overrides.no_wasi && skill.wasi_is_enabled()
}

/// WASI as the manifest and flags have it.
///
/// # Errors
/// Where a directory of the manifest is not there, or leads out of the skill's.
fn wasi_setup(skill: &Skill, overrides: &Overrides) -> Result<Option<WasiSetup>, SkillError> {
    if !wasi_enabled(skill, overrides) {
        return Ok(None);
    }
    let mut environment = skill.environment();
    environment.extend(overrides.environment.iter().cloned());
    if overrides.no_directories {
        return Ok(Some(WasiSetup { environment: environment.into_iter().collect(), ..WasiSetup::default() }));
    }
    let by_flag = &overrides.directories;
    let granted = skill.directories(|guest| by_flag.iter().any(|(_, known, _)| known == guest))?;
    let mut directories: Vec<Preopen> =
        granted.into_iter().map(|GrantedDirectory { host, guest, writable }| Preopen { host, guest, writable }).collect();
    for (host, guest, writable) in by_flag {
        directories.retain(|known| known.guest != *guest);
        directories.push(Preopen { host: host.clone(), guest: guest.clone(), writable: *writable });
    }
    Ok(Some(WasiSetup { environment: environment.into_iter().collect(), directories, ..WasiSetup::default() }))
}
