//! The one table of keys. Dispatch, the help screen and the footer are all drawn from it, and so is the page for users.

use super::action::Action;
use super::key::{Key, KeyError};
use std::collections::BTreeMap;

/// Where a key means something. What is more particular wins over [`Context::Anywhere`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// In every place that takes no text.
    Anywhere,
    /// The list of skills.
    Skills,
    /// The trace of host calls.
    Trace,
    /// The details of one entry of the trace.
    Details,
    /// AI answers side by side.
    Ai,
    /// The output document.
    Output,
    /// Log lines and captured streams.
    Logs,
    /// The input document, shown.
    Input,
    /// What the module is made of.
    Module,
    /// Earlier runs.
    History,
    /// Limits and permissions.
    Limits,
}

impl Context {
    /// Every context, in the order in which help lists them.
    pub const ALL: [Self; 11] = [
        Self::Anywhere,
        Self::Skills,
        Self::Trace,
        Self::Details,
        Self::Ai,
        Self::Output,
        Self::Logs,
        Self::Input,
        Self::Module,
        Self::History,
        Self::Limits,
    ];

    /// The word that a file of keys uses, and that help shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anywhere => "anywhere",
            Self::Skills => "skills",
            Self::Trace => "trace",
            Self::Details => "details",
            Self::Ai => "ai",
            Self::Output => "output",
            Self::Logs => "logs",
            Self::Input => "input",
            Self::Module => "module",
            Self::History => "history",
            Self::Limits => "limits",
        }
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// The keys, as they are written; the first one is shown in the footer.
    pub keys: &'static [&'static str],
    /// What they do.
    pub action: Action,
    /// The word for the footer; empty where the footer has no room for it.
    pub label: &'static str,
}

const fn bind(context: Context, keys: &'static [&'static str], action: Action, label: &'static str) -> Binding {
    Binding { context, keys, action, label }
}

