//! Reading the keys of a TOML table: each with its place, each fault noted in the file's [`ProblemLog`].
//!
//! A reader asks for the keys it knows; [`TableReader::finish`] refuses what is left. Nothing here stops at the first
//! fault: a fault yields [`Reported`] in place of the value, and reading goes on.

use super::nearest_name::nearest_name;
use super::toml_source::{ProblemLog, Reported, TomlProblemKind};
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table whose keys are being read.
#[derive(Debug)]
pub struct TableReader<'d> {
    /// Its dotted name; empty for the root.
    name: String,
    span: Range<usize>,
    entries: &'d DeTable<'d>,
    log: &'d ProblemLog<'d>,
    known: Vec<&'static str>,
}

impl<'d> TableReader<'d> {
    /// The reader of a file's root table.
    pub(super) fn root(entries: &'d DeTable<'d>, log: &'d ProblemLog<'d>) -> Self {
        Self { name: String::new(), span: 0..0, entries, log, known: Vec::new() }
    }

    /// The value of a key, read by `read`, where the key is there.
    ///
    /// # Errors
    /// What `read` gives; the fault is noted.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Item<'d>) -> Result<T, Reported>,
    ) -> Result<Option<T>, Reported> {
        self.item(key).map(|item| read(&item)).transpose()
    }

    /// The value of a key that must be there; `example` is a line that would give it.
    ///
    /// # Errors
    /// Where the key is missing, or what `read` gives; the fault is noted.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        example: &str,
        read: impl FnOnce(&Item<'d>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        match self.item(key) {
            Some(item) => read(&item),
            None => Err(self.missing(key, example)),
        }
    }

    /// The value of a key with its place; from now on the key is a known one.
    pub fn item(&mut self, key: &'static str) -> Option<Item<'d>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let (key, value) = self.entries.get_key_value(key)?;
        Some(self.item_at(key, value))
    }

    /// All keys of a table whose keys are free, in the order of the file; none is unknown then.
    pub fn into_items(self) -> Vec<(&'d str, Item<'d>)> {
        let mut items: Vec<_> =
            self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), self.item_at(key, value))).collect();
        items.sort_by_key(|(_, item)| item.key_span.start);
        items
    }

    /// Notes a problem of the table as a whole, at its header.
    pub fn report(&self, kind: TomlProblemKind, message: impl Into<String>, hint: impl Into<String>) -> Reported {
        self.log.report(kind, self.span.clone(), message.into(), Some(hint.into()))
    }

    /// Notes each key that nobody asked for.
    pub fn finish(self) {
        for (key, _) in self.entries {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                let hint = match nearest_name(name, self.known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", self.known.join(", ")),
                };
                let message = format!("unknown key `{}` {}", name.escape_debug(), self.place());
                self.log.report(TomlProblemKind::UnknownKey, key.span(), message, Some(hint));
            }
        }
    }

    fn missing(&self, key: &str, example: &str) -> Reported {
        let message = format!("the key `{key}` is missing {}", self.place());
        self.report(TomlProblemKind::MissingKey, message, format!("write it: {example}"))
    }

    fn place(&self) -> String {
        if self.name.is_empty() { "at the top level".to_owned() } else { format!("in [{}]", self.name) }
    }

    fn item_at(&self, key: &'d Spanned<std::borrow::Cow<'d, str>>, value: &'d Spanned<DeValue<'d>>) -> Item<'d> {
        let dot = if self.name.is_empty() { "" } else { "." };
        let name = format!("{}{dot}{}", self.name, key.get_ref().escape_debug());
        Item { name, key: key.get_ref(), key_span: key.span(), value, log: self.log }
    }
}

/// A value with its key's dotted name and its place.
#[derive(Debug)]
pub struct Item<'d> {
    name: String,
    key: &'d str,
    key_span: Range<usize>,
    value: &'d Spanned<DeValue<'d>>,
    log: &'d ProblemLog<'d>,
}

