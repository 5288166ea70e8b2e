//! Sweeps for people: a moving line while they go on, tables at their end.

use super::comparison;
use super::table::{Side, Table};
use super::{CaseRows, Cases, Rows};
use crate::event::figures;
use crate::event::{CaseId, Event, FaultTrial, RunId, Survival, SweepEvent, SweepKind, sanitize_line};
use crate::report::{Report, Streams};
use std::collections::BTreeMap;
use std::io;

/// Characters of an error in a table.
pub(super) const EXCERPT: usize = 100;

/// Writes tables on the program's output when all is known.
pub struct HumanSweep {
    streams: Streams,
    rows: Rows,
    seen: u64,
    progress_drawn: bool,
}

impl HumanSweep {
    /// A report on these streams.
    pub fn new(streams: Streams) -> Self {
        Self { streams, rows: Rows::default(), seen: 0, progress_drawn: false }
    }

    fn clear_progress(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.progress_drawn) { self.streams.write_err("\r\x1b[2K") } else { Ok(()) }
    }

    fn tables(&mut self) -> io::Result<()> {
        self.clear_progress()?;
        let mut text = String::new();
        for (case, rows) in &self.rows.cases {
            text.push_str(&skipped(case, rows));
            text.push_str(&trials(case, rows));
        }
        text.push_str(&least_table(&self.rows.cases));
        text.push_str(&margin_table(&self.rows.cases));
        text.push_str(&comparison::text(&self.rows.cases));
        if self.rows.cancelled {
            text.push_str("cancelled: this is what was known by then\n");
        }
        self.streams.write_out(text.as_bytes())
    }
}

impl Report for HumanSweep {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Sweep(sweep) => {
                self.seen += 1;
                self.rows.apply(sweep);
                if let SweepEvent::Done { .. } = sweep { self.tables() } else { Ok(()) }
            }
            Event::Notice { message } => {
                self.clear_progress()?;
                self.streams.write_err(&format!("note: {}\n", crate::event::sanitize_text(message)))
            }
            _ => Ok(()),
        }
    }

    fn tick(&mut self) -> io::Result<()> {
        if !self.streams.err_can_move {
            return Ok(());
        }
        self.progress_drawn = true;
        let line = format!("{} results so far", figures::count(self.seen.saturating_sub(1)));
        self.streams.write_err(&format!("\r\x1b[2K{line}"))
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}

pub(super) fn name_of(case: &CaseId) -> String {
    sanitize_line(&case.to_string()).into_owned()
}

fn skipped(case: &CaseId, rows: &CaseRows) -> String {
    rows.skipped.as_ref().map(|why| format!("{}: not swept: {}\n", name_of(case), sanitize_line(why))).unwrap_or_default()
}

/// A case's faults: a row for each call, a column for each fault, and below what the skill did not survive.
fn trials(case: &CaseId, rows: &CaseRows) -> String {
    if rows.trials.is_empty() {
        return String::new();
    }
    let mut calls: BTreeMap<u64, Vec<&FaultTrial>> = BTreeMap::new();
    let mut faults: Vec<&str> = Vec::new();
    for trial in &rows.trials {
        calls.entry(trial.call.0).or_default().push(trial);
        if !faults.contains(&what_of(trial)) {
            faults.push(what_of(trial));
        }
    }
    let header = ["".to_owned(), "call".to_owned()].into_iter().zip([Side::Right, Side::Left]);
    let mut table = Table::new(header.chain(faults.iter().map(|fault| ((*fault).to_owned(), Side::Left))));
    for (call, trials) in &calls {
        let cell = |fault: &&str| {
            let trial = trials.iter().find(|trial| what_of(trial) == *fault);
            trial.map_or_else(|| "-".to_owned(), |trial| trial.survival.word().to_owned())
        };
        let function = trials.first().map(|trial| sanitize_line(&trial.function).into_owned()).unwrap_or_default();
        table.row([call.to_string(), function].into_iter().chain(faults.iter().map(cell)).collect());
    }
    let counts = Survival::ALL.iter().filter_map(|survival| {
        let count = rows.trials.iter().filter(|trial| trial.survival == *survival).count();
        (count > 0).then(|| format!("{count} {}", survival.word()))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let (faults, calls) = (counted(rows.trials.len(), "fault"), counted(calls.len(), "call"));
    let mut text = format!("{}: {faults} at {calls}: {counts}\n", name_of(case));
    text.push_str(&table.lines("  "));
    for trial in rows.trials.iter().filter(|trial| trial.survival.is_fatal()) {
        let error = trial.error.as_deref().map(|error| figures::cut(&sanitize_line(error), EXCERPT)).unwrap_or_default();
        text.push_str(&format!("  --fault '{}': {}: {error}\n", sanitize_line(&trial.fault), trial.outcome));
    }
    text.push('\n');
    text
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The fault without the call that it is for.
fn what_of(trial: &FaultTrial) -> &str {
    trial.fault.split_once('=').map_or(trial.fault.as_str(), |(_, what)| what)
}

fn least_table(cases: &Cases) -> String {
    let header = [
        ("case", Side::Left),
        ("", Side::Left),
        ("least", Side::Right),
        ("used", Side::Right),
        ("limit", Side::Right),
        ("runs", Side::Right),
    ];
    let mut table = Table::new(header.map(|(word, side)| (word.to_owned(), side)));
    let found = cases.iter().flat_map(|(case, rows)| rows.least.iter().map(move |(what, least)| (case, *what, least)));
    let mut is_empty = true;
    for (case, what, least) in found {
        is_empty = false;
        let amount = |value: u64| if what == SweepKind::Memory { pages(value) } else { figures::count(value) };
        table.row(vec![
            name_of(case),
            what.word().to_owned(),
            amount(least.least),
            amount(least.used),
            least.limit.map_or_else(|| "none".to_owned(), amount),
            least.runs.to_string(),
        ]);
    }
    if is_empty { String::new() } else { table.lines("") }
}

/// Bytes of memory as pages and in units.
fn pages(bytes: u64) -> String {
    let pages = bytes / crate::event::PAGE_BYTES;
    format!("{} {} ({})", figures::count(pages), if pages == 1 { "page" } else { "pages" }, figures::bytes(bytes))
}

fn margin_table(cases: &Cases) -> String {
    let header = [
        ("case", Side::Left),
        ("deadline", Side::Right),
        ("longest", Side::Right),
        ("median", Side::Right),
        ("margin", Side::Right),
        ("runs", Side::Right),
    ];
    let mut table = Table::new(header.map(|(word, side)| (word.to_owned(), side)));
    let margins: Vec<_> = cases.iter().filter_map(|(case, rows)| Some((case, rows.margin.as_ref()?))).collect();
    for (case, margin) in &margins {
        let limit = std::time::Duration::from_millis(margin.limit_ms).as_secs_f64() * 1_000.0;
        table.row(vec![
            name_of(case),
            figures::milliseconds(limit),
            figures::milliseconds(margin.longest_ms),
            figures::milliseconds(margin.median_ms),
            format!("x{}", ratio(margin.ratio)),
            margin.runs.to_string(),
        ]);
    }
    if margins.is_empty() {
        return String::new();
    }
    format!("{}measured on this machine, now: another time it is another figure\n", table.lines(""))
}

fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}
