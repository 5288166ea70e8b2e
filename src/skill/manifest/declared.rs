//! What a manifest says for itself, as far as it can be read: also where the rest of it is wrong.

use super::LimitsTable;
use super::tables::{fuel, memory, name, profile, timeout};
use crate::event::Profile;
use crate::skill::toml_source::glean_toml;
use crate::skill::{Item, Reported, TableReader};

/// What a manifest says of itself; what is missing or wrong is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The skill's name.
    pub name: Option<String>,
    /// The profile.
    pub profile: Option<Profile>,
    /// The limits.
    pub limits: LimitsTable,
}

impl Declared {
    /// Reads what can be read; a text that is no TOML says nothing.
    pub(in crate::skill) fn read(text: &str) -> Self {
        glean_toml(text, declared).unwrap_or_default()
    }
}

fn declared(root: &mut TableReader<'_>) -> Declared {
    let mut declared = Declared::default();
    if let Some(mut skill) = table(root, "skill") {
        declared.name = read(&mut skill, "name", name);
        declared.profile = read(&mut skill, "profile", profile);
    }
    if let Some(mut limits) = table(root, "limits") {
        declared.limits = LimitsTable {
            memory_bytes: read(&mut limits, "memory", memory),
            timeout_ms: read(&mut limits, "timeout", timeout),
            fuel: read(&mut limits, "fuel", fuel),
        };
    }
    declared
}

fn table<'d>(root: &mut TableReader<'d>, key: &'static str) -> Option<TableReader<'d>> {
    root.item(key)?.table().ok()
}

fn read<'d, T>(table: &mut TableReader<'d>, key: &'static str, read: impl FnOnce(&Item<'d>) -> Result<T, Reported>) -> Option<T> {
    table.optional(key, read).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_told_whatever_else_is_wrong() {
        let text =
            "[skill]\nname = \"a\"\nprofil = 1\nprofile = \"cis-sdk\"\n[limits]\nmemory = \"much\"\ntimeout = \"2s\"\nfuel = 9\n";
        let declared = Declared::read(text);
        assert_eq!((declared.name.as_deref(), declared.profile), (Some("a"), Some(Profile::CisSdk)));
        assert_eq!(declared.limits, LimitsTable { memory_bytes: None, timeout_ms: Some(2000), fuel: Some(9) });
        let odd = Declared::read("skill = 1\n[limits]\nfuel = \"x\"\n");
        assert_eq!(odd, Declared::default());
        assert_eq!(Declared::read("[skill]\nname = \"a\nname"), Declared::default());
    }
}
