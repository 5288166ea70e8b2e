//! Figures, and the table in which they stand beside those to reach.

use std::time::Duration;

/// A row of the table.
pub struct Row {
    /// What was measured.
    pub name: String,
    /// The figure.
    pub measured: String,
    /// The figure to reach; empty where there is none.
    pub reach: String,
    /// Whether it is reached.
    pub is_reached: bool,
}

impl Row {
    /// A figure that only tells.
    pub fn told(name: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { name: name.into(), measured: measured.into(), reach: String::new(), is_reached: true }
    }

    /// A time that shall be at most this long.
    pub fn time(name: impl Into<String>, measured: Duration, reach: Duration) -> Self {
        Self { name: name.into(), measured: ms(measured), reach: format!("≤ {}", ms(reach)), is_reached: measured <= reach }
    }
}

/// A time in milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// The value below which this share of the samples lies; they are sorted here.
pub fn quantile(samples: &mut [Duration], share: f64) -> Duration {
    samples.sort();
    let last = samples.len().saturating_sub(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "few samples")]
    let at = ((last as f64) * share).round() as usize;
    samples.get(at).copied().unwrap_or_default()
}

/// The rows as Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from("| figure | measured | reach |\n| --- | --- | --- |\n");
    for row in rows {
        let missed = if row.is_reached { "" } else { " (missed)" };
        text.push_str(&format!("| {} | {}{missed} | {} |\n", row.name, row.measured, row.reach));
    }
    text
}
