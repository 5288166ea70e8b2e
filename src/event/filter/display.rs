//! A filter written back: the shortest form that parses to the same filter.

use super::Filter;
use super::expression::{Expression, Test};
use super::lexer::is_bare;
use std::fmt::{self, Display, Formatter, Write as _};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " & "),
            Self::Or(parts) => joined(f, parts, " | "),
            Self::Not(inner) => {
                f.write_char('!')?;
                part(f, inner, matches!(**inner, Self::And(_) | Self::Or(_)))
            }
            Self::Test(test) => test.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expression], between: &str) -> fmt::Result {
    let in_and = between == " & ";
    for (at, inner) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        part(f, inner, in_and && matches!(inner, Expression::Or(_)))?;
    }
    Ok(())
}

fn part(f: &mut Formatter<'_>, inner: &Expression, in_parentheses: bool) -> fmt::Result {
    if in_parentheses { write!(f, "({inner})") } else { inner.fmt(f) }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (operator, pattern) = match self {
            Self::AnyText(pattern) => return text(f, &pattern.source),
            Self::Name(pattern) => ("~n ", pattern),
            Self::Request(pattern) => ("~q ", pattern),
            Self::Response(pattern) => ("~s ", pattern),
            Self::Body(pattern) => ("~b ", pattern),
            Self::Url(pattern) => ("~u ", pattern),
            Self::Provider(pattern) => ("~p ", pattern),
            Self::Failed => return f.write_str("~e"),
            Self::Code(code) => return write!(f, "~c {code}"),
            Self::Truncated => return f.write_str("~t"),
            // Without the blanks between its units, it is one word.
            Self::Slow(least) => return write!(f, "~slow {}", humantime::format_duration(*least).to_string().replace(' ', "")),
            Self::Open => return f.write_str("~open"),
            Self::Kind(kinds) => return write!(f, "~k {}", kinds.word),
            Self::Level(level) => return write!(f, "~l {}", level.word()),
            Self::Marked => return f.write_str("~marked"),
            Self::All => return f.write_str("~all"),
        };
        f.write_str(operator)?;
        text(f, &pattern.source)
    }
}

/// A text as a word, in quotes where it needs them. Inside quotes a backslash is doubled only where the reader would take it away.
fn text(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    if is_bare(text) {
        return f.write_str(text);
    }
    f.write_char('"')?;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_taken_away = c == '\\' && rest.peek().is_none_or(|next| matches!(next, '\\' | '"' | '\''));
        if c == '"' || is_taken_away {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
