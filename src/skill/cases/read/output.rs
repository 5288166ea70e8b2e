//! What the output of a case must be.

use super::words::{count, each, file, json_text, only, pattern, text_match, word_of};
use crate::skill::cases::{Assertion, CheckedSchema, Content, JsonType, Operator, OutputCheck};
use crate::skill::{Item, Reported, TableReader};
use serde_json::{Number, Value};

pub(super) fn output(table: &mut TableReader<'_>) -> Result<Vec<OutputCheck>, Reported> {
    let equals = equals(table);
    let includes = table.optional("output_includes", Item::json);
    let text = table.optional("output_text", text_match);
    let keys = [table.item("output_schema"), table.item("output_schema_file")];
    let schema = match only(&keys)? {
        Some(item) if item.key() == "output_schema" => Some(schema(item)?),
        Some(item) => Some(OutputCheck::SchemaFile(file(item)?)),
        None => None,
    };
    let snapshot = table.optional("output_snapshot", Item::boolean);
    let assertions = table.optional("assert", |item| each(item, assertion));
    let mut checks = Vec::new();
    checks.extend(equals?.map(OutputCheck::Equals));
    checks.extend(includes?.map(OutputCheck::Includes));
    checks.extend(text?.map(OutputCheck::Text));
    checks.extend(schema);
    checks.extend(snapshot?.filter(|wanted| *wanted).map(|_| OutputCheck::Snapshot));
    checks.extend(assertions?.unwrap_or_default().into_iter().map(OutputCheck::Assert));
    Ok(checks)
}

fn equals(table: &mut TableReader<'_>) -> Result<Option<Content>, Reported> {
    let keys = [table.item("output"), table.item("output_json"), table.item("output_file")];
    let Some(item) = only(&keys)? else { return Ok(None) };
    Ok(Some(match item.key() {
        "output" => Content::Inline(item.json()?.to_string().into_bytes()),
        "output_json" => Content::Inline(json_text(item)?.into_bytes()),
        _ => file(item)?,
    }))
}

fn schema(item: &Item<'_>) -> Result<OutputCheck, Reported> {
    let checked = CheckedSchema::new(item.json()?);
    checked.map(OutputCheck::Schema).map_err(|error| item.bad_key(error, None))
}

fn assertion(item: &Item<'_>) -> Result<Assertion, Reported> {
    let mut table = item.table()?;
    let at = table.optional("at", pointer);
    let operators = [
        table.optional("exists", |item| item.boolean().map(Operator::Exists)),
        table.optional("equals", |item| item.json().map(Operator::Equals)),
        table.optional("differs", |item| item.json().map(Operator::Differs)),
        table.optional("includes", |item| item.json().map(Operator::Includes)),
        table.optional("contains", |item| item.json().map(Operator::Contains)),
        table.optional("matches", |item| pattern(item).map(Operator::Matches)),
        table.optional("type", |item| json_type(item).map(Operator::Type)),
        table.optional("length", |item| count(item).map(Operator::Length)),
        table.optional("min", |item| number(item).map(Operator::Min)),
        table.optional("max", |item| number(item).map(Operator::Max)),
    ];
    table.finish();
    let operators: Result<Vec<Option<Operator>>, Reported> = operators.into_iter().collect();
    let operators: Vec<Operator> = operators?.into_iter().flatten().collect();
    if operators.is_empty() {
        let hint = "write it: { at = \"/count\", equals = 3 }".to_owned();
        return Err(item.bad_value("an assertion says what holds: `exists`, `equals`, `contains`, …", Some(hint)));
    }
    Ok(Assertion { at: at?.unwrap_or_default(), operators, line: item.line() })
}

fn json_type(item: &Item<'_>) -> Result<JsonType, Reported> {
    word_of(item, "type of JSON", &JsonType::ALL.map(|known| (known.word(), known)))
}

fn number(item: &Item<'_>) -> Result<Number, Reported> {
    match item.json()? {
        Value::Number(number) => Ok(number),
        _ => Err(item.wrong_type("a number")),
    }
}

/// A JSON Pointer (RFC 6901).
fn pointer(item: &Item<'_>) -> Result<String, Reported> {
    let text = item.string()?;
    let hint = || Some(format!("a JSON Pointer begins with a slash: \"/{text}\""));
    if !text.is_empty() && !text.starts_with('/') {
        return Err(item.bad_value("not a JSON Pointer", hint()));
    }
    let escapes_are_right = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !escapes_are_right {
        return Err(item.bad_value("not a JSON Pointer: ~ is written ~0", None));
    }
    Ok(text.to_owned())
}
