//! Small things that many keys of a case hold: texts to match, expressions, paths, words of a list.

use crate::skill::cases::{Content, Pattern, TextMatch};
use crate::skill::manifest::path_below;
use crate::skill::nearest_name::nearest_name;
use crate::skill::{Item, Reported};
use regex::Regex;

/// `"text"`, `{ contains = "text" }` or `{ matches = "expression" }`.
pub(super) fn text_match(item: &Item<'_>) -> Result<TextMatch, Reported> {
    if !item.is_table() {
        return item.text().map(TextMatch::Equals);
    }
    let mut table = item.table()?;
    let keys = [table.item("equals"), table.item("contains"), table.item("matches")];
    table.finish();
    let mut given = keys.iter().flatten();
    match (given.next(), given.next()) {
        (Some(key), None) => match key.key() {
            "equals" => key.text().map(TextMatch::Equals),
            "contains" => key.text().map(TextMatch::Contains),
            _ => pattern(key).map(TextMatch::Matches),
        },
        (Some(_), Some(second)) => Err(second.bad_key("one of `equals`, `contains` and `matches` is enough", None)),
        (None, _) => Err(item.bad_value(
            "expected a text, or a table that says which texts are meant",
            Some("write it: { contains = \"milk\" }, or { matches = \"^m.lk$\" }".to_owned()),
        )),
    }
}

pub(super) fn pattern(item: &Item<'_>) -> Result<Pattern, Reported> {
    Regex::new(item.string()?).map(Pattern).map_err(|error| {
        let told = error.to_string();
        // Of several lines with a caret of their own, the last one says what is wrong.
        let why = told.lines().last().unwrap_or_default();
        let message = format!("not a regular expression: {}", why.strip_prefix("error: ").unwrap_or(why));
        let hint = "a single-quoted string needs no second backslash: '\\d+'".to_owned();
        item.bad_value(message, told.contains("escape").then_some(hint))
    })
}

/// A file of the skill.
pub(super) fn file(item: &Item<'_>) -> Result<Content, Reported> {
    match path_below(item.string()?) {
        Ok(path) if path.as_os_str() == "." => Err(item.bad_value("this is a directory, not a file", None)),
        Ok(path) => Ok(Content::File(path)),
        Err(fault) => {
            Err(item.bad_value(fault, Some("write it relative to the skill's directory, with / between its parts".to_owned())))
        }
    }
}

/// A JSON document as text, kept as it is.
pub(super) fn json_text(item: &Item<'_>) -> Result<String, Reported> {
    let text = item.string()?;
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(item.bad_value(format!("not JSON: {error}"), None)),
    }
}

/// A word of a list.
pub(super) fn word_of<T: Copy>(item: &Item<'_>, what: &str, words: &[(&'static str, T)]) -> Result<T, Reported> {
    let word = item.string()?;
    words.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let hint = match nearest_name(word, words.iter().map(|(known, _)| *known)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known here: {}", words.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ")),
        };
        item.bad_value(format!("{word:?} is no {what}"), Some(hint))
    })
}

/// A whole number, 0 or more.
pub(super) fn count(item: &Item<'_>) -> Result<u64, Reported> {
    item.quantity(|text| text.replace('_', "").parse::<u64>())
}

/// A whole number, 1 or more.
pub(super) fn ordinal(item: &Item<'_>) -> Result<u64, Reported> {
    match count(item)? {
        0 => Err(item.bad_value("they are counted from 1", None)),
        number => Ok(number),
    }
}

/// One of several keys that exclude one another, where any is there.
pub(super) fn only<'i, 'd, const N: usize>(keys: &'i [Option<Item<'d>>; N]) -> Result<Option<&'i Item<'d>>, Reported> {
    let mut given = keys.iter().flatten();
    match (given.next(), given.next()) {
        (Some(first), Some(second)) => {
            let message = format!("`{}` is given too, and one of them is enough", first.key());
            Err(second.bad_key(message, None))
        }
        (first, _) => Ok(first),
    }
}

/// Reads all elements of an array, also past one that is at fault.
pub(super) fn each<T>(item: &Item<'_>, read: impl Fn(&Item<'_>) -> Result<T, Reported>) -> Result<Vec<T>, Reported> {
    let read: Vec<_> = item.array()?.iter().map(read).collect();
    read.into_iter().collect()
}

/// Reads all entries of a table of free keys, also past one that is at fault.
pub(super) fn entries<T, C: FromIterator<(String, T)>>(
    item: &Item<'_>,
    read: impl Fn(&Item<'_>) -> Result<T, Reported>,
) -> Result<C, Reported> {
    let read: Vec<_> = item.table()?.into_items().iter().map(|(key, item)| (*key, read(item))).collect();
    read.into_iter().map(|(key, value)| Ok((key.to_owned(), value?))).collect()
}
