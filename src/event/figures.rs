//! Figures as people read them.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A count with its digits in groups: `1,234,567`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Bytes in binary units, with a decimal where the unit is not filled whole: `64 KiB`, `1.3 MiB`.
pub fn bytes(value: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in UNITS {
        if value >= unit {
            let tenths = u128::from(value) * 10 / u128::from(unit);
            return if tenths.is_multiple_of(10) {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{value} B")
}

/// Milliseconds with a unit that keeps three digits or so: `0.25 ms`, `12.3 ms`, `4.20 s`.
pub fn milliseconds(value: f64) -> String {
    match value {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 1_000.0 => format!("{ms:.1} ms"),
        ms => format!("{:.2} s", ms / 1_000.0),
    }
}

/// Microseconds, as [`milliseconds`] or as whole microseconds where there are few.
pub fn microseconds(value: u64) -> String {
    if value < 1_000 {
        format!("{value} µs")
    } else {
        milliseconds(std::time::Duration::from_micros(value).as_secs_f64() * 1_000.0)
    }
}

/// At most `width` characters of a text that is already one harmless line, with an ellipsis where something was cut.
pub fn cut(text: &str, width: usize) -> String {
    let mut rest = text.char_indices();
    match rest.nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The same by columns of a terminal, in which a character may take two or none.
pub fn cut_to_columns(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let kept = text.chars().take_while(|character| {
        let fits = character.width().unwrap_or(0) <= left;
        left = left.saturating_sub(character.width().unwrap_or(0));
        fits
    });
    let ellipsis = if columns > 0 { "…" } else { "" };
    kept.chain(ellipsis.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_their_units_apart() {
        assert_eq!(
            (count(0), count(999), count(1_000), count(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
        assert_eq!(
            (bytes(5), bytes(65_536), bytes(1_400_000), bytes(512 << 20)),
            ("5 B".into(), "64 KiB".into(), "1.3 MiB".into(), "512 MiB".into())
        );
        assert_eq!(
            (milliseconds(0.251), milliseconds(12.34), milliseconds(4_200.0)),
            ("0.25 ms".into(), "12.3 ms".into(), "4.20 s".into())
        );
    }

    #[test]
    fn a_cut_text_says_so_and_never_splits_a_character() {
        assert_eq!((cut("héllo", 5), cut("héllo!", 5)), ("héllo".into(), "héll…".into()));
    }

    #[test]
    fn a_text_is_cut_by_the_columns_that_it_takes() {
        let cut = |columns| cut_to_columns("日本 é", columns);
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(cut), ["", "…", "…", "日…", "日…", "日本…", "日本 é"]);
    }
}
