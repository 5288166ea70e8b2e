//! Durations as people write them: `30s`, `500ms`, `1m30s`, `2h`.

use std::time::Duration;

/// The longest duration that is taken: what is longer is a slip, and would overflow clocks.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing there.
    #[error("a duration is missing; write for example 30s")]
    Empty,
    /// Below zero.
    #[error("a duration cannot be negative: {0:?}")]
    Negative(String),
    /// A number alone.
    #[error("a duration needs a unit: write \"{0}s\" or \"{0}ms\"")]
    NoUnit(String),
    /// Something else.
    #[error("not a duration: {0:?}; write a number and a unit of ns, us, ms, s, m, h, d, for example 500ms or 1m30s")]
    NotADuration(String),
    /// Longer than a year.
    #[error("{0:?} is too long; at most 366 days")]
    TooLong(String),
    /// A deadline of no time.
    #[error("a timeout must be at least 1ms")]
    ShorterThanAMillisecond,
}

/// Reads a duration: numbers, each with its unit, `_` between digits where wanted. Zero is taken.
///
/// # Errors
/// Where the text is no duration, has no unit, or is longer than 366 days.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let trimmed = text.trim();
    let echo = || trimmed.chars().take(40).collect::<String>();
    if trimmed.is_empty() {
        return Err(DurationError::Empty);
    }
    if trimmed.starts_with('-') {
        return Err(DurationError::Negative(echo()));
    }
    let plain = trimmed.replace('_', "");
    if plain.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(DurationError::NoUnit(echo()));
    }
    // A capital M would be a month, and is meant as minutes or as a slip.
    if plain.chars().any(char::is_uppercase) {
        return Err(DurationError::NotADuration(echo()));
    }
    match humantime::parse_duration(&plain) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err(DurationError::TooLong(echo())),
        Err(humantime::DurationError::NumberOverflow) if !plain.contains('.') => Err(DurationError::TooLong(echo())),
        Err(_) => Err(DurationError::NotADuration(echo())),
    }
}

/// Reads a timeout: a duration of at least a millisecond, in milliseconds, rounded up.
///
/// # Errors
/// As [`parse_duration`], and where it is shorter than a millisecond.
pub fn parse_timeout_ms(text: &str) -> Result<u64, DurationError> {
    let duration = parse_duration(text)?;
    if duration < Duration::from_millis(1) {
        return Err(DurationError::ShorterThanAMillisecond);
    }
    let ms = duration.as_nanos().div_ceil(1_000_000);
    u64::try_from(ms).map_err(|_| DurationError::TooLong(text.to_owned()))
}

/// A duration for a report, to the microsecond: `30s`, `1m 30s`, `2ms 500us`.
pub fn format_duration(duration: Duration) -> String {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_micros(micros)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_units_are_read() {
        for (text, ms) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("2h", 7_200_000),
            ("1_500 ms", 1_500),
            ("0s", 0),
            ("1.5s", 1_500),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_told_in_words() {
        for (text, message) in [
            ("  ", "a duration is missing; write for example 30s"),
            ("-5s", "a duration cannot be negative: \"-5s\""),
            ("30", "a duration needs a unit: write \"30s\" or \"30ms\""),
            ("soon", "not a duration: \"soon\"; write a number and a unit of ns, us, ms, s, m, h, d, for example 500ms or 1m30s"),
            ("2M", "not a duration: \"2M\"; write a number and a unit of ns, us, ms, s, m, h, d, for example 500ms or 1m30s"),
            ("2y", "\"2y\" is too long; at most 366 days"),
            ("99999999999999999999s", "\"99999999999999999999s\" is too long; at most 366 days"),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn a_timeout_of_no_time_is_refused_and_a_part_of_a_millisecond_rounds_up() {
        assert_eq!(parse_timeout_ms("0s"), Err(DurationError::ShorterThanAMillisecond));
        assert_eq!(parse_timeout_ms("999us"), Err(DurationError::ShorterThanAMillisecond));
        assert_eq!(parse_timeout_ms("1001us"), Ok(2));
        assert_eq!(parse_timeout_ms("366d"), Ok(31_622_400_000));
    }

    #[test]
    fn durations_are_shown_to_the_microsecond() {
        assert_eq!(format_duration(Duration::from_secs(90)), "1m 30s");
        assert_eq!(format_duration(Duration::from_nanos(2_500_999)), "2ms 500us");
        assert_eq!(format_duration(Duration::ZERO), "0s");
    }
}
