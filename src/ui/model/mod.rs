//! What the screen shows, and nothing else: small states that only `update` changes and `view` only reads.

pub mod ai_view;
pub mod back_view;
pub mod comparison;
pub mod details_view;
pub mod failure_view;
pub mod filter_view;
pub mod gauges;
pub mod history;
pub mod input;
pub mod module_view;
pub mod order;
pub mod output;
pub mod overlay;
pub mod pager;
pub mod place;
pub mod run_view;
pub mod skills;
pub mod status;
pub mod trace;
pub mod visible;

use super::bindings::{Bindings, Context};
use super::theme::Theme;
use crate::event::{AiState, Failure, OnSave, Outcome, RunId, Terms};
use crate::skill::{DEFAULT_TRACE_BYTES, DEFAULT_TRACE_ENTRIES};
use overlay::Overlay;
use place::{Focus, Panel};
use run_view::{RunView, TraceOptions};
use skills::{SkillState, Skills};
use status::Status;
use std::collections::HashMap;
use std::time::Instant;

/// Everything that the screen shows.
#[derive(Debug)]
pub struct Model {
    /// The workspace, as the header names it.
    pub workspace: String,
    /// The keys in force.
    pub bindings: Bindings,
    /// How things look.
    pub theme: Theme,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The list of skills.
    pub skills: Skills,
    /// The runs, and what is known of each skill beside its row.
    pub runs: Runs,
    /// Whose run has the keys.
    pub focus: Focus,
    /// The panel that is shown.
    pub panel: Panel,
    /// Whether the trace shows the details of its selected entry.
    pub details: Option<details_view::DetailsView>,
    /// What lies over the panels.
    pub overlay: Option<Overlay>,
    /// The line that tells what happened.
    pub status: Status,
    /// Which entries of a trace are shown.
    pub trace_options: TraceOptions,
    /// What is in the trace's place where it has no entry.
    pub failure: failure_view::FailureView,
    /// The AI panel.
    pub ai_view: ai_view::AiView,
    /// Providers that are compared, or were.
    pub comparison: Option<comparison::Comparison>,
    /// The output panel.
    pub output: output::OutputView,
    /// The module panel.
    pub module: module_view::ModuleView,
    /// The history panel.
    pub history: history::HistoryView,
    /// The selected line of the limits panel.
    pub term: usize,
    /// Who answers prompts.
    pub ai: AiState,
    /// Whether skills run again when they are saved.
    pub auto_run: bool,
    /// What becomes of a run that goes on then.
    pub on_save: OnSave,
    /// How much of a trace is kept: entries, and bytes of requests and responses.
    pub trace_bounds: (usize, usize),
    /// Which calls are held.
    pub intercept: Intercept,
    /// Whether files are watched, in a word.
    pub watching: String,
    /// Until when a ctrl-c quits, where the key before was one.
    pub quit_armed: Option<Instant>,
    /// What the names of skills are searched for.
    pub skill_search: Option<regex::Regex>,
    /// What the trace is searched for.
    pub trace_search: Option<regex::Regex>,
    /// How the panels lie, for the mouse; told by the last drawing.
    pub areas: Areas,
}

/// The newest run of each skill, and one that was opened.
#[derive(Debug, Default)]
pub struct Runs {
    /// What is known of each skill beside its row.
    pub by_skill: HashMap<String, SkillView>,
    /// A run that was opened from its record, and is shown in place of the skill's newest.
    pub opened: Option<RunView>,
}

impl Runs {
    /// The run of a number.
    pub fn get_mut(&mut self, run: RunId) -> Option<&mut RunView> {
        if self.opened.as_ref().is_some_and(|opened| opened.run == run) {
            return self.opened.as_mut();
        }
        self.by_skill.values_mut().filter_map(|view| view.run.as_mut()).find(|view| view.run == run)
    }

    /// The run that is shown where this skill is selected.
    pub fn shown_mut(&mut self, selected: Option<&str>) -> Option<&mut RunView> {
        if self.opened.is_some() {
            return self.opened.as_mut();
        }
        self.by_skill.get_mut(selected?)?.run.as_mut()
    }

    /// The runs that go on.
    pub fn running(&self) -> impl Iterator<Item = &RunView> {
        self.by_skill.values().filter_map(|view| view.run.as_ref()).filter(|run| run.is_running())
    }

    /// What is known of a skill, to be changed.
    pub fn skill_mut(&mut self, name: &str) -> &mut SkillView {
        self.by_skill.entry(name.to_owned()).or_default()
    }
}

