//! What lies over the panels: help, the palette, prompts, editors, choices, questions.

use super::{bordered, cell_text, pager};
use crate::session::Saveable;
use crate::ui::model::Model;
use crate::ui::model::overlay::{Choice, Editor, EditorPurpose, OtherText, Overlay, Palette, Prompt, PromptPurpose};
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};

/// Draws it.
pub fn draw(model: &Model, screen: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let Some(overlay) = &model.overlay else { return };
    let area = area_of(overlay, screen);
    match overlay {
        Overlay::Text { title, pager } => {
            let inner = boxed(title, theme, area, frame);
            pager::draw(pager, theme, inner, frame);
        }
        Overlay::Palette(palette) => draw_palette(palette, model, area, frame),
        Overlay::Prompt(prompt) => {
            // The editor that a line was asked from is not gone.
            if let Some(editor) = &prompt.behind {
                draw_editor(editor, theme, editor_area(screen), frame);
            }
            draw_prompt(prompt, theme, area, frame);
        }
        Overlay::Editor(editor) => draw_editor(editor, theme, area, frame),
        Overlay::Choice(choice) => draw_choice(choice, theme, area, frame),
        Overlay::Question { text, .. } => {
            let inner = boxed("Question", theme, area, frame);
            frame.render_widget(Paragraph::new(text.clone()).wrap(Wrap { trim: true }), inner);
        }
    }
}

/// How large editors are, where there is room.
const fn editor_size(screen: Rect) -> (u16, u16) {
    (110, screen.height.saturating_sub(4))
}

fn editor_area(screen: Rect) -> Rect {
    placed(editor_size(screen), 1, screen)
}

/// Where an overlay lies.
pub fn area_of(overlay: &Overlay, screen: Rect) -> Rect {
    let size = match overlay {
        Overlay::Text { .. } => (100, screen.height.saturating_sub(4)),
        Overlay::Editor(_) => editor_size(screen),
        Overlay::Palette(_) => (100, (screen.height * 2 / 3).max(6)),
        Overlay::Choice(choice) => (64, u16::try_from(choice.items.len()).unwrap_or(u16::MAX).saturating_add(2)),
        Overlay::Prompt(_) => (84, 5),
        Overlay::Question { .. } => (64, 5),
    };
    let y = match overlay {
        Overlay::Text { .. } | Overlay::Editor(_) => 1,
        _ => screen.height.saturating_sub(size.1) / 3,
    };
    placed(size, y, screen)
}

fn placed((columns, rows): (u16, u16), y: u16, screen: Rect) -> Rect {
    let width = screen.width.saturating_sub(4).min(columns).max(1);
    // The footer stays in sight: it tells the keys.
    let height = screen.height.saturating_sub(2).min(rows).max(1);
    Rect { x: (screen.width - width) / 2, y, width, height }
}

/// The inside of a pager's overlay.
pub fn text_area(overlay: &Overlay, screen: Rect) -> Rect {
    area_of(overlay, screen).inner(Margin::new(2, 1))
}

fn boxed(title: &str, theme: &Theme, area: Rect, frame: &mut Frame<'_>) -> Rect {
    frame.render_widget(Clear, area);
    let title = cell_text::cut(&format!(" {title} "), usize::from(area.width.saturating_sub(4)), theme.symbols.ellipsis);
    frame.render_widget(bordered(theme, true).title(Line::from(Span::styled(title, theme.strong))), area);
    area.inner(Margin::new(2, 1))
}

fn draw_palette(palette: &Palette, model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let inner = boxed("Commands", theme, area, frame);
    draw_line(&palette.line, ": ", theme, Rect { height: 1, ..inner }, frame);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let first = palette.selected.saturating_sub(usize::from(rows.height.saturating_sub(1)));
    if palette.matches.is_empty() {
        frame
            .render_widget(Line::from(Span::styled("no such command", theme.faint)), Rect { height: 1.min(rows.height), ..rows });
    }
    for ((position, (action, letters)), y) in palette.matches.iter().enumerate().skip(first).zip(rows.y..rows.bottom()) {
        let row = Rect { y, height: 1, ..rows };
        let key = model.bindings.key_for(model.context(), *action).unwrap_or_default();
        let mut spans = marked(action.name(), letters, theme);
        spans.push(Span::raw(" ".repeat(19_usize.saturating_sub(action.name().len()))));
        spans.push(Span::styled(action.doc(), theme.faint));
        let columns = usize::from(row.width).saturating_sub(cell_text::width(&key) + 2);
        let mut spans = cell_text::cut_spans(spans, columns, theme.symbols.ellipsis);
        let used: usize = spans.iter().map(|span| cell_text::width(&span.content)).sum();
        spans.push(Span::raw(" ".repeat(columns.saturating_sub(used) + 2)));
        spans.push(Span::styled(key, theme.accent));
        frame.render_widget(Line::from(spans), row);
        if position == palette.selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}

/// A name with the letters that were typed.
fn marked(name: &str, letters: &[u32], theme: &Theme) -> Vec<Span<'static>> {
    name.chars()
        .zip(0_u32..)
        .map(|(letter, at)| {
            let style = if letters.contains(&at) { theme.accent.add_modifier(Modifier::BOLD) } else { theme.text };
            Span::styled(letter.to_string(), style)
        })
        .collect()
}