impl<'d> Item<'d> {
    /// The dotted name of its key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key, without the names of the tables around it.
    pub const fn key(&self) -> &'d str {
        self.key
    }

    /// The line of its key, from 1.
    pub fn line(&self) -> usize {
        self.log.line_of(self.key_span.start)
    }

    /// A string.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn string(&self) -> Result<&'d str, Reported> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                let source = self.log.source_of(self.value.span());
                Err(self.wrong_type_with("a string", Some(format!("write it in quotes: \"{source}\""))))
            }
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A string, as one of its own.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn text(&self) -> Result<String, Reported> {
        self.string().map(str::to_owned)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn boolean(&self) -> Result<bool, Reported> {
        match self.value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            DeValue::String(text) if matches!(text.as_ref(), "true" | "false") => {
                Err(self.wrong_type_with("true or false", Some(format!("write it without quotes: {text}"))))
            }
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// An array, element by element.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn array(&self) -> Result<Vec<Self>, Reported> {
        match self.value.get_ref() {
            DeValue::Array(elements) => Ok(elements.iter().map(|value| self.element(value)).collect()),
            DeValue::String(_) => {
                let source = self.log.source_of(self.value.span());
                Err(self.wrong_type_with("an array", Some(format!("write it in brackets: [{source}]"))))
            }
            _ => Err(self.wrong_type("an array")),
        }
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Table(_))
    }

    /// Whether it is a string.
    pub fn is_string(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::String(_))
    }

    /// The value as JSON has it, in the order of the file.
    ///
    /// # Errors
    /// Where it holds what JSON has not: dates, `inf`, `nan`, an integer outside 64 bits.
    pub fn json(&self) -> Result<serde_json::Value, Reported> {
        use serde_json::Value;
        Ok(match self.value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Boolean(value) => Value::from(*value),
            DeValue::Integer(integer) => self.json_integer(integer.as_str(), integer.radix())?,
            DeValue::Float(float) => {
                let number = float.as_str().replace('_', "").parse().ok().and_then(serde_json::Number::from_f64);
                Value::Number(number.ok_or_else(|| self.bad_value("JSON has no such number", None))?)
            }
            DeValue::Datetime(_) => {
                let hint = format!("write it in quotes: \"{}\"", self.log.source_of(self.value.span()));
                return Err(self.bad_value("JSON has no dates", Some(hint)));
            }
            DeValue::Array(_) => {
                let elements: Vec<_> = self.array()?.iter().map(Self::json).collect();
                Value::Array(elements.into_iter().collect::<Result<_, _>>()?)
            }
            DeValue::Table(_) => {
                let entries: Vec<_> = self.table()?.into_items().iter().map(|(key, item)| (*key, item.json())).collect();
                Value::Object(entries.into_iter().map(|(key, value)| Ok((key.to_owned(), value?))).collect::<Result<_, _>>()?)
            }
        })
    }

    fn json_integer(&self, digits: &str, radix: u32) -> Result<serde_json::Value, Reported> {
        let digits = digits.replace('_', "");
        let signed = i64::from_str_radix(&digits, radix).map(serde_json::Value::from);
        signed
            .or_else(|_| u64::from_str_radix(&digits, radix).map(serde_json::Value::from))
            .map_err(|_| self.bad_value("the number has more than 64 bits", Some("give the document as JSON text".to_owned())))
    }

    /// A table of known keys.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn table(&self) -> Result<TableReader<'d>, Reported> {
        match self.value.get_ref() {
            DeValue::Table(entries) => Ok(TableReader {
                name: self.name.clone(),
                span: self.key_span.clone(),
                entries,
                log: self.log,
                known: Vec::new(),
            }),
            _ => Err(self.wrong_type("a table")),
        }
    }

    /// A string or a plain integer, given to a parser of text (`"64MiB"`, `65536`); what the parser refuses is noted.
    ///
    /// # Errors
    /// Where it is something else, or the parser refuses it.
    pub fn quantity<T, E: std::error::Error>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Reported> {
        let parsed = match self.value.get_ref() {
            DeValue::String(text) => parse(text),
            DeValue::Integer(integer) if integer.radix() == 10 => parse(integer.as_str()),
            DeValue::Integer(integer) => match u64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(value) => parse(&value.to_string()),
                Err(_) => return Err(self.bad_value("the number is too large", None)),
            },
            _ => return Err(self.wrong_type("a string or an integer")),
        };
        parsed.map_err(|error| self.bad_value(error.to_string(), None))
    }

    /// A string, given to a parser of text; what the parser refuses is noted.
    ///
    /// # Errors
    /// Where it is something else, or the parser refuses it.
    pub fn parsed<T, E: std::error::Error>(&self, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Reported> {
        parse(self.string()?).map_err(|error| self.bad_value(error.to_string(), None))
    }

    /// A duration with its unit, `"2s"`.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn duration(&self) -> Result<Duration, Reported> {
        self.quantity(super::duration::parse_duration)
    }

    /// Notes that the value cannot be taken; `message` says why, without the key's name.
    pub fn bad_value(&self, message: impl std::fmt::Display, hint: Option<String>) -> Reported {
        let message = format!("`{}`: {message}", self.name);
        self.log.report(TomlProblemKind::BadValue, self.value.span(), message, hint)
    }

    /// Notes that the key itself (of a table with free keys) cannot be taken.
    pub fn bad_key(&self, message: impl std::fmt::Display, hint: Option<String>) -> Reported {
        let message = format!("`{}`: {message}", self.name);
        self.log.report(TomlProblemKind::BadValue, self.key_span.clone(), message, hint)
    }

    /// Notes that the value is of the wrong type.
    pub fn wrong_type(&self, expected: &str) -> Reported {
        self.wrong_type_with(expected, None)
    }

    fn wrong_type_with(&self, expected: &str, hint: Option<String>) -> Reported {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a floating-point number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let message = format!("expected {expected} for `{}`, found {found}", self.name);
        // The place of a table is its whole extent: its key says more.
        let span = if matches!(self.value.get_ref(), DeValue::Table(_)) { self.key_span.clone() } else { self.value.span() };
        self.log.report(TomlProblemKind::WrongType, span, message, hint)
    }

    fn element(&self, value: &'d Spanned<DeValue<'d>>) -> Self {
        // An element has no key of its own; a table among elements is best shown by its own place.
        Self { name: self.name.clone(), key: self.key, key_span: value.span(), value, log: self.log }
    }
}

#[cfg(test)]
mod tests;
