//! Writing a rule of the mock into the settings: comments and all other keys stay as their author wrote them.

use super::{SETTINGS_FILE, SettingsError};
use crate::event::Failure;
use crate::skill::manifest::write_whole;
use crate::skill::{FileError, read_text};
use std::path::{Path, PathBuf};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TomlError};

/// Why a rule is not written. The file is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum SettingsEditError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The settings are wrong already.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// It is not TOML.
    #[error("{} is not TOML, so nothing is written into it: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TomlError,
    },
    /// `ai.mock` is written in a form that a table cannot be put into.
    #[error("`ai.mock` in {} is not written as [[ai.mock]], so no rule is added", path.display())]
    OtherForm {
        /// The file.
        path: PathBuf,
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

impl From<SettingsEditError> for Failure {
    fn from(error: SettingsEditError) -> Self {
        Self::new("settings-not-written", error.to_string())
    }
}

/// Adds a rule before all others, so that it counts. The settings are made where there are none. Tells the file.
///
/// # Errors
/// Where that cannot be done; nothing was changed then.
pub fn add_mock_rule(settings: Option<&Path>, root: &Path, contains: &str, reply: &str) -> Result<PathBuf, SettingsEditError> {
    let path = settings.map_or_else(|| root.join(SETTINGS_FILE), Path::to_owned);
    let text = if path.exists() { read_text(&path)? } else { String::new() };
    let mut document: DocumentMut = text.parse().map_err(|source| SettingsEditError::Toml { path: path.clone(), source })?;
    let other_form = || SettingsEditError::OtherForm { path: path.clone() };
    let ai = document.entry("ai").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let ai = ai.as_table_mut().ok_or_else(other_form)?;
    let rules = ai.entry("mock").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let rules = rules.as_array_of_tables_mut().ok_or_else(other_form)?;
    let mut rule = Table::new();
    rule.insert("contains", toml_edit::value(contains));
    rule.insert("reply", toml_edit::value(reply));
    let mut all = ArrayOfTables::new();
    all.push(rule);
    let before = std::mem::take(rules);
    before.into_iter().for_each(|mut table| {
        // Where a table stood in the file is not where it stands now.
        table.set_position(None);
        all.push(table);
    });
    *rules = all;
    write_whole(&path, &document.to_string()).map_err(|source| SettingsEditError::Write { path: path.clone(), source })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::Settings;

    #[test]
    fn a_rule_is_added_before_the_others_and_comments_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = add_mock_rule(None, directory.path(), "weather", "Sunny.\n\"Really\"").unwrap();
        assert_eq!(Settings::load(&path).unwrap().ai.mock.len(), 1);
        std::fs::write(&path, "# mine\n[ai]\nlead = \"mock\" # yes\n\n[[ai.mock]]\n# old\ncontains = \"a\"\nreply = \"b\"\n")
            .unwrap();
        add_mock_rule(Some(&path), directory.path(), "weather", "Sunny.").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\n[ai]\nlead = \"mock\" # yes\n") && text.contains("# old\n"), "{text}");
        let settings = Settings::load(&path).unwrap();
        assert!(settings.ai.mock.len() == 2 && settings.ai.mock[0].fits("the weather"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SETTINGS_FILE);
        for text in ["[ai", "ai = 1\n", "[ai]\nmock = [{ contains = \"a\", reply = \"b\" }]\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(add_mock_rule(Some(&path), directory.path(), "x", "y").is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
