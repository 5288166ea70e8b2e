//! Keys: to what lies over the panels, else by the table of keys to an action.

use super::{edit, perform, prompt};
use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crate::ui::key::Key;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Overlay, Prompt, Then, text_of};
use crate::ui::model::pager::Pager;
use crate::ui::view::layout;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key was pressed.
pub fn pressed(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    // The keys of a shell, everywhere.
    if event.code == KeyCode::Char('z') && event.modifiers == KeyModifiers::CONTROL {
        return vec![Effect::Suspend];
    }
    match model.overlay.take() {
        Some(overlay) => over(model, overlay, event),
        None => {
            let context = model.context();
            let action = model.bindings.action(context, Key::of_event(event));
            // Nobody steers what cannot be seen.
            let is_seen = layout::parts(model.size.0, model.size.1, model.panel).is_some();
            let action = action.filter(|action| is_seen || matches!(action, Action::Quit | Action::Cancel | Action::Redraw));
            action.map(|action| perform::perform(model, action)).unwrap_or_default()
        }
    }
}

/// A text was pasted: into what is typed, and nowhere else.
pub fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut model.overlay {
        Some(Overlay::Editor(editor)) => drop(editor.area.insert_str(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Some(Overlay::Prompt(prompt)) => drop(prompt.line.insert_str(text.replace(['\r', '\n'], " "))),
        Some(Overlay::Palette(palette)) => {
            palette.line.insert_str(text.replace(['\r', '\n'], " "));
            super::choose::find_commands(palette);
        }
        _ => {}
    }
    Vec::new()
}

/// The overlay was taken out of the model: whoever keeps it puts it back.
fn over(model: &mut Model, overlay: Overlay, event: KeyEvent) -> Vec<Effect> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let leaves = event.code == KeyCode::Esc || (control && event.code == KeyCode::Char('c'));
    match overlay {
        Overlay::Text { title, mut pager } => {
            if leaves || !read(&mut pager, event) {
                return Vec::new();
            }
            model.overlay = Some(Overlay::Text { title, pager });
            Vec::new()
        }
        Overlay::Question { text, then } => match event.code {
            KeyCode::Char('y' | 'Y') | KeyCode::Enter => match then {
                Then::Quit => vec![Effect::Quit],
                Then::WriteManifest(skill) => {
                    vec![Effect::Session(crate::session::WorkbenchCommand::WriteManifest(skill))]
                }
                Then::DeleteRecord(path) => vec![Effect::Session(crate::session::WorkbenchCommand::DeleteRecord(path))],
            },
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Vec::new(),
            _ if leaves => Vec::new(),
            _ => {
                model.overlay = Some(Overlay::Question { text, then });
                Vec::new()
            }
        },
        // A line that was asked from an editor is left, and not the editor too.
        Overlay::Prompt(Prompt { behind: Some(editor), .. }) if leaves => {
            model.overlay = Some(Overlay::Editor(*editor));
            Vec::new()
        }
        Overlay::Editor(editor) if leaves => edit::left(model, editor),
        _ if leaves => Vec::new(),
        Overlay::Palette(palette) => super::choose::palette_key(model, palette, event),
        Overlay::Choice(choice) => super::choose::choice_key(model, choice, event),
        Overlay::Editor(editor) => edit::editor_key(model, editor, event),
        Overlay::Prompt(mut line) => {
            if event.code == KeyCode::Enter {
                let text = text_of(&line.line);
                return prompt::entered(model, line, &text);
            }
            match event.code {
                // One line has no line breaks: what would make one is passed over.
                KeyCode::Char('m' | 'j') if control => {}
                // As in a shell: the line is emptied.
                KeyCode::Char('u' | 'l') if control => drop(line.line.delete_line_by_head()),
                _ => drop(line.line.input(event)),
            }
            line.error = None;
            model.overlay = Some(Overlay::Prompt(line));
            Vec::new()
        }
    }
}

/// Reads on in a text; false where the key is none of reading, so that the text goes away.
fn read(pager: &mut Pager, event: KeyEvent) -> bool {
    match event.code {
        KeyCode::Char('j') | KeyCode::Down => pager.scroll(1),
        KeyCode::Char('k') | KeyCode::Up => pager.scroll(-1),
        KeyCode::PageDown | KeyCode::Char(' ' | 'd' | 'f') => pager.scroll_pages(1),
        KeyCode::PageUp | KeyCode::Char('u' | 'b') => pager.scroll_pages(-1),
        KeyCode::Char('g') | KeyCode::Home => pager.go_to_first(),
        KeyCode::Char('G') | KeyCode::End => pager.go_to_last(),
        KeyCode::Char('q' | '?' | 'E') | KeyCode::Enter => return false,
        _ => {}
    }
    true
}
