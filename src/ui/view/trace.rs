//! The trace: a line for each host call, WASI call and log line, as they happen.

use super::{cell_text, empty};
use crate::event::{CallRequest, Payload, figures, sanitize_line};
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::order::TraceOrder;
use crate::ui::model::run_view::RunView;
use crate::ui::model::trace::{Entry, TracedCall, What};
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// From this time on a call is shown as a slow one, in microseconds.
const SLOW_US: u64 = 1_000_000;

/// The columns of the time that a call took, at the end of its line.
const TIME: usize = 9;

/// Below so many columns the time since the start is left to the details: the answer needs the room.
const ROOMY: usize = 60;

/// How wide the first columns are.
#[derive(Clone, Copy)]
struct Widths {
    /// The number of a call.
    number: usize,
    /// The time since the start; 0 where it is not shown.
    at: usize,
}

impl Widths {
    fn of(run: &RunView, columns: usize) -> Self {
        Self { number: figures::count(run.calls).len().max(5), at: if columns < ROOMY { 0 } else { 7 } }
    }

    /// What is before the call.
    const fn all(self) -> usize {
        self.number + 2 + if self.at == 0 { 0 } else { self.at + 1 }
    }

    fn names(self) -> String {
        let at = if self.at == 0 { String::new() } else { format!("{:>1$} ", "at", self.at) };
        format!("{:>1$} {at} call", "#", self.number + 1)
    }
}

/// Draws it, or the details of its selected entry.
pub fn draw(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    if let Some(details) = &model.details {
        return super::pager::draw(&details.pager, theme, area, frame);
    }
    let Some(run) = model.shown_run() else { return not_run(model, area, frame) };
    frame.render_widget(head(model, run, usize::from(area.width)), Rect { height: 1, ..area });
    let rows = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let (trace, visible) = run.list();
    if visible.is_empty() {
        return nothing(model, run, rows, frame);
    }
    let selected = visible.position();
    let first = model.areas.first_row;
    for (position, y) in (first..visible.len()).zip(rows.y..rows.bottom()) {
        let Some((number, entry)) = visible.at(position).and_then(|number| Some((number, trace.get(number)?))) else { continue };
        let row = Rect { y, height: 1, ..rows };
        let columns = usize::from(row.width);
        frame.render_widget(line(entry, run.marked.contains(&number), columns, Widths::of(run, columns), theme), row);
        if Some(position) == selected {
            let has_keys = model.focus == crate::ui::model::place::Focus::Panel;
            frame.buffer_mut().set_style(row, if has_keys { theme.selected } else { theme.selected_elsewhere });
        }
    }
}

fn not_run(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let Some(row) = model.skills.selected() else { return };
    if model.failure.is_shown() {
        return super::pager::draw(&model.failure.pager, theme, area, frame);
    }
    let key = |action| model.bindings.key_for(model.context(), action).unwrap_or_default();
    let run = format!("{} runs {} with its input.", key(Action::Run), sanitize_line(&row.info.name));
    let edit = model.bindings.key_for(Context::Skills, Action::Edit).unwrap_or_default();
    let input = format!("{edit} edits its input first, {} shows it.", key(Action::ShowInput));
    empty(&[&run, "", &input, "", "Its host calls appear here as they happen."], theme.faint, area, frame);
}

fn nothing(model: &Model, run: &RunView, area: Rect, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let words = if let Some(filter) = &model.trace_options.filter {
        format!("No entry matches {filter}")
    } else if run.trace.numbers().is_empty() && run.is_running() {
        "No host call yet.".to_owned()
    } else if run.trace.numbers().is_empty() {
        "This run made no host call.".to_owned()
    } else {
        let wasi = model.bindings.key_for(Context::Trace, Action::ToggleWasi).unwrap_or_default();
        format!("This run made WASI calls and no others: {wasi} shows them.")
    };
    if model.failure.is_shown() {
        return super::pager::draw(&model.failure.pager, theme, area, frame);
    }
    empty(&[&words], theme.faint, area, frame);
}

