//! Memory, fuel and time: a bar, figures and a short history each, always in sight.

use super::layout::Parts;
use super::{bordered, cell_text};
use crate::event::{Limits, figures};
use crate::ui::action::Action;
use crate::ui::bindings::Context;
use crate::ui::model::Model;
use crate::ui::model::gauges::{GaugeHistory, as_f64, share, time_share, to_u64};
use crate::ui::model::run_view::RunView;
use crate::ui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// From this share of a limit on it is near.
const NEAR: f64 = 0.75;
/// And from this one on it is very near.
const VERY_NEAR: f64 = 0.92;

/// One gauge, ready to be laid out.
struct Gauge {
    name: &'static str,
    /// The used share, `None` where there is no limit.
    share: Option<f64>,
    /// The part of the used share that the host took, 0 to 1.
    host: f64,
    /// The figures in words, the fullest form first: the first one that fits is shown.
    forms: Vec<Vec<(String, Style)>>,
    /// Heights from 0 to 1.
    history: Vec<f64>,
    /// Columns that the figures may grow by: a form that fits only until they do is not chosen, so that forms do not change all the time.
    spare: usize,
}

/// Draws them.
pub fn draw(model: &Model, parts: &Parts, frame: &mut Frame<'_>) {
    let theme = &model.theme;
    let run = model.shown_run();
    if parts.roomy {
        frame.render_widget(bordered(theme, false).title(title(model, run)), parts.gauges_box);
    }
    let Some(run) = run else {
        let trace = model.bindings.key_for(Context::Anywhere, Action::ShowTrace).unwrap_or_default();
        let words = match model.skills.selected() {
            Some(row) if row.refused.is_some() => format!("refused; {trace} shows why"),
            Some(_) => "not run yet".to_owned(),
            None => String::new(),
        };
        for (name, y) in ["memory", "fuel", "time"].into_iter().zip(parts.gauges.y..) {
            let line = Line::from(vec![
                Span::styled(format!(" {name:<7}"), theme.faint),
                Span::styled(if name == "fuel" { words.as_str() } else { "" }, theme.faint),
            ]);
            frame.render_widget(line, Rect { y, height: 1, ..parts.gauges });
        }
        return;
    };
    let limits = run.started.as_ref().map(|started| started.limits.clone()).unwrap_or_default();
    for (gauge, y) in
        [memory(run, &limits, theme), fuel(run, &limits, theme), time(run, &limits, theme)].iter().zip(parts.gauges.y..)
    {
        frame.render_widget(line(gauge, usize::from(parts.gauges.width), theme), Rect { y, height: 1, ..parts.gauges });
    }
}

