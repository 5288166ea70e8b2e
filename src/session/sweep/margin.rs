//! How far a case is from its deadline: measured, since time is no property of a module.

use super::{Attempt, Cancelled, Change, Subject};
use crate::event::{SweepEvent, TimeMargin};
use std::time::Duration;

/// How many runs are measured, the one that was made already among them.
const RUNS: usize = 5;

/// Measures it.
pub fn measure(subject: &dyn Subject, plain: Attempt, emit: &mut dyn FnMut(SweepEvent)) -> Result<(), Cancelled> {
    let limit_ms = plain.limits.timeout_ms;
    let mut times = vec![plain.finished.usage.elapsed_ms];
    for _ in 1..RUNS {
        let attempt = subject.attempt(&Change::default())?;
        if attempt.passed {
            times.push(attempt.finished.usage.elapsed_ms);
        }
    }
    times.sort_by(f64::total_cmp);
    let longest_ms = times.last().copied().unwrap_or_default();
    let median_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    let limit = Duration::from_millis(limit_ms).as_secs_f64() * 1_000.0;
    let runs = u64::try_from(times.len()).unwrap_or(u64::MAX);
    let margin = TimeMargin { limit_ms, median_ms, longest_ms, ratio: limit / longest_ms.max(0.001), runs };
    emit(SweepEvent::MarginMeasured { case: subject.name(), margin });
    Ok(())
}
