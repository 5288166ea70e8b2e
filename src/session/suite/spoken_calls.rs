//! The calls that a case speaks of: those that it expects, and those that its replies are for.

use crate::event::CallRequest;
use crate::event::filter::EntryKind;
use crate::skill::cases::{CallName, Case, TextMatch};

/// Each of them, as far as the case describes it: the function's name, and what is known of the request.
pub(super) fn spoken_calls(case: &Case) -> impl Iterator<Item = (String, CallRequest)> {
    let calls = case.expected.calls.iter().flat_map(|calls| &calls.calls);
    let calls = calls.map(|call| {
        let name = match &call.name {
            CallName::Kind(kind) => example_of(*kind).to_owned(),
            other => other.to_string(),
        };
        (name, call.request.iter().map(|(field, wanted)| (field.clone(), wanted.text().to_owned())).collect::<Vec<_>>())
    });
    let field =
        |name: &str, wanted: &Option<TextMatch>| wanted.as_ref().map(|wanted| (name.to_owned(), wanted.text().to_owned()));
    let prompts =
        case.given.ai.iter().map(move |reply| ("cis.ai_prompt".to_owned(), field("prompt", &reply.prompt).into_iter().collect()));
    let requests = case.given.http.iter().map(move |reply| {
        let method = reply.method.clone().map(|method| ("method".to_owned(), method));
        let fields = field("url", &reply.url).into_iter().chain(method).chain(field("body", &reply.body)).collect();
        ("cis.http_request".to_owned(), fields)
    });
    calls.chain(prompts).chain(requests).map(|(name, fields): (String, Vec<(String, String)>)| {
        (name, CallRequest(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    })
}

/// A function of a kind, where the kind alone is named.
const fn example_of(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Ai => "cis.ai_prompt",
        EntryKind::Memory => "cis.memory_get",
        EntryKind::Http => "cis.http_request",
        EntryKind::LogCall => "env.host_log",
        EntryKind::Clock => "env.host_now",
        EntryKind::Random => "env.seed",
        EntryKind::Config => "env.host_config_get",
        EntryKind::Alloc => "env.host_alloc",
        _ => "env.abort",
    }
}