/// What is known of one skill.
#[derive(Debug, Default)]
pub struct SkillView {
    /// Its newest run.
    pub run: Option<RunView>,
    /// The output of the run before.
    pub previous_output: Option<String>,
    /// The input of its next run.
    pub input: input::InputView,
    /// What its next run may use and do.
    pub terms: Option<Terms>,
}

/// Which host calls are held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intercept {
    /// The filter, as it was written.
    pub filter: Option<String>,
    /// Whether calls are held.
    pub on: bool,
    /// How many kinds of calls are answered without asking.
    pub standing: usize,
}

/// Where the parts lay when they were drawn last.
#[derive(Clone, Debug, Default)]
pub struct Areas {
    /// The rows of the list of skills.
    pub skills: ratatui::layout::Rect,
    /// The first skill in sight.
    pub first_skill: usize,
    /// The inside of the panel.
    pub panel: ratatui::layout::Rect,
    /// The position of the first entry in sight.
    pub first_row: usize,
    /// The tabs.
    pub tabs: Vec<(Panel, ratatui::layout::Rect)>,
}

impl Model {
    /// A screen that knows nothing yet.
    pub fn new(workspace: String, bindings: Bindings, theme: Theme) -> Self {
        Self {
            workspace,
            bindings,
            theme,
            size: (80, 24),
            skills: Skills::default(),
            runs: Runs::default(),
            focus: Focus::default(),
            panel: Panel::default(),
            details: None,
            overlay: None,
            status: Status::default(),
            trace_options: TraceOptions::default(),
            failure: failure_view::FailureView::default(),
            ai_view: ai_view::AiView::default(),
            comparison: None,
            output: output::OutputView::default(),
            module: module_view::ModuleView::default(),
            history: history::HistoryView::default(),
            term: 0,
            ai: AiState::default(),
            auto_run: true,
            on_save: OnSave::default(),
            trace_bounds: (DEFAULT_TRACE_ENTRIES, DEFAULT_TRACE_BYTES),
            intercept: Intercept::default(),
            watching: String::new(),
            quit_armed: None,
            skill_search: None,
            trace_search: None,
            areas: Areas::default(),
        }
    }

    /// Tells something on the status line.
    pub fn notice(&mut self, text: &str) {
        self.status.tell(status::Weight::Notice, text);
    }

    /// The run that the panels show: an opened one, else the newest of the selected skill.
    pub fn shown_run(&self) -> Option<&RunView> {
        self.runs.opened.as_ref().or_else(|| self.selected_view()?.run.as_ref())
    }

    /// The same, to be changed.
    pub fn shown_run_mut(&mut self) -> Option<&mut RunView> {
        self.runs.shown_mut(self.skills.selected_name())
    }

    /// What is known of the selected skill.
    pub fn selected_view(&self) -> Option<&SkillView> {
        self.runs.by_skill.get(self.skills.selected_name()?)
    }

    /// What went wrong, where the trace has nothing else to show: the skill is refused, or its run ended before any entry.
    pub fn failure_in_trace(&self) -> Option<(Outcome, &Failure)> {
        let Some(run) = self.shown_run() else {
            let (outcome, failure) = self.skills.selected()?.refused.as_ref()?;
            return Some((*outcome, failure));
        };
        let finished = run.finished.as_ref().filter(|_| run.list().1.is_empty())?;
        Some((finished.outcome, finished.error.as_ref()?))
    }

    /// The state of a skill.
    pub fn state_of(&self, row: &skills::SkillRow) -> SkillState {
        let run = self.runs.by_skill.get(&row.info.name).and_then(|view| view.run.as_ref()).filter(|run| run.is_running());
        match run {
            Some(run) if !run.held.is_empty() => return SkillState::Held,
            Some(run) if run.gauges.now.paused => return SkillState::Paused,
            Some(run) if run.started.is_some() => return SkillState::Running,
            _ => {}
        }
        match (row.compiling, &row.refused, &row.loaded) {
            (true, ..) => SkillState::Compiling,
            (false, Some(_), Some(_)) => SkillState::Stale,
            (false, Some(_), None) => SkillState::Refused,
            (false, None, Some(_)) => SkillState::Ready,
            (false, None, None) => SkillState::Unknown,
        }
    }

    /// The place that has the keys.
    pub fn context(&self) -> Context {
        match (self.focus, self.panel) {
            (Focus::Skills, _) => Context::Skills,
            (Focus::Panel, Panel::Trace) if self.details.is_some() => Context::Details,
            (Focus::Panel, panel) => panel.context(),
        }
    }

    /// Whether something moves by itself, so that the screen is drawn anew all the time.
    pub fn is_alive(&self) -> bool {
        self.runs.running().next().is_some() || self.skills.rows().iter().any(|row| row.compiling)
    }
}
