//! Lines that are typed: searches, filters, codes, delays, limits. What cannot be taken stays in the line, with the reason under it.

use super::{comparison, intercept, terms};
use crate::event::filter::Filter;
use crate::session::WorkbenchCommand;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Overlay, Prompt, PromptPurpose};
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;
use crate::ui::model::trace::Entry;
use regex::{Regex, RegexBuilder};

/// Asks for a line.
pub fn ask(model: &mut Model, purpose: PromptPurpose, text: &str) -> Vec<Effect> {
    model.overlay = Some(Overlay::Prompt(Prompt::of(purpose, text)));
    Vec::new()
}

/// Asks for a filter of the trace.
pub fn ask_filter(model: &mut Model) -> Vec<Effect> {
    let now = model.trace_options.filter.as_ref().map(ToString::to_string).unwrap_or_default();
    ask(model, PromptPurpose::Filter, &now)
}

/// A line was entered.
pub fn entered(model: &mut Model, mut prompt: Prompt, text: &str) -> Vec<Effect> {
    if let (PromptPurpose::EventType, Some(mut editor)) = (&prompt.purpose, prompt.behind.take()) {
        editor.event = Some(text.trim().to_owned()).filter(|event| !event.is_empty());
        model.overlay = Some(Overlay::Editor(*editor));
        return Vec::new();
    }
    match take(model, &prompt.purpose, text.trim()) {
        Ok(effects) => effects,
        Err(error) => {
            prompt.error = Some(error);
            model.overlay = Some(Overlay::Prompt(prompt));
            Vec::new()
        }
    }
}

fn take(model: &mut Model, purpose: &PromptPurpose, text: &str) -> Result<Vec<Effect>, String> {
    match purpose {
        PromptPurpose::Search => search(model, text),
        PromptPurpose::Save(what) => super::save::to(what, text),
        PromptPurpose::Filter => {
            let filter = parse_filter(text)?;
            model.trace_options.filter = filter;
            if let Some(run) = model.runs.shown_mut(model.skills.selected_name()) {
                run.choose_visible(&model.trace_options);
            }
            Ok(Vec::new())
        }
        PromptPurpose::Intercept => {
            parse_filter(text)?;
            let filter = (!text.is_empty()).then(|| text.to_owned());
            let on = filter.is_some();
            Ok(vec![Effect::Session(WorkbenchCommand::SetIntercept { filter, on })])
        }
        PromptPurpose::FailCode(run, call) => intercept::fail_with(*run, *call, text),
        PromptPurpose::Delay(run, call) => intercept::delay_by(*run, *call, text),
        PromptPurpose::MockRule { reply } => {
            if text.is_empty() {
                return Err("a rule needs a text that the prompt must contain".into());
            }
            Ok(vec![Effect::Session(WorkbenchCommand::SaveMockRule { contains: text.to_owned(), reply: reply.clone() })])
        }
        PromptPurpose::EventType => Ok(Vec::new()),
        PromptPurpose::Compare { skill } => comparison::begin(model, skill, text),
        PromptPurpose::Term(field) => terms::change(model, *field, text),
    }
}

/// A filter, or none where nothing was typed.
fn parse_filter(text: &str) -> Result<Option<Filter>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Filter::parse(text).map(Some).map_err(|error| error.to_string())
}

/// A regular expression; letters match in both cases where all are small. None where nothing was typed.
fn expression(text: &str) -> Result<Option<Regex>, String> {
    let small = !text.chars().any(char::is_uppercase);
    let built = || RegexBuilder::new(text).case_insensitive(small).size_limit(1 << 20).build();
    if text.is_empty() { Ok(None) } else { built().map(Some).map_err(|error| error.to_string()) }
}

fn search(model: &mut Model, text: &str) -> Result<Vec<Effect>, String> {
    if model.focus == Focus::Skills {
        model.skill_search = expression(text)?;
        // The selected one counts, too.
        let fits = |search: &Regex| model.skills.selected_name().is_some_and(|name| search.is_match(name));
        let is_there = model.skill_search.as_ref().is_none_or(fits);
        return Ok(if is_there { Vec::new() } else { super::movement::next_skill(model, true) });
    }
    if model.focus == Focus::Panel && model.panel == Panel::Trace && !super::movement::shows_text(model) {
        model.trace_search = expression(text)?;
        if model.trace_search.is_some() {
            next_entry(model, true);
        }
        return Ok(Vec::new());
    }
    let mut outcome: Result<bool, String> = Ok(false);
    super::movement::with_pagers(model, |pager| {
        let found = pager.search_for(text).map_err(|error| error.to_string());
        outcome = match (&outcome, found) {
            (Err(error), _) => Err(error.clone()),
            (_, Err(error)) => Err(error),
            (Ok(before), Ok(found)) => Ok(*before || found),
        };
    });
    if !outcome? {
        model.status.tell(Weight::Notice, format!("{text:?} is not here"));
    }
    Ok(Vec::new())
}

/// To the next entry of the trace that the search fits.
pub fn next_entry(model: &mut Model, forward: bool) {
    let Some(search) = model.trace_search.clone() else {
        model.status.tell(Weight::Notice, "nothing is searched for; / searches");
        return;
    };
    let Some(run) = model.runs.shown_mut(model.skills.selected_name()) else { return };
    let (trace, visible) = run.list();
    let count = visible.len();
    let here = visible.position().unwrap_or_default();
    let fits = |position: &usize| {
        let entry = visible.at(*position).and_then(|number| trace.get(number));
        entry.is_some_and(|entry| texts(entry).any(|text| search.is_match(&text)))
    };
    let steps = 1..=count;
    let found = steps.map(|step| if forward { (here + step) % count } else { (here + count - step % count) % count }).find(fits);
    match found {
        Some(position) => run.visible_mut().select(position),
        None => model.status.tell(Weight::Notice, format!("no entry has {search}")),
    }
}

/// The texts of an entry that a search looks at.
fn texts(entry: &Entry) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    use crate::ui::model::trace::What;
    use std::borrow::Cow;
    let mut texts: Vec<Cow<'_, str>> = Vec::new();
    match &entry.what {
        What::Call(call) => {
            texts.push(Cow::Borrowed(&call.record.name));
            texts.extend(call.record.request.0.iter().map(|(_, value)| value.to_text_lossy()));
            if let Some(finished) = &call.record.finished {
                texts.extend(finished.response.iter().map(|response| response.to_text_lossy()));
                texts.extend(finished.error.iter().map(|error| Cow::Borrowed(error.as_str())));
            }
        }
        What::Wasi(call) => texts.push(Cow::Borrowed(&call.name)),
        What::Log(_, text) | What::Warning(text) => texts.push(Cow::Borrowed(text)),
    }
    texts.into_iter()
}
