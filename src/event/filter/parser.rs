//! From pieces to a tree. `!` binds closest, then `&` and what stands side by side, then `|`.

use super::entry::{EntryKind, KIND_GROUPS};
use super::error::{FilterError, FilterFault, echo, nearest};
use super::expression::{Expression, Kinds, Pattern, Test, all_of, any_of};
use super::lexer::{Token, TokenKind, tokens};
use super::operators::{OPERATORS, Operator, Question, find};
use super::{DEFAULT_SLOW_MS, MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_TESTS};
use crate::event::LogLevel;
use regex::bytes::RegexBuilder;
use std::time::Duration;

/// The most memory of one compiled regular expression, in bytes, and as much again for its cache.
const MAX_REGEX_BYTES: usize = 1 << 20;
/// How deep a regular expression may be nested.
const MAX_REGEX_DEPTH: u32 = 50;

const LEVELS: [LogLevel; 5] = [LogLevel::Trace, LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error];

/// Reads a whole filter.
pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    if text.len() > MAX_FILTER_BYTES {
        return Err(FilterError { column: 1, fault: FilterFault::TooLong });
    }
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), end: text.chars().count() + 1, depth: 0, tests: 0 };
    if parser.peek() == &TokenKind::End {
        return Err(FilterError { column: 1, fault: FilterFault::Empty });
    }
    let expression = parser.any()?;
    match parser.next() {
        Token { kind: TokenKind::End, .. } => Ok(expression),
        token => Err(unexpected("the end", &token)),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    /// The column behind the last character.
    end: usize,
    depth: usize,
    tests: usize,
}

fn unexpected(expected: &'static str, token: &Token) -> FilterError {
    FilterError { column: token.column, fault: FilterFault::Unexpected { expected, found: token.kind.found() } }
}

impl Parser {
    fn peek(&mut self) -> &TokenKind {
        self.tokens.peek().map_or(&TokenKind::End, |token| &token.kind)
    }

