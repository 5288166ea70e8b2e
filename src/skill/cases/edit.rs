//! Writing the accepted fuel into a case: comments, order and all else stay as their author wrote them.

use super::CasePlace;
use crate::skill::manifest::write_whole;
use crate::skill::text_file::{FileError, read_text};
use std::path::PathBuf;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// Why a figure is not written. The file is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum CaseEditError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not TOML any more.
    #[error("{} is not TOML, so nothing is written into it: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: toml_edit::TomlError,
    },
    /// The case is not there any more.
    #[error("the case {name:?} is no longer at its place in {}, so nothing is written", path.display())]
    Moved {
        /// The file.
        path: PathBuf,
        /// The case.
        name: String,
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

/// Writes the accepted fuel of a case.
///
/// # Errors
/// Where that cannot be done; nothing was changed then.
pub fn write_accepted_fuel(place: &CasePlace, name: &str, fuel: u64) -> Result<(), CaseEditError> {
    let path = || place.file.clone();
    let text = read_text(&place.file)?;
    let mut document: DocumentMut = text.parse().map_err(|source| CaseEditError::Toml { path: path(), source })?;
    let case = case_at(&mut document, place.index).filter(|case| case.get("name").and_then(Item::as_str) == Some(name));
    let Some(case) = case else { return Err(CaseEditError::Moved { path: path(), name: name.to_owned() }) };
    let mut value = figure(fuel);
    match case.get_mut("fuel").and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(case.insert("fuel", Item::Value(value))),
    }
    write_whole(&place.file, &document.to_string()).map_err(|source| CaseEditError::Write { path: path(), source })
}

/// A figure with its digits in groups, as people write it.
fn figure(fuel: u64) -> Value {
    crate::event::figures::count(fuel)
        .replace(',', "_")
        .parse()
        .unwrap_or_else(|_| Value::from(i64::try_from(fuel).unwrap_or(i64::MAX)))
}

fn case_at(document: &mut DocumentMut, index: usize) -> Option<&mut dyn TableLike> {
    match document.get_mut("case")? {
        Item::ArrayOfTables(tables) => tables.get_mut(index).map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(array)) => {
            array.get_mut(index).and_then(Value::as_inline_table_mut).map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}