fn title(model: &Model, run: Option<&RunView>) -> Line<'static> {
    let theme = &model.theme;
    let Some(run) = run else { return Line::from(Span::styled(" Gauges ", theme.faint)) };
    let mut spans = vec![Span::styled(format!(" {} ", crate::event::sanitize_line(&run.skill)), theme.strong)];
    let state = match (&run.finished, run.gauges.now.paused, run.phase) {
        (Some(finished), ..) => Span::styled(finished.outcome.word().to_owned(), theme.outcome(finished.outcome)),
        (None, true, _) => Span::styled("paused", theme.warning),
        (None, false, _) if !run.held.is_empty() => Span::styled("a call is held", theme.warning),
        (None, false, Some(phase)) => Span::styled(format!("running: {phase}"), theme.accent),
        (None, false, None) => Span::styled("starting", theme.accent),
    };
    spans.push(state);
    if run.recorded {
        spans.push(Span::styled(format!(" {} from its record; esc goes back", theme.symbols.dot), theme.warning));
    }
    if run.replays {
        spans.push(Span::styled(format!(" {} answered from a record", theme.symbols.dot), theme.warning));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn memory(run: &RunView, limits: &Limits, theme: &Theme) -> Gauge {
    let now = run.gauges.now.sample;
    let share = share(now.memory_bytes, Some(limits.memory_bytes));
    let has_memory = run.finished.as_ref().is_none_or(|finished| finished.usage.memory_bytes.is_some());
    let bytes = (figures::bytes(now.memory_bytes), near(share, theme));
    let peak = (format!(", peak {}", figures::bytes(now.memory_peak_bytes)), theme.text);
    let limit = (format!(" of {}", figures::bytes(limits.memory_bytes)), theme.faint);
    let forms = if has_memory {
        vec![vec![bytes.clone(), peak.clone(), limit.clone()], vec![bytes.clone(), peak], vec![bytes.clone(), limit], vec![bytes]]
    } else {
        vec![vec![("no memory".to_owned(), theme.faint)]]
    };
    let highest = run.gauges.points().iter().map(|point| point.memory_bytes).max().unwrap_or_default().max(1);
    let history = run.gauges.points().iter().map(|point| as_f64(point.memory_bytes) / as_f64(highest)).collect();
    Gauge { name: "memory", share, host: 0.0, forms, history, spare: 0 }
}

fn fuel(run: &RunView, limits: &Limits, theme: &Theme) -> Gauge {
    let now = run.gauges.now.sample;
    let share = share(now.fuel, limits.fuel);
    let exact = run.finished.as_ref().is_none_or(|finished| finished.usage.fuel_exact);
    let used = (format!("{}{}", if exact { "" } else { "at least " }, figures::count(now.fuel)), near(share, theme));
    let limit = match limits.fuel {
        Some(limit) => (format!(" of {}", figures::count(limit)), theme.faint),
        None => (" no limit".to_owned(), theme.faint),
    };
    let rate = run.gauges.fuel_rate.map(|rate| (format!(", {}/s", short(rate)), theme.text));
    let with = |parts: &[Option<&(String, Style)>]| parts.iter().flatten().map(|part| (*part).clone()).collect::<Vec<_>>();
    let forms = vec![
        with(&[Some(&used), Some(&limit), rate.as_ref()]),
        with(&[Some(&used), rate.as_ref()]),
        with(&[Some(&used)]),
        vec![(format!("{} in all", short(as_f64(now.fuel))), near(share, theme))],
    ];
    let highest = run.gauges.points().iter().map(|point| point.fuel_rate).fold(1.0, f64::max);
    let history = run.gauges.points().iter().map(|point| point.fuel_rate / highest).collect();
    Gauge { name: "fuel", share, host: 0.0, forms, history, spare: 0 }
}

fn time(run: &RunView, limits: &Limits, theme: &Theme) -> Gauge {
    let GaugeHistory { now, .. } = &run.gauges;
    let share = Some(time_share(now.elapsed, limits));
    let host = Duration::from_micros(now.sample.host_us).min(now.elapsed);
    let guest = now.elapsed.saturating_sub(host);
    let ms = |time: Duration| figures::milliseconds(time.as_secs_f64() * 1e3);
    let limit = crate::skill::format_duration(limits.timeout());
    let near = near(share, theme);
    let limit = (format!(" of {limit}"), theme.faint);
    // The two parts are never left out, not even where the limit must be: the bar shows how much of it is used.
    let parts = [(format!("host {}", ms(host)), theme.host), (format!(", guest {}", ms(guest)), near)];
    let [first, second] = parts.clone();
    let [comma, guest_text] = [(", ".to_owned(), theme.faint), (format!(", guest {}", ms(guest)), theme.text)];
    let forms = vec![
        vec![(ms(now.elapsed), near), limit.clone(), comma, first.clone(), guest_text],
        vec![first, second, limit],
        parts.to_vec(),
        vec![(format!("h {}", ms(host)), theme.host), (format!(", g {}", ms(guest)), near)],
    ];
    let host_share = if now.elapsed.is_zero() { 0.0 } else { host.as_secs_f64() / now.elapsed.as_secs_f64() };
    let history = run.gauges.points().iter().map(|point| point.host_share).collect();
    // `999.9 ms` is as wide as they become before minutes.
    let spare = [now.elapsed, host, guest].iter().map(|time| 8_usize.saturating_sub(ms(*time).len())).sum();
    Gauge { name: "time", share, host: host_share, forms, history, spare }
}

/// A rate in few characters: `1.23 G`, `456 k`.
fn short(value: f64) -> String {
    for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value >= unit {
            let scaled = value / unit;
            return if scaled < 10.0 {
                format!("{scaled:.2} {name}")
            } else if scaled < 100.0 {
                format!("{scaled:.1} {name}")
            } else {
                format!("{scaled:.0} {name}")
            };
        }
    }
    format!("{value:.0}")
}

fn near(share: Option<f64>, theme: &Theme) -> Style {
    match share {
        Some(share) if share >= VERY_NEAR => theme.bad,
        Some(share) if share >= NEAR => theme.warning,
        _ => theme.strong,
    }
}

