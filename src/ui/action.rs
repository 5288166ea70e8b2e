//! What can be done from the screen: every action by its name, with the words that help and palette show.
//!
//! Actions are data. Keys reach them through `bindings.rs`, the palette by their names; what they do is told in `update/`.

/// Declares the enum, its list, names and docs from one table.
macro_rules! actions {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// Something that the user can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $doc] $variant,)*
        }

        impl Action {
            /// Every action, in the order of help and palette.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name by which the palette and a file of keys know it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does, in a few words.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

actions! {
    Run, "run", "Run the selected skill with its input";
    Cancel, "cancel", "Cancel the run; when nothing runs, twice quits";
    TogglePause, "pause", "Pause the run, or let it go on";
    RunAgain, "run-again", "Run the skill again with the input of the shown run";
    ToggleAutoRun, "auto-run", "Run a skill again each time it is saved, or not";
    ToggleOnSave, "on-save", "Cancel a run in flight when its skill is saved, or wait for it";
    NextPanel, "next-panel", "Go to the next panel";
    PreviousPanel, "previous-panel", "Go to the previous panel";
    ShowTrace, "trace", "Show the host calls";
    ShowAi, "ai", "Show the AI's answers side by side";
    ShowOutput, "output", "Show the output document";
    ShowLogs, "logs", "Show log lines, stdout and stderr";
    ShowInput, "input", "Show and edit the input";
    ShowModule, "module", "Show what the module is made of";
    ShowHistory, "history", "Show earlier runs";
    ShowLimits, "limits", "Show and change limits and permissions";
    FocusLeft, "focus-left", "Go to the list of skills";
    FocusRight, "focus-right", "Go to the panel";
    Up, "up", "One line up";
    Down, "down", "One line down";
    PageUp, "page-up", "One page up";
    PageDown, "page-down", "One page down";
    First, "first", "To the first line";
    Last, "last", "To the last line";
    Open, "open", "Show the details, or unfold";
    NextEntry, "next-entry", "Show the details of the next entry";
    PreviousEntry, "previous-entry", "Show the details of the entry before";
    Back, "back", "Back to where you came from";
    Quit, "quit", "Leave skillscope";
    Help, "help", "List every key of this place";
    Palette, "palette", "Find a command by its name";
    Search, "search", "Search in this panel";
    SearchNext, "search-next", "To the next match";
    SearchPrevious, "search-previous", "To the previous match";
    Filter, "filter", "Show only the entries that match a filter";
    Follow, "follow", "Follow the newest entry, or not";
    ToggleWasi, "wasi-calls", "Show WASI calls in the trace, or not";
    ToggleLogs, "log-lines", "Show log lines in the trace, or not";
    Mark, "mark", "Mark the entry, or take its mark away";
    UnmarkAll, "unmark-all", "Take all marks away";
    Order, "order", "Choose the order of the entries";
    Reverse, "reverse", "Turn the order of the entries round";
    Clear, "clear", "Clear the trace on the screen";
    Copy, "copy", "Copy what is selected to the clipboard of your terminal";
    Save, "save", "Save what the panel shows to a file";
    ExportCurl, "export-curl", "Copy the HTTP call as a curl command";
    AiMode, "ai-mode", "Switch who answers: mock, real, both";
    AiLead, "ai-lead", "Choose who answers the skill when both are asked";
    AskAgain, "ask-again", "Ask the providers of this call once more";
    AskAll, "ask-all", "Ask all configured providers this one prompt";
    CompareProviders, "compare-providers", "Run the skill's cases, or the skill, with several AI providers, and compare them";
    SaveMockRule, "save-mock-rule", "Save the shown answer as a rule of the mock";
    ToggleDifference, "difference", "Show the difference, or the texts as they are";
    ToggleTree, "tree", "Show the document as a tree, or as text";
    FoldAll, "fold-all", "Fold all of the tree";
    UnfoldAll, "unfold-all", "Unfold all of the tree";
    Edit, "edit", "Edit what is shown; of a skill, its input";
    InterceptFilter, "intercept-filter", "Choose by a filter which host calls to hold";
    ToggleIntercept, "intercept", "Hold the calls that match, or let all pass";
    ResumeCall, "resume-call", "Let the held call go on";
    ResumeAll, "resume-all", "Let all held calls go on";
    AnswerCall, "answer-call", "Answer the held call with a text of your own";
    FailCall, "fail-call", "Let the held call fail with a code";
    DelayCall, "delay-call", "Let the held call go on after a while";
    KeepAnswering, "keep-answering", "Answer all such calls so from now on";
    ForgetAnswers, "forget-answers", "Forget the answers that are given from now on";
    CompareRuns, "compare-runs", "Compare the run with the marked one, or the one before";
    Replay, "replay", "Make the recorded run again, with the answers of its record";
    Pin, "pin", "Keep the run however old it gets, or not";
    DeleteRun, "delete-run", "Delete the record of the run";
    WriteManifest, "write-manifest", "Write the changed limits and permissions to the manifest";
    Errors, "details", "Show the last message in full";
    Redraw, "redraw", "Draw the screen afresh";
}

impl Action {
    /// The action of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_lead_back_to_their_actions() {
        let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::named(action.name()), Some(*action));
        }
    }
}
