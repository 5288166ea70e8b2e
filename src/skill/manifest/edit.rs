//! Writing limits and permissions into a manifest: its comments, order and all other keys stay as their author wrote them.

use super::MANIFEST_FILE;
use crate::event::{Failure, Limits, Permissions};
use crate::skill::{FileError, Skill, read_text, written_bytes};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml_edit::{Array, DocumentMut, Item, Table, TomlError, Value};

/// Why a manifest is not written. The file is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum ManifestEditError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not TOML.
    #[error("{} is not TOML, so nothing is written into it: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TomlError,
    },
    /// Something else stands in the place of a table.
    #[error("`{key}` in {} is not a table, so nothing is written into it", path.display())]
    NotATable {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// A manifest would make one skill of several modules.
    #[error("{} holds several modules, and a {MANIFEST_FILE} would make one skill of them", directory.display())]
    SeveralModules {
        /// The directory.
        directory: PathBuf,
    },
    /// It cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<ManifestEditError> for Failure {
    fn from(error: ManifestEditError) -> Self {
        let hint = match &error {
            ManifestEditError::SeveralModules { .. } => Some("give the module a directory of its own"),
            _ => None,
        };
        let failure = Self::new("manifest-not-written", error.to_string());
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// Writes the limits and permissions that are given, and nothing else; a bare module gets a manifest. Tells the file.
///
/// # Errors
/// Where that cannot be done; nothing was changed then.
pub fn write_terms(
    skill: &Skill,
    limits: Option<&Limits>,
    permissions: Option<&Permissions>,
) -> Result<PathBuf, ManifestEditError> {
    let (path, text) = match &skill.manifest_path {
        Some(path) => (path.clone(), read_text(path)?),
        None => (skill.module_path.with_file_name(MANIFEST_FILE), fresh_manifest(skill)?),
    };
    let mut document: DocumentMut = text.parse().map_err(|source| ManifestEditError::Toml { path: path.clone(), source })?;
    if let Some(limits) = limits {
        let before = skill.limits();
        let table = table(&mut document, "limits", &path)?;
        if limits.memory_bytes != before.memory_bytes {
            set(table, "memory", Value::from(written_bytes(limits.memory_bytes)));
        }
        if limits.timeout_ms != before.timeout_ms {
            set(table, "timeout", Value::from(written_timeout(limits.timeout_ms)));
        }
        match limits.fuel {
            fuel if fuel == before.fuel => {}
            Some(fuel) => set(table, "fuel", Value::from(i64::try_from(fuel).unwrap_or(i64::MAX))),
            None => drop(table.remove("fuel")),
        }
    }
    if let Some(permissions) = permissions {
        let table = table(&mut document, "permissions", &path)?;
        set(table, "ai", Value::from(permissions.ai));
        set(table, "memory", Value::from(permissions.memory.iter().map(String::as_str).collect::<Array>()));
        set(table, "http", Value::from(permissions.http.iter().map(String::as_str).collect::<Array>()));
    }
    write_whole(&path, &document.to_string()).map_err(|source| ManifestEditError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// A manifest that says of a bare module what held without one.
fn fresh_manifest(skill: &Skill) -> Result<String, ManifestEditError> {
    let modules = std::fs::read_dir(&skill.directory).into_iter().flatten().flatten();
    let is_module = |path: &Path| path.extension().is_some_and(|ending| ending == "wasm" || ending == "wat");
    if modules.filter(|entry| is_module(&entry.path())).count() > 1 {
        return Err(ManifestEditError::SeveralModules { directory: skill.directory.clone() });
    }
    let file = skill.module_path.file_name().unwrap_or_default().to_string_lossy();
    let quoted = |text: &str| Value::from(text).to_string();
    Ok(format!(
        "[skill]\nname = {}\nmodule = {}\n\n[permissions]\nai = true\nmemory = [\"*\"]\nhttp = []\n",
        quoted(&skill.name).trim(),
        quoted(&file).trim()
    ))
}

fn table<'d>(
    document: &'d mut DocumentMut,
    key: &'static str,
    path: &Path,
) -> Result<&'d mut dyn toml_edit::TableLike, ManifestEditError> {
    let item = document.entry(key).or_insert_with(|| Item::Table(Table::new()));
    item.as_table_like_mut().ok_or_else(|| ManifestEditError::NotATable { path: path.to_owned(), key })
}

/// Sets a value; the comment behind the one before stays.
fn set(table: &mut dyn toml_edit::TableLike, key: &str, value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(before) => {
            let decor = before.decor().clone();
            *before = value;
            *before.decor_mut() = decor;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
}

fn written_timeout(ms: u64) -> String {
    humantime::format_duration(Duration::from_millis(ms)).to_string().replace(' ', "")
}

/// Writes a file whole or not at all; its rights stay.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A link stays one: what it leads to is written.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().unwrap_or(directory);
    let mut file = tempfile::Builder::new().prefix(".skill").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    match std::fs::metadata(&path) {
        Ok(metadata) => file.as_file().set_permissions(metadata.permissions())?,
        Err(_) => set_usual_mode(file.as_file())?,
    }
    file.persist(&path)?;
    Ok(())
}

/// A new file is for everybody to read, as other files are; a temporary one is not.
#[cfg(unix)]
fn set_usual_mode(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_usual_mode(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::Catalog;

    fn skill_in(directory: &Path) -> Skill {
        Catalog::open_path(directory).unwrap().skill.unwrap()
    }

    #[test]
    fn comments_order_and_all_else_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(MANIFEST_FILE);
        std::fs::write(
            &path,
            "# my skill\n[skill]\nname = \"a\"   # short\nmodule = \"a.wat\"\n\n[limits]\n# enough\nmemory = \"1MiB\" # tight\nfuel = 10\n\n[config]\nx = \"1\"\n",
        )
        .unwrap();
        std::fs::write(directory.path().join("a.wat"), "(module)").unwrap();
        let skill = skill_in(directory.path());
        let limits = Limits { memory_bytes: 2 << 20, timeout_ms: 1_500, fuel: None, ..skill.limits() };
        let permissions = Permissions { ai: true, memory: vec!["notes/*".into()], http: Vec::new() };
        write_terms(&skill, Some(&limits), Some(&permissions)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for kept in ["# my skill\n", "name = \"a\"   # short\n", "# enough\nmemory = \"2MiB\" # tight\n", "[config]\nx = \"1\"\n"]
        {
            assert!(text.contains(kept), "{text}");
        }
        let again = skill_in(directory.path());
        assert_eq!((again.limits(), again.permissions()), (limits, permissions));
    }

    #[test]
    fn a_bare_module_gets_a_manifest_that_says_what_held_before() {
        let directory = tempfile::tempdir().unwrap();
        let module = directory.path().join("b \"x\".wat");
        std::fs::write(&module, "(module)").unwrap();
        let skill = Skill::of_bare_module(module).unwrap();
        write_terms(&skill, None, None).unwrap();
        let again = skill_in(directory.path());
        assert_eq!((again.name.as_str(), again.limits(), again.permissions()), ("b \"x\"", skill.limits(), skill.permissions()));
        std::fs::write(directory.path().join("c.wat"), "(module)").unwrap();
        let other = Skill::of_bare_module(directory.path().join("c.wat")).unwrap();
        assert!(matches!(write_terms(&other, None, None), Err(ManifestEditError::SeveralModules { .. })));
    }
}
