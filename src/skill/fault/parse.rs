//! From a text to a fault: whom it befalls, `#` which of them, `=` what happens.

use super::effect::{Effect, FAULTS, FaultArgument, FaultRow};
use super::error::{FaultSpecError, FaultSpecProblem as Problem};
use super::target::{CALL, FUNCTIONS, MEMORY, Occurrence, TARGETS, Target};
use super::{FaultSpec, MAX_FAULT_BYTES};
use crate::event::MAX_TRANSFER_BYTES;
use crate::event::filter::Filter;
use crate::skill::{nearest_name, parse_bytes, parse_duration, parse_memory_limit};

/// The size of a long answer where none is said, in bytes.
const LONG_BYTES: u64 = 1 << 20;

/// A piece of the text, and the column at which it begins.
#[derive(Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    column: usize,
}

impl<'t> Piece<'t> {
    /// The piece in two, behind `bytes` of it.
    fn split(self, bytes: usize) -> (Self, Self) {
        let (before, behind) = self.text.split_at_checked(bytes).unwrap_or((self.text, ""));
        (Self { text: before, ..self }, Self { text: behind, column: self.column + before.chars().count() })
    }

    fn without_first(self) -> Self {
        let first = self.text.chars().next().map_or(0, char::len_utf8);
        self.split(first).1
    }

    fn trimmed(self) -> Self {
        let blanks = self.text.len() - self.text.trim_start().len();
        let rest = self.split(blanks).1;
        Self { text: rest.text.trim_end(), ..rest }
    }

    fn echo(self) -> String {
        self.text.chars().take(40).collect()
    }

    const fn wrong(self, problem: Problem) -> FaultSpecError {
        FaultSpecError { column: self.column, problem }
    }
}

pub(super) fn parse(text: &str) -> Result<FaultSpec, FaultSpecError> {
    let whole = Piece { text, column: 1 };
    let trimmed = whole.trimmed();
    if text.len() > MAX_FAULT_BYTES {
        return Err(whole.wrong(Problem::TooLong));
    }
    if trimmed.text.is_empty() {
        return Err(whole.wrong(Problem::Empty));
    }
    let (head, rest) = if trimmed.text.starts_with('(') {
        let end = filter_end(trimmed.text).ok_or_else(|| trimmed.wrong(Problem::OpenFilter))?;
        trimmed.split(end)
    } else {
        trimmed.split(trimmed.text.find(['#', '=']).unwrap_or(trimmed.text.len()))
    };
    let (head, rest) = (head.trimmed(), rest.trimmed());
    let (which, rest) = match rest.text.chars().next() {
        Some('#') => {
            let rest = rest.without_first();
            let (which, rest) = rest.split(rest.text.find('=').unwrap_or(rest.text.len()));
            (Some(which.trimmed()), rest)
        }
        None | Some('=') => (None, rest),
        Some(_) => return Err(rest.wrong(Problem::BehindFilter)),
    };
    if !rest.text.starts_with('=') {
        return Err(rest.wrong(Problem::NoEffect));
    }
    let occurrence = which.map(occurrence).transpose()?;
    let target = target(head, occurrence.is_some())?;
    let shown = trimmed.text.strip_suffix(rest.text).unwrap_or(trimmed.text).trim().chars().take(40).collect();
    let effect = effect(rest.without_first().trimmed(), &target, shown)?;
    if let (Effect::MemoryLimit(_), Some(which)) = (&effect, which) {
        return Err(which.wrong(Problem::LimitOccurrence));
    }
    Ok(FaultSpec { text: trimmed.text.to_owned(), target, occurrence: occurrence.unwrap_or(Occurrence::Every), effect })
}

/// Where the parenthesis ends that a text begins with, in bytes. Parentheses in quotes are none, as in every filter.
fn filter_end(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, _) => {}
        }
    }
    None
}

fn occurrence(which: Piece<'_>) -> Result<Occurrence, FaultSpecError> {
    let wrong = || which.wrong(Problem::Occurrence(which.echo()));
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number: &u64| plain && *number > 0).ok_or_else(wrong)
    };
    match which.text {
        "first" => Ok(Occurrence::Nth(1)),
        "every" => Ok(Occurrence::Every),
        text => match text.strip_suffix('+') {
            Some(digits) => number(digits).map(Occurrence::From),
            None => number(text).map(Occurrence::Nth),
        },
    }
}

