//! The palette and lists to choose from.

use super::{ai_actions, edit, perform};
use crate::session::WorkbenchCommand;
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Choice, ChoicePurpose, Overlay, Palette, PromptPurpose, line_with, text_of};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Opens the palette.
pub fn open_palette(model: &mut Model) -> Vec<Effect> {
    let mut palette = Palette { line: line_with(""), matches: Vec::new(), selected: 0 };
    find_commands(&mut palette);
    model.overlay = Some(Overlay::Palette(palette));
    Vec::new()
}

/// Finds the commands that fit what was typed: by name and by what they do.
pub fn find_commands(palette: &mut Palette) {
    let typed = text_of(&palette.line);
    let pattern = Pattern::parse(&typed, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut found: Vec<(u32, Action, Vec<u32>)> = Vec::new();
    for action in Action::ALL.iter().copied().filter(|action| *action != Action::Palette) {
        let text = format!("{}  {}", action.name(), action.doc());
        let mut indices = Vec::new();
        if let Some(score) = pattern.indices(Utf32Str::new(&text, &mut letters), &mut matcher, &mut indices) {
            // What is typed is a name rather than a description.
            let by_name = pattern.score(Utf32Str::new(action.name(), &mut letters), &mut matcher).map_or(0, |score| score * 2);
            indices.sort_unstable();
            found.push((score + by_name, action, indices));
        }
    }
    if !typed.trim().is_empty() {
        found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    }
    palette.matches = found.into_iter().map(|(_, action, indices)| (action, indices)).collect();
    palette.selected = 0;
}

/// A key for the palette.
pub fn palette_key(model: &mut Model, mut palette: Palette, event: KeyEvent) -> Vec<Effect> {
    if let Some(selected) = moved(event, palette.selected, palette.matches.len()) {
        palette.selected = selected;
    } else if event.code == KeyCode::Enter {
        let chosen = palette.matches.get(palette.selected).map(|(action, _)| *action);
        return chosen.map(|action| perform::perform(model, action)).unwrap_or_default();
    } else if palette.line.input(event) {
        find_commands(&mut palette);
    }
    model.overlay = Some(Overlay::Palette(palette));
    Vec::new()
}

/// A key for a choice.
pub fn choice_key(model: &mut Model, mut choice: Choice, event: KeyEvent) -> Vec<Effect> {
    let vim = match event.code {
        KeyCode::Char('j') => Some(KeyEvent::from(KeyCode::Down)),
        KeyCode::Char('k') => Some(KeyEvent::from(KeyCode::Up)),
        _ => None,
    };
    if let Some(selected) = moved(vim.unwrap_or(event), choice.selected, choice.items.len()) {
        choice.selected = selected;
    } else if event.code == KeyCode::Enter {
        return chosen(model, &choice);
    } else if event.code == KeyCode::Char('q') {
        return Vec::new();
    }
    model.overlay = Some(Overlay::Choice(choice));
    Vec::new()
}

fn chosen(model: &mut Model, choice: &Choice) -> Vec<Effect> {
    let Some(item) = choice.items.get(choice.selected) else { return Vec::new() };
    match &choice.purpose {
        ChoicePurpose::Lead => vec![Effect::Session(WorkbenchCommand::SetAiLead(item.clone()))],
        ChoicePurpose::MockReply => {
            let columns = &model.ai_view.columns;
            let reply = columns.iter().find(|column| column.provider == *item).and_then(|column| column.text.clone());
            reply.map(|reply| ai_actions::ask_rule(model, reply)).unwrap_or_default()
        }
        ChoicePurpose::Save(parts) => match parts.get(choice.selected) {
            Some((what, name)) => super::prompt::ask(model, PromptPurpose::Save(what.clone()), name),
            None => Vec::new(),
        },
        ChoicePurpose::Order => super::trace_list::order(model, item),
        ChoicePurpose::RequestField(run, call) => edit::edit_field(model, *run, *call, item),
    }
}

/// Where a key moves the cursor of a list, if it does.
fn moved(event: KeyEvent, selected: usize, count: usize) -> Option<usize> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let last = count.saturating_sub(1);
    match event.code {
        KeyCode::Up => Some(selected.saturating_sub(1)),
        KeyCode::Char('p') if control => Some(selected.saturating_sub(1)),
        KeyCode::Down => Some((selected + 1).min(last)),
        KeyCode::Char('n') if control => Some((selected + 1).min(last)),
        KeyCode::PageUp => Some(selected.saturating_sub(10)),
        KeyCode::PageDown => Some((selected + 10).min(last)),
        _ => None,
    }
}
