//! The last line: the most useful keys of the place, drawn from the table of keys.

use super::cell_text;
use super::layout::Parts;
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::overlay::{EditorPurpose, Overlay};
use ratatui::Frame;
use ratatui::text::{Line, Span};

/// Keys that are shown at the right, whatever the place.
const ALWAYS: [Action; 3] = [Action::Help, Action::Palette, Action::Quit];

/// A key and what it does, in a word.
type Item = (String, String);

/// Draws it.
pub fn draw(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let columns = usize::from(parts.footer.width);
    let (left, right) = match &model.overlay {
        Some(overlay) => (of_overlay(overlay), Vec::new()),
        None => of_place(model),
    };
    let width = |items: &[(String, String)]| items.iter().map(item_width).sum::<usize>();
    let room = columns.saturating_sub(width(&right) + 1);
    let mut used = 0;
    let left: Vec<_> = left
        .into_iter()
        .take_while(|item| {
            used += item_width(item);
            used <= room
        })
        .collect();
    let gap = columns.saturating_sub(1 + width(&left) + width(&right));
    let mut spans = vec![Span::raw(" ")];
    spans.extend(left.iter().flat_map(|item| item_spans(model, item)));
    spans.push(Span::raw(" ".repeat(gap)));
    spans.extend(right.iter().flat_map(|item| item_spans(model, item)));
    frame.render_widget(Line::from(spans), parts.footer);
}

fn item_width((key, label): &(String, String)) -> usize {
    cell_text::width(key) + cell_text::width(label) + 3
}

fn item_spans(model: &Model, (key, label): &(String, String)) -> [Span<'static>; 2] {
    [Span::styled(key.clone(), model.theme.accent), Span::styled(format!(" {label}  "), model.theme.faint)]
}

fn of_place(model: &Model) -> (Vec<Item>, Vec<Item>) {
    let context = model.context();
    let runs = model.runs.running().next().is_some();
    let held = super::super::update::held(model).is_some();
    let is_paused = super::super::update::is_paused(model);
    let mut left = Vec::new();
    let mut seen = Vec::new();
    let mut steering = Vec::new();
    let here = model.bindings.of(context).chain(model.bindings.of(Context::Anywhere));
    for row in here.filter(|row| !row.label.is_empty() && !ALWAYS.contains(&row.action)) {
        // What can be done to a run is shown while there is one.
        let fits = match row.action {
            Action::Cancel | Action::TogglePause => runs,
            Action::ResumeCall | Action::AnswerCall | Action::FailCall => held,
            Action::Edit if context == Context::Details => held,
            Action::Open if context == Context::Trace => model.shown_run().is_some_and(|run| !run.list().1.is_empty()),
            Action::AskAgain | Action::AskAll | Action::SaveMockRule => model.ai_view.call.is_some(),
            Action::ToggleDifference if context == Context::Ai => model.ai_view.can_differ(),
            _ => true,
        };
        if fits && !seen.contains(&row.action) {
            seen.push(row.action);
            if matches!(row.action, Action::Cancel | Action::TogglePause) {
                steering.push(row.key.to_string());
            }
            let label = if row.action == Action::TogglePause && is_paused { "go on" } else { row.label };
            left.push((row.key.to_string(), label.to_owned()));
        }
    }
    // What a run that goes on is steered by comes first.
    left.sort_by_key(|(key, _)| !steering.contains(key));
    if held {
        let label = |action: Action, word: &str| Some((model.bindings.key_for(Context::Trace, action)?, word.to_owned()));
        let first = [
            label(Action::ResumeCall, "let go"),
            label(Action::Edit, "edit"),
            label(Action::AnswerCall, "answer"),
            label(Action::FailCall, "fail"),
        ];
        left.retain(|(key, _)| !first.iter().flatten().any(|(known, _)| known == key));
        left.splice(0..0, first.into_iter().flatten());
    }
    let right = ALWAYS.iter().filter_map(|action| {
        let row = model.bindings.of(Context::Anywhere).find(|row| row.action == *action)?;
        Some((row.key.to_string(), row.label.to_owned()))
    });
    (left, right.collect())
}

fn of_overlay(overlay: &Overlay) -> Vec<(String, String)> {
    let items: &[(&str, &str)] = match overlay {
        Overlay::Text { .. } => &[("j k", "scroll"), ("esc", "close")],
        Overlay::Palette(_) => &[("enter", "do it"), ("up down", "choose"), ("esc", "close")],
        Overlay::Prompt(_) => &[("enter", "take it"), ("esc", "leave it")],
        Overlay::Choice(_) => &[("enter", "choose"), ("j k", "move"), ("esc", "leave it")],
        Overlay::Question { .. } => &[("y", "yes"), ("n", "no")],
        Overlay::Editor(editor) => match editor.purpose {
            EditorPurpose::Input { .. } => &[
                ("ctrl-r", "run with it"),
                ("ctrl-s", "keep it"),
                ("esc", "leave it"),
                ("ctrl-l", "empty"),
                ("alt-up", "others"),
                ("ctrl-t", "event"),
            ],
            EditorPurpose::Request { .. } => &[("ctrl-s", "send it so"), ("esc", "leave it")],
            EditorPurpose::Answer { .. } => &[("ctrl-s", "answer with it"), ("esc", "leave it")],
        },
    };
    items.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect()
}
