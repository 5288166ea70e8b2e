//! The module panel: what a module is made of, and its text form, as one text that can be searched.

use super::output::text_lines;
use super::pager::{Pager, StyledLine, line_of};
use crate::event::{ModuleReport, figures, sanitize_line};
use crate::ui::theme::Theme;
use crate::ui::view::cell_text;
use ratatui::text::Span;

/// The widest first column.
const MAX_NAME: usize = 48;
/// The widest second column.
const MAX_TYPE: usize = 44;

/// What is laid out.
#[derive(Debug, Default)]
pub struct ModuleView {
    /// The skill whose module it is; the report may still be on its way.
    pub skill: Option<String>,
    /// The report.
    pub report: Option<ModuleReport>,
    /// The report as lines.
    pub pager: Pager,
    /// Whether the text form is shown instead of the lists.
    pub wat: bool,
}

impl ModuleView {
    /// Takes a report.
    pub fn take(&mut self, report: ModuleReport, theme: &Theme) {
        let same = self.report.as_ref().is_some_and(|before| before.skill == report.skill);
        self.skill = Some(report.skill.clone());
        self.report = Some(report);
        let top = self.pager.position().0;
        self.lay_out(theme);
        if same {
            self.pager.scroll(isize::try_from(top).unwrap_or_default());
        }
    }

    /// Lays out the lists or the text form.
    pub fn lay_out(&mut self, theme: &Theme) {
        let Some(report) = &self.report else { return };
        let lines = if self.wat { text_lines(&report.wat.to_text_lossy(), theme) } else { lists(report, theme) };
        self.pager = Pager::new(lines).hanging(if self.wat { 0 } else { 4 });
    }
}

fn lists(report: &ModuleReport, theme: &Theme) -> Vec<StyledLine> {
    let dot = theme.symbols.dot;
    let profile = report.profile.map_or("refused".to_owned(), |profile| profile.to_string());
    let mut lines = vec![
        line_of(sanitize_line(&report.path.display().to_string()).into_owned(), theme.strong),
        line_of(format!("{profile} {dot} {}", figures::bytes(report.bytes)), theme.faint),
    ];
    lines.extend(report.sha256.as_deref().map(|digest| line_of(format!("sha256 {digest}"), theme.faint)));
    if let Some(failure) = &report.failure {
        lines.push(StyledLine::new());
        lines.extend(failure.message.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.bad)));
        lines.extend(
            failure
                .hint
                .iter()
                .flat_map(|hint| hint.lines())
                .map(|line| line_of(format!("  {}", sanitize_line(line)), theme.accent)),
        );
    }
    for section in report.sections.iter().filter(|section| !section.rows.is_empty()) {
        lines.push(StyledLine::new());
        lines.push(vec![
            Span::styled(section.title.clone(), theme.strong),
            Span::styled(format!("  {}", section.rows.len()), theme.faint),
        ]);
        let clean: Vec<[String; 3]> =
            section.rows.iter().map(|row| row.each_ref().map(|cell| sanitize_line(cell).into_owned())).collect();
        let widest = |column: usize, most: usize| {
            clean.iter().filter_map(|row| row.get(column)).map(|cell| cell_text::width(cell)).max().unwrap_or_default().min(most)
        };
        let (names, types) = (widest(0, MAX_NAME), widest(1, MAX_TYPE));
        for [name, kind, note] in clean {
            lines.push(vec![
                Span::styled(format!("  {}  ", cell_text::fit(&name, names, theme.symbols.ellipsis)), theme.accent),
                Span::raw(format!("{}  ", cell_text::fit(&kind, types, theme.symbols.ellipsis))),
                Span::styled(note, theme.faint),
            ]);
        }
    }
    lines
}
