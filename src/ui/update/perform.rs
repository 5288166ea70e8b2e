//! What each action does.

use super::{ai_actions, choose, clipboard, comparison, edit, history, intercept, movement, prompt, save, terms, trace_list};
use crate::event::OnSave;
use crate::event::RunId;
use crate::session::WorkbenchCommand;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::comparison::Comparison;
use crate::ui::model::overlay::{Overlay, PromptPurpose, Then};
use crate::ui::model::pager::Pager;
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;
use std::time::Instant;

/// Does it.
pub fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    // Whatever else is done in between, it is no longer twice.
    let was_armed = model.quit_armed.take().is_some_and(|until| Instant::now() < until);
    match action {
        Action::Run => run(model),
        Action::RunAgain => run_again(model),
        Action::Cancel => cancel(model, was_armed),
        Action::TogglePause => toggle_pause(model),
        Action::ToggleAutoRun => {
            model.auto_run = !model.auto_run;
            vec![Effect::Session(WorkbenchCommand::SetAutoRun(model.auto_run))]
        }
        Action::ToggleOnSave => toggle_on_save(model),
        // From the list, the shown panel comes first.
        Action::NextPanel | Action::PreviousPanel if model.focus == Focus::Skills => show(model, model.panel),
        Action::NextPanel => show(model, model.panel.step(1)),
        Action::PreviousPanel => show(model, model.panel.step(-1)),
        Action::ShowTrace => show(model, Panel::Trace),
        Action::ShowAi => show(model, Panel::Ai),
        Action::ShowOutput => show(model, Panel::Output),
        Action::ShowLogs => show(model, Panel::Logs),
        Action::ShowInput => show(model, Panel::Input),
        Action::ShowModule => show(model, Panel::Module),
        Action::ShowHistory => show(model, Panel::History),
        Action::ShowLimits => show(model, Panel::Limits),
        Action::FocusLeft => movement::left(model),
        Action::FocusRight => movement::right(model),
        Action::Up => movement::by(model, -1),
        Action::Down => movement::by(model, 1),
        Action::PageUp => movement::by_pages(model, -1),
        Action::PageDown => movement::by_pages(model, 1),
        Action::First => movement::first(model),
        Action::Last => movement::last(model),
        Action::Open => movement::open(model),
        Action::NextEntry => movement::neighbour(model, 1),
        Action::PreviousEntry => movement::neighbour(model, -1),
        Action::Back => movement::back(model),
        Action::Quit => quit(model),
        Action::Help => help(model),
        Action::Palette => choose::open_palette(model),
        Action::Search => prompt::ask(model, PromptPurpose::Search, ""),
        Action::SearchNext => movement::next_match(model, true),
        Action::SearchPrevious => movement::next_match(model, false),
        Action::Filter => prompt::ask_filter(model),
        Action::Follow => trace_list::follow(model),
        Action::ToggleWasi => trace_list::options(model, |options| options.wasi = !options.wasi),
        Action::ToggleLogs => trace_list::options(model, |options| options.no_logs = !options.no_logs),
        Action::Mark => mark(model),
        Action::UnmarkAll => trace_list::unmark_all(model),
        Action::Order => trace_list::choose_order(model),
        Action::Reverse => trace_list::options(model, |options| options.reversed = !options.reversed),
        Action::Clear => trace_list::clear(model),
        Action::Save => save::ask(model),
        Action::Copy => clipboard::copy(model),
        Action::ExportCurl => clipboard::export_curl(model),
        Action::AiMode => ai_actions::next_mode(model),
        Action::AiLead => ai_actions::choose_lead(model),
        Action::AskAgain => ai_actions::ask(model, false),
        Action::AskAll => ai_actions::ask(model, true),
        Action::CompareProviders => comparison::ask(model),
        Action::SaveMockRule => ai_actions::save_mock_rule(model),
        Action::ToggleDifference => toggle_difference(model),
        Action::ToggleTree => {
            model.output.as_text = !model.output.as_text;
            Vec::new()
        }
        Action::FoldAll => {
            model.output.tree.get_mut().close_all();
            Vec::new()
        }
        Action::UnfoldAll => {
            crate::ui::json_tree::unfold(&model.output.items, model.output.tree.get_mut(), 0);
            Vec::new()
        }
        Action::Edit => edit::edit(model),
        Action::InterceptFilter => {
            prompt::ask(model, PromptPurpose::Intercept, &model.intercept.filter.clone().unwrap_or_default())
        }
        Action::ToggleIntercept => intercept::toggle(model),
        Action::ResumeCall => intercept::resume(model),
        Action::ResumeAll => vec![Effect::Session(WorkbenchCommand::ReleaseAll)],
        Action::AnswerCall => intercept::answer(model, false),
        Action::FailCall => intercept::fail(model),
        Action::DelayCall => intercept::delay(model),
        Action::KeepAnswering => intercept::answer(model, true),
        Action::ForgetAnswers => vec![Effect::Session(WorkbenchCommand::ForgetDecisions)],
        Action::CompareRuns => history::compare(model),
        Action::Replay => history::replay(model),
        Action::Pin => history::pin(model),
        Action::DeleteRun => history::delete(model),
        Action::WriteManifest => terms::write_manifest(model),
        Action::Errors => messages(model),
        Action::Redraw => vec![Effect::Redraw],
    }
}

/// Shows a panel; what it needs from the session is asked for.
pub fn show(model: &mut Model, panel: Panel) -> Vec<Effect> {
    model.panel = panel;
    model.focus = Focus::Panel;
    needs(model)
}

