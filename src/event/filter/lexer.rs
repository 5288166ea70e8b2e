//! From characters to words, operators and signs.

use super::error::{FilterError, FilterFault, echo};

/// A piece of a filter and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// In characters, from 1.
    pub(super) column: usize,
    pub(super) kind: TokenKind,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word without quotes.
    Word(String),
    /// A text in quotes, its escapes taken away.
    Quoted(String),
    /// A name with its `~`.
    Operator(String),
    And,
    Or,
    Not,
    Open,
    Close,
    End,
}

impl TokenKind {
    /// For a message: what was found.
    pub(super) fn found(&self) -> String {
        match self {
            Self::Word(text) | Self::Operator(text) => echo(text),
            Self::Quoted(text) => format!("\"{}\"", echo(text)),
            Self::And => "&".to_owned(),
            Self::Or => "|".to_owned(),
            Self::Not => "!".to_owned(),
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Whether a text can be written without quotes and is read back as that word.
pub(super) fn is_bare(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['~', '!']) && !text.chars().any(ends_word)
}

/// What ends a word without quotes.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '&' | '|' | '(' | ')' | '"' | '\'')
}

/// All pieces, with the end as the last one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut lexer = Lexer { rest: text.chars().peekable(), column: 1 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.token()?;
        let is_end = token.kind == TokenKind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    column: usize,
}

impl Lexer<'_> {
    fn advance(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.column += 1;
        Some(c)
    }

    fn token(&mut self) -> Result<Token, FilterError> {
        while self.rest.peek().is_some_and(|c| c.is_whitespace()) {
            self.advance();
        }
        let column = self.column;
        let kind = match self.rest.peek().copied() {
            None => TokenKind::End,
            Some('&') => self.sign(TokenKind::And),
            Some('|') => self.sign(TokenKind::Or),
            Some('!') => self.sign(TokenKind::Not),
            Some('(') => self.sign(TokenKind::Open),
            Some(')') => self.sign(TokenKind::Close),
            Some(quote @ ('"' | '\'')) => TokenKind::Quoted(self.quoted(quote, column)?),
            // An operator ends at the next sign, a word only at blanks and at what joins.
            Some('~') => TokenKind::Operator(self.word(|c| c == '!')?),
            Some(_) => TokenKind::Word(self.word(|_| false)?),
        };
        Ok(Token { column, kind })
    }

    fn sign(&mut self, kind: TokenKind) -> TokenKind {
        self.advance();
        kind
    }

    fn word(&mut self, also_ends: impl Fn(char) -> bool) -> Result<String, FilterError> {
        let mut word = String::new();
        while let Some(c) = self.rest.peek().copied() {
            if matches!(c, '(' | '"' | '\'') {
                return Err(FilterError { column: self.column, fault: FilterFault::Glued { found: c } });
            }
            if ends_word(c) || also_ends(c) {
                break;
            }
            word.push(c);
            self.advance();
        }
        Ok(word)
    }

    /// Backslashes before a quote or a backslash are taken away, all others belong to the text.
    fn quoted(&mut self, quote: char, column: usize) -> Result<String, FilterError> {
        let mut text = String::new();
        self.advance();
        while let Some(c) = self.advance() {
            match c {
                _ if c == quote => return Ok(text),
                '\\' => match self.rest.peek().copied() {
                    Some(escaped @ ('"' | '\'' | '\\')) => {
                        text.push(escaped);
                        self.advance();
                    }
                    _ => text.push(c),
                },
                _ => text.push(c),
            }
        }
        Err(FilterError { column, fault: FilterFault::OpenQuote(quote) })
    }
}
