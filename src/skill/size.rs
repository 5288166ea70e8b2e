//! Sizes as people write them: `512MiB`, `64 KiB`, `1.5GB`, `1_000_000`.

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// Nothing there.
    #[error("a size is missing; write for example 64MiB")]
    Empty,
    /// Below zero.
    #[error("a size cannot be negative: {0:?}")]
    Negative(String),
    /// No number at its start.
    #[error("not a size: {0:?}; write a number and a unit, for example 64MiB")]
    NotANumber(String),
    /// A unit that is none, or one that is read as two different ones.
    #[error("unknown unit {0:?}; write B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000)")]
    Unit(String),
    /// A fraction of a byte.
    #[error("{0:?} is not a whole number of bytes")]
    Fraction(String),
    /// More than 64 bits hold.
    #[error("{0:?} is too large")]
    TooLarge(String),
}

/// Units in lower case, and their bytes.
const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

/// Reads a size in bytes: a number, with `_` between its digits and a decimal point where wanted, and a unit; without a unit, bytes.
///
/// # Errors
/// Where the text is no size, or not a whole number of bytes below 2^64.
pub fn parse_bytes(text: &str) -> Result<u64, SizeError> {
    let trimmed = text.trim();
    let echo = || trimmed.chars().take(40).collect::<String>();
    if trimmed.is_empty() {
        return Err(SizeError::Empty);
    }
    if trimmed.starts_with('-') {
        return Err(SizeError::Negative(echo()));
    }
    let number_end = trimmed.find(|c: char| !matches!(c, '0'..='9' | '_' | '.')).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(number_end);
    let unit = unit.trim_start();
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.contains('.') || (fraction.is_empty() && number.contains('.')) {
        return Err(SizeError::NotANumber(echo()));
    }
    let folded = unit.to_ascii_lowercase();
    let (_, bytes) =
        UNITS.iter().find(|(name, _)| *name == folded).ok_or_else(|| SizeError::Unit(unit.chars().take(40).collect()))?;
    let whole: u64 = whole.parse().map_err(|_| SizeError::TooLarge(echo()))?;
    let total = whole.checked_mul(*bytes).ok_or_else(|| SizeError::TooLarge(echo()))?;
    let part = fraction_of(fraction.trim_end_matches('0'), *bytes).ok_or_else(|| SizeError::Fraction(echo()))?;
    total.checked_add(part).ok_or_else(|| SizeError::TooLarge(echo()))
}

/// The bytes of a decimal fraction of a unit; `None` where they are not whole.
fn fraction_of(digits: &str, unit: u64) -> Option<u64> {
    if digits.is_empty() {
        return Some(0);
    }
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let scaled = digits.parse::<u128>().ok()?.checked_mul(u128::from(unit))?;
    if scaled % scale == 0 { u64::try_from(scaled / scale).ok() } else { None }
}

/// A size for a report, in the largest binary unit that it reaches, cut to one decimal; below 1 KiB in bytes.
pub fn format_bytes(bytes: u64) -> String {
    const BINARY: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match BINARY.into_iter().find(|(_, unit)| bytes >= *unit) {
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
        Some((name, unit)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            match (tenths / 10, tenths % 10) {
                (whole, 0) => format!("{whole} {name}"),
                (whole, tenth) => format!("{whole}.{tenth} {name}"),
            }
        }
    }
}

/// A size for a file that a person reads: in the largest binary unit that it fills whole, so that reading it gives it back.
pub fn written_bytes(bytes: u64) -> String {
    const BINARY: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = BINARY.into_iter().find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_with_units_blanks_and_underscores_are_read() {
        for (text, bytes) in [
            ("512MiB", 512 << 20),
            ("64 KiB", 64 << 10),
            ("1.5GB", 1_500_000_000),
            ("0.5 mib", 512 << 10),
            ("1_000_000", 1_000_000),
            (" 7 B ", 7),
            ("0", 0),
            ("1.50kB", 1_500),
            ("18446744073709551615", u64::MAX),
            ("16777215 TiB", 16_777_215 << 40),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_told_in_words() {
        for (text, message) in [
            ("", "a size is missing; write for example 64MiB"),
            ("-1", "a size cannot be negative: \"-1\""),
            ("big", "not a size: \"big\"; write a number and a unit, for example 64MiB"),
            ("1.2.3MB", "not a size: \"1.2.3MB\"; write a number and a unit, for example 64MiB"),
            ("1.", "not a size: \"1.\"; write a number and a unit, for example 64MiB"),
            ("64M", "unknown unit \"M\"; write B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB (powers of 1000)"),
            ("1.5", "\"1.5\" is not a whole number of bytes"),
            ("0.3KiB", "\"0.3KiB\" is not a whole number of bytes"),
            ("16777216TiB", "\"16777216TiB\" is too large"),
            ("99999999999999999999", "\"99999999999999999999\" is too large"),
        ] {
            assert_eq!(parse_bytes(text).unwrap_err().to_string(), message, "{text}");
        }
        let long = format!("0.{}1KiB", "0".repeat(100));
        assert!(matches!(parse_bytes(&long), Err(SizeError::Fraction(_))));
    }

    #[test]
    fn sizes_are_shown_in_the_unit_that_fits() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1 << 10, "1 KiB"),
            (512 << 20, "512 MiB"),
            (1_610_612_736, "1.5 GiB"),
            (65_537, "64 KiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(format_bytes(bytes), text);
        }
    }
}
