//! The least fuel and the least memory with which a case still passes.

use super::least::least;
use super::{Attempt, Cancelled, Change, Subject};
use crate::event::{LeastLimit, PAGE_BYTES, SweepEvent, SweepKind};

/// The least fuel, to the unit.
pub fn fuel(subject: &dyn Subject, plain: &Attempt, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
    let used = plain.finished.usage.fuel;
    let change = |fuel| Change { fuel: Some(fuel), ..Change::default() };
    search(subject, SweepKind::Fuel, emit, &Search { used, limit: plain.limits.fuel, unit: 1, change: &change })
}

/// The least memory, to the page.
pub fn memory(subject: &dyn Subject, plain: &Attempt, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
    let Some(used) = plain.finished.usage.memory_peak_bytes else {
        let why = "the module has no memory of its own that the host sees".to_owned();
        emit(SweepEvent::Skipped { case: subject.name(), why, failed: false });
        return Ok(());
    };
    let change = |pages| Change { memory_bytes: Some(pages * PAGE_BYTES), ..Change::default() };
    let limit = Some(plain.limits.memory_bytes);
    search(subject, SweepKind::Memory, emit, &Search { used, limit, unit: PAGE_BYTES, change: &change })
}

struct Search<'a> {
    /// What it used as it is.
    used: u64,
    /// The limit in force.
    limit: Option<u64>,
    /// In how large steps it is searched for.
    unit: u64,
    change: &'a dyn Fn(u64) -> Change,
}

fn search(subject: &dyn Subject, what: SweepKind, emit: &mut dyn FnMut(SweepEvent), by: &Search<'_>) -> Result<(), Cancelled> {
    let mut runs = 1;
    let mut passes = |units: u64| {
        runs += 1;
        subject.attempt(&(by.change)(units)).map(|attempt| attempt.passed)
    };
    let enough = by.used.div_ceil(by.unit).max(1);
    // With as much as it uses it passes, unless it does not do the same each time.
    if !passes(enough)? {
        let why = format!("it does not pass with the {} that it used: it does not do the same each time", what.word());
        emit(SweepEvent::Skipped { case: subject.name(), why, failed: true });
        return Ok(());
    }
    let found = least(enough, &mut passes)? * by.unit;
    let found = LeastLimit { least: found, used: by.used, limit: by.limit, runs };
    emit(SweepEvent::LeastFound { case: subject.name(), what, found });
    Ok(())
}
