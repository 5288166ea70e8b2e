//! Where the user is: the panel that is shown, and what has the keys.

use crate::ui::action::Action;
use crate::ui::bindings::Context;

/// A panel beside the list of skills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Host calls as they happen.
    #[default]
    Trace,
    /// AI answers side by side.
    Ai,
    /// The output document.
    Output,
    /// Log lines and captured streams.
    Logs,
    /// The input document.
    Input,
    /// What the module is made of.
    Module,
    /// Earlier runs.
    History,
    /// Limits and permissions.
    Limits,
}

impl Panel {
    /// Every panel, in the order of their tabs.
    pub const ALL: [Self; 8] =
        [Self::Trace, Self::Ai, Self::Output, Self::Logs, Self::Input, Self::Module, Self::History, Self::Limits];

    /// The panel of a word, as settings write it.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.title().eq_ignore_ascii_case(word))
    }

    /// The word on its tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Trace => "Trace",
            Self::Ai => "AI",
            Self::Output => "Output",
            Self::Logs => "Logs",
            Self::Input => "Input",
            Self::Module => "Module",
            Self::History => "History",
            Self::Limits => "Limits",
        }
    }

    /// The keys that it has.
    pub const fn context(self) -> Context {
        match self {
            Self::Trace => Context::Trace,
            Self::Ai => Context::Ai,
            Self::Output => Context::Output,
            Self::Logs => Context::Logs,
            Self::Input => Context::Input,
            Self::Module => Context::Module,
            Self::History => Context::History,
            Self::Limits => Context::Limits,
        }
    }

    /// The action that shows it.
    pub const fn action(self) -> Action {
        match self {
            Self::Trace => Action::ShowTrace,
            Self::Ai => Action::ShowAi,
            Self::Output => Action::ShowOutput,
            Self::Logs => Action::ShowLogs,
            Self::Input => Action::ShowInput,
            Self::Module => Action::ShowModule,
            Self::History => Action::ShowHistory,
            Self::Limits => Action::ShowLimits,
        }
    }

    /// The panel so many tabs on, round the end.
    pub fn step(self, by: isize) -> Self {
        let count = Self::ALL.len();
        let here = Self::ALL.iter().position(|panel| *panel == self).unwrap_or_default();
        let there = here.saturating_add(count).saturating_add_signed(by) % count;
        Self::ALL.get(there).copied().unwrap_or_default()
    }
}

/// What has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// The list of skills.
    #[default]
    Skills,
    /// The panel.
    Panel,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_know_every_panel_by_its_word() {
        assert_eq!(crate::skill::PANELS.map(Panel::named), Panel::ALL.map(Some));
    }

    #[test]
    fn tabs_go_round() {
        assert_eq!(Panel::Trace.step(-1), Panel::Limits);
        assert_eq!(Panel::Limits.step(1), Panel::Trace);
        assert_eq!(Panel::Trace.step(2), Panel::Output);
    }
}
