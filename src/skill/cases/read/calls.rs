//! The host calls that a case expects.

use super::words::{count, each, entries, text_match};
use crate::event::filter::EntryKind;
use crate::skill::cases::{CallName, ExpectedCall, ExpectedCalls, HOST_CALL_NAMES, REQUEST_FIELDS, TextMatch, Times};
use crate::skill::nearest_name::nearest_name;
use crate::skill::{Item, Reported, TableReader, TomlProblemKind};

pub(super) fn calls(table: &mut TableReader<'_>) -> Result<Option<ExpectedCalls>, Reported> {
    let calls = table.optional("calls", |item| each(item, call));
    let strict = table.item("strict");
    let ordered = table.item("ordered");
    let Some(calls) = calls? else {
        return match strict.or(ordered) {
            Some(item) => Err(item.bad_key(
                "it says how `calls` are meant, and there are none",
                Some("write `calls = []` where the skill is to make no calls".to_owned()),
            )),
            None => Ok(None),
        };
    };
    let flag = |item: Option<Item<'_>>| item.map_or(Ok(true), |item| item.boolean());
    Ok(Some(ExpectedCalls { calls, strict: flag(strict)?, ordered: flag(ordered)? }))
}

/// A name alone, or a table.
fn call(item: &Item<'_>) -> Result<ExpectedCall, Reported> {
    let line = item.line();
    if !item.is_table() {
        let name = name(item)?;
        return Ok(ExpectedCall { name, request: Vec::new(), times: Times::ONCE, result: None, response: None, line });
    }
    let mut table = item.table()?;
    let name = table.required("call", "call = \"ai_prompt\"", name);
    let request = table.optional("request", request);
    let times = times(&mut table);
    let result = table.optional("result", |item| item.quantity(|text| text.replace('_', "").parse::<i64>()));
    let response = table.optional("response", text_match);
    table.finish();
    Ok(ExpectedCall {
        name: name?,
        request: request?.unwrap_or_default(),
        times: times?,
        result: result?,
        response: response?,
        line,
    })
}

fn name(item: &Item<'_>) -> Result<CallName, Reported> {
    let text = item.string()?;
    if let Some(kind) = EntryKind::ALL.into_iter().find(|kind| kind.word() == text && is_call(*kind)) {
        return Ok(CallName::Kind(kind));
    }
    let (module, name) = text.split_once('.').map_or((None, text), |(module, name)| (Some(module), name));
    if !HOST_CALL_NAMES.contains(&name) || module.is_some_and(|module| !["cis", "env"].contains(&module)) {
        let kinds = EntryKind::ALL.into_iter().filter(|kind| is_call(*kind)).map(EntryKind::word);
        let hint = match nearest_name(name, HOST_CALL_NAMES.into_iter().chain(kinds)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known here: {}; or a kind: ai, memory, http", HOST_CALL_NAMES.join(", ")),
        };
        return Err(item.bad_value(format!("there is no host function {text:?}"), Some(hint)));
    }
    Ok(if module.is_some() { CallName::Import(text.to_owned()) } else { CallName::Function(text.to_owned()) })
}

const fn is_call(kind: EntryKind) -> bool {
    !matches!(kind, EntryKind::Wasi | EntryKind::LogLine | EntryKind::Stdout | EntryKind::Stderr | EntryKind::Warning)
}

fn request(item: &Item<'_>) -> Result<Vec<(String, TextMatch)>, Reported> {
    entries(item, |item| {
        if !REQUEST_FIELDS.contains(&item.key()) {
            let hint = match nearest_name(item.key(), REQUEST_FIELDS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("requests have {}", REQUEST_FIELDS.join(", ")),
            };
            return Err(item.bad_key("no request of a host call has such a field", Some(hint)));
        }
        text_match(item)
    })
}

/// `times = 2`, or `min` and `max`.
fn times(table: &mut TableReader<'_>) -> Result<Times, Reported> {
    let exact = table.item("times");
    let keys = [table.item("min"), table.item("max")];
    if let Some(exact) = exact {
        if let Some(other) = keys.iter().flatten().next() {
            return Err(other.bad_key("`times` says how often, and nothing else is needed", None));
        }
        let count = count(&exact)?;
        return Ok(Times { min: count, max: Some(count) });
    }
    let [min, max] = &keys;
    if min.is_none() && max.is_none() {
        return Ok(Times::ONCE);
    }
    let least = min.as_ref().map_or(Ok(0), count)?;
    let most = max.as_ref().map(count).transpose()?;
    if most.is_some_and(|most| most < least) {
        return Err(table.report(TomlProblemKind::BadValue, "`max` is less than `min`", "exchange them"));
    }
    Ok(Times { min: least, max: most })
}