/// What the shown panel needs from the session.
pub fn needs(model: &mut Model) -> Vec<Effect> {
    match (model.panel, model.skills.selected_name()) {
        (Panel::Module, Some(name)) if model.module.skill.as_deref() != Some(name) => {
            let name = name.to_owned();
            model.module.skill = Some(name.clone());
            model.module.report = None;
            vec![Effect::Session(WorkbenchCommand::Inspect(name))]
        }
        (Panel::History, _) => vec![Effect::Session(WorkbenchCommand::ListHistory)],
        _ => Vec::new(),
    }
}

fn run(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.skills.selected() else {
        model.status.tell(Weight::Notice, "there is no skill to run");
        return Vec::new();
    };
    if let (Some((_, failure)), None) = (&row.refused, &row.loaded) {
        let text = format!("{} is refused: {}", row.info.name, failure.message);
        model.status.tell(Weight::Error, text);
        return Vec::new();
    }
    let skill = row.info.name.clone();
    model.runs.opened = None;
    vec![Effect::Session(WorkbenchCommand::Run { skill, input: None })]
}

/// With the input of the shown run, also of one that was opened from its record.
fn run_again(model: &mut Model) -> Vec<Effect> {
    if model.runs.opened.as_ref().is_some_and(|run| run.started.is_none()) {
        model.status.tell(Weight::Notice, "its record is still being read");
        return Vec::new();
    }
    let Some(started) = model.shown_run().and_then(|run| run.started.as_ref()) else { return run(model) };
    let skill = started.skill.clone();
    let document = started.input.to_text_lossy().into_owned();
    let event = started.event_type.clone();
    model.runs.opened = None;
    vec![Effect::Session(WorkbenchCommand::Run { skill, input: Some(crate::event::KeptInput { document, event }) })]
}

/// The run that keys are for: the shown one where it goes on, else the only one that does.
fn running(model: &Model) -> Option<(RunId, bool)> {
    let shown = model.shown_run().filter(|run| run.is_running() && !run.recorded);
    let mut others = model.runs.running();
    let only = others.next().filter(|_| others.next().is_none());
    shown.or(only).map(|run| (run.run, run.gauges.now.paused))
}

/// Whether the run that keys are for is paused.
pub fn is_paused(model: &Model) -> bool {
    running(model).is_some_and(|(_, is_paused)| is_paused)
}

fn cancel(model: &mut Model, was_armed: bool) -> Vec<Effect> {
    if let Some((run, _)) = running(model) {
        return vec![Effect::Cancel(run)];
    }
    if let Some(number) = model.comparison.as_ref().and_then(Comparison::running) {
        return vec![Effect::Cancel(number)];
    }
    if was_armed {
        return vec![Effect::Quit];
    }
    model.status.tell(Weight::Notice, "nothing runs; ctrl-c once more quits");
    // As long as that stands there.
    model.quit_armed = model.status.until();
    Vec::new()
}

fn toggle_pause(model: &mut Model) -> Vec<Effect> {
    match running(model) {
        Some((run, true)) => vec![Effect::Resume(run)],
        Some((run, false)) => vec![Effect::Pause(run)],
        None => {
            model.status.tell(Weight::Notice, "nothing runs that could be paused");
            Vec::new()
        }
    }
}

fn quit(model: &mut Model) -> Vec<Effect> {
    if movement::step_back(model) {
        return Vec::new();
    }
    let count = model.runs.running().count();
    if count == 0 {
        return vec![Effect::Quit];
    }
    let text = if count == 1 {
        "A run goes on. End it and leave?".to_owned()
    } else {
        format!("{count} runs go on. End them and leave?")
    };
    model.overlay = Some(Overlay::Question { text, then: Then::Quit });
    Vec::new()
}

fn help(model: &mut Model) -> Vec<Effect> {
    let lines = crate::ui::view::help::lines(&model.bindings, model.context(), &model.theme);
    model.overlay = Some(Overlay::Text {
        title: format!("Help: {}", model.context().word()),
        pager: Pager::new(lines).hanging(crate::ui::view::help::KEYS),
    });
    Vec::new()
}

fn messages(model: &mut Model) -> Vec<Effect> {
    let lines = crate::ui::view::status::history(&model.status, &model.theme);
    model.overlay = Some(Overlay::Text { title: "Messages".into(), pager: Pager::new(lines) });
    Vec::new()
}

fn mark(model: &mut Model) -> Vec<Effect> {
    if model.panel == Panel::History { history::mark(model) } else { trace_list::mark(model) }
}

fn toggle_on_save(model: &mut Model) -> Vec<Effect> {
    let (what, words) = match model.on_save {
        OnSave::Cancel => (OnSave::Wait, "a run in flight is waited for when its skill is saved"),
        OnSave::Wait => (OnSave::Cancel, "a run in flight is cancelled when its skill is saved"),
    };
    model.on_save = what;
    model.status.tell(Weight::Done, words);
    vec![Effect::Session(WorkbenchCommand::SetOnSave(what))]
}

fn toggle_difference(model: &mut Model) -> Vec<Effect> {
    match model.panel {
        Panel::Ai if !model.ai_view.difference && !model.ai_view.can_differ() => {
            model.status.tell(Weight::Notice, "there are no two answers here that could be compared")
        }
        Panel::Ai => model.ai_view.difference = !model.ai_view.difference,
        _ => model.output.difference = !model.output.difference,
    }
    Vec::new()
}
