//! Samples of one figure, and what is told of them.

use std::time::Duration;

/// The times of one thing that was measured again and again.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The shortest, in seconds: what it takes where nothing else runs.
    pub fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The median, in seconds.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => f64::NAN,
            len if len % 2 == 1 => sorted[len / 2],
            len => f64::midpoint(sorted[len / 2 - 1], sorted[len / 2]),
        }
    }
}

/// How one thing compares with another, by minima and by medians.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    pub min: f64,
    pub median: f64,
}

impl Ratio {
    pub fn of(one: &Samples, over: &Samples) -> Self {
        Self { min: one.min() / over.min(), median: one.median() / over.median() }
    }

    /// The geometric means.
    pub fn mean(ratios: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| (ratios.iter().map(|ratio| of(ratio).ln()).sum::<f64>() / ratios.len() as f64).exp();
        Self { min: mean(|ratio| ratio.min), median: mean(|ratio| ratio.median) }
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "×{:.2} (median ×{:.2})", self.min, self.median)
    }
}

/// Takes samples of several things in turn, so that a busy moment of the machine falls on all of them.
pub fn in_turn<const N: usize>(count: usize, mut measure: impl FnMut(usize) -> Duration) -> [Samples; N] {
    let mut samples = std::array::from_fn(|_| Samples::default());
    for round in 0..count {
        for at in 0..N {
            let at = (at + round) % N;
            samples[at].add(measure(at));
        }
    }
    samples
}
