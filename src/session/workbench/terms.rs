//! What the next runs of a skill may use and do: its manifest, the command line, and what the user changed on the screen.

use crate::event::{Limits, Permissions, Terms};
use crate::session::command::Overrides;
use crate::session::prepare;
use crate::session::workbench_command::TermChange;
use crate::skill::Skill;

/// The overrides after a change.
pub fn changed(before: &Overrides, from_the_start: &Overrides, change: TermChange) -> Overrides {
    let mut overrides = before.clone();
    match change {
        TermChange::Memory(bytes) => overrides.memory_bytes = Some(bytes),
        TermChange::Timeout(timeout) => overrides.timeout = Some(timeout),
        TermChange::Fuel(fuel) => overrides.fuel = Some(fuel),
        TermChange::Permissions(permissions) => overrides.permissions = Some(permissions),
        TermChange::Reset => overrides = from_the_start.clone(),
    }
    overrides
}

/// The terms of a skill.
pub fn terms(skill: &Skill, overrides: &Overrides) -> Terms {
    let (limits, permissions) = (prepare::limits(skill.limits(), overrides), prepare::permissions(skill, overrides));
    let changed = (&limits, &permissions) != (&skill.limits(), &skill.permissions());
    Terms { skill: skill.name.clone(), limits, permissions, changed, manifest: skill.manifest_path.clone() }
}

/// What is written into a manifest: the terms that differ from what it says.
pub fn differing(skill: &Skill, terms: &Terms) -> (Option<Limits>, Option<Permissions>) {
    let limits = (terms.limits != skill.limits()).then(|| terms.limits.clone());
    let permissions = (terms.permissions != skill.permissions()).then(|| terms.permissions.clone());
    (limits, permissions)
}

/// The overrides but for those that a manifest can say.
pub fn without_terms(overrides: &Overrides) -> Overrides {
    Overrides {
        memory_bytes: None,
        timeout: None,
        fuel: None,
        permissions: None,
        allow_ai: false,
        allow_http: Vec::new(),
        allow_memory: Vec::new(),
        ..overrides.clone()
    }
}
