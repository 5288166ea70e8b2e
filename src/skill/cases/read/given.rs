//! What a case gives the skill round its input: seed, configuration, limits, permissions, store, and who answers.

use super::words::{each, entries, file, json_text, only, ordinal, text_match, word_of};
use crate::skill::cases::{AiReply, AiReplyWith, Content, Given, HttpReply, HttpReplyWith};
use crate::skill::manifest::{limits, permissions};
use crate::skill::{Item, Reported, TableReader};
use base64::Engine as _;
use std::time::Duration;

pub(super) fn given(table: &mut TableReader<'_>) -> Result<Given, Reported> {
    let seed = table.optional("seed", super::words::count);
    let config = table.optional("config", |item| entries(item, |item| item.text()));
    let env = table.optional("env", |item| entries(item, |item| item.text()));
    let limits = table.optional("limits", |item| in_table(item, limits));
    let permissions = table.optional("permissions", |item| in_table(item, permissions));
    let store = table.optional("store", |item| entries(item, content));
    let ai = table.optional("ai", |item| each(item, |item| in_table(item, ai)));
    let http = table.optional("http", |item| each(item, |item| in_table(item, http)));
    Ok(Given {
        seed: seed?,
        config: config?.unwrap_or_default(),
        env: env?.unwrap_or_default(),
        limits: limits?.unwrap_or_default(),
        permissions: permissions?,
        store: store?.unwrap_or_default(),
        ai: ai?.unwrap_or_default(),
        http: http?.unwrap_or_default(),
    })
}

pub(super) fn in_table<'d, T>(
    item: &Item<'d>,
    read: impl FnOnce(&mut TableReader<'d>) -> Result<T, Reported>,
) -> Result<T, Reported> {
    let mut table = item.table()?;
    let value = read(&mut table);
    table.finish();
    value
}

/// A stored value: a text, or `{ json = … }`, `{ base64 = "…" }`, `{ file = "…" }`.
fn content(item: &Item<'_>) -> Result<Content, Reported> {
    if !item.is_table() {
        return Ok(Content::Inline(item.text()?.into_bytes()));
    }
    let mut table = item.table()?;
    let keys = [table.item("json"), table.item("base64"), table.item("file")];
    table.finish();
    match only(&keys)? {
        Some(key) => match key.key() {
            "json" => Ok(Content::Inline(key.json()?.to_string().into_bytes())),
            "base64" => base64(key).map(Content::Inline),
            _ => file(key),
        },
        None => Err(item.bad_value(
            "expected a text, or a table with `json`, `base64` or `file`",
            Some("write it: { json = { count = 1 } }".to_owned()),
        )),
    }
}

pub(super) fn base64(item: &Item<'_>) -> Result<Vec<u8>, Reported> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(item.string()?);
    decoded.map_err(|error| item.bad_value(format!("not base64: {error}"), None))
}

fn ai(table: &mut TableReader<'_>) -> Result<AiReply, Reported> {
    let prompt = table.optional("prompt", text_match);
    let call = table.optional("call", ordinal);
    let delay = table.optional("delay", Item::duration);
    let keys = [table.item("reply"), table.item("error")];
    let with = match only(&keys)? {
        Some(item) if item.key() == "reply" => item.text().map(AiReplyWith::Text),
        Some(item) => item.text().map(AiReplyWith::Error),
        None => {
            let message = "an entry of [[case.ai]] needs `reply` or `error`";
            Err(table.report(crate::skill::TomlProblemKind::MissingKey, message, "write it: reply = \"Sunny.\""))
        }
    };
    Ok(AiReply { prompt: prompt?, call: call?, with: with?, delay: delay?.unwrap_or(Duration::ZERO) })
}

fn http(table: &mut TableReader<'_>) -> Result<HttpReply, Reported> {
    let url = table.optional("url", text_match);
    let method = table.optional("method", |item| word_of(item, "method of a skill", &[("GET", "GET"), ("POST", "POST")]));
    let body = table.optional("body", text_match);
    let call = table.optional("call", ordinal);
    let delay = table.optional("delay", Item::duration);
    let with = http_with(table);
    Ok(HttpReply {
        url: url?,
        method: method?.map(str::to_owned),
        body: body?,
        call: call?,
        with: with?,
        delay: delay?.unwrap_or(Duration::ZERO),
    })
}

fn http_with(table: &mut TableReader<'_>) -> Result<HttpReplyWith, Reported> {
    let status = table.item("status");
    let headers = table.item("headers");
    let keys = [
        table.item("reply"),
        table.item("reply_json"),
        table.item("reply_file"),
        table.item("reply_base64"),
        table.item("error"),
    ];
    let body = match only(&keys)? {
        Some(item) if item.key() == "error" => {
            if let Some(other) = status.or(headers) {
                return Err(other.bad_key("a server that answers with an `error` answers with nothing else", None));
            }
            return item.text().map(HttpReplyWith::Error);
        }
        Some(item) => match item.key() {
            "reply" => Content::Inline(item.text()?.into_bytes()),
            "reply_json" if item.is_string() => Content::Inline(json_text(item)?.into_bytes()),
            "reply_json" => Content::Inline(item.json()?.to_string().into_bytes()),
            "reply_base64" => Content::Inline(base64(item)?),
            _ => file(item)?,
        },
        None if status.is_none() => {
            let message =
                "an entry of [[case.http]] needs `reply`, `reply_json`, `reply_file`, `reply_base64`, `status` or `error`";
            return Err(table.report(
                crate::skill::TomlProblemKind::MissingKey,
                message,
                "write it: reply = \"<title>Hello</title>\"",
            ));
        }
        None => Content::Inline(Vec::new()),
    };
    let status = status.map_or(Ok(200), |item| match super::words::count(&item)? {
        status @ 200..=599 => Ok(u16::try_from(status).unwrap_or(200)),
        _ => Err(item.bad_value("the status of a response is a number from 200 to 599", None)),
    });
    let headers: Option<Vec<(String, String)>> = headers.map(|item| entries(&item, |item| item.text())).transpose()?;
    let headers = headers.unwrap_or_default().into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    Ok(HttpReplyWith::Response { status: status?, headers, body })
}
