//! Keys as people write them: `ctrl-c`, `F5`, `space`, `G`, `shift-tab`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// One key with what is held beside it. Shift is part of a printed character and not told apart there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
    alt: bool,
}

/// Words for keys that print nothing.
const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

/// Why a word is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key; keys are written like `a`, `G`, `space`, `F5`, `ctrl-c`, `alt-x`, `shift-tab`")]
pub struct KeyError(pub String);

impl Key {
    /// The key of a written word.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(word: &str) -> Result<Self, KeyError> {
        let refuse = || KeyError(word.to_owned());
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == word) {
            return Ok(Self { code: *code, control: false, alt: false });
        }
        for (prefix, control, alt) in [("ctrl-", true, false), ("alt-", false, true)] {
            if let Some(rest) = word.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
                let key = Self::parse(rest).map_err(|_| refuse())?;
                return Ok(Self { control: key.control || control, alt: key.alt || alt, ..key });
            }
        }
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if !letter.is_control() => Ok(Self { code: KeyCode::Char(letter), control: false, alt: false }),
            (Some('F'), Some(_)) => {
                let number =
                    word.get(1..).and_then(|digits| digits.parse::<u8>().ok()).filter(|number| (1..=24).contains(number));
                number.map(|number| Self { code: KeyCode::F(number), control: false, alt: false }).ok_or_else(refuse)
            }
            _ => Err(refuse()),
        }
    }

    /// The key that a terminal reports.
    pub fn of_event(event: KeyEvent) -> Self {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            // Terminals differ in whether they report the letter of a control key in upper case.
            KeyCode::Char(letter) if control => KeyCode::Char(letter.to_ascii_lowercase()),
            code => code,
        };
        Self { code, control, alt: event.modifiers.contains(KeyModifiers::ALT) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(letter) => write!(f, "{letter}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_shown() {
        for word in ["a", "G", "space", "F5", "ctrl-c", "alt-x", "shift-tab", "pgdn", "?", ":", "ctrl-space", "é"] {
            assert_eq!(Key::parse(word).unwrap().to_string(), word);
        }
        for word in ["", "ab", "F0", "F99", "ctrl-", "hyper-x", "F"] {
            assert_eq!(Key::parse(word).is_ok(), word == "F", "{word}");
        }
    }

    #[test]
    fn a_terminal_s_key_is_the_written_one() {
        let event = KeyEvent::new(KeyCode::Char('C'), KeyModifiers::CONTROL | KeyModifiers::SHIFT);
        assert_eq!(Key::of_event(event), Key::parse("ctrl-c").unwrap());
        assert_eq!(Key::of_event(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)), Key::parse("G").unwrap());
    }
}
