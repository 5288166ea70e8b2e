//! The list of skills: state, name, profile, the last outcome and its duration.

use super::layout::Parts;
use super::{bordered, cell_text, empty};
use crate::event::{Outcome, figures};
use crate::ui::model::Model;
use crate::ui::model::place::Focus;
use crate::ui::model::skills::{SkillRow, SkillState};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The columns of most of what is told at the end of a line.
const TOLD: usize = 9;

/// A list with fewer columns has little room.
const NARROW: usize = 20;

/// Draws it.
pub fn draw(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let has_keys = model.focus == Focus::Skills;
    let style = if has_keys { theme.accent.patch(theme.strong) } else { theme.faint };
    let count = model.skills.rows().len();
    let mut title = vec![Span::styled(" Skills ", style)];
    if count > usize::from(parts.skills.height) {
        title.push(Span::styled(format!("{} of {count} ", model.skills.position() + 1), theme.faint));
    }
    frame.render_widget(bordered(theme, has_keys).title(Line::from(title)), parts.skills_box);
    if count == 0 {
        if model.skills.known {
            empty(
                &[
                    "No skills here.",
                    "",
                    "A skill is a directory with a skill.toml, or a .wasm or .wat file. It appears as soon as it is saved.",
                ],
                theme.faint,
                parts.skills,
                frame,
            );
        }
        return;
    }
    let rows = model.skills.rows().iter().enumerate().skip(model.areas.first_skill);
    for ((position, row), y) in rows.zip(parts.skills.y..parts.skills.bottom()) {
        let area = Rect { y, height: 1, ..parts.skills };
        frame.render_widget(line(model, row, usize::from(area.width)), area);
        if position == model.skills.position() {
            frame.buffer_mut().set_style(area, if has_keys { theme.selected } else { theme.selected_elsewhere });
        }
    }
}

fn line(model: &Model, row: &SkillRow, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let state = model.state_of(row);
    let (symbol, symbol_style) = symbol(model, row, state);
    let (told, told_style) = told(model, row, state);
    let is_wide = columns >= 34;
    let profile = row.loaded.as_ref().filter(|_| is_wide).map(|loaded| format!(" {:<7}", loaded.profile.to_string()));
    let profile = profile.unwrap_or_default();
    // Where there is room, the profiles stand below each other.
    let told = if is_wide { format!("{told:>TOLD$}") } else { told };
    let name = crate::event::sanitize_line(&row.info.name);
    // Where there is little, the name is worth more than what its symbol tells too.
    let is_crowded = columns < NARROW && cell_text::width(&name) + cell_text::width(&told) + 4 > columns;
    let told = if is_crowded { String::new() } else { told };
    let room = columns.saturating_sub(3 + cell_text::width(&told) + profile.len() + 1);
    let name_style = if state == SkillState::Refused { theme.faint } else { theme.text };
    let name = cell_text::fit(&name, room, theme.symbols.ellipsis);
    Line::from(vec![
        Span::styled(format!(" {symbol} "), symbol_style),
        Span::styled(name, name_style),
        Span::styled(profile, theme.faint),
        Span::styled(format!(" {told}"), told_style),
    ])
}

fn symbol(model: &Model, row: &SkillRow, state: SkillState) -> (&'static str, Style) {
    let theme = &model.theme;
    let symbols = &theme.symbols;
    match state {
        SkillState::Unknown => (symbols.compiling, theme.faint),
        SkillState::Compiling => (symbols.compiling, theme.accent),
        SkillState::Running => (symbols.running, theme.accent),
        SkillState::Paused | SkillState::Held => (symbols.paused, theme.warning),
        SkillState::Stale => (symbols.stale, theme.bad),
        SkillState::Refused => (symbols.refused, theme.bad),
        SkillState::Ready => match row.last {
            Some((outcome, _)) => (if outcome == Outcome::Ok { symbols.ready } else { symbols.refused }, theme.outcome(outcome)),
            None => (symbols.ready, theme.faint),
        },
    }
}

/// The word or figure at the end of the line.
fn told(model: &Model, row: &SkillRow, state: SkillState) -> (String, Style) {
    let theme = &model.theme;
    match (state, row.last) {
        (SkillState::Ready, Some((Outcome::Ok, ms))) => (figures::milliseconds(ms), theme.faint),
        (SkillState::Ready, Some((outcome, _))) => (outcome.word().to_owned(), theme.outcome(outcome)),
        (SkillState::Ready | SkillState::Unknown, _) => (String::new(), theme.faint),
        (SkillState::Compiling, _) => ("compiling".to_owned(), theme.accent),
        (SkillState::Running, _) => ("running".to_owned(), theme.accent),
        (SkillState::Paused | SkillState::Held, _) => (state.word().to_owned(), theme.warning),
        (SkillState::Stale | SkillState::Refused, _) => (state.word().to_owned(), theme.bad),
    }
}