fn line(gauge: &Gauge, columns: usize, theme: &Theme) -> Line<'static> {
    let history_columns = match columns {
        0..76 => 0,
        76..110 => 12,
        _ => 28,
    };
    let fixed = 8 + 1 + history_columns + usize::from(history_columns > 0) * 2;
    // Bars are equally long, whatever the figures are.
    let bar_columns = match columns {
        0..44 => 5,
        44..60 => 8,
        60..76 => 14,
        76..110 => 18,
        _ => 36,
    }
    .min(columns.saturating_sub(fixed));
    let room = columns.saturating_sub(fixed + bar_columns + 1);
    let mut spans = vec![Span::styled(format!(" {:<7}", gauge.name), theme.faint)];
    spans.extend(bar(gauge, bar_columns, theme));
    spans.push(Span::raw(" "));
    let width = |form: &[(String, Style)]| form.iter().map(|(text, _)| cell_text::width(text)).sum::<usize>();
    let fits = |spare: usize| gauge.forms.iter().find(|form| width(form) + spare <= room);
    let fitting = fits(gauge.spare).or_else(|| fits(0)).or(gauge.forms.last());
    let figures_columns = fitting.map_or(0, |form| width(form));
    let figures = fitting.into_iter().flatten().map(|(text, style)| Span::styled(text.clone(), *style)).collect();
    spans.extend(cell_text::cut_spans(figures, room, theme.symbols.ellipsis));
    if history_columns > 0 {
        spans.push(Span::raw(" ".repeat(room.saturating_sub(figures_columns) + 1)));
        spans.push(history(&gauge.history, history_columns, theme));
    }
    Line::from(spans)
}

fn bar(gauge: &Gauge, columns: usize, theme: &Theme) -> Vec<Span<'static>> {
    let symbols = &theme.symbols;
    let Some(share) = gauge.share else {
        return vec![Span::styled(" ".repeat(columns), theme.faint)];
    };
    let cells = as_f64(u64::try_from(columns).unwrap_or_default());
    let whole = |value: f64| usize::try_from(to_u64(value.round())).unwrap_or_default();
    // Something that is used shows, and what is not full does not look so.
    let mut used = whole(share * cells);
    if share > 0.0 {
        used = used.max(1);
    }
    if share < 1.0 {
        used = used.min(columns.saturating_sub(1));
    }
    let used = used.min(columns);
    let host = whole(gauge.host * as_f64(u64::try_from(used).unwrap_or_default())).min(used);
    let style = match near(Some(share), theme) {
        style if style == theme.strong => theme.good,
        style => style,
    };
    vec![
        Span::styled(symbols.bar_full.repeat(used - host), style),
        Span::styled(symbols.bar_second.repeat(host), theme.host),
        Span::styled(symbols.bar_empty.repeat(columns - used), theme.border),
    ]
}

fn history(heights: &[f64], columns: usize, theme: &Theme) -> Span<'static> {
    let symbols = &theme.symbols.history;
    // The whole run is shown: each cell is the highest of its points.
    let count = heights.len();
    let cells = columns.min(count);
    let drawn: String = (0..cells)
        .filter_map(|cell| {
            let part = heights.get(cell * count / cells..((cell + 1) * count / cells).max(cell * count / cells + 1))?;
            let height = part.iter().copied().fold(0.0, f64::max);
            let level = usize::try_from(to_u64((height * 7.0).round())).unwrap_or_default().min(7);
            symbols.get(level).copied()
        })
        .collect();
    Span::styled(format!("{}{drawn}", " ".repeat(columns - cells)), theme.accent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_short() {
        assert_eq!(
            (short(12.0), short(1_234.0), short(45_600_000.0), short(1.2345e9)),
            ("12".into(), "1.23 k".into(), "45.6 M".into(), "1.23 G".into())
        );
    }

    #[test]
    fn no_figure_is_cut_while_a_shorter_form_fits() {
        let theme = Theme::new(crate::ui::theme::ThemeName::None, false);
        let mut run = RunView::new(crate::event::RunId(1), "s".into(), (10, 10));
        let usage =
            crate::event::Usage { elapsed_ms: 123_456.7, host_ms: 23_456.7, fuel: 12_345_678_901_234, ..Default::default() };
        run.gauges.finish(&usage);
        let limits = Limits::default();
        for columns in 36..200 {
            for gauge in [memory(&run, &limits, &theme), fuel(&run, &limits, &theme), time(&run, &limits, &theme)] {
                let line = line(&gauge, columns, &theme).to_string();
                assert!(!line.contains('…') && cell_text::width(&line) <= columns, "{columns}: {line:?}");
            }
            let time = line(&time(&run, &limits, &theme), columns, &theme).to_string();
            assert!(time.contains('g') && time.contains('h'), "both parts: {time:?}");
        }
    }
}
