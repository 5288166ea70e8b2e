//! Editors: the input document, a held call's request, an answer of one's own.

use super::{intercept, terms};
use crate::event::{CallId, CallRequest, KeptInput, Payload, RunId};
use crate::session::{Decision, WorkbenchCommand};
use crate::ui::effect::Effect;
use crate::ui::json_tree;
use crate::ui::model::Model;
use crate::ui::model::input::fault_of;
use crate::ui::model::overlay::{Choice, ChoicePurpose, Editor, EditorPurpose, OtherText, Overlay, Prompt, PromptPurpose};
use crate::ui::model::place::{Focus, Panel};
use crate::ui::model::status::Weight;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{CursorMove, TextArea};

/// The longest text that is edited here; what is longer is passed by a file.
const MAX_EDITED: usize = 1 << 20;

/// Edits what the panel shows, where that can be edited; else the input.
pub fn edit(model: &mut Model) -> Vec<Effect> {
    match (model.focus, model.panel) {
        (Focus::Panel, Panel::Trace) if intercept::held(model).is_some() => edit_held(model),
        (Focus::Panel, Panel::Limits) => terms::edit(model),
        _ => edit_input(model),
    }
}

/// An editor's text, the cursor at its start.
pub fn area_with(text: &str) -> TextArea<'static> {
    let lines: Vec<String> = text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let mut area = TextArea::new(lines);
    area.move_cursor(CursorMove::Top);
    area
}

/// A document in lines; what is not JSON stays as it was typed.
fn laid_out(document: &str) -> String {
    if fault_of(document).is_none() { json_tree::pretty(document) } else { document.to_owned() }
}

fn edit_input(model: &mut Model) -> Vec<Effect> {
    let Some(skill) = model.skills.selected_name().map(str::to_owned) else { return Vec::new() };
    let input = &model.runs.skill_mut(&skill).input;
    if input.now.document.len() > MAX_EDITED {
        model.status.tell(Weight::Notice, "this input is larger than 1 MiB: edit it in a file, and give it with --input @FILE");
        return Vec::new();
    }
    let text = laid_out(&input.now.document);
    let other = |(input, case): (&KeptInput, Option<&str>)| OtherText {
        text: laid_out(&input.document),
        event: input.event.clone(),
        case: case.map(str::to_owned),
    };
    let (others, event) = (input.others().map(other).collect(), input.now.event.clone());
    let editor = Editor { others, event, ..Editor::of(EditorPurpose::Input { skill }, area_with(&text)) };
    model.overlay = Some(Overlay::Editor(editor));
    Vec::new()
}

/// Edits the request of a held call; where it has several fields, asks which.
fn edit_held(model: &mut Model) -> Vec<Effect> {
    let Some((run, call)) = intercept::held(model) else {
        intercept::none(model);
        return Vec::new();
    };
    let id = call.record.id;
    let fields: Vec<String> = editable(&call.record.request).map(str::to_owned).collect();
    match fields.as_slice() {
        [] => {
            model.status.tell(Weight::Notice, "this call has no request that could be edited");
            Vec::new()
        }
        [field] => edit_field(model, run, id, &field.clone()),
        _ => {
            let title = "Which part of the request".to_owned();
            let purpose = ChoicePurpose::RequestField(run, id);
            model.overlay = Some(Overlay::Choice(Choice { purpose, title, items: fields, selected: 0 }));
            Vec::new()
        }
    }
}

/// The fields that are texts which the skill gave.
fn editable(request: &CallRequest) -> impl Iterator<Item = &str> {
    const FIELDS: [&str; 6] = ["prompt", "key", "value", "url", "body", "message"];
    request
        .0
        .iter()
        .filter(|(name, value)| FIELDS.contains(&name.as_ref()) && value.as_text().is_some())
        .map(|(name, _)| name.as_ref())
}

/// Edits one field of a held call's request.
pub fn edit_field(model: &mut Model, run: RunId, call: CallId, field: &str) -> Vec<Effect> {
    let text = request_of(model, run, call).and_then(|request| request.get(field).and_then(Payload::as_text).map(str::to_owned));
    let Some(text) = text.filter(|text| text.len() <= MAX_EDITED) else {
        model.status.tell(Weight::Notice, "this text is too long to be edited here");
        return Vec::new();
    };
    let purpose = EditorPurpose::Request { run, call, field: field.to_owned() };
    model.overlay = Some(Overlay::Editor(Editor::of(purpose, area_with(&text))));
    Vec::new()
}

fn request_of(model: &mut Model, run: RunId, call: CallId) -> Option<CallRequest> {
    let view = model.runs.get_mut(run)?;
    let number = view.trace.number_of(call)?;
    Some(view.trace.get(number)?.call()?.record.request.clone())
}