fn draw_line(line: &ratatui_textarea::TextArea<'static>, sign: &'static str, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let wide = u16::try_from(sign.len()).unwrap_or_default().min(area.width);
    frame.render_widget(Line::from(Span::styled(sign, theme.accent)), Rect { width: wide, ..area });
    let mut shown = line.clone();
    shown.set_cursor_line_style(Style::new());
    frame.render_widget(&shown, Rect { x: area.x + wide, width: area.width - wide, ..area });
}

fn draw_prompt(prompt: &Prompt, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let title = match &prompt.purpose {
        PromptPurpose::Search => "Search for a regular expression".to_owned(),
        PromptPurpose::Filter => "Show only entries that match (~k ai, ~e, ~slow, words)".to_owned(),
        PromptPurpose::Intercept => "Hold host calls that match (~k ai, ~n http; empty: none)".to_owned(),
        PromptPurpose::FailCode(_, call) => format!("Fail call {} with a code (-4: the provider failed; -404: HTTP)", call.0),
        PromptPurpose::Delay(_, call) => format!("Let call {} go on after", call.0),
        PromptPurpose::MockRule { .. } => "The mock gives this answer where the prompt contains".to_owned(),
        PromptPurpose::Compare { .. } => "Compare providers: names, how often, then cases or input".to_owned(),
        PromptPurpose::Save(Saveable::Trace { filter: Some(filter), .. }) => format!("Save the entries that match {filter} to"),
        PromptPurpose::Save(_) => "Save to the file (NAME! overwrites)".to_owned(),
        PromptPurpose::Term(field) => format!("{} for the next runs ({})", field.title(), field.written_as()),
        PromptPurpose::EventType => "The type of the event (empty: execute)".to_owned(),
    };
    let inner = boxed(&title, theme, area, frame);
    draw_line(&prompt.line, "> ", theme, Rect { height: 1.min(inner.height), ..inner }, frame);
    if let (Some(error), true) = (&prompt.error, inner.height > 1) {
        let first = error.lines().next().unwrap_or_default();
        let rows = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        let most = usize::from(rows.width) * usize::from(rows.height);
        let text = cell_text::cut(&crate::event::sanitize_line(first), most, theme.symbols.ellipsis);
        frame.render_widget(Paragraph::new(Span::styled(text, theme.bad)).wrap(Wrap { trim: true }), rows);
    }
}

fn input_title(skill: &str, editor: &Editor) -> String {
    let event = editor.event.as_ref().map(|event| format!(", event {event}")).unwrap_or_default();
    let other = editor.back.checked_sub(1).and_then(|index| editor.others.get(index));
    let from = match other {
        Some(OtherText { case: Some(case), .. }) => format!(", of the case {case:?}"),
        Some(_) => format!(", {} back", editor.back),
        None => String::new(),
    };
    format!("Input of {skill}{event}{from}")
}

fn draw_editor(editor: &Editor, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let title = match &editor.purpose {
        EditorPurpose::Input { skill } => input_title(skill, editor),
        EditorPurpose::Request { call, field, .. } => format!("The {field} of the held call {}", call.0),
        EditorPurpose::Answer { keep: true, .. } => "Your answer to such calls from now on".to_owned(),
        EditorPurpose::Answer { call, keep: false, .. } => format!("Your answer to the held call {}", call.0),
    };
    let inner = boxed(&title, theme, area, frame);
    let error_rows = u16::from(editor.error.is_some()).min(inner.height);
    let text = Rect { height: inner.height - error_rows, ..inner };
    let mut shown = editor.area.clone();
    shown.set_cursor_line_style(Style::new());
    shown.set_line_number_style(theme.faint);
    frame.render_widget(&shown, text);
    if let Some((at, words)) = &editor.error {
        let place = at.map(|(line, column)| format!("line {}, column {}: ", line + 1, column + 1)).unwrap_or_default();
        let told = cell_text::cut(&format!("{place}{words}"), usize::from(inner.width), theme.symbols.ellipsis);
        frame.render_widget(Line::from(Span::styled(told, theme.bad)), Rect { y: text.bottom(), height: error_rows, ..inner });
    }
}

fn draw_choice(choice: &Choice, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let inner = boxed(&choice.title, theme, area, frame);
    let first = choice.selected.saturating_sub(usize::from(inner.height.saturating_sub(1)));
    for ((position, item), y) in choice.items.iter().enumerate().skip(first).zip(inner.y..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        let text = cell_text::cut(&crate::event::sanitize_line(item), usize::from(row.width), theme.symbols.ellipsis);
        frame.render_widget(Line::from(text), row);
        if position == choice.selected {
            frame.buffer_mut().set_style(row, theme.selected);
        }
    }
}
