//! One run as the screen shows it, live or opened from its record: folded from the same events.

use super::back_view::{BackView, Entering};
use super::gauges::{GaugeHistory, LiveFigures};
use super::order::TraceOrder;
use super::pager::{Pager, StyledLine};
use super::trace::{Entry, Trace, What};
use super::visible::Visible;
use crate::event::{
    CallId, Outcome, Payload, Phase, RunEvent, RunFinished, RunId, RunStarted, ShadowAnswer, figures, sanitize_line,
};
use crate::ui::theme::Theme;
use ratatui::text::Span;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many lines of logs and captured output the screen keeps of a run.
const MAX_LOG_LINES: usize = 20_000;
/// Lines beyond the bound that are suffered before the oldest are dropped, so that it is not done for each line.
const LOG_SLACK: usize = 2_000;
/// How many bytes of them it keeps.
const MAX_LOG_BYTES: usize = 16 << 20;
/// The same for bytes.
const LOG_SLACK_BYTES: usize = 1 << 20;
/// How many bytes of one line it keeps; the trace has the whole.
const MAX_LOG_LINE: usize = 64 << 10;
/// What stands before each line, in columns: its level, or its stream.
const LOG_WORD: usize = 7;

/// Which entries of a trace are shown.
#[derive(Clone, Debug, Default)]
pub struct TraceOptions {
    /// Whether WASI calls are.
    pub wasi: bool,
    /// Whether log lines are left out.
    pub no_logs: bool,
    /// The filter, where there is one.
    pub filter: Option<crate::event::filter::Filter>,
    /// In which order.
    pub order: TraceOrder,
    /// Whether that is turned round.
    pub reversed: bool,
}

impl TraceOptions {
    /// Whether an entry is shown.
    pub fn admits(&self, entry: &Entry, marked: bool) -> bool {
        let by_kind = match entry.what {
            // A log line that went well is shown as itself.
            What::Call(ref call) => {
                let has_failed = call.record.finished.as_ref().is_some_and(|finished| finished.error.is_some());
                has_failed || !(call.record.name.ends_with(".host_log") || call.record.name == "env.trace")
            }
            What::Wasi(_) => self.wasi,
            What::Log(..) => !self.no_logs,
            What::Warning(_) => true,
        };
        by_kind && self.filter.as_ref().is_none_or(|filter| super::filter_view::matches(filter, entry, marked))
    }
}

/// A run, from its start to its end.
#[derive(Debug)]
pub struct RunView {
    /// Its number.
    pub run: RunId,
    /// The skill's name.
    pub skill: String,
    /// Whether it comes from a record.
    pub recorded: bool,
    /// Whether it made a recorded run again.
    pub replays: bool,
    /// What it began with.
    pub started: Option<RunStarted>,
    /// The phase it is in.
    pub phase: Option<Phase>,
    /// When its first phase began, in microseconds since the run was asked for: what its gauges and its trace count from.
    pub began_us: Option<u64>,
    /// The file in which it is recorded.
    pub record: Option<PathBuf>,
    /// Its calls, WASI calls and log lines, as many of the newest as the screen keeps.
    pub trace: Trace,
    /// Which of them are shown.
    pub visible: Visible,
    /// Older ones that are shown in their place.
    pub back: Option<BackView>,
    /// Where a block of older ones that was asked for will be entered.
    pub awaited: Option<Entering>,
    /// The marked entries, by their numbers.
    pub marked: HashSet<u64>,
    /// Log lines, stdout and stderr.
    pub logs: Pager,
    /// The gauges.
    pub gauges: GaugeHistory,
    /// Host calls so far.
    pub calls: u64,
    /// Warnings so far.
    pub warnings: u64,
    /// How it ended.
    pub finished: Option<RunFinished>,
    /// When its end was seen.
    pub ended_at: Option<Instant>,
    /// The calls that are held.
    pub held: Vec<CallId>,
    rests: Rests,
}

