//! What a skill may do.

use serde::{Deserialize, Serialize};

/// The manifest's `[permissions]`: what is not granted is denied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Permissions {
    /// Whether it may ask an AI.
    pub ai: bool,
    /// Patterns of the keys that it may read and write; `*` matches any characters, `/` too.
    pub memory: Vec<String>,
    /// Hosts that it may send requests to, with a port where it is not the scheme's own.
    pub http: Vec<String>,
}

impl Permissions {
    /// What a bare module may do: AI and memory, no HTTP.
    pub fn of_a_bare_module() -> Self {
        Self { ai: true, memory: vec!["*".into()], http: Vec::new() }
    }
}
