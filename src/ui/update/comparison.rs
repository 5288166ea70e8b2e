//! Providers compared on the selected skill: who is asked how often, and what comes of it.

use super::prompt;
use crate::event::SweepEvent;
use crate::session::{ComparedOn, WorkbenchCommand};
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::comparison::Comparison;
use crate::ui::model::overlay::{Overlay, PromptPurpose};
use crate::ui::model::pager::Pager;
use crate::ui::model::status::Weight;

/// How often each provider is tried where nothing else is said.
const REPEAT: u32 = 3;
/// The most that can be said.
const MAX_REPEAT: u32 = 10_000;

/// Asks who is to be compared; while a comparison goes on, it is shown.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    if model.comparison.as_ref().is_some_and(|comparison| comparison.running().is_some()) {
        show(model);
        return Vec::new();
    }
    let Some(skill) = model.skills.selected_name().map(str::to_owned) else {
        model.status.tell(Weight::Notice, "there is no skill to compare providers on");
        return Vec::new();
    };
    let all = format!("{} {REPEAT}", model.ai.providers.join(","));
    prompt::ask(model, PromptPurpose::Compare { skill }, &all)
}

/// The line was entered: names with commas between them, then how often, then on what.
pub fn begin(model: &mut Model, skill: &str, text: &str) -> Result<Vec<Effect>, String> {
    let text = text.trim();
    let (text, on) = match text.rsplit_once(' ') {
        Some((before, "cases")) => (before.trim(), ComparedOn::Cases),
        Some((before, "input")) => (before.trim(), ComparedOn::Input),
        _ => (text, ComparedOn::WhatIsThere),
    };
    let (names, repeat) = match text.rsplit_once([' ', ',']) {
        Some((names, count)) if count.trim().bytes().all(|byte| byte.is_ascii_digit()) && !count.trim().is_empty() => {
            let repeat = count.trim().parse().ok().filter(|repeat| (1..=MAX_REPEAT).contains(repeat));
            (names, repeat.ok_or_else(|| format!("each can be tried from 1 to {MAX_REPEAT} times"))?)
        }
        _ => (text, 1),
    };
    let providers: Vec<String> =
        names.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if providers.is_empty() {
        return Err("name providers, with commas between them, then how often: mock,local 3".to_owned());
    }
    if let Some(unknown) = providers.iter().find(|name| !model.ai.providers.contains(name)) {
        return Err(format!("there is no provider {unknown}; there are {}", model.ai.providers.join(", ")));
    }
    model.comparison = Some(Comparison::new(skill.to_owned(), repeat));
    show(model);
    Ok(vec![Effect::Session(WorkbenchCommand::CompareProviders { skill: skill.to_owned(), providers, repeat, on })])
}

/// It is known what they are compared on.
pub fn begun(model: &mut Model, cases: Option<usize>) {
    if let Some(comparison) = &mut model.comparison {
        comparison.cases = cases;
    }
}

/// What the session tells of it.
pub fn told(model: &mut Model, event: SweepEvent) {
    let Some(comparison) = &mut model.comparison else { return };
    comparison.apply(event);
    let is_shown = matches!(&model.overlay, Some(Overlay::Text { title, .. }) if *title == title_of(comparison));
    // What has ended is shown, unless something else is.
    if is_shown || (comparison.end.is_some() && model.overlay.is_none()) {
        show(model);
    }
}

fn show(model: &mut Model) {
    let Some(comparison) = &model.comparison else { return };
    let lines = crate::ui::view::comparison::lines(comparison, &model.theme);
    model.overlay = Some(Overlay::Text { title: title_of(comparison), pager: Pager::new(lines) });
}

fn title_of(comparison: &Comparison) -> String {
    format!("Providers compared on {}", comparison.skill)
}
