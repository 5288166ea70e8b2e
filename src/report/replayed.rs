//! What came of a replay, for people.

use super::palette::Palette;
use crate::event::{ComparedPart, ReplayReport, ReplayVerdict, difference, figures, sanitize_line};

/// Characters of a text that is shown whole beside the other.
const SHORT: usize = 60;

/// Several lines, no line feed at the end.
pub fn text(replay: &ReplayReport, palette: &Palette) -> String {
    let Palette { good, bad, faint, reset, .. } = *palette;
    let answered = match replay.answered {
        1 => "1 call answered from the record".to_owned(),
        count => format!("{} calls answered from the record", figures::count(count)),
    };
    let module = if replay.same_module { "the recorded module" } else { "another module than the recorded one" };
    let (colour, verdict) = match replay.verdict {
        ReplayVerdict::Same => (good, "as recorded"),
        ReplayVerdict::Differs => (bad, "ends otherwise than the recorded run"),
        ReplayVerdict::Diverged => (bad, "differs from the record at the call above"),
        ReplayVerdict::RecordEnds => (bad, "the record ends before the recorded run did"),
        ReplayVerdict::Refused => (bad, "did not begin, unlike the recorded run"),
    };
    let mut text = format!("{colour}replay{reset}: {verdict} {faint}({answered}; {module}){reset}");
    for part in &replay.differences {
        text.push_str(&format!("\n  {}", compared(part).replace('\n', "\n  ").trim_end()));
    }
    text
}

fn compared(part: &ComparedPart) -> String {
    let ComparedPart { title, before, after } = part;
    let is_short = |text: &str| text.lines().count() <= 1 && text.chars().count() <= SHORT;
    match title.as_str() {
        "Calls" => format!("recorded, and not asked for:\n{}", indented(before)),
        _ if is_short(before) && is_short(after) => {
            format!("{title}: {} in the record, now {}", sanitize_line(before.trim_end()), sanitize_line(after.trim_end()))
        }
        _ => format!("{title}:\n{}", indented(&difference(before, after))),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}\n", sanitize_line(line))).collect()
}