/// The names of the columns, and how the list is shown.
fn head(model: &Model, run: &RunView, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let mut told = Vec::new();
    if let Some(back) = &run.back {
        let numbers = back.trace.numbers();
        let newest = model.bindings.key_for(Context::Trace, Action::Last).unwrap_or_default();
        let (first, last) = (figures::count(numbers.start + 1), figures::count(numbers.end));
        told.push(format!("{first} to {last} of {} on disk, {newest} newest", figures::count(back.total)));
    } else if run.trace.folded() > 0 {
        told.push(format!("{} older above", figures::count(run.trace.folded())));
    }
    if model.trace_options.order != TraceOrder::Began || model.trace_options.reversed {
        let turned = if model.trace_options.reversed { ", turned round" } else { "" };
        told.push(format!("{}{turned}", model.trace_options.order.word()));
    }
    if let Some(filter) = &model.trace_options.filter {
        told.push(format!("filter {filter}"));
    }
    let visible = run.list().1;
    let count = |count: usize| figures::count(u64::try_from(count).unwrap_or(u64::MAX));
    told.push(match visible.position() {
        Some(_) if run.back.is_some() => String::new(),
        Some(_) if visible.follow => format!("{}, following", count(visible.len())),
        Some(position) => format!("{} of {}", count(position + 1), count(visible.len())),
        None => String::new(),
    });
    if run.awaited.is_some() {
        told = vec!["reading older entries from the record".to_owned()];
    }
    told.retain(|words| !words.is_empty());
    let told = cell_text::cut(&told.join(", "), columns.saturating_sub(22), theme.symbols.ellipsis);
    let names = Widths::of(run, columns).names();
    let gap = columns.saturating_sub(cell_text::width(&names) + cell_text::width(&told) + 1);
    Line::from(vec![Span::styled(names, theme.faint), Span::raw(" ".repeat(gap)), Span::styled(told, theme.faint)])
}

/// One line of the trace.
fn line(entry: &Entry, marked: bool, columns: usize, widths: Widths, theme: &Theme) -> Line<'static> {
    let mark = if marked { theme.symbols.mark } else { " " };
    let label = match &entry.what {
        What::Call(call) => figures::count(call.record.id.0),
        What::Wasi(_) | What::Log(..) | What::Warning(_) => String::new(),
    };
    let mut spans = vec![Span::styled(
        format!("{mark}{} ", cell_text::fit_right(&label, widths.number, theme.symbols.ellipsis)),
        theme.warning.patch(theme.faint),
    )];
    if widths.at > 0 {
        let at = cell_text::fit_right(&at(entry.at_us), widths.at, theme.symbols.ellipsis);
        spans.push(Span::styled(format!("{at} "), theme.faint));
    }
    let room = columns.saturating_sub(widths.all());
    match &entry.what {
        What::Call(call) => spans.extend(call_spans(call, room, theme)),
        What::Wasi(call) => {
            let errno = call.errno.map_or_else(
                || "does not return".to_owned(),
                |errno| if errno == 0 { "ok".into() } else { format!("errno {errno}") },
            );
            let arguments = call.arguments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let style = if call.errno == Some(0) { theme.faint } else { theme.warning };
            let body = vec![
                Span::styled(format!("{}({arguments})", call.name), theme.faint),
                Span::styled(format!(" {} {errno}", theme.symbols.arrow), style),
            ];
            spans.extend(ended(body, &theme.microseconds(call.elapsed_us), theme.faint, room, theme));
        }
        What::Log(level, text) => {
            let text = cell_text::excerpt(text, room);
            let body = vec![Span::styled(format!("{:<5} ", level.word()), theme.level(*level)), Span::styled(text, theme.text)];
            spans.extend(cell_text::cut_spans(body, room, theme.symbols.ellipsis));
        }
        What::Warning(text) => {
            let body = vec![Span::styled("host  ", theme.warning), Span::styled(cell_text::excerpt(text, room), theme.warning)];
            spans.extend(cell_text::cut_spans(body, room, theme.symbols.ellipsis));
        }
    }
    Line::from(spans)
}

/// Since the run began, in few characters.
fn at(us: u64) -> String {
    match us {
        0..10_000 => format!("{:.1}ms", std::time::Duration::from_micros(us).as_secs_f64() * 1e3),
        10_000..1_000_000 => format!("{}ms", us / 1_000),
        1_000_000..100_000_000 => format!("{:.2}s", std::time::Duration::from_micros(us).as_secs_f64()),
        _ => format!("{}s", us / 1_000_000),
    }
}

/// Spans with a time at the right end.
fn ended(body: Vec<Span<'static>>, time: &str, style: Style, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let time = cell_text::fit_right(time, TIME, theme.symbols.ellipsis);
    let room = room.saturating_sub(TIME + 1);
    let mut spans = cell_text::cut_spans(body, room, theme.symbols.ellipsis);
    let used: usize = spans.iter().map(|span| cell_text::width(&span.content)).sum();
    spans.push(Span::raw(" ".repeat(room.saturating_sub(used) + 1)));
    spans.push(Span::styled(time, style));
    spans
}