/// Every key, in the order in which footer and help show them.
pub const BINDINGS: &[Binding] = {
    use Action as A;
    use Context as C;
    &[
        bind(C::Skills, &["enter"], A::Run, "run"),
        bind(C::Skills, &["e"], A::Edit, "input"),
        bind(C::Trace, &["enter"], A::Open, "details"),
        bind(C::Trace, &["f"], A::Filter, "filter"),
        bind(C::Trace, &["i"], A::InterceptFilter, "intercept"),
        bind(C::Trace, &["I"], A::ToggleIntercept, ""),
        bind(C::Trace, &["a"], A::ResumeCall, ""),
        bind(C::Trace, &["e"], A::Edit, ""),
        bind(C::Trace, &["b"], A::AnswerCall, ""),
        bind(C::Trace, &["X"], A::FailCall, ""),
        bind(C::Trace, &["d"], A::DelayCall, ""),
        bind(C::Trace, &["K"], A::KeepAnswering, ""),
        bind(C::Trace, &["r"], A::RunAgain, ""),
        bind(C::Trace, &["F"], A::Follow, "follow"),
        bind(C::Trace, &["m"], A::Mark, ""),
        bind(C::Trace, &["U"], A::UnmarkAll, ""),
        bind(C::Trace, &["o"], A::Order, ""),
        bind(C::Trace, &["v"], A::Reverse, ""),
        bind(C::Trace, &["z"], A::Clear, ""),
        bind(C::Trace, &["x"], A::ExportCurl, ""),
        bind(C::Trace, &["W"], A::ToggleWasi, "WASI"),
        bind(C::Trace, &["L"], A::ToggleLogs, ""),
        bind(C::Details, &["esc"], A::Back, "back"),
        bind(C::Details, &["]"], A::NextEntry, "next"),
        bind(C::Details, &["["], A::PreviousEntry, "previous"),
        bind(C::Details, &["a"], A::ResumeCall, "resume"),
        bind(C::Details, &["e"], A::Edit, "edit"),
        bind(C::Details, &["b"], A::AnswerCall, "answer"),
        bind(C::Details, &["X"], A::FailCall, "fail"),
        bind(C::Details, &["d"], A::DelayCall, ""),
        bind(C::Details, &["K"], A::KeepAnswering, ""),
        bind(C::Details, &["m"], A::Mark, ""),
        bind(C::Details, &["x"], A::ExportCurl, ""),
        bind(C::Ai, &["r"], A::AskAgain, "ask again"),
        bind(C::Ai, &["*"], A::AskAll, "ask all"),
        bind(C::Ai, &["c"], A::CompareProviders, ""),
        bind(C::Ai, &["d"], A::ToggleDifference, "difference"),
        bind(C::Ai, &["s"], A::SaveMockRule, "save as mock"),
        bind(C::Output, &["enter"], A::Open, "fold"),
        bind(C::Output, &["t"], A::ToggleTree, "tree/text"),
        bind(C::Output, &["d"], A::ToggleDifference, "difference"),
        bind(C::Output, &["-"], A::FoldAll, ""),
        bind(C::Output, &["+", "="], A::UnfoldAll, ""),
        bind(C::Input, &["e", "enter"], A::Edit, "edit"),
        bind(C::Module, &["enter"], A::Open, "open"),
        bind(C::History, &["enter"], A::Open, "open"),
        bind(C::History, &["m"], A::Mark, "mark"),
        bind(C::History, &["c"], A::CompareRuns, "compare"),
        bind(C::History, &["v"], A::Replay, "replay"),
        bind(C::History, &["p"], A::Pin, "pin"),
        bind(C::History, &["d", "delete"], A::DeleteRun, "delete"),
        bind(C::History, &["r"], A::RunAgain, "run again"),
        bind(C::Limits, &["e", "enter"], A::Edit, "change"),
        bind(C::Limits, &["W"], A::WriteManifest, "write manifest"),
        bind(C::Anywhere, &["R", "F5"], A::Run, "run"),
        bind(C::Anywhere, &["ctrl-c"], A::Cancel, "cancel"),
        bind(C::Anywhere, &["space"], A::TogglePause, "pause"),
        bind(C::Anywhere, &["M"], A::AiMode, "switch AI"),
        bind(C::Anywhere, &["e"], A::Edit, ""),
        bind(C::Anywhere, &["i"], A::InterceptFilter, ""),
        bind(C::Anywhere, &["I"], A::ToggleIntercept, ""),
        bind(C::Anywhere, &["A"], A::ResumeAll, ""),
        bind(C::Anywhere, &["O"], A::AiLead, ""),
        bind(C::Anywhere, &["T"], A::ToggleAutoRun, ""),
        bind(C::Anywhere, &["S"], A::ToggleOnSave, ""),
        bind(C::Anywhere, &["tab"], A::NextPanel, "panel"),
        bind(C::Anywhere, &["shift-tab"], A::PreviousPanel, ""),
        bind(C::Anywhere, &["?"], A::Help, "help"),
        bind(C::Anywhere, &[":"], A::Palette, "commands"),
        bind(C::Anywhere, &["q"], A::Quit, "quit"),
        bind(C::Anywhere, &["esc"], A::Back, ""),
        bind(C::Anywhere, &["1"], A::ShowTrace, ""),
        bind(C::Anywhere, &["2"], A::ShowAi, ""),
        bind(C::Anywhere, &["3"], A::ShowOutput, ""),
        bind(C::Anywhere, &["4"], A::ShowLogs, ""),
        bind(C::Anywhere, &["5"], A::ShowInput, ""),
        bind(C::Anywhere, &["6"], A::ShowModule, ""),
        bind(C::Anywhere, &["7"], A::ShowHistory, ""),
        bind(C::Anywhere, &["8"], A::ShowLimits, ""),
        bind(C::Anywhere, &["h", "left"], A::FocusLeft, ""),
        bind(C::Anywhere, &["l", "right"], A::FocusRight, ""),
        bind(C::Anywhere, &["j", "down"], A::Down, ""),
        bind(C::Anywhere, &["k", "up"], A::Up, ""),
        bind(C::Anywhere, &["pgdn", "ctrl-f", "ctrl-d"], A::PageDown, ""),
        bind(C::Anywhere, &["pgup", "ctrl-b", "ctrl-u"], A::PageUp, ""),
        bind(C::Anywhere, &["g", "home"], A::First, ""),
        bind(C::Anywhere, &["G", "end"], A::Last, ""),
        bind(C::Anywhere, &["enter"], A::Open, ""),
        bind(C::Anywhere, &["/"], A::Search, ""),
        bind(C::Anywhere, &["n"], A::SearchNext, ""),
        bind(C::Anywhere, &["N"], A::SearchPrevious, ""),
        bind(C::Anywhere, &["y"], A::Copy, ""),
        bind(C::Anywhere, &["w"], A::Save, ""),
        bind(C::Anywhere, &["E"], A::Errors, ""),
        bind(C::Anywhere, &["ctrl-l"], A::Redraw, ""),
    ]
};

/// The keys in force: the table, with what the user bound otherwise.
#[derive(Clone, Debug)]
pub struct Bindings {
    rows: Vec<BoundKey>,
}