fn target(head: Piece<'_>, is_counted: bool) -> Result<Target, FaultSpecError> {
    if head.text.is_empty() {
        return if is_counted { Ok(Target::Numbered) } else { Err(head.wrong(Problem::NoTarget)) };
    }
    if head.text.starts_with('(') {
        return match Filter::parse(head.text) {
            Ok(filter) => Ok(Target::Filter(Box::new(filter))),
            Err(error) => Err(FaultSpecError { column: head.column + error.column - 1, problem: Problem::Filter(error.fault) }),
        };
    }
    Target::of_word(head.text).ok_or_else(|| {
        let words = TARGETS.iter().map(|(word, _)| *word).chain([CALL, MEMORY]).chain(FUNCTIONS.iter().copied());
        let name = head.text.rsplit_once('.').map_or(head.text, |(_, name)| name);
        let nearest = known(nearest_name(name, words));
        head.wrong(Problem::UnknownTarget { word: head.echo(), nearest })
    })
}

/// The word as the tables have it, which lasts.
fn known(word: Option<&str>) -> Option<&'static str> {
    let all = TARGETS.iter().map(|(word, _)| *word).chain([CALL, MEMORY]).chain(FUNCTIONS.iter().copied());
    all.chain(FAULTS.iter().map(|row| row.word)).find(|known| Some(*known) == word)
}

fn effect(written: Piece<'_>, target: &Target, shown: String) -> Result<Effect, FaultSpecError> {
    let (word, argument) = written.split(written.text.find(':').unwrap_or(written.text.len()));
    let word = word.trimmed();
    let argument = argument.text.starts_with(':').then(|| argument.without_first());
    let possible = || {
        let rows = FAULTS.iter().filter(|row| target.can_meet(row.classes));
        rows.map(|row| row.word).collect::<Vec<_>>().join(", ")
    };
    if word.text.is_empty() {
        return Err(word.wrong(Problem::NoEffect));
    }
    let mut rows = FAULTS.iter().filter(|row| row.word == word.text).peekable();
    let Some(first) = rows.peek().copied() else {
        let nearest = known(nearest_name(word.text, FAULTS.iter().map(|row| row.word)));
        return Err(word.wrong(Problem::UnknownEffect { word: word.echo(), nearest, target: shown, possible: possible() }));
    };
    let Some(row) = rows.find(|row| target.can_meet(row.classes)) else {
        return Err(word.wrong(Problem::Unfit { word: first.word, target: shown, possible: possible() }));
    };
    effect_of(row, word, argument)
}

fn effect_of(row: &'static FaultRow, word: Piece<'_>, argument: Option<Piece<'_>>) -> Result<Effect, FaultSpecError> {
    let argument = match (row.argument, argument) {
        (FaultArgument::None, Some(argument)) => return Err(argument.wrong(Problem::Argument(row.word))),
        (FaultArgument::Text | FaultArgument::Status | FaultArgument::Duration | FaultArgument::Memory, None) => {
            return Err(word.wrong(Problem::NoArgument { word: row.word, form: row.argument.form() }));
        }
        (_, argument) => argument,
    };
    let given = argument.unwrap_or(word);
    Ok(match (row.word, row.classes.is_empty()) {
        ("error", _) => Effect::Error(argument.map(|argument| argument.text.to_owned()).filter(|text| !text.is_empty())),
        ("timeout", _) => Effect::Timeout,
        ("refused", false) => Effect::Refused,
        ("refused", true) => Effect::NoGrowth,
        ("status", _) => Effect::Status(status(given)?),
        ("denied", _) => Effect::Denied,
        ("full", _) => Effect::Full,
        ("too-large", _) => Effect::TooLarge,
        ("garbage", _) => Effect::Garbage,
        ("empty", _) => Effect::Empty,
        ("binary", _) => Effect::Binary,
        ("long", _) => Effect::Long(argument.map_or(Ok(LONG_BYTES), long)?),
        ("answer", _) => Effect::Answer(given.text.to_owned()),
        ("truncated", _) => Effect::Truncated,
        ("delay", _) => Effect::Delay(parse_duration(given.text).map_err(|error| given.wrong(error.into()))?),
        ("hang", _) => Effect::Hang,
        // `limit` is the last row.
        _ => Effect::MemoryLimit(parse_memory_limit(given.text).map_err(|error| given.wrong(error.into()))?),
    })
}

fn status(written: Piece<'_>) -> Result<u16, FaultSpecError> {
    let status = written.text.trim().parse().ok().filter(|status| matches!(status, 100..=199 | 300..=599));
    status.ok_or_else(|| written.wrong(Problem::Status(written.echo())))
}

fn long(written: Piece<'_>) -> Result<u64, FaultSpecError> {
    let bytes = parse_bytes(written.text).map_err(|error| written.wrong(error.into()))?;
    if bytes > MAX_TRANSFER_BYTES { Err(written.wrong(Problem::LongerThanAnswers)) } else { Ok(bytes) }
}
