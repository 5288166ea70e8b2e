//! From `[[case]]` to cases: which keys there are, and what each may hold. All faults of a file are told at once.

mod calls;
mod expected;
mod given;
mod output;
#[cfg(test)]
mod tests;
mod words;

use super::{Case, CaseInput, CasePlace, Content};
use crate::skill::{Item, Reported, TableReader};
use std::path::Path;
use words::{file, json_text, only};

/// The longest name of a case, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// Reads all cases of a file.
pub(in crate::skill) fn cases(item: &Item<'_>, file: &Path) -> Result<Vec<Case>, Reported> {
    let elements = item.array()?;
    let mut names: Vec<&str> = Vec::new();
    let mut read = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        read.push(case(element, file, index, &mut names));
    }
    read.into_iter().collect()
}

fn case<'d>(item: &Item<'d>, file: &Path, index: usize, names: &mut Vec<&'d str>) -> Result<Case, Reported> {
    let mut table = item.table()?;
    let named = table.required("name", "name = \"remembers what it was told\"", |item| {
        let name = name(item)?;
        if names.contains(&name) {
            return Err(item.bad_value(format!("two cases of this file are named {name:?}"), None));
        }
        names.push(name);
        Ok((name.to_owned(), item.line()))
    });
    let description = table.optional("description", Item::text);
    let skip = table.optional("skip", skip);
    let input = input(&mut table);
    let given = given::given(&mut table);
    let expected = expected::expected(&mut table);
    table.finish();
    let (name, line) = named?;
    Ok(Case {
        name,
        description: description?,
        place: CasePlace { file: file.to_owned(), line, index },
        skip: skip?,
        input: input?,
        given: given?,
        expected: expected?,
    })
}

fn name<'d>(item: &Item<'d>) -> Result<&'d str, Reported> {
    let name = item.string()?;
    if name.trim().is_empty() || name.trim() != name {
        return Err(item.bad_value("a name is neither empty, nor has it blanks at its ends", None));
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(item.bad_value(format!("a name has at most {MAX_NAME_BYTES} bytes"), None));
    }
    if name.chars().any(char::is_control) {
        return Err(item.bad_value("a name has no control characters", None));
    }
    Ok(name)
}

fn skip(item: &Item<'_>) -> Result<String, Reported> {
    if item.is_string() {
        return item.text();
    }
    Err(item.bad_value("it says why the case is not run", Some("write it: skip = \"waits for the new model\"".to_owned())))
}

fn input(table: &mut TableReader<'_>) -> Result<CaseInput, Reported> {
    let event = table.optional("event", Item::text);
    let keys =
        [table.item("input"), table.item("input_json"), table.item("input_file"), table.item("stdin"), table.item("stdin_file")];
    let (content, raw_stdin) = match only(&keys)? {
        None => (Content::Inline(b"null".to_vec()), false),
        Some(item) => match item.key() {
            "input" => (Content::Inline(item.json()?.to_string().into_bytes()), false),
            "input_json" => (Content::Inline(json_text(item)?.into_bytes()), false),
            "stdin" => (Content::Inline(item.text()?.into_bytes()), true),
            "stdin_file" => (file(item)?, true),
            _ => (file(item)?, false),
        },
    };
    Ok(CaseInput { content, raw_stdin, event: event? })
}
