//! The limits that an author or a user may set, in words: one reading for the manifest and for flags.

use super::size::{SizeError, format_bytes, parse_bytes};
use crate::event::PAGE_BYTES;

/// The most linear memory that 32-bit addresses reach.
pub const MAX_MEMORY_BYTES: u64 = 4 << 30;

/// Why a text is no limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Not a size.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// Less than a page.
    #[error("{0} is less than one page of memory (64 KiB); is the unit missing? write for example 64MiB")]
    BelowOnePage(String),
    /// More than there can be.
    #[error("{0} is more than a wasm32 module can address (4 GiB)")]
    AboveAddressSpace(String),
    /// Not a count of fuel.
    #[error("not an amount of fuel: {0:?}; write a whole number, for example 10_000_000_000")]
    NotFuel(String),
    /// Nothing could be read.
    #[error("no module is that small; write it for example so: 100MiB")]
    NoModule,
    /// No fuel at all.
    #[error("no skill runs on a fuel of 0; leave the limit out to have none")]
    NoFuel,
}

/// Reads a limit on linear memory, in bytes: from one page (64 KiB) to 4 GiB.
///
/// # Errors
/// Where the text is no size, or out of that range.
pub fn parse_memory_limit(text: &str) -> Result<u64, LimitError> {
    match parse_bytes(text)? {
        bytes if bytes < PAGE_BYTES => Err(LimitError::BelowOnePage(format_bytes(bytes))),
        bytes if bytes > MAX_MEMORY_BYTES => Err(LimitError::AboveAddressSpace(format_bytes(bytes))),
        bytes => Ok(bytes),
    }
}

/// Reads a limit on the size of a module's file, in bytes: above 0.
///
/// # Errors
/// Where the text is no size, or 0.
pub fn parse_module_limit(text: &str) -> Result<u64, LimitError> {
    match parse_bytes(text)? {
        0 => Err(LimitError::NoModule),
        bytes => Ok(bytes),
    }
}

/// Reads a limit on fuel: a whole number above 0, with `_` between digits where wanted.
///
/// # Errors
/// Where it is none, or needs more than 64 bits.
pub fn parse_fuel(text: &str) -> Result<u64, LimitError> {
    let trimmed = text.trim();
    let digits = trimmed.replace('_', "");
    let not_fuel = || LimitError::NotFuel(trimmed.chars().take(40).collect());
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(not_fuel());
    }
    match digits.parse() {
        Ok(0) => Err(LimitError::NoFuel),
        Ok(fuel) => Ok(fuel),
        Err(_) => Err(not_fuel()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_between_a_page_and_all_that_can_be_addressed() {
        assert_eq!(parse_memory_limit("64KiB"), Ok(65_536));
        assert_eq!(parse_memory_limit("4GiB"), Ok(4 << 30));
        assert_eq!(
            parse_memory_limit("512").unwrap_err().to_string(),
            "512 bytes is less than one page of memory (64 KiB); is the unit missing? write for example 64MiB"
        );
        assert_eq!(parse_memory_limit("5GiB").unwrap_err().to_string(), "5 GiB is more than a wasm32 module can address (4 GiB)");
    }

    #[test]
    fn a_module_has_at_least_a_byte() {
        assert_eq!(parse_module_limit("1"), Ok(1));
        assert_eq!(parse_module_limit("0 MiB"), Err(LimitError::NoModule));
    }

    #[test]
    fn fuel_is_a_whole_number_above_zero() {
        assert_eq!(parse_fuel("10_000"), Ok(10_000));
        assert_eq!(parse_fuel("0"), Err(LimitError::NoFuel));
        for text in ["", "1e9", "-1", "+1", "1.5", "5 s", "99999999999999999999"] {
            assert!(matches!(parse_fuel(text), Err(LimitError::NotFuel(_))), "{text}");
        }
    }
}
