//! The rows of a listing in columns: whole where they are piped, cut to the width of a terminal.
//!
//! Widths are counted in a terminal's cells, of which a Chinese character or an emoji takes two.

use crate::event::figures;
use crate::event::{SkillInfo, sanitize_line};
use std::path::Path;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Between two columns.
const GAP: &str = "  ";
/// The longest word for a state: a profile, or `refused`.
const STATE: usize = 7;
/// The longest size: `1023.9 KiB`.
const SIZE: usize = 10;
/// Columns are aligned up to these widths where nothing is cut.
const ALIGNED_NAME: usize = 40;
const ALIGNED_PATH: usize = 60;
/// Names are never cut below this, and a description is left out where less room than this is left for it.
const LEAST: usize = 12;

/// How wide the columns of a listing are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    name: usize,
    path: usize,
    /// The room for descriptions, and the width of a whole row; `None` where nothing is cut.
    cut: Option<(usize, usize)>,
}

/// What a row shows.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The skill's name.
    pub name: &'a str,
    /// Its profile, or `refused`.
    pub state: &'a str,
    /// The module's size in bytes, where it is known.
    pub size: Option<u64>,
    /// Where it lies, and what it is for.
    pub info: Option<&'a SkillInfo>,
}

impl Columns {
    /// The widths that suit these skills, on a terminal of that width, or piped.
    pub fn of(skills: &[SkillInfo], terminal: Option<usize>) -> Self {
        let widest = |text: &dyn Fn(&SkillInfo) -> String| skills.iter().map(|skill| text(skill).width()).max().unwrap_or(0);
        let name = widest(&|skill| harmless(&skill.name));
        let path = widest(&|skill| shown_path(&skill.path));
        let Some(terminal) = terminal else {
            return Self { name: name.min(ALIGNED_NAME), path: path.min(ALIGNED_PATH), cut: None };
        };
        let name = name.min((terminal * 3 / 10).max(LEAST));
        let rest = terminal.saturating_sub(name + STATE + SIZE + 3 * GAP.len());
        let half = path.min(rest / 2);
        let about = rest.saturating_sub(half + GAP.len());
        if about < LEAST || skills.iter().all(|skill| skill.description.is_none()) {
            return Self { name, path: path.min(rest), cut: Some((0, terminal)) };
        }
        Self { name, path: half, cut: Some((about, terminal)) }
    }

    /// A row, without a line feed: name, state, size, path, description.
    pub fn row(&self, row: &Row<'_>) -> String {
        let name = harmless(row.name);
        let size = row.size.map(figures::bytes).unwrap_or_default();
        let path = row.info.map(|info| shown_path(&info.path)).unwrap_or_default();
        let about = row.info.and_then(|info| info.description.as_deref()).map(harmless).unwrap_or_default();
        let (name, path, about) = match self.cut {
            // What is no skill has its name alone.
            Some((room, _)) if row.info.is_some() => {
                (cut_end(&name, self.name), cut_start(&path, self.path), cut_end(&about, room))
            }
            _ => (name, path, about),
        };
        let columns = [
            padded(&name, self.name),
            format!("{:<STATE$}", row.state),
            format!("{size:>SIZE$}"),
            padded(&path, self.path),
            about,
        ];
        let whole = columns.join(GAP);
        let whole = whole.trim_end();
        self.cut.map_or_else(|| whole.to_owned(), |(_, terminal)| cut_end(whole, terminal))
    }
}

fn harmless(text: &str) -> String {
    sanitize_line(text).into_owned()
}

fn shown_path(path: &Path) -> String {
    harmless(&path.display().to_string())
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The text's beginning in at most `width` cells, with an ellipsis where something was cut.
fn cut_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let kept: String = fitting(text.graphemes(true), width).collect();
    if width == 0 { kept } else { kept + "…" }
}

