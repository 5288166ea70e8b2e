//! Names out of a module, made fit for a message: harmless for a terminal, and bounded.

use crate::event::sanitize_line;

/// The longest name that a message shows, in characters.
const MAX_NAME: usize = 120;
/// The longest sentence of a parser that a message shows, in characters; it may quote a name.
const MAX_REASON: usize = 400;

/// The name as a message shows it.
pub(super) fn shown_name(name: &str) -> String {
    bounded(name, MAX_NAME)
}

/// What a parser says, as a message shows it: its first line.
pub(super) fn shown_reason(message: &str) -> String {
    bounded(message.lines().next().unwrap_or_default(), MAX_REASON)
}

fn bounded(text: &str, max: usize) -> String {
    // Cut first, so that a huge text is not cleaned whole.
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", sanitize_line(text.get(..end).unwrap_or_default())),
        None => sanitize_line(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_cleaned_and_cut() {
        assert_eq!(shown_name("a\x1b[2Jb"), "a␛[2Jb");
        assert_eq!(shown_name(&"é".repeat(500)).chars().count(), MAX_NAME + 1);
    }
}
