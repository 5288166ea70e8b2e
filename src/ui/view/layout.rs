//! Where the parts of the screen lie, from its size alone.
//!
//! ```text
//! skillscope  ~/skills                               AI mock · auto-run · watching     header
//! ╭ Skills ───────────╮╭ Gauges ──────────────────────────────────────────────────╮
//! │ ● summarize  12ms ││ memory ███░░░░  1.1 MiB, peak 1.1 MiB of 512 MiB   ▁▂▃▅▇ │   gauges
//! │ ▶ mood    running ││ fuel   ░░░░░░░  1,234,567                          ▁▂▃▅▇ │
//! │                   ││ time   █▒░░░░░  1.2 s: guest 0.9 s, host 0.3 s of 30 s   │
//! │                   │╰──────────────────────────────────────────────────────────╯
//! │                   │╭ 1 Trace  2 AI  3 Output  4 Logs ────────────────────────╮    tabs
//! │                   ││ panel                                                    │
//! ╰───────────────────╯╰──────────────────────────────────────────────────────────╯
//! what happened                                                                         status
//! enter run  f filter                                       ? help  : commands  q quit  footer
//! ```
//!
//! Where there are few rows, the gauges lose their border, and the status takes the footer's place.

use crate::ui::model::place::Panel;
use ratatui::layout::{Constraint, Layout, Margin, Rect};

/// Fewer columns or rows than this show nothing but a word on it.
pub const LEAST: (u16, u16) = (56, 12);
/// Below so many rows the screen is laid out tightly.
const TIGHT_ROWS: u16 = 20;

/// The parts.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The first line.
    pub header: Rect,
    /// The list of skills with its border.
    pub skills_box: Rect,
    /// Its rows.
    pub skills: Rect,
    /// The gauges with their border, where they have one.
    pub gauges_box: Rect,
    /// Their three rows.
    pub gauges: Rect,
    /// The panel with its border.
    pub panel_box: Rect,
    /// Its inside.
    pub panel: Rect,
    /// Each tab on the panel's border, with its words.
    pub tabs: Vec<(Panel, String, Rect)>,
    /// The line that tells what happened; the same as the footer where there are few rows.
    pub status: Rect,
    /// The keys.
    pub footer: Rect,
    /// Whether the gauges have a border.
    pub roomy: bool,
}

/// The parts of a screen of this size; `None` where nothing sensible fits.
pub fn parts(columns: u16, rows: u16, shown: Panel) -> Option<Parts> {
    if columns < LEAST.0 || rows < LEAST.1 {
        return None;
    }
    let roomy = rows >= TIGHT_ROWS;
    let status_rows = u16::from(roomy);
    let screen = Rect::new(0, 0, columns, rows);
    let [header, body, status, footer] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(status_rows), Constraint::Length(1)])
            .areas(screen);
    let [skills_box, right] = Layout::horizontal([Constraint::Length(skills_columns(columns)), Constraint::Min(0)]).areas(body);
    let gauge_rows = if roomy { 5 } else { 3 };
    let [gauges_box, panel_box] = Layout::vertical([Constraint::Length(gauge_rows), Constraint::Min(0)]).areas(right);
    let inside = |area: Rect| area.inner(Margin::new(1, 1));
    let gauges = if roomy { inside(gauges_box) } else { gauges_box };
    Some(Parts {
        header,
        skills_box,
        skills: inside(skills_box),
        gauges_box,
        gauges,
        panel_box,
        // Where there is room, texts keep a column from the border.
        panel: panel_box.inner(Margin::new(if columns >= 100 { 2 } else { 1 }, 1)),
        tabs: tabs(panel_box, shown),
        status: if roomy { status } else { footer },
        footer,
        roomy,
    })
}

/// A quarter of the screen, but no more than names need.
fn skills_columns(columns: u16) -> u16 {
    match columns {
        0..70 => 18,
        70..100 => 26,
        100..160 => 32,
        _ => 40,
    }
}

/// The tabs that fit: with numbers, without them, or the shown one alone by its word.
fn tabs(panel_box: Rect, shown: Panel) -> Vec<(Panel, String, Rect)> {
    let room = usize::from(panel_box.width.saturating_sub(4));
    let numbered = |(index, panel): (usize, &Panel)| (*panel, format!(" {} {} ", index + 1, panel.title()));
    let plain = |(_, panel): (usize, &Panel)| (*panel, format!(" {} ", panel.title()));
    let short = |(index, panel): (usize, &Panel)| {
        let words = if *panel == shown { format!(" {} {} ", index + 1, panel.title()) } else { format!(" {} ", index + 1) };
        (*panel, words)
    };
    let panels = || Panel::ALL.iter().enumerate();
    let last = Panel::ALL.len() - 1;
    let close = |(index, panel): (usize, &Panel)| (*panel, format!(" {}{}", panel.title(), if index == last { " " } else { "" }));
    let forms: [Vec<(Panel, String)>; 4] = [
        panels().map(numbered).collect(),
        panels().map(plain).collect(),
        panels().map(close).collect(),
        panels().map(short).collect(),
    ];
    let width = |form: &[(Panel, String)]| form.iter().map(|(_, words)| words.len()).sum::<usize>();
    let fitting = forms.iter().find(|form| width(form) <= room).or(forms.last()).cloned().unwrap_or_default();
    let mut x = panel_box.x.saturating_add(1);
    let end = panel_box.right().saturating_sub(1);
    fitting
        .into_iter()
        .map(|(panel, words)| {
            let columns = u16::try_from(words.len()).unwrap_or(u16::MAX).min(end.saturating_sub(x));
            let area = Rect::new(x, panel_box.y, columns, 1);
            x = x.saturating_add(columns);
            (panel, words, area)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_from_the_least_on_keeps_all_parts_on_the_screen() {
        for columns in LEAST.0..=220 {
            for rows in LEAST.1..=70 {
                let parts = parts(columns, rows, Panel::History).unwrap();
                let screen = Rect::new(0, 0, columns, rows);
                for part in [parts.header, parts.skills, parts.gauges, parts.panel, parts.status, parts.footer] {
                    assert!(screen.contains((part.x, part.y).into()) && part.right() <= columns && part.bottom() <= rows);
                    assert!(part.width > 0 && part.height > 0, "{columns}x{rows}: {parts:?}");
                }
                assert!(parts.tabs.iter().all(|(.., area)| area.right() <= columns && area.width > 0), "{columns}x{rows}");
            }
        }
    }

    #[test]
    fn tabs_say_as_much_as_fits() {
        let words =
            |columns| parts(columns, 30, Panel::Ai).unwrap().tabs.into_iter().map(|(_, words, _)| words).collect::<String>();
        assert_eq!(words(200), " 1 Trace  2 AI  3 Output  4 Logs  5 Input  6 Module  7 History  8 Limits ");
        assert_eq!(words(90), " Trace  AI  Output  Logs  Input  Module  History  Limits ");
        assert_eq!(words(80), " Trace AI Output Logs Input Module History Limits ");
        assert_eq!(words(60), " 1  2 AI  3  4  5  6  7  8 ");
    }
}
