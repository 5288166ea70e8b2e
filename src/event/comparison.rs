//! AI providers compared over many runs: what is counted of each, and how it is shown.

use super::Tokens;
use super::figures;
use serde::{Deserialize, Serialize};

/// What a comparison shows of each provider beside its name.
pub const COMPARISON_COLUMNS: [&str; 7] = ["passed", "rate", "AI calls", "median", "p95", "tokens in", "tokens out"];

/// Times of AI calls, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many calls were measured: those that somebody was asked in, and answered.
    pub calls: u64,
    /// The median, in microseconds.
    pub median_us: u64,
    /// The least time that 95 of 100 calls did not exceed, in microseconds.
    pub p95_us: u64,
}

/// What one provider made of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderResult {
    /// The provider, as it was named on the command line.
    pub provider: String,
    /// Its label, as in [`super::CallFinished::provider`].
    pub label: String,
    /// How often the case was run.
    pub runs: u64,
    /// How often it passed.
    pub passed: u64,
    /// All measured AI calls, in microseconds, in the order in which they were made.
    pub call_us: Vec<u64>,
    /// Tokens of all calls, where the provider tells them.
    pub tokens: Option<Tokens>,
    /// AI calls that failed.
    pub failed_calls: u64,
    /// Why the first run that did not pass did not.
    pub failure: Option<String>,
}

impl ProviderResult {
    /// A provider that was not tried yet.
    pub fn untried(provider: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            provider: provider.into(),
            label: label.into(),
            runs: 0,
            passed: 0,
            call_us: Vec::new(),
            tokens: None,
            failed_calls: 0,
            failure: None,
        }
    }

    /// Each provider over all of these results, in the order in which they come first.
    pub fn overall<'a>(results: impl IntoIterator<Item = &'a Self>) -> Vec<Self> {
        let mut overall: Vec<Self> = Vec::new();
        for result in results {
            match overall.iter_mut().find(|known| known.provider == result.provider) {
                Some(known) => known.add(result),
                None => overall.push(result.clone()),
            }
        }
        overall
    }

    fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.passed += other.passed;
        self.call_us.extend(&other.call_us);
        self.tokens = Tokens::sum(self.tokens, other.tokens);
        self.failed_calls += other.failed_calls;
        self.failure = self.failure.take().or_else(|| other.failure.clone());
    }

    /// Its figures under [`COMPARISON_COLUMNS`].
    pub fn cells(&self) -> [String; 7] {
        let latency = Latency::of(&self.call_us);
        let time = |of: fn(&Latency) -> u64| latency.as_ref().map_or_else(none, |latency| figures::microseconds(of(latency)));
        let tokens = |of: fn(&Tokens) -> Option<u64>| self.tokens.as_ref().and_then(of).map_or_else(none, figures::count);
        let answered = u64::try_from(self.call_us.len()).unwrap_or(u64::MAX);
        let failed =
            if self.failed_calls == 0 { String::new() } else { format!(" ({} failed)", figures::count(self.failed_calls)) };
        [
            format!("{}/{}", self.passed, self.runs),
            percent(self.passed, self.runs),
            format!("{}{failed}", figures::count(answered.saturating_add(self.failed_calls))),
            time(|latency| latency.median_us),
            time(|latency| latency.p95_us),
            tokens(|tokens| tokens.prompt),
            tokens(|tokens| tokens.answer),
        ]
    }
}

fn none() -> String {
    "-".to_owned()
}

/// A share in whole percent, never rounded up to all.
fn percent(part: u64, whole: u64) -> String {
    part.saturating_mul(100).checked_div(whole).map_or_else(none, |percent| format!("{percent} %"))
}

impl Latency {
    /// Of these times, in any order; `None` where there are none.
    pub fn of(times_us: &[u64]) -> Option<Self> {
        let mut sorted = times_us.to_vec();
        sorted.sort_unstable();
        let calls = u64::try_from(sorted.len()).ok()?;
        Some(Self { calls, median_us: median(&sorted)?, p95_us: nearest_rank(&sorted, 95)? })
    }
}

/// The value in the middle, or between the two in the middle, of sorted ones.
fn median(sorted: &[u64]) -> Option<u64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.get(middle.wrapping_sub(1)) {
        Some(lower) if sorted.len().is_multiple_of(2) => Some(lower.midpoint(upper)),
        _ => Some(upper),
    }
}

/// The least of the sorted values that at least so many of a hundred do not exceed.
fn nearest_rank(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_p95_are_those_of_the_nearest_ranks() {
        assert_eq!(Latency::of(&[]), None);
        assert_eq!(Latency::of(&[7]), Some(Latency { calls: 1, median_us: 7, p95_us: 7 }));
        assert_eq!(Latency::of(&[30, 10, 20]), Some(Latency { calls: 3, median_us: 20, p95_us: 30 }));
        assert_eq!(Latency::of(&[40, 10, 20, 31]), Some(Latency { calls: 4, median_us: 25, p95_us: 40 }));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(Latency::of(&hundred), Some(Latency { calls: 100, median_us: 50, p95_us: 95 }));
        assert_eq!(Latency::of(&[u64::MAX, u64::MAX]).unwrap().median_us, u64::MAX);
    }

    #[test]
    fn a_provider_over_several_cases_is_the_sum_of_them() {
        let tokens = |prompt| Some(Tokens { prompt: Some(prompt), answer: None });
        let one = ProviderResult {
            runs: 199,
            passed: 199,
            call_us: vec![1],
            tokens: tokens(3),
            ..ProviderResult::untried("a", "a (m)")
        };
        let two = ProviderResult {
            runs: 1,
            call_us: vec![3],
            tokens: tokens(4),
            failed_calls: 1,
            ..ProviderResult::untried("a", "a (m)")
        };
        let other = ProviderResult::untried("b", "b");
        let overall = ProviderResult::overall([&one, &other, &two]);
        assert_eq!(overall.len(), 2);
        assert_eq!(overall[0].cells(), ["199/200", "99 %", "3 (1 failed)", "2 µs", "3 µs", "7", "-"]);
        assert_eq!(overall[1].cells(), ["0/0", "-", "0", "-", "-", "-", "-"]);
    }
}
