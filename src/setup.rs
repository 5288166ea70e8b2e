//! From the command line to what a session is started with and told: the skill that is meant, the directories, the settings, and what
//! differs from the manifest.

use crate::cli::{Cli, CompilerChoice};
use crate::fault::Fault;
use crate::input;
use skillscope::host::ai;
use skillscope::host::store::{self, ValueStore};
use skillscope::runtime::default_cache_dir;
use skillscope::session::{Overrides, RunRequest, SessionConfig, Target};
use skillscope::skill::Catalog;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// From this size on, in bytes, a module runs sooner by Singlepass than most skills take to run.
const QUICK_FROM_BYTES: u64 = 1 << 20;

/// The skill that a word means: one of that name, or the one at that path.
///
/// A word that looks like a name and is none may be a path that is there, and one that looks like a file and is none may be a
/// name: only then the directories are searched for it here.
pub fn target(word: &str, cli: &Cli) -> Target {
    target_in(word, &cli.directories)
}

/// The same, with the directories in which names are looked for.
pub fn target_in(word: &str, directories: &[PathBuf]) -> Target {
    let is_there = Path::new(word).exists();
    match Target::parse(word) {
        Target::Name(name) if is_there && !is_named(&name, directories) => Target::Path(name.into()),
        Target::Path(path) if !is_there && path.components().count() == 1 && is_named(word, directories) => {
            Target::Name(word.into())
        }
        target => target,
    }
}

fn is_named(name: &str, directories: &[PathBuf]) -> bool {
    Catalog::scan(&or_here(directories)).is_ok_and(|catalog| catalog.find(name).is_ok())
}

/// The directories in which skills are looked for by name.
fn or_here(directories: &[PathBuf]) -> Vec<PathBuf> {
    if directories.is_empty() { vec![PathBuf::from(".")] } else { directories.to_vec() }
}

/// What flags change.
pub fn overrides(cli: &Cli) -> Overrides {
    Overrides {
        memory_bytes: cli.limits.max_memory,
        timeout: cli.limits.timeout,
        fuel: cli.limits.fuel.map(Some),
        config: cli.around.config.clone(),
        environment: cli.around.env.clone(),
        directories: cli.around.dir.clone(),
        no_directories: false,
        no_wasi: cli.around.no_wasi,
        profile: None,
        allow_http: cli.permissions.allow_http.clone(),
        allow_memory: cli.permissions.allow_memory.clone(),
        allow_ai: cli.permissions.allow_ai,
        quick_from_bytes: quick_from_bytes(cli),
        permissions: None,
        faults: cli.faults.fault.clone(),
    }
}

/// The run that the command line asks for: its files are read now.
pub fn run_request(cli: &Cli, target: Target) -> Result<RunRequest, Fault> {
    let input = input::read(&cli.given.input, cli.given.stdin.as_deref(), cli.given.event.clone())?;
    input::check_directories(&cli.around.dir)?;
    Ok(RunRequest {
        target,
        input,
        seed: cli.around.seed,
        compiler: cli.engine.compiler.into(),
        begins_empty: cli.services.store.is_none(),
        profile_fuel: cli.told.profile,
        stored: cli.services.store_in.as_deref().map(read_store).transpose()?.unwrap_or_default(),
        overrides: overrides(cli),
    })
}

fn read_store(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault::Unreadable { path: path.to_owned(), error })?;
    store::parse_json(&text).map_err(|error| Fault::StoreFile { path: path.to_owned(), error })
}

/// Where code is wanted at once: always where what was saved runs again, and for modules that Cranelift takes a third of a second for.
pub fn quick_from_bytes(cli: &Cli) -> Option<u64> {
    match (cli.engine.compiler, cli.given.watch) {
        (CompilerChoice::Auto, true) => Some(0),
        (CompilerChoice::Auto, false) => Some(QUICK_FROM_BYTES),
        (CompilerChoice::Cranelift | CompilerChoice::Singlepass, _) => None,
    }
}

/// The session for a command line that means this skill, or all of them.
pub fn session_config(cli: &Cli, target: Option<&Target>, store: Arc<dyn ValueStore>) -> SessionConfig {
    let directories = match target {
        Some(Target::Path(path)) if cli.directories.is_empty() => vec![directory_of(path)],
        _ => or_here(&cli.directories),
    };
    SessionConfig {
        directories,
        max_module_bytes: cli.limits.max_module,
        // Checks and replays ask nobody: a key that is missing is no matter there.
        ai: if cli.what.list || cli.what.validate.is_some() || cli.what.replay.is_some() {
            ai::MOCK.to_owned()
        } else {
            cli.services.ai.clone()
        },
        store,
        cache_dir: if cli.engine.no_cache { None } else { default_cache_dir() },
        watch: cli.given.watch,
    }
}

/// The directory that a path belongs to.
fn directory_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}
