//! Limits and permissions of the next runs: changed on a line, as the manifest writes them.

use super::prompt;
use crate::event::{Permissions, Terms};
use crate::session::{TermChange, WorkbenchCommand};
use crate::skill::{format_duration, parse_fuel, parse_http_grant, parse_memory_limit, parse_timeout_ms, written_bytes};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Overlay, PromptPurpose, TermField, Then};
use crate::ui::model::status::Weight;
use std::time::Duration;

/// Changes the selected line: AI is switched, the others are typed.
pub fn edit(model: &mut Model) -> Vec<Effect> {
    let field = TermField::ALL.get(model.term).copied().unwrap_or(TermField::Memory);
    let Some(terms) = model.selected_view().and_then(|view| view.terms.clone()) else {
        model.status.tell(Weight::Notice, "what this skill may do is not known: its manifest cannot be read");
        return Vec::new();
    };
    if field == TermField::Ai {
        let permissions = Permissions { ai: !terms.permissions.ai, ..terms.permissions.clone() };
        return set(&terms, TermChange::Permissions(permissions));
    }
    prompt::ask(model, PromptPurpose::Term(field), &written(&terms, field))
}

/// A value as the manifest writes it.
pub fn written(terms: &Terms, field: TermField) -> String {
    match field {
        TermField::Memory => written_bytes(terms.limits.memory_bytes),
        TermField::Timeout => format_duration(Duration::from_millis(terms.limits.timeout_ms)),
        TermField::Fuel => terms.limits.fuel.map(|fuel| fuel.to_string()).unwrap_or_default(),
        TermField::Ai => terms.permissions.ai.to_string(),
        TermField::Keys => terms.permissions.memory.join(" "),
        TermField::Hosts => terms.permissions.http.join(" "),
    }
}

/// Takes a typed value.
pub fn change(model: &mut Model, field: TermField, text: &str) -> Result<Vec<Effect>, String> {
    let Some(terms) = model.selected_view().and_then(|view| view.terms.clone()) else { return Ok(Vec::new()) };
    let words = || text.split_whitespace().map(str::to_owned);
    let change = match field {
        TermField::Memory => TermChange::Memory(parse_memory_limit(text).map_err(|error| error.to_string())?),
        TermField::Timeout => {
            let ms = parse_timeout_ms(text).map_err(|error| error.to_string())?;
            TermChange::Timeout(Duration::from_millis(ms))
        }
        TermField::Fuel if text.is_empty() => TermChange::Fuel(None),
        TermField::Fuel => TermChange::Fuel(Some(parse_fuel(text).map_err(|error| error.to_string())?)),
        TermField::Keys => TermChange::Permissions(Permissions { memory: words().collect(), ..terms.permissions.clone() }),
        TermField::Hosts => {
            let hosts: Result<Vec<String>, String> =
                words().map(|host| parse_http_grant(&host).map(|_| host.clone()).map_err(|error| error.to_string())).collect();
            TermChange::Permissions(Permissions { http: hosts?, ..terms.permissions.clone() })
        }
        TermField::Ai => TermChange::Permissions(Permissions { ai: text == "true", ..terms.permissions.clone() }),
    };
    Ok(set(&terms, change))
}

fn set(terms: &Terms, change: TermChange) -> Vec<Effect> {
    vec![Effect::Session(WorkbenchCommand::SetTerm { skill: terms.skill.clone(), change })]
}

/// Asks whether the manifest shall be written.
pub fn write_manifest(model: &mut Model) -> Vec<Effect> {
    let Some(terms) = model.selected_view().and_then(|view| view.terms.as_ref()) else { return Vec::new() };
    let text = match (&terms.manifest, terms.changed) {
        (Some(_), false) => {
            model.status.tell(Weight::Notice, "nothing was changed that the manifest does not say");
            return Vec::new();
        }
        (Some(path), true) => format!("Write the changed limits and permissions into {}?", path.display()),
        (None, _) => format!("{} has no manifest. Write a skill.toml beside its module?", terms.skill),
    };
    let then = Then::WriteManifest(terms.skill.clone());
    model.overlay = Some(Overlay::Question { text, then });
    Vec::new()
}
