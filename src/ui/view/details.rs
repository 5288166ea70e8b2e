//! One entry of a trace in full: JSON pretty-printed, bytes as hex.

use crate::event::{Payload, Tokens, figures, sanitize_line};
use crate::ui::json_tree;
use crate::ui::model::output::text_lines;
use crate::ui::model::pager::{StyledLine, line_of};
use crate::ui::model::trace::{Entry, TracedCall, What};
use crate::ui::theme::Theme;
use ratatui::text::Span;

/// The most bytes that are shown as hex.
const MAX_HEX: usize = 64 << 10;

/// The entry as lines.
pub fn lines(entry: &Entry, theme: &Theme) -> Vec<StyledLine> {
    let mut lines = Vec::new();
    match &entry.what {
        What::Call(call) => call_lines(call, &mut lines, theme),
        What::Wasi(call) => {
            lines.push(line_of(format!("wasi_snapshot_preview1.{}", call.name), theme.strong));
            field("arguments", &call.arguments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "), &mut lines, theme);
            field("errno", &call.errno.map_or_else(|| "it does not return".into(), |errno| errno.to_string()), &mut lines, theme);
            field("took", &theme.microseconds(call.elapsed_us), &mut lines, theme);
        }
        What::Log(level, text) => {
            lines.push(line_of(format!("log line, {}", level.word()), theme.strong));
            lines.push(StyledLine::new());
            lines.extend(text_lines(text, theme));
        }
        What::Warning(text) => {
            lines.push(line_of("warning of the host", theme.strong));
            lines.push(StyledLine::new());
            lines.extend(text_lines(text, theme));
        }
    }
    let at = theme.microseconds(entry.at_us);
    lines.insert(1.min(lines.len()), line_of(format!("at {at}"), theme.faint));
    lines
}

fn call_lines(call: &TracedCall, lines: &mut Vec<StyledLine>, theme: &Theme) {
    let record = &call.record;
    lines.push(line_of(format!("{}  call {}", sanitize_line(&record.name), record.id.0), theme.strong));
    match &record.finished {
        None if call.held => {
            lines.push(line_of("held: a lets it go on, e edits it, b answers it, X lets it fail, d delays it", theme.warning))
        }
        None => lines.push(line_of("goes on", theme.accent)),
        Some(finished) => {
            if let Some(result) = finished.result {
                field("result", &result.to_string(), lines, theme);
            }
            field("took", &theme.microseconds(finished.elapsed_us), lines, theme);
            if let Some(provider) = &finished.provider {
                field("answered by", &sanitize_line(provider), lines, theme);
            }
            let Tokens { prompt, answer } = finished.tokens.unwrap_or_default();
            for (name, tokens) in [("prompt tokens", prompt), ("answer tokens", answer)] {
                if let Some(tokens) = tokens {
                    field(name, &tokens.to_string(), lines, theme);
                }
            }
            for (words, shown) in [
                ("truncated: the skill's buffer was smaller than the response", finished.truncated),
                ("the held response of the call before; nothing was sent again", finished.held),
            ] {
                if shown {
                    lines.push(line_of(words, theme.warning));
                }
            }
            if let Some(error) = &finished.error {
                lines.extend(sanitize_lines(error).map(|line| line_of(line, theme.bad)));
            }
        }
    }
    if let Some(released) = call.released {
        let words = match released {
            crate::event::Release::Resumed => "you let it go on",
            crate::event::Release::Answered => "you answered it",
            crate::event::Release::Failed => "you let it fail",
            crate::event::Release::Delayed => "you delayed it",
        };
        lines.push(line_of(words, theme.warning));
    }
    for fault in &record.faults {
        lines.push(line_of(format!("the fault {} befell it", sanitize_line(fault)), theme.warning));
    }
    for (name, value) in &record.request.0 {
        payload(&format!("request: {name}"), value, lines, theme);
    }
    for (name, value) in
        call.edited.iter().flat_map(|edited| &edited.0).filter(|(name, value)| record.request.get(name) != Some(value))
    {
        payload(&format!("request as you edited it: {name}"), value, lines, theme);
    }
    if let Some(response) = record.finished.as_ref().and_then(|finished| finished.response.as_ref()) {
        payload("response", response, lines, theme);
    }
    for other in &record.others {
        let provider = sanitize_line(&other.provider).into_owned();
        let title = format!("beside: {provider}, {}", theme.microseconds(other.elapsed_us));
        match (&other.response, &other.error) {
            (Some(text), _) => payload(&title, &Payload::from(text.as_str()), lines, theme),
            (None, error) => {
                title_line(&title, lines, theme);
                lines.extend(error.iter().flat_map(|error| sanitize_lines(error)).map(|line| line_of(line, theme.bad)));
            }
        }
    }
}

fn sanitize_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| sanitize_line(line).into_owned())
}

fn field(name: &str, value: &str, lines: &mut Vec<StyledLine>, theme: &Theme) {
    lines.push(vec![Span::styled(format!("{name:<14}"), theme.faint), Span::styled(value.to_owned(), theme.text)]);
}

fn title_line(title: &str, lines: &mut Vec<StyledLine>, theme: &Theme) {
    lines.push(StyledLine::new());
    lines.push(line_of(title.to_owned(), theme.accent));
}

fn payload(title: &str, payload: &Payload, lines: &mut Vec<StyledLine>, theme: &Theme) {
    let bytes = u64::try_from(payload.len()).unwrap_or(u64::MAX);
    lines.push(StyledLine::new());
    lines.push(vec![
        Span::styled(title.to_owned(), theme.accent),
        Span::styled(format!("  {}", figures::bytes(bytes)), theme.faint),
    ]);
    match payload {
        Payload::Text(text) if looks_like_json(text) => lines.extend(json_tree::pretty_lines(text, theme)),
        Payload::Text(text) => lines.extend(text_lines(text, theme)),
        Payload::Bytes(bytes) => lines.extend(hex(bytes, theme)),
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// Bytes in rows of sixteen, with their offsets and the letters that they are.
fn hex(bytes: &[u8], theme: &Theme) -> Vec<StyledLine> {
    let shown = bytes.get(..MAX_HEX).unwrap_or(bytes);
    let rows = shown.chunks(16).enumerate().map(|(row, chunk)| {
        let digits: String = chunk
            .iter()
            .enumerate()
            .map(|(index, byte)| if index == 8 { format!(" {byte:02x} ") } else { format!("{byte:02x} ") })
            .collect();
        let letters: String =
            chunk.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
        vec![
            Span::styled(format!("{:08x}  ", row * 16), theme.faint),
            Span::styled(format!("{digits:<50}"), theme.text),
            Span::styled(letters, theme.accent),
        ]
    });
    let mut lines: Vec<StyledLine> = rows.collect();
    if bytes.len() > shown.len() {
        let more = u64::try_from(bytes.len() - shown.len()).unwrap_or(u64::MAX);
        lines.push(line_of(format!("{} more bytes are not shown", figures::count(more)), theme.warning));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::ThemeName;

    #[test]
    fn bytes_are_shown_as_hex_and_letters() {
        let theme = Theme::new(ThemeName::None, false);
        let lines: Vec<String> = hex(b"\x00\xffskill 0123456789", &theme)
            .iter()
            .map(|line| line.iter().map(|span| span.content.as_ref()).collect())
            .collect();
        assert_eq!(lines[0], "00000000  00 ff 73 6b 69 6c 6c 20  30 31 32 33 34 35 36 37  ..skill 01234567");
        assert_eq!(lines[1], format!("00000010  {:<50}89", "38 39 "));
    }
}