/// A key for an editor: `ctrl-s` takes the text, `ctrl-r` takes it and runs, `ctrl-l` empties it, `alt-up` and `alt-down` go
/// through the others.
pub fn editor_key(model: &mut Model, mut editor: Editor, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    match event.code {
        KeyCode::Char('s') if control => return entered(model, editor, false),
        KeyCode::Char('r') if control => return entered(model, editor, true),
        KeyCode::Enter if alt => return entered(model, editor, true),
        KeyCode::Char('l') if control => {
            // Undo brings it back.
            editor.area.select_all();
            editor.area.cut();
            editor.error = None;
        }
        KeyCode::Up if alt => go_back(&mut editor, 1),
        KeyCode::Down if alt => go_back(&mut editor, -1),
        KeyCode::Char('t') if control && matches!(editor.purpose, EditorPurpose::Input { .. }) => {
            return ask_event(model, editor);
        }
        _ => {
            if editor.area.input(event) {
                editor.error = None;
            }
        }
    }
    model.overlay = Some(Overlay::Editor(editor));
    Vec::new()
}

/// The event's type is edited on a line of its own; the editor comes back after it.
fn ask_event(model: &mut Model, editor: Editor) -> Vec<Effect> {
    let prompt = Prompt::of(PromptPurpose::EventType, editor.event.as_deref().unwrap_or_default());
    model.overlay = Some(Overlay::Prompt(Prompt { behind: Some(Box::new(editor)), ..prompt }));
    Vec::new()
}

/// An editor was left. What was typed as an input is no input yet, but it is not lost.
pub fn left(model: &mut Model, editor: Editor) -> Vec<Effect> {
    let EditorPurpose::Input { skill } = &editor.purpose else { return Vec::new() };
    let typed = match editor.back {
        0 => Some((editor.area.lines().join("\n"), editor.event)),
        // Another text is looked at; what was typed before that counts.
        _ => editor.typed,
    };
    let Some((document, event)) = typed else { return Vec::new() };
    let input = &mut model.runs.skill_mut(skill).input;
    let is_known = |known: &KeptInput| known.document.trim() == document.trim() || json_tree::pretty(&known.document) == document;
    if is_known(&input.now) {
        return Vec::new();
    }
    input.draft = Some(KeptInput { document, event });
    model.status.tell(Weight::Notice, "not taken; in the editor, alt-up brings it back");
    Vec::new()
}

/// Shows another text, or what the user typed themselves.
fn go_back(editor: &mut Editor, by: isize) {
    let back = editor.back.saturating_add_signed(by).min(editor.others.len());
    if back == editor.back {
        return;
    }
    if editor.back == 0 {
        editor.typed = Some((editor.area.lines().join("\n"), editor.event.take()));
    }
    editor.back = back;
    let (text, event) = match back.checked_sub(1).and_then(|index| editor.others.get(index)) {
        Some(other) => (other.text.clone(), other.event.clone()),
        None => editor.typed.take().unwrap_or_default(),
    };
    (editor.area, editor.event) = (area_with(&text), event);
    editor.error = None;
}

fn entered(model: &mut Model, mut editor: Editor, run_it: bool) -> Vec<Effect> {
    let text = editor.area.lines().join("\n");
    match &editor.purpose {
        EditorPurpose::Input { skill } => {
            if let Some(((line, column), words)) = fault_of(&text) {
                let (row, col) = (u16::try_from(line).unwrap_or(u16::MAX), u16::try_from(column).unwrap_or(u16::MAX));
                editor.area.move_cursor(CursorMove::Jump(row, col));
                editor.error = Some((Some((line, column)), words));
                model.overlay = Some(Overlay::Editor(editor));
                return Vec::new();
            }
            let (skill, input) = (skill.clone(), KeptInput { document: text, event: editor.event.clone() });
            if !run_it {
                return vec![Effect::Session(WorkbenchCommand::KeepInput { skill, input })];
            }
            // Who runs wants to see what comes of it.
            if model.panel == Panel::Input {
                model.panel = Panel::Output;
            }
            vec![Effect::Session(WorkbenchCommand::Run { skill, input: Some(input) })]
        }
        EditorPurpose::Request { run, call, field } => {
            let Some(mut request) = request_of(model, *run, *call) else { return Vec::new() };
            if let Some((_, value)) = request.0.iter_mut().find(|(name, _)| name == field) {
                *value = Payload::from(text);
            }
            intercept::release(*run, *call, Decision::Resume(Some(request)), false)
        }
        EditorPurpose::Answer { run, call, keep } => intercept::release(*run, *call, Decision::Answer(text), *keep),
    }
}