/// What was written to a stream since the last line feed.
#[derive(Debug, Default)]
struct Rests {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl RunView {
    /// A run of which nothing is known yet.
    pub fn new(run: RunId, skill: String, (max_entries, max_bytes): (usize, usize)) -> Self {
        Self {
            run,
            skill,
            recorded: false,
            replays: false,
            started: None,
            phase: None,
            began_us: None,
            record: None,
            trace: Trace::bounded(max_entries, max_bytes),
            visible: Visible::default(),
            back: None,
            awaited: None,
            marked: HashSet::new(),
            logs: Pager::following().hanging(LOG_WORD),
            gauges: GaugeHistory::default(),
            calls: 0,
            warnings: 0,
            finished: None,
            ended_at: None,
            held: Vec::new(),
            rests: Rests::default(),
        }
    }

    /// Whether it goes on.
    pub const fn is_running(&self) -> bool {
        self.finished.is_none()
    }

    /// How it ended.
    pub fn outcome(&self) -> Option<Outcome> {
        self.finished.as_ref().map(|finished| finished.outcome)
    }

    /// Takes in one event.
    pub fn apply(&mut self, at_us: u64, event: RunEvent, options: &TraceOptions, theme: &Theme) {
        let (asked_us, at_us) = (at_us, self.since_it_began(at_us));
        match &event {
            RunEvent::Started(started) => self.started = Some((**started).clone()),
            RunEvent::PhaseStarted { phase } => {
                self.phase = Some(*phase);
                self.began_us.get_or_insert(asked_us);
            }
            RunEvent::HostCallStarted(_) => self.calls += 1,
            RunEvent::HostCallHeld { id } => self.held.push(*id),
            RunEvent::HostCallReleased { id, .. } => self.held.retain(|held| held != id),
            RunEvent::HostCallFinished(call) => self.held.retain(|held| *held != call.id),
            RunEvent::Log { level, message } => {
                let line = vec![Span::styled(format!("{:<6} ", level.word()), theme.level(*level)), Span::raw(start_of(message))];
                self.log(line);
            }
            RunEvent::Warning { message } => {
                self.warnings += 1;
                let line = vec![Span::styled("host   ", theme.warning), Span::raw(start_of(message))];
                self.log(line);
            }
            RunEvent::Stdout { bytes } => self.captured(bytes, "stdout", theme),
            RunEvent::Stderr { bytes } => self.captured(bytes, "stderr", theme),
            RunEvent::Sample(sample) => {
                let elapsed = Duration::from_micros(at_us);
                // A live run is sampled by whoever draws it; a recorded one has only these.
                if self.recorded {
                    self.gauges.take(LiveFigures { sample: *sample, elapsed, paused: false });
                }
            }
            RunEvent::Finished(finished) => self.finish(finished, theme),
            RunEvent::WasiCall(_) | RunEvent::FaultInjected { .. } => {}
        }
        let changed = self.trace.apply(at_us, event);
        self.show(changed, options);
    }

    /// A time of its events as the screen tells it: what was before its first phase, compiling say, is not the skill's.
    pub fn since_it_began(&self, at_us: u64) -> u64 {
        at_us.saturating_sub(self.began_us.unwrap_or_default())
    }

    /// Puts the cursor on an entry that the screen keeps, where it is shown.
    pub fn select_entry(&mut self, number: u64) {
        if self.back.is_none() {
            self.visible.select_number(number);
        }
    }

    /// Takes in what another provider answered.
    pub fn apply_answer(&mut self, call: CallId, answer: ShadowAnswer, options: &TraceOptions) {
        let changed = self.trace.apply_answer(call, answer);
        self.show(changed, options);
    }

    /// The entries that the panel lists: the newest, or those that were read back.
    pub fn list(&self) -> (&Trace, &Visible) {
        self.back.as_ref().map_or((&self.trace, &self.visible), |back| (&back.trace, &back.visible))
    }

