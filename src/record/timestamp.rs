//! When a run began: a moment to the millisecond, in UTC.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since the Unix epoch. In JSON: `2026-11-25T14:03:01.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// The last millisecond of the year 9999: what is written has always as many digits.
const LAST_MS: u64 = 253_402_300_799_999;

impl Timestamp {
    /// This moment.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_ms(self) -> u64 {
        self.0
    }

    /// The moment as a file's name begins: `20261125T140301.123Z`, which sorts by time.
    pub fn compact(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }

    /// Reads [`Self::compact`] back.
    pub fn from_compact(text: &str) -> Option<Self> {
        let digits = |range| text.get(range);
        let spread = format!(
            "{}-{}-{}T{}:{}:{}",
            digits(0..4)?,
            digits(4..6)?,
            digits(6..8)?,
            digits(9..11)?,
            digits(11..13)?,
            text.get(13..)?
        );
        let moment = Self::parse(&spread)?;
        (moment.compact() == text).then_some(moment)
    }

    fn parse(text: &str) -> Option<Self> {
        humantime::parse_rfc3339(text).ok().map(Self::from)
    }

    /// The time from `self` to `later`; zero where it is not later.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }

    /// The moment that lies this long before.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let ms = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Self(u64::try_from(ms).unwrap_or(LAST_MS).min(LAST_MS))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(self.0)).fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a time such as 2026-11-25T14:03:01.123Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_two_forms_and_read_back_from_both() {
        let moment = Timestamp(1_795_615_381_123);
        assert_eq!(moment.to_string(), "2026-11-25T14:03:01.123Z");
        assert_eq!(moment.compact(), "20261125T140301.123Z");
        assert_eq!(Timestamp::from_compact("20261125T140301.123Z"), Some(moment));
        assert_eq!(serde_json::from_str::<Timestamp>("\"2026-11-25T14:03:01.123Z\"").unwrap(), moment);
        for text in ["", "20261125", "20261325T140301.123Z", "20261125T140301Z", "2026112éT140301.123Z", "20261125x140301.123Z"]
        {
            assert_eq!(Timestamp::from_compact(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_time_still_has_four_digits_of_years() {
        assert_eq!(Timestamp(LAST_MS).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(1)), Timestamp(0));
    }
}