/// A key in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundKey {
    /// Where.
    pub context: Context,
    /// The key.
    pub key: Key,
    /// What it does.
    pub action: Action,
    /// The word for the footer, or empty.
    pub label: &'static str,
}

/// Why a file of keys is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// There is no such context.
    #[error("there is no place {0:?}; places are {places}", places = Context::ALL.map(Context::word).join(", "))]
    UnknownContext(String),
    /// There is no such action.
    #[error("there is no command {name:?}{}", nearest.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default())]
    UnknownAction {
        /// What was written.
        name: String,
        /// The nearest known name.
        nearest: Option<&'static str>,
    },
    /// A word is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Default for Bindings {
    fn default() -> Self {
        let rows = BINDINGS.iter().flat_map(|binding| {
            binding.keys.iter().filter_map(|word| Key::parse(word).ok()).map(|key| BoundKey {
                context: binding.context,
                key,
                action: binding.action,
                label: binding.label,
            })
        });
        Self { rows: rows.collect() }
    }
}

impl Bindings {
    /// The table with the user's own keys: by context, by key, the command's name, or `""` for a key that shall do nothing.
    ///
    /// # Errors
    /// Where a word is no context, no key or no command.
    pub fn with(user: &BTreeMap<String, BTreeMap<String, String>>) -> Result<Self, BindingError> {
        let mut bindings = Self::default();
        for (context, keys) in user {
            let context = Context::ALL
                .into_iter()
                .find(|known| known.word() == context)
                .ok_or_else(|| BindingError::UnknownContext(context.clone()))?;
            for (word, name) in keys {
                let key = Key::parse(word)?;
                bindings.rows.retain(|row| (row.context, row.key) != (context, key));
                if name.is_empty() {
                    continue;
                }
                let action = Action::named(name).ok_or_else(|| BindingError::UnknownAction {
                    name: name.clone(),
                    nearest: crate::skill::nearest_name(name, Action::ALL.iter().map(|action| action.name())),
                })?;
                let label = BINDINGS.iter().find(|binding| binding.action == action).map_or("", |binding| binding.label);
                bindings.rows.insert(0, BoundKey { context, key, action, label });
            }
        }
        Ok(bindings)
    }

    /// What a key does in a place.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        let of = |place| self.rows.iter().find(|row| row.context == place && row.key == key).map(|row| row.action);
        of(context).or_else(|| of(Context::Anywhere))
    }

    /// The keys of one place, those of everywhere not among them.
    pub fn of(&self, context: Context) -> impl Iterator<Item = &BoundKey> {
        self.rows.iter().filter(move |row| row.context == context)
    }

    /// The first key that does this in a place, as it is written.
    pub fn key_for(&self, context: Context, action: Action) -> Option<String> {
        let of = |place| self.rows.iter().find(|row| row.context == place && row.action == action);
        of(context).or_else(|| of(Context::Anywhere)).map(|row| row.key.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let mut seen = HashSet::new();
        for row in Bindings::default().rows {
            assert!(seen.insert((row.context, row.key)), "{} in {}", row.key, row.context.word());
        }
        let written: usize = BINDINGS.iter().map(|binding| binding.keys.len()).sum();
        assert_eq!(seen.len(), written, "every written key is one");
    }

    #[test]
    fn a_particular_place_wins_over_everywhere() {
        let bindings = Bindings::default();
        let key = |word| Key::parse(word).unwrap();
        assert_eq!(bindings.action(Context::Trace, key("enter")), Some(Action::Open));
        assert_eq!(bindings.action(Context::Skills, key("enter")), Some(Action::Run));
        assert_eq!(bindings.action(Context::Skills, key("j")), Some(Action::Down));
        assert_eq!(bindings.action(Context::Skills, key("f")), None);
    }

    #[test]
    fn users_bind_keys_by_the_commands_names() {
        let user = |context: &str, key: &str, name: &str| {
            Bindings::with(&BTreeMap::from([(context.into(), BTreeMap::from([(key.into(), name.into())]))]))
        };
        let key = |word| Key::parse(word).unwrap();
        let bindings = user("anywhere", "ctrl-r", "run").unwrap();
        assert_eq!(bindings.action(Context::Trace, key("ctrl-r")), Some(Action::Run));
        assert_eq!(user("trace", "f", "").unwrap().action(Context::Trace, key("f")), None);
        let error = user("anywhere", "x", "runn").unwrap_err().to_string();
        assert_eq!(error, "there is no command \"runn\"; did you mean \"run\"?");
        assert!(user("nowhere", "x", "run").is_err() && user("trace", "xx", "run").is_err());
    }
}
