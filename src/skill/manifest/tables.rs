//! From the tables of a `skill.toml` to a [`Manifest`]: which keys there are, and what each may hold.

use super::{LimitsTable, Manifest, SkillTable, WasiDirectory, WasiTable};
use crate::event::Profile;
use crate::skill::cases::cases;
use crate::skill::duration::parse_timeout_ms;
use crate::skill::guest_path::parse_guest_path;
use crate::skill::http_grant::parse_http_grant;
use crate::skill::key_pattern::parse_key_pattern;
use crate::skill::limit::{parse_fuel, parse_memory_limit};
use crate::skill::nearest_name::nearest_name;
use crate::skill::skill_name::check_name;
use crate::skill::{Item, Permissions, Reported, TableReader};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Reads the root table. Each table is read also where another one was at fault, so that all faults are told at once.
pub(super) fn manifest(root: &mut TableReader<'_>, path: &Path) -> Result<Manifest, Reported> {
    let skill = root.required("skill", "[skill]", |item| in_table(item, skill));
    let limits = root.optional("limits", |item| in_table(item, limits));
    let permissions = root.optional("permissions", |item| in_table(item, permissions));
    let config = root.optional("config", config);
    let wasi = root.optional("wasi", |item| in_table(item, wasi));
    let cases = root.optional("case", |item| cases(item, path));
    // Reserved: how to build. Whatever it holds is taken and means nothing yet.
    root.item("build");
    Ok(Manifest {
        skill: skill?,
        limits: limits?.unwrap_or_default(),
        permissions: permissions?.unwrap_or_default(),
        config: config?.unwrap_or_default(),
        wasi: wasi?.unwrap_or_default(),
        cases: cases?.unwrap_or_default(),
    })
}

fn in_table<'d, T>(item: &Item<'d>, read: impl FnOnce(&mut TableReader<'d>) -> Result<T, Reported>) -> Result<T, Reported> {
    let mut table = item.table()?;
    let value = read(&mut table);
    table.finish();
    value
}

fn skill(table: &mut TableReader<'_>) -> Result<SkillTable, Reported> {
    let name = table.required("name", "name = \"my-skill\"", name);
    let version = table.optional("version", Item::text);
    let description = table.optional("description", Item::text);
    let module = table.required("module", "module = \"my-skill.wasm\"", |item| Ok((module_path(item)?, item.line())));
    let profile = table.optional("profile", profile);
    let sha256 = table.optional("sha256", |item| Ok((sha256(item)?, item.line())));
    let (module, module_line) = module?;
    let (sha256, sha256_line) = sha256?.unzip();
    Ok(SkillTable {
        name: name?,
        version: version?,
        description: description?,
        module,
        profile: profile?,
        sha256,
        module_line,
        sha256_line: sha256_line.unwrap_or_default(),
    })
}

pub(super) fn name(item: &Item<'_>) -> Result<String, Reported> {
    let name = item.string()?;
    check_name(name).map_err(|error| item.bad_value(error, None))?;
    Ok(name.to_owned())
}

fn module_path(item: &Item<'_>) -> Result<PathBuf, Reported> {
    let text = item.string()?;
    match path_below(text) {
        Ok(path) if path.as_os_str() == "." => Err(item.bad_value("a module is a file, not a directory", None)),
        Ok(path) => Ok(path),
        Err(fault) => Err(item.bad_value(fault, Some(BELOW_HINT.to_owned()))),
    }
}

const BELOW_HINT: &str = "write it relative to the directory of this file, with / between its parts";

/// A path that names something at or below the manifest's directory, without its `.` parts.
pub(in crate::skill) fn path_below(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        return Err("the path is empty");
    }
    if text.contains('\0') {
        return Err("the path contains a NUL character");
    }
    let mut path = PathBuf::new();
    for component in Path::new(text).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err("the path leads out of the skill's directory by \"..\""),
            Component::RootDir | Component::Prefix(_) => return Err("the path is absolute"),
        }
    }
    Ok(if path.as_os_str().is_empty() { PathBuf::from(".") } else { path })
}

pub(super) fn profile(item: &Item<'_>) -> Result<Profile, Reported> {
    let word = item.string()?;
    Profile::ALL.into_iter().find(|profile| profile.word() == word).ok_or_else(|| {
        let words = Profile::ALL.map(Profile::word);
        let hint = nearest_name(word, words).map(|near| format!("did you mean \"{near}\"?"));
        item.bad_value(format!("{word:?} is no profile; profiles are {}", words.join(", ")), hint)
    })
}

