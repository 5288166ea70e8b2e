//! Who answers prompts: switching, asking again, keeping an answer as a rule of the mock.

use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::ai_view::is_ai;
use crate::ui::model::overlay::{Choice, ChoicePurpose, Overlay, PromptPurpose};
use crate::ui::model::status::Weight;
use crate::ui::model::trace::TracedCall;

/// `mock`, `real`, `both`, and from the start.
pub fn next_mode(model: &mut Model) -> Vec<Effect> {
    let next = match model.ai.mode.as_str() {
        "mock" => "real",
        "both" => "mock",
        _ => "both",
    };
    // The session says soon what came of it; a second key before that counts from here.
    model.ai.mode = next.to_owned();
    vec![Effect::Session(WorkbenchCommand::SetAiMode(next.to_owned()))]
}

/// Asks who shall answer the skill.
pub fn choose_lead(model: &mut Model) -> Vec<Effect> {
    if model.ai.providers.len() < 2 {
        model
            .status
            .tell(Weight::Notice, "only the mock is here; providers are configured in skillscope.toml, under [ai.providers]");
        return Vec::new();
    }
    let items = model.ai.providers.clone();
    let lead = model.ai.lead.clone();
    let selected = items.iter().position(|name| lead == *name || lead.starts_with(&format!("{name} "))).unwrap_or_default();
    let title = "Who answers the skill when both are asked".to_owned();
    model.overlay = Some(Overlay::Choice(Choice { purpose: ChoicePurpose::Lead, title, items, selected }));
    Vec::new()
}

/// The AI call that the panel shows: the selected entry, where it is one; else the newest of the run.
pub fn shown_call(model: &Model) -> Option<(crate::event::RunId, &TracedCall)> {
    let run = model.shown_run()?;
    let is_ai_call = |call: &&TracedCall| is_ai(&call.record.name);
    let selected = run.selected().and_then(|(_, entry)| entry.call()).filter(is_ai_call);
    let newest = || run.trace.numbers().rev().filter_map(|number| run.trace.get(number)?.call()).find(is_ai_call);
    Some((run.run, selected.or_else(newest)?))
}

/// Asks the prompt of the shown call again.
pub fn ask(model: &mut Model, all: bool) -> Vec<Effect> {
    let asked = shown_call(model).map(|(run, call)| {
        let request = call.edited.as_ref().unwrap_or(&call.record.request);
        let prompt = request.get("prompt").map(|prompt| prompt.to_text_lossy().into_owned()).unwrap_or_default();
        WorkbenchCommand::Ask { run, call: call.record.id, prompt, all }
    });
    match asked {
        Some(command) => {
            model.status.tell(Weight::Done, "asked; answers appear beside the others");
            vec![Effect::Session(command)]
        }
        None => {
            model.status.tell(Weight::Notice, "there is no AI call here");
            Vec::new()
        }
    }
}

/// Asks which answer, where there are several, and by what it is told.
pub fn save_mock_rule(model: &mut Model) -> Vec<Effect> {
    let answers: Vec<(String, String)> = model
        .ai_view
        .columns
        .iter()
        .filter(|column| !column.is_mock)
        .filter_map(|column| Some((column.provider.clone(), column.text.clone()?)))
        .collect();
    match answers.as_slice() {
        [] if model.ai_view.columns.iter().any(|column| !column.is_mock) => {
            model.status.tell(Weight::Notice, "no real provider gave an answer that could be saved");
        }
        [] => model.status.tell(Weight::Notice, "no real provider was asked; M switches who answers, * asks all"),
        [(_, reply)] => return ask_rule(model, reply.clone()),
        several => {
            let items = several.iter().map(|(provider, _)| provider.clone()).collect();
            let title = "Which answer shall the mock give from now on".to_owned();
            model.overlay = Some(Overlay::Choice(Choice { purpose: ChoicePurpose::MockReply, title, items, selected: 0 }));
        }
    }
    Vec::new()
}

/// Asks by what text of the prompt the rule is told; the prompt itself is proposed.
pub fn ask_rule(model: &mut Model, reply: String) -> Vec<Effect> {
    let prompt = shown_call(model)
        .and_then(|(_, call)| call.record.request.get("prompt").map(|prompt| prompt.to_text_lossy().into_owned()))
        .unwrap_or_default();
    let proposed: String = prompt.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().chars().take(80).collect();
    super::prompt::ask(model, PromptPurpose::MockRule { reply }, proposed.trim())
}