    fn next(&mut self) -> Token {
        self.tokens.next().unwrap_or(Token { column: self.end, kind: TokenKind::End })
    }

    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all()?];
        while self.peek() == &TokenKind::Or {
            self.next();
            parts.push(self.all()?);
        }
        Ok(any_of(parts))
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one()?];
        loop {
            match self.peek() {
                TokenKind::And => {
                    self.next();
                }
                TokenKind::Or | TokenKind::Close | TokenKind::End => return Ok(all_of(parts)),
                _ => {}
            }
            parts.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        let token = self.next();
        match token.kind {
            TokenKind::Not => self.nested(token.column, |parser| Ok(Expression::Not(Box::new(parser.one()?)))),
            TokenKind::Open => self.nested(token.column, |parser| parser.parenthesized(token.column)),
            TokenKind::Word(text) | TokenKind::Quoted(text) => {
                self.test(token.column, |_| Ok(Test::AnyText(pattern(text, token.column)?)))
            }
            TokenKind::Operator(ref name) => {
                let operator = find(name).ok_or_else(|| unknown_operator(name, token.column))?;
                self.test(token.column, |parser| parser.question(operator))
            }
            TokenKind::And | TokenKind::Or | TokenKind::Close | TokenKind::End => {
                Err(unexpected("a word, a quoted text, an operator or (", &token))
            }
        }
    }

    fn nested(
        &mut self,
        column: usize,
        inner: impl FnOnce(&mut Self) -> Result<Expression, FilterError>,
    ) -> Result<Expression, FilterError> {
        if self.depth >= MAX_FILTER_DEPTH {
            return Err(FilterError { column, fault: FilterFault::TooDeep });
        }
        self.depth += 1;
        let expression = inner(self)?;
        self.depth -= 1;
        Ok(expression)
    }

    fn parenthesized(&mut self, column: usize) -> Result<Expression, FilterError> {
        let inner = self.any()?;
        match self.next() {
            Token { kind: TokenKind::Close, .. } => Ok(inner),
            Token { kind: TokenKind::End, .. } => Err(FilterError { column, fault: FilterFault::OpenParenthesis }),
            token => Err(unexpected(")", &token)),
        }
    }

    fn test(
        &mut self,
        column: usize,
        test: impl FnOnce(&mut Self) -> Result<Test, FilterError>,
    ) -> Result<Expression, FilterError> {
        self.tests += 1;
        if self.tests > MAX_FILTER_TESTS {
            return Err(FilterError { column, fault: FilterFault::TooManyTests });
        }
        test(self).map(Expression::Test)
    }

    fn question(&mut self, operator: &Operator) -> Result<Test, FilterError> {
        Ok(match operator.question {
            Question::Name => Test::Name(self.pattern()?),
            Question::Request => Test::Request(self.pattern()?),
            Question::Response => Test::Response(self.pattern()?),
            Question::Body => Test::Body(self.pattern()?),
            Question::Url => Test::Url(self.pattern()?),
            Question::Provider => Test::Provider(self.pattern()?),
            Question::Failed => Test::Failed,
            Question::Code => Test::Code(self.code()?),
            Question::Truncated => Test::Truncated,
            Question::Slow => Test::Slow(self.duration()?),
            Question::Open => Test::Open,
            Question::Kind => Test::Kind(self.kinds()?),
            Question::Level => Test::Level(self.level()?),
            Question::Marked => Test::Marked,
            Question::All => Test::All,
        })
    }

    fn argument(&mut self, expected: &'static str) -> Result<(String, usize), FilterError> {
        match self.next() {
            Token { kind: TokenKind::Word(text) | TokenKind::Quoted(text), column } => Ok((text, column)),
            token => Err(unexpected(expected, &token)),
        }
    }

    fn pattern(&mut self) -> Result<Pattern, FilterError> {
        let (text, column) = self.argument("a regular expression")?;
        pattern(text, column)
    }

    fn code(&mut self) -> Result<i64, FilterError> {
        let (text, column) = self.argument("a code, such as -3")?;
        text.parse().map_err(|_| FilterError { column, fault: FilterFault::Code(echo(&text)) })
    }

    /// A word that begins with a digit must be a duration; any other belongs to what follows.
    fn duration(&mut self) -> Result<Duration, FilterError> {
        let Some(Token { kind: TokenKind::Word(word), column }) = self
            .tokens
            .next_if(|token| matches!(&token.kind, TokenKind::Word(word) if word.starts_with(|c: char| c.is_ascii_digit())))
        else {
            return Ok(Duration::from_millis(DEFAULT_SLOW_MS));
        };
        humantime::parse_duration(&word).map_err(|_| FilterError { column, fault: FilterFault::Duration(echo(&word)) })
    }

    fn kinds(&mut self) -> Result<Kinds, FilterError> {
        let (word, column) = self.argument("a kind, such as ai or http")?;
        if let Some(kind) = EntryKind::ALL.into_iter().find(|kind| kind.word() == word) {
            return Ok(Kinds::new(kind.word(), &[kind]));
        }
        if let Some((group, kinds)) = KIND_GROUPS.iter().find(|(group, _)| *group == word) {
            return Ok(Kinds::new(group, kinds));
        }
        let words = EntryKind::ALL.map(EntryKind::word).into_iter().chain(KIND_GROUPS.iter().map(|(group, _)| *group));
        let nearest = nearest(&word, words);
        Err(FilterError { column, fault: FilterFault::UnknownKind { word: echo(&word), nearest } })
    }

    fn level(&mut self) -> Result<LogLevel, FilterError> {
        let (word, column) = self.argument("a log level, such as warn")?;
        LEVELS.into_iter().find(|level| level.word() == word).ok_or_else(|| {
            let nearest = nearest(&word, LEVELS.map(LogLevel::word));
            FilterError { column, fault: FilterFault::UnknownLevel { word: echo(&word), nearest } }
        })
    }
}

fn unknown_operator(name: &str, column: usize) -> FilterError {
    let names = OPERATORS.iter().flat_map(|row| row.aliases.iter().chain([&row.name]).copied());
    let nearest = nearest(name, names);
    FilterError { column, fault: FilterFault::UnknownOperator { name: echo(name), nearest } }
}

fn pattern(source: String, column: usize) -> Result<Pattern, FilterError> {
    let built = RegexBuilder::new(&source)
        .case_insensitive(true)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .nest_limit(MAX_REGEX_DEPTH)
        .build();
    match built {
        Ok(regex) => Ok(Pattern { source, regex }),
        Err(regex::Error::CompiledTooBig(_)) => Err(FilterError { column, fault: FilterFault::RegexTooLarge }),
        Err(error) => Err(FilterError { column, fault: FilterFault::Regex(last_line(&error)) }),
    }
}

/// The reason alone: the parser's message repeats the expression and points into it over several lines.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
