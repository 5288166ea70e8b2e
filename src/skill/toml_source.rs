//! A TOML file that a person wrote: reading it, and saying what is wrong with it and where.
//!
//! [`read_toml`] hands the root table to a reader of keys ([`TableReader`]), gathers every problem that is found on the
//! way, and words each with file, line, column, the source line with a caret, and what to do. It is shared by the
//! manifest and the settings and knows the keys of neither.

use super::table_reader::TableReader;
use crate::event::{Failure, sanitize_line};
use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr as _;

/// How much of a long source line an excerpt shows, in characters.
const EXCERPT_CHARACTERS: usize = 120;
/// How many problems of one file are told at once.
const MAX_PROBLEMS: usize = 20;
/// How many are noted before they are put in order: finding a place takes time in the length of the file.
const MAX_NOTED: usize = 200;

/// What sort of problem it is: the failure's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TomlProblemKind {
    /// It is not TOML.
    Syntax,
    /// A key that means nothing here.
    UnknownKey,
    /// A key that must be there is not.
    MissingKey,
    /// A value of the wrong type.
    WrongType,
    /// A value of the right type that cannot be taken.
    BadValue,
}

impl TomlProblemKind {
    /// The word for scripts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
        }
    }
}

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlProblem {
    /// Which sort.
    pub kind: TomlProblemKind,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// The source line and a line with carets under the place, each with its line feed; empty where the line is blank.
    pub excerpt: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
}

/// The problems of one file, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TomlError {
    /// The file, as it was given.
    pub path: PathBuf,
    /// Its problems: at least one, 20 at most.
    pub problems: Vec<TomlProblem>,
}

impl fmt::Display for TomlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display().to_string();
        let path = sanitize_line(&path);
        for (index, problem) in self.problems.iter().enumerate() {
            let TomlProblem { line, column, message, excerpt, .. } = problem;
            if index > 0 {
                f.write_char('\n')?;
            }
            write!(f, "{path}:{line}:{column}: {message}")?;
            if !excerpt.is_empty() {
                write!(f, "\n{}", excerpt.trim_end_matches('\n'))?;
            }
            if let (Some(hint), true) = (&problem.hint, self.problems.len() > 1) {
                write!(f, "\n  = {hint}")?;
            }
        }
        Ok(())
    }
}

impl From<TomlError> for Failure {
    /// The kind and the hint are those of the first problem; with several problems each hint stands under its problem instead.
    fn from(error: TomlError) -> Self {
        let kind = error.problems.first().map_or(TomlProblemKind::Syntax, |problem| problem.kind);
        let failure = Self::new(kind.word(), error.to_string());
        match <[TomlProblem; 1]>::try_from(error.problems) {
            Ok([TomlProblem { hint: Some(hint), .. }]) => failure.with_hint(hint),
            _ => failure,
        }
    }
}

/// Proof that a problem was noted: what a reader of keys returns in place of a value. Only [`ProblemLog`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// The text of a file and the problems found in it so far.
#[derive(Debug)]
pub struct ProblemLog<'t> {
    text: &'t str,
    problems: RefCell<Vec<(usize, TomlProblem)>>,
}

impl<'t> ProblemLog<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::new(Vec::new()) }
    }

    /// Notes a problem at a range of bytes of the text.
    pub fn report(&self, kind: TomlProblemKind, span: Range<usize>, message: String, hint: Option<String>) -> Reported {
        if self.problems.borrow().len() >= MAX_NOTED {
            return Reported(());
        }
        let place = Place::of(self.text, span.clone());
        let message = sanitize_line(&message).into_owned();
        let hint = hint.map(|hint| sanitize_line(&hint).into_owned());
        let problem = TomlProblem { kind, line: place.line, column: place.column, message, excerpt: place.excerpt(), hint };
        self.problems.borrow_mut().push((span.start, problem));
        Reported(())
    }

    /// The source text of a range; empty where the range is none of the text's.
    pub fn source_of(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// The line of a byte of the text, from 1.
    pub fn line_of(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn into_problems(self) -> Vec<TomlProblem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(start, _)| *start);
        problems.into_iter().map(|(_, problem)| problem).take(MAX_PROBLEMS).collect()
    }
}

