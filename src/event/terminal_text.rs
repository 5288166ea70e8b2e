//! Text from a skill or a provider, made harmless for a terminal.
//!
//! A raw control character can move the cursor, rename the window or answer on the user's behalf. Each is shown as a
//! visible symbol instead: C0 controls and DEL as their Unicode pictures, C1 controls, bidirectional overrides and
//! other invisible format characters as `<U+XXXX>`.

use std::borrow::Cow;

/// The text with every control character made visible; line feeds and tabs too, so that it stays one line.
pub fn sanitize_line(text: &str) -> Cow<'_, str> {
    sanitize(text, false)
}

/// The text with every control character but line feeds and tabs made visible.
pub fn sanitize_text(text: &str) -> Cow<'_, str> {
    sanitize(text, true)
}

fn sanitize(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_harmful(c) || (keep_lines && matches!(c, '\n' | '\t'));
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match u32::from(c) {
            _ if harmless(c) => clean.push(c),
            code @ 0..=0x1f => clean.extend(char::from_u32(0x2400 + code)),
            0x7f => clean.push('\u{2421}'),
            code => clean.push_str(&format!("<U+{code:04X}>")),
        }
    }
    Cow::Owned(clean)
}

/// Control characters, and format characters that reorder or hide text. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
const fn is_harmful(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(sanitize_line("\x1b[2Jhi\r\n"), "␛[2Jhi␍␊");
        assert_eq!(sanitize_text("a\tb\nc\x07"), "a\tb\nc␇");
        assert_eq!(sanitize_line("\u{9b}31m\u{202e}x"), "<U+009B>31m<U+202E>x");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(sanitize_line("日本語 é 👩‍👩‍👧"), Cow::Borrowed(_)));
    }
}
