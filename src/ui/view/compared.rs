//! Two runs compared, part by part.

use crate::event::ComparedPart;
use crate::ui::model::output::difference;
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::theme::Theme;

/// Which runs they are, and the parts as lines: what is equal in a word, what differs in full.
pub fn lines(parts: &[ComparedPart], (before, after): &(String, String), theme: &Theme) -> Vec<StyledLine> {
    let mut lines =
        vec![line_of(format!("- {before}"), theme.removed), line_of(format!("+ {after}"), theme.added), StyledLine::new()];
    for part in parts {
        lines.push(line_of(part.title.clone(), theme.strong));
        lines.extend(difference(&part.before, &part.after, theme));
        lines.push(StyledLine::new());
    }
    lines
}