    /// The cursor of that list.
    pub fn visible_mut(&mut self) -> &mut Visible {
        self.back.as_mut().map_or(&mut self.visible, |back| &mut back.visible)
    }

    /// Chooses anew what is shown.
    pub fn choose_visible(&mut self, options: &TraceOptions) {
        let lists = std::iter::once((&self.trace, &mut self.visible))
            .chain(self.back.iter_mut().map(|back| (&back.trace, &mut back.visible)));
        for (trace, visible) in lists {
            let is_shown =
                |number: &u64| trace.get(*number).is_some_and(|entry| options.admits(entry, self.marked.contains(number)));
            visible.replace(trace.numbers().filter(is_shown));
        }
    }

    /// Puts what is listed into the order that is asked for, where something came since.
    pub fn sort(&mut self, options: &TraceOptions) {
        let grows = self.is_running() && self.back.is_none();
        let (trace, visible) =
            self.back.as_mut().map_or((&self.trace, &mut self.visible), |back| (&back.trace, &mut back.visible));
        if options.order == TraceOrder::Began && !options.reversed {
            visible.unsort();
        } else if visible.is_to_be_sorted(grows) {
            visible.sort_by(|a, b| {
                let ordering = options.order.compare(trace, a, b);
                if options.reversed { ordering.reverse() } else { ordering }
            });
        }
    }

    /// The selected entry of the trace.
    pub fn selected(&self) -> Option<(u64, &Entry)> {
        let (trace, visible) = self.list();
        let number = visible.selected()?;
        Some((number, trace.get(number)?))
    }

    fn show(&mut self, changed: Option<u64>, options: &TraceOptions) {
        self.visible.forget_before(self.trace.folded());
        if let Some((number, entry)) = changed.and_then(|number| Some((number, self.trace.get(number)?))) {
            let shown = options.admits(entry, self.marked.contains(&number));
            self.visible.set(number, shown);
        }
    }

    fn finish(&mut self, finished: &RunFinished, theme: &Theme) {
        for (word, rest) in
            [("stdout", std::mem::take(&mut self.rests.stdout)), ("stderr", std::mem::take(&mut self.rests.stderr))]
        {
            self.captured_lines(word, &rest, theme);
        }
        self.gauges.finish(&finished.usage);
        self.finished = Some(finished.clone());
        self.ended_at = Some(Instant::now());
        self.held.clear();
    }

    fn captured(&mut self, bytes: &Payload, word: &'static str, theme: &Theme) {
        let rest = if word == "stdout" { &mut self.rests.stdout } else { &mut self.rests.stderr };
        rest.extend_from_slice(bytes.as_bytes());
        let mut whole = std::mem::take(rest);
        let end = whole.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        // A line without an end is shown in pieces rather than kept without bound.
        let end = if whole.len() - end > 8192 { whole.len() } else { end };
        *rest = whole.split_off(end);
        self.captured_lines(word, &whole, theme);
    }

    fn captured_lines(&mut self, word: &str, whole: &[u8], theme: &Theme) {
        for text in String::from_utf8_lossy(whole).lines() {
            self.log(vec![Span::styled(format!("{word:<6} "), theme.faint), Span::raw(start_of(text))]);
        }
    }

    fn log(&mut self, line: StyledLine) {
        self.logs.extend([line]);
        if self.logs.lines().len() > MAX_LOG_LINES + LOG_SLACK || self.logs.bytes() > MAX_LOG_BYTES + LOG_SLACK_BYTES {
            self.logs.keep_last(MAX_LOG_LINES, MAX_LOG_BYTES);
        }
    }
}

/// A text of strangers as one harmless line, or as much of its start as a list needs.
fn start_of(text: &str) -> String {
    match text.get(..text.floor_char_boundary(MAX_LOG_LINE)) {
        Some(start) if start.len() < text.len() => {
            format!("{} ({} bytes in all)", sanitize_line(start), figures::count(text.len() as u64))
        }
        _ => sanitize_line(text).into_owned(),
    }
}