fn call_spans(call: &TracedCall, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let record = &call.record;
    let short = record.name.split_once('.').map_or(record.name.as_str(), |(_, name)| name);
    let mut body = vec![Span::styled(format!("{} ", sanitize_line(short)), theme.accent)];
    let request = call.edited.as_ref().unwrap_or(&record.request);
    let edited = if call.edited.is_some() { " (edited)" } else { "" };
    let answer = answer_spans(call, room, theme);
    // The request takes what the answer leaves, and half of the line where the answer is long too.
    let has_failed = record.finished.as_ref().is_some_and(|finished| finished.error.is_some());
    // Why it failed tells more than what was asked.
    let part = if has_failed { 4 } else { 2 };
    let half = room.saturating_sub(short.len() + 22) / part + 4;
    let answered: usize = answer.iter().map(|span| cell_text::width(&span.content)).sum();
    let left = room.saturating_sub(short.len() + 1 + edited.len() + answered + TIME + 1);
    body.push(Span::styled(cell_text::cut(&request_words(request, room), half.max(left), theme.symbols.ellipsis), theme.text));
    body.push(Span::styled(edited, theme.warning));
    body.extend(answer);
    let Some(finished) = &record.finished else {
        return cell_text::cut_spans(body, room, theme.symbols.ellipsis);
    };
    let style = if finished.elapsed_us >= SLOW_US { theme.warning } else { theme.faint };
    ended(body, &theme.microseconds(finished.elapsed_us), style, room, theme)
}

/// What a call was answered, or what it waits for.
fn answer_spans(call: &TracedCall, room: usize, theme: &Theme) -> Vec<Span<'static>> {
    let record = &call.record;
    let Some(finished) = &record.finished else {
        let (words, style) = if call.held { ("held", theme.warning) } else { (theme.symbols.ellipsis, theme.accent) };
        return vec![Span::styled(format!(" {} {words}", theme.symbols.arrow), style)];
    };
    let mut body = vec![Span::styled(format!(" {} ", theme.symbols.arrow), theme.faint)];
    for (word, shown) in [
        // The provider says so too, where there is one.
        ("answered by you ", call.released == Some(crate::event::Release::Answered) && finished.provider.is_none()),
        ("truncated ", finished.truncated),
        ("held over ", finished.held),
    ] {
        if shown {
            body.push(Span::styled(word, theme.warning));
        }
    }
    if let Some(provider) = finished.provider.as_ref() {
        let style = if provider == crate::event::MOCK_PROVIDER { theme.faint } else { theme.host };
        body.push(Span::styled(format!("{}: ", sanitize_line(provider)), style));
    }
    body.push(match (&finished.error, &finished.response, finished.result) {
        (Some(error), _, result) => {
            let code = result.map(|code| format!("{code} ")).unwrap_or_default();
            Span::styled(format!("{code}{}", cell_text::excerpt(error, room)), theme.bad)
        }
        (None, Some(response), _) => Span::styled(words(response, room), theme.text),
        (None, None, Some(result)) => Span::styled(result.to_string(), theme.faint),
        (None, None, None) => Span::styled("done", theme.faint),
    });
    if !record.others.is_empty() {
        body.push(Span::styled(format!(" (+{} beside)", record.others.len()), theme.faint));
    }
    body
}

/// The fields of a request that tell most, in a few words.
pub fn request_words(request: &CallRequest, columns: usize) -> String {
    let interesting = request.0.iter().filter(|(name, _)| !matches!(name.as_ref(), "method" | "level"));
    interesting.filter(|(_, value)| !value.is_empty()).map(|(_, value)| words(value, columns)).collect::<Vec<_>>().join(" ")
}

fn words(payload: &Payload, columns: usize) -> String {
    match payload {
        Payload::Text(text) => format!("\"{}\"", cell_text::excerpt(text, columns)),
        Payload::Bytes(bytes) => format!("<{} bytes>", figures::count(u64::try_from(bytes.len()).unwrap_or(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_since_the_start_keep_within_seven_columns() {
        let told = [0, 9_999, 999_999, 1_000_000, 99_999_999, 100_000_000, 31_622_400_000_000].map(at);
        assert_eq!(told, ["0.0ms", "10.0ms", "999ms", "1.00s", "100.00s", "100s", "31622400s"]);
    }
}