/// Reads a TOML text: `read` is handed the root table and asks it for its keys; keys that nobody asked for are unknown.
///
/// `path` is only named in messages. A byte order mark at the start is passed over.
///
/// # Errors
/// With all problems that were found; a text that is no TOML has one.
pub fn read_toml<T>(
    path: &Path,
    text: &str,
    read: impl FnOnce(&mut TableReader<'_>) -> Result<T, Reported>,
) -> Result<T, TomlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let log = ProblemLog::new(text);
    let value = match toml::de::DeTable::parse(text) {
        Ok(root) => {
            let mut reader = TableReader::root(root.get_ref(), &log);
            let value = read(&mut reader);
            reader.finish();
            value
        }
        Err(error) => {
            let span = error.span().unwrap_or(text.len()..text.len());
            Err(log.report(TomlProblemKind::Syntax, span, format!("not valid TOML: {}", error.message()), None))
        }
    };
    let problems = log.into_problems();
    match value {
        Ok(value) if problems.is_empty() => Ok(value),
        _ => Err(TomlError { path: path.to_owned(), problems }),
    }
}

/// Reads what can be read of a TOML text, whatever is wrong with the rest; `None` where it is no TOML.
pub(super) fn glean_toml<T>(text: &str, read: impl FnOnce(&mut TableReader<'_>) -> T) -> Option<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let log = ProblemLog::new(text);
    let root = toml::de::DeTable::parse(text).ok()?;
    Some(read(&mut TableReader::root(root.get_ref(), &log)))
}

/// Where in a text a range of bytes begins.
struct Place<'t> {
    line: usize,
    column: usize,
    /// The line before the range, the part of the range on that line, and the rest of it.
    parts: [&'t str; 3],
}

impl<'t> Place<'t> {
    fn of(text: &'t str, span: Range<usize>) -> Self {
        let start = char_start(text, span.start);
        let end = char_start(text, span.end).max(start);
        let (before, after) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let head = before.get(line_start..).unwrap_or_default();
        let tail = after.split('\n').next().unwrap_or_default();
        let tail = tail.strip_suffix('\r').unwrap_or(tail);
        let marked = char_start(tail, (end - start).min(tail.len()));
        let (marked, rest) = tail.split_at(marked);
        Self { line: before.matches('\n').count() + 1, column: head.chars().count() + 1, parts: [head, marked, rest] }
    }

    fn excerpt(&self) -> String {
        if self.parts.iter().all(|part| part.trim().is_empty()) {
            return String::new();
        }
        let [head, marked, rest] = self.parts;
        let [head, marked, rest] = [cut_start(head), cut_end(marked), cut_end(rest)].map(|part| visible(&part));
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let carets = "^".repeat(marked.width().max(1));
        format!("{number} | {head}{marked}{rest}\n{gutter} | {}{carets}\n", " ".repeat(head.width()))
    }
}

/// The nearest start of a character at or before a byte offset.
fn char_start(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn cut_start(text: &str) -> String {
    let (count, most) = (text.chars().count(), EXCERPT_CHARACTERS / 2);
    if count <= most { text.to_owned() } else { format!("…{}", text.chars().skip(count - most).collect::<String>()) }
}

fn cut_end(text: &str) -> String {
    let mut characters = text.chars();
    let kept: String = characters.by_ref().take(EXCERPT_CHARACTERS / 2).collect();
    if characters.next().is_none() { kept } else { kept + "…" }
}

/// Tabs as four blanks, so that carets stand under what they mean; control characters as symbols.
fn visible(text: &str) -> String {
    sanitize_line(&text.replace('\t', "    ")).into_owned()
}