fn sha256(item: &Item<'_>) -> Result<String, Reported> {
    let digest = item.string()?;
    if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digest.to_ascii_lowercase());
    }
    let count = digest.chars().count();
    let fault = match digest.chars().find(|c| !c.is_ascii_hexdigit()) {
        Some(c) => format!("a SHA-256 digest is 64 hexadecimal digits, and {c:?} is none"),
        None => format!("a SHA-256 digest is 64 hexadecimal digits, this one has {count}"),
    };
    Err(item.bad_value(fault, Some("`sha256sum FILE` prints it".to_owned())))
}

pub(in crate::skill) fn limits(table: &mut TableReader<'_>) -> Result<LimitsTable, Reported> {
    let memory_bytes = table.optional("memory", memory);
    let timeout_ms = table.optional("timeout", timeout);
    let fuel = table.optional("fuel", fuel);
    Ok(LimitsTable { memory_bytes: memory_bytes?, timeout_ms: timeout_ms?, fuel: fuel? })
}

pub(super) fn memory(item: &Item<'_>) -> Result<u64, Reported> {
    item.quantity(parse_memory_limit)
}

pub(super) fn timeout(item: &Item<'_>) -> Result<u64, Reported> {
    item.quantity(parse_timeout_ms)
}

pub(super) fn fuel(item: &Item<'_>) -> Result<u64, Reported> {
    item.quantity(parse_fuel)
}

pub(in crate::skill) fn permissions(table: &mut TableReader<'_>) -> Result<Permissions, Reported> {
    let ai = table.optional("ai", Item::boolean);
    let memory = table.optional("memory", |item| each(item, |item| item.parsed(parse_key_pattern)));
    let http = table.optional("http", |item| each(item, |item| item.parsed(parse_http_grant)));
    Ok(Permissions { ai: ai?.unwrap_or_default(), memory: memory?.unwrap_or_default(), http: http?.unwrap_or_default() })
}

/// Reads all elements of an array, also past one that is at fault.
fn each<T>(item: &Item<'_>, read: impl Fn(&Item<'_>) -> Result<T, Reported>) -> Result<Vec<T>, Reported> {
    let read: Vec<_> = item.array()?.iter().map(read).collect();
    read.into_iter().collect()
}

fn config(item: &Item<'_>) -> Result<BTreeMap<String, String>, Reported> {
    strings(item, |_| Ok(()))
}

/// Reads a table of free keys with strings, also past one that is at fault.
fn strings(item: &Item<'_>, check: impl Fn(&Item<'_>) -> Result<(), Reported>) -> Result<BTreeMap<String, String>, Reported> {
    let entries = item.table()?.into_items();
    let read: Vec<_> =
        entries.iter().map(|(key, item)| check(item).and(item.text().map(|value| ((*key).to_owned(), value)))).collect();
    read.into_iter().collect()
}

fn wasi(table: &mut TableReader<'_>) -> Result<WasiTable, Reported> {
    let enabled = table.optional("enabled", Item::boolean);
    let env = table.optional("env", |item| strings(item, environment_variable));
    let dirs = table.optional("dirs", directories);
    Ok(WasiTable { enabled: enabled?.unwrap_or(true), env: env?.unwrap_or_default(), dirs: dirs?.unwrap_or_default() })
}

fn environment_variable(item: &Item<'_>) -> Result<(), Reported> {
    if item.key().is_empty() || item.key().contains(['=', '\0']) {
        return Err(item.bad_key("a variable's name may not be empty, nor contain \"=\" or NUL", None));
    }
    if item.string()?.contains('\0') {
        return Err(item.bad_value("a variable's value may not contain NUL", None));
    }
    Ok(())
}

fn directories(item: &Item<'_>) -> Result<BTreeMap<String, WasiDirectory>, Reported> {
    let mut directories = BTreeMap::new();
    let mut fault = None;
    for (key, item) in item.table()?.into_items() {
        let guest = parse_guest_path(key).map_err(|error| item.bad_key(error, None));
        match guest.and_then(|guest| Ok((guest, directory(&item)?))) {
            Ok((guest, _)) if directories.contains_key(&guest) => {
                fault = Some(item.bad_key(format!("the guest path {guest} is given twice"), None));
            }
            Ok((guest, directory)) => drop(directories.insert(guest, directory)),
            Err(reported) => fault = Some(reported),
        }
    }
    fault.map_or(Ok(directories), Err)
}

fn directory(item: &Item<'_>) -> Result<WasiDirectory, Reported> {
    let text = item.string()?;
    let (path, writable) = text.strip_suffix(":rw").map_or((text, false), |path| (path, true));
    match path_below(path) {
        Ok(path) => Ok(WasiDirectory { path, writable }),
        Err(fault) => Err(item.bad_value(fault, Some(format!("{BELOW_HINT}; \".\" is that directory itself")))),
    }
}
