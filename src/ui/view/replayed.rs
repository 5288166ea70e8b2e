//! What came of a replay: how far it is the recorded run, and where it differs.

use super::compared;
use crate::event::{Failure, ReplayReport, ReplayVerdict, figures, sanitize_line};
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::theme::Theme;

/// The verdict in words.
pub const fn verdict(verdict: ReplayVerdict) -> &'static str {
    match verdict {
        ReplayVerdict::Same => "the same as recorded",
        ReplayVerdict::Differs => "ends otherwise than the recorded run",
        ReplayVerdict::Diverged => "a call differs from the recorded one",
        ReplayVerdict::RecordEnds => "the record ends before the recorded run did",
        ReplayVerdict::Refused => "did not begin, unlike the recorded run",
    }
}

/// All of it, as lines; `failure` is what ended the run that was made again.
pub fn lines(replay: &ReplayReport, failure: Option<&Failure>, theme: &Theme) -> Vec<StyledLine> {
    let style = if replay.verdict == ReplayVerdict::Same { theme.good } else { theme.bad };
    let module = if replay.same_module { "the recorded module" } else { "another module than the recorded one" };
    let calls = if replay.answered == 1 { "1 call".to_owned() } else { format!("{} calls", figures::count(replay.answered)) };
    let mut lines = vec![
        line_of(verdict(replay.verdict).to_owned(), style),
        line_of(format!("{calls} answered from the record; {module}"), theme.faint),
    ];
    let is_told_by_failure = matches!(replay.verdict, ReplayVerdict::Diverged | ReplayVerdict::RecordEnds);
    if let Some(failure) = failure.filter(|_| is_told_by_failure) {
        lines.push(StyledLine::new());
        lines.extend(failure.message.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.text)));
        lines.extend(failure.hint.iter().map(|hint| line_of(sanitize_line(hint).into_owned(), theme.faint)));
    }
    if !replay.differences.is_empty() {
        lines.push(StyledLine::new());
        lines.extend(compared::lines(&replay.differences, &("as recorded".into(), "as made again".into()), theme));
    }
    lines
}
