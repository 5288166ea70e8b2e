//! The gauges of one run: the figures now, and a short history of them.

use crate::event::{GaugeSample, Limits, Usage};
use crate::session::LiveRun;
use std::collections::VecDeque;
use std::time::Duration;

/// How many points a history keeps.
pub const HISTORY: usize = 120;
/// The time between two points of a history; it grows as a run goes on, so that all of it stays in sight.
const FIRST_STEP: Duration = Duration::from_millis(50);

/// The live figures of a run at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveFigures {
    /// What the running thread published.
    pub sample: GaugeSample,
    /// Time that counts since the run began.
    pub elapsed: Duration,
    /// Whether the run stands still.
    pub paused: bool,
}

impl LiveFigures {
    /// The figures of a run at this moment.
    pub fn of(run: &LiveRun) -> Self {
        Self { sample: run.sample(), elapsed: run.elapsed(), paused: run.is_paused() }
    }
}

/// One point of the history.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// Fuel a second since the point before.
    pub fuel_rate: f64,
    /// The share of time in the host since the point before, 0 to 1.
    pub host_share: f64,
}

/// Figures and history.
#[derive(Clone, Debug)]
pub struct GaugeHistory {
    /// The latest figures.
    pub now: LiveFigures,
    /// Fuel a second, over the last steps; `None` before there are two.
    pub fuel_rate: Option<f64>,
    points: VecDeque<Point>,
    step: Duration,
    last: LiveFigures,
}

impl Default for GaugeHistory {
    fn default() -> Self {
        Self {
            now: LiveFigures::default(),
            fuel_rate: None,
            points: VecDeque::new(),
            step: FIRST_STEP,
            last: LiveFigures::default(),
        }
    }
}

impl GaugeHistory {
    /// Takes in the figures of this moment.
    pub fn take(&mut self, figures: LiveFigures) {
        self.now = figures;
        let since = figures.elapsed.saturating_sub(self.last.elapsed);
        if since < self.step {
            return;
        }
        let seconds = since.as_secs_f64();
        let fuel_rate = as_f64(figures.sample.fuel.saturating_sub(self.last.sample.fuel)) / seconds;
        let host = as_f64(figures.sample.host_us.saturating_sub(self.last.sample.host_us)) / 1e6 / seconds;
        self.points.push_back(Point { memory_bytes: figures.sample.memory_bytes, fuel_rate, host_share: host.clamp(0.0, 1.0) });
        self.fuel_rate = Some(fuel_rate);
        self.last = figures;
        if self.points.len() > HISTORY {
            self.thin_out();
        }
    }

    /// The exact figures of the end.
    pub fn finish(&mut self, usage: &Usage) {
        let elapsed = Duration::from_secs_f64((usage.elapsed_ms / 1e3).max(0.0));
        let sample = GaugeSample {
            fuel: usage.fuel,
            memory_bytes: usage.memory_bytes.unwrap_or(self.now.sample.memory_bytes),
            memory_peak_bytes: usage.memory_peak_bytes.unwrap_or(self.now.sample.memory_peak_bytes),
            host_us: to_u64(usage.host_ms * 1e3),
            host_calls: self.now.sample.host_calls,
        };
        self.now = LiveFigures { sample, elapsed, paused: false };
        let seconds = elapsed.as_secs_f64();
        self.fuel_rate = (seconds > 0.0).then(|| as_f64(usage.fuel) / seconds);
        if self.points.is_empty() && seconds > 0.0 {
            self.points.push_back(Point {
                memory_bytes: sample.memory_bytes,
                fuel_rate: self.fuel_rate.unwrap_or_default(),
                host_share: (usage.host_ms / usage.elapsed_ms).clamp(0.0, 1.0),
            });
        }
    }

    /// The points, the oldest first.
    pub const fn points(&self) -> &VecDeque<Point> {
        &self.points
    }

    /// Two points become one, and steps twice as long: the whole run stays in sight.
    fn thin_out(&mut self) {
        let old: Vec<Point> = self.points.drain(..).collect();
        self.points.extend(old.chunks(2).map(|pair| {
            let count = as_f64(u64::try_from(pair.len()).unwrap_or(1));
            Point {
                memory_bytes: pair.iter().map(|point| point.memory_bytes).max().unwrap_or_default(),
                fuel_rate: pair.iter().map(|point| point.fuel_rate).sum::<f64>() / count,
                host_share: pair.iter().map(|point| point.host_share).sum::<f64>() / count,
            }
        }));
        self.step *= 2;
    }
}

/// How much of a limit is used, 0 to 1; `None` where there is no limit.
pub fn share(used: u64, limit: Option<u64>) -> Option<f64> {
    let limit = limit.filter(|limit| *limit > 0)?;
    Some((as_f64(used) / as_f64(limit)).clamp(0.0, 1.0))
}

/// The share of the deadline that is used.
pub fn time_share(elapsed: Duration, limits: &Limits) -> f64 {
    let limit = limits.timeout().as_secs_f64();
    if limit > 0.0 { (elapsed.as_secs_f64() / limit).clamp(0.0, 1.0) } else { 1.0 }
}

/// The nearest float: figures on a screen need no more than its 53 bits.
#[allow(clippy::cast_precision_loss, reason = "figures on a screen need no more than 53 bits")]
pub const fn as_f64(value: u64) -> f64 {
    value as f64
}

/// The nearest whole number from zero up.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, which is what is meant")]
pub const fn to_u64(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64, fuel: u64) -> LiveFigures {
        LiveFigures {
            sample: GaugeSample { fuel, memory_bytes: 65_536, memory_peak_bytes: 65_536, host_us: 0, host_calls: 0 },
            elapsed: Duration::from_millis(ms),
            paused: false,
        }
    }

    #[test]
    fn the_rate_is_that_of_the_last_step() {
        let mut gauges = GaugeHistory::default();
        gauges.take(at(10, 5));
        assert_eq!(gauges.fuel_rate, None, "too short to tell");
        gauges.take(at(100, 1_000));
        assert_eq!(gauges.fuel_rate, Some(10_000.0));
        gauges.take(at(200, 1_000));
        assert_eq!(gauges.fuel_rate, Some(0.0));
    }

    #[test]
    fn a_long_run_stays_in_sight_as_a_whole() {
        let mut gauges = GaugeHistory::default();
        for step in 1..=10_000_u64 {
            gauges.take(at(step * 50, step * 1_000));
        }
        assert!(gauges.points().len() <= HISTORY && gauges.points().len() > HISTORY / 3, "{}", gauges.points().len());
        assert!(gauges.points().iter().all(|point| (point.fuel_rate - 20_000.0).abs() < 1.0));
    }

    #[test]
    fn a_paused_run_adds_no_points() {
        let mut gauges = GaugeHistory::default();
        gauges.take(at(100, 10));
        for _ in 0..100 {
            gauges.take(LiveFigures { paused: true, ..at(120, 20) });
        }
        assert_eq!(gauges.points().len(), 1);
    }
}
