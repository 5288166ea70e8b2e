//! Names out of a module, made fit for a message: harmless for a terminal, and bounded.

use crate::event::sanitize_line;

/// The longest name that a message shows, in characters.
const MAX_CHARACTERS: usize = 120;

/// The name as a message shows it.
pub(super) fn shown_name(name: &str) -> String {
    // Cut first, so that a huge name is not cleaned whole.
    match name.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", sanitize_line(name.get(..end).unwrap_or_default())),
        None => sanitize_line(name).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_cleaned_and_cut() {
        assert_eq!(shown_name("a\x1b[2Jb"), "a␛[2Jb");
        assert_eq!(shown_name(&"é".repeat(500)).chars().count(), MAX_CHARACTERS + 1);
    }
}