/// The text's end, which is what tells one path from another.
fn cut_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept: Vec<&str> = fitting(text.graphemes(true).rev(), width).collect();
    kept.extend((width > 0).then_some("…"));
    kept.into_iter().rev().collect()
}

/// The graphemes that leave room for an ellipsis.
fn fitting<'t>(graphemes: impl Iterator<Item = &'t str>, width: usize) -> impl Iterator<Item = &'t str> {
    let mut used = 0;
    graphemes.take_while(move |grapheme| {
        used += grapheme.width();
        used < width
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skill(name: &str, path: &str, description: Option<&str>) -> SkillInfo {
        SkillInfo {
            name: name.to_owned(),
            version: None,
            description: description.map(str::to_owned),
            path: path.into(),
            module: None,
        }
    }

    fn rows(skills: &[SkillInfo], terminal: Option<usize>) -> Vec<String> {
        let columns = Columns::of(skills, terminal);
        let row =
            |info| columns.row(&Row { name: &SkillInfo::clone(info).name, state: "d04", size: Some(65_536), info: Some(info) });
        skills.iter().map(row).collect()
    }

    fn several() -> Vec<SkillInfo> {
        vec![
            skill("a", "skills/a", Some("An ordinary skill that does one thing and does it well, as far as anybody knows")),
            skill("天气预报", "skills/天气预报", Some("报告天气，每天早上都会报告一次，包括温度、湿度和风力，还有明天的预报")),
            skill(
                "party 🎉👩‍👩‍👧",
                "some/where/far/down/below/skills/party",
                Some("🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"),
            ),
            skill("none", "none.wat", None),
        ]
    }

    /// The cell in which a row's state begins.
    fn state_column(row: &str) -> usize {
        row.split("d04").next().unwrap().width()
    }

    #[test]
    fn rows_fit_the_terminal_and_columns_stand_below_each_other() {
        for width in [40, 60, 80, 100, 120, 200] {
            let rows = rows(&several(), Some(width));
            assert!(rows.iter().all(|row| row.width() <= width), "{width}: {rows:#?}");
            let columns: Vec<_> = rows.iter().map(|row| state_column(row)).collect();
            assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{width}: {rows:#?}");
        }
        assert!(rows(&several(), Some(80)).iter().take(3).all(|row| row.ends_with('…')));
    }

    #[test]
    fn nothing_is_cut_where_it_is_piped() {
        for (row, skill) in rows(&several(), None).iter().zip(several()) {
            assert!(row.starts_with(&skill.name) && row.contains(&skill.path.display().to_string()), "{row}");
            assert!(skill.description.is_none_or(|about| row.ends_with(&about)), "{row}");
        }
    }

    #[test]
    fn a_cut_keeps_characters_whole() {
        assert_eq!((cut_end("héllo", 5), cut_end("héllo!", 5)), ("héllo".into(), "héll…".into()));
        assert_eq!(
            (cut_end("天气预报", 8), cut_end("天气预报", 7), cut_end("天气预报", 6)),
            ("天气预报".into(), "天气预…".into(), "天气…".into())
        );
        assert_eq!(cut_end("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧…");
        assert_eq!((cut_start("a/b/c/name", 7), cut_start("a/天气", 4)), ("…c/name".into(), "…气".into()));
        assert_eq!((cut_end("long", 0), cut_start("long", 0), cut_end("long", 1)), (String::new(), String::new(), "…".into()));
    }

    #[test]
    fn a_terminal_of_no_width_is_no_trouble() {
        for width in 0..40 {
            assert!(rows(&several(), Some(width)).iter().all(|row| row.width() <= width), "{width}");
        }
    }

    #[test]
    fn control_characters_do_not_reach_a_row() {
        let rows = rows(&[skill("a\x1b[2J", "x\ny", Some("z\r"))], Some(120));
        assert!(rows[0].starts_with("a␛[2J") && rows[0].contains("x␊y") && rows[0].ends_with("z␍"), "{}", rows[0]);
    }
}
