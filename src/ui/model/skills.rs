//! The list of skills: what each is, and the state it is in.

use crate::event::{Failure, LoadedModule, Outcome, RunId, SkillInfo};

/// One skill of the workspace.
#[derive(Clone, Debug)]
pub struct SkillRow {
    /// Name, version, place.
    pub info: SkillInfo,
    /// The last module that was good.
    pub loaded: Option<LoadedModule>,
    /// Why the newest version is refused, where it is.
    pub refused: Option<(Outcome, Failure)>,
    /// Whether its module is being compiled.
    pub compiling: bool,
    /// Its newest run.
    pub run: Option<RunId>,
    /// How that ended, and how long it took, in milliseconds.
    pub last: Option<(Outcome, f64)>,
}

/// The state of a skill in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillState {
    /// Not yet looked at.
    Unknown,
    /// It can be run.
    Ready,
    /// Its module is being compiled.
    Compiling,
    /// A run goes on.
    Running,
    /// A run stands still.
    Paused,
    /// A host call is held.
    Held,
    /// The newest version is refused; the one before can be run.
    Stale,
    /// It cannot be run.
    Refused,
}

impl SkillState {
    /// The word that the list shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Ready => "ready",
            Self::Compiling => "compiling",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Stale => "stale",
            Self::Refused => "refused",
        }
    }
}

/// The rows, in the order of their names, and the selected one.
#[derive(Clone, Debug, Default)]
pub struct Skills {
    rows: Vec<SkillRow>,
    selected: usize,
    /// Whether the list was read at all.
    pub known: bool,
}

impl Skills {
    /// All rows.
    pub fn rows(&self) -> &[SkillRow] {
        &self.rows
    }

    /// The list was read anew: what is known of skills that stay is kept, and the cursor stays on its skill.
    pub fn replace(&mut self, infos: Vec<SkillInfo>) {
        self.known = true;
        let selected = self.selected_name().map(str::to_owned);
        let mut old = std::mem::take(&mut self.rows);
        self.rows = infos
            .into_iter()
            .map(|info| match old.iter().position(|row| row.info.name == info.name) {
                Some(at) => SkillRow { info, ..old.swap_remove(at) },
                None => SkillRow { info, loaded: None, refused: None, compiling: false, run: None, last: None },
            })
            .collect();
        let again = selected.and_then(|name| self.rows.iter().position(|row| row.info.name == name));
        self.selected = again.unwrap_or(self.selected.min(self.rows.len().saturating_sub(1)));
    }

    /// The row of a name.
    pub fn row_mut(&mut self, name: &str) -> Option<&mut SkillRow> {
        self.rows.iter_mut().find(|row| row.info.name == name)
    }

    /// The row of a name.
    pub fn row(&self, name: &str) -> Option<&SkillRow> {
        self.rows.iter().find(|row| row.info.name == name)
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&SkillRow> {
        self.rows.get(self.selected)
    }

    /// The selected skill's name.
    pub fn selected_name(&self) -> Option<&str> {
        self.selected().map(|row| row.info.name.as_str())
    }

    /// The selected row's position.
    pub const fn position(&self) -> usize {
        self.selected
    }

    /// Selects a row, or the last one. True where another skill is selected now.
    pub fn select(&mut self, position: usize) -> bool {
        let position = position.min(self.rows.len().saturating_sub(1));
        let moved = position != self.selected;
        self.selected = position;
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str) -> SkillInfo {
        SkillInfo { name: name.into(), version: None, description: None, path: name.into(), module: None }
    }

    #[test]
    fn the_cursor_stays_on_its_skill_when_others_come_and_go() {
        let mut skills = Skills::default();
        skills.replace(vec![info("b"), info("d")]);
        skills.select(1);
        skills.row_mut("d").unwrap().compiling = true;
        skills.replace(vec![info("a"), info("b"), info("c"), info("d")]);
        assert_eq!(skills.selected_name(), Some("d"));
        assert!(skills.selected().unwrap().compiling, "what was known is kept");
        skills.replace(vec![info("a")]);
        assert_eq!(skills.selected_name(), Some("a"));
        skills.replace(vec![]);
        assert_eq!(skills.selected_name(), None);
    }
}
