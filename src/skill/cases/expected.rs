//! What must come of a case.

use super::{CheckedSchema, Content, ExpectedCalls, StoredValue, TextMatch};
use crate::event::Outcome;
use serde_json::Value;
use std::collections::BTreeMap;

/// What must come of a case; what is not named may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// How the run ends; `ok` where nothing is said.
    pub outcome: Outcome,
    /// The message of its error.
    pub error: Option<TextMatch>,
    /// The kind of its error, one word.
    pub error_kind: Option<String>,
    /// What the output is.
    pub output: Vec<OutputCheck>,
    /// What went to stdout.
    pub stdout: Option<TextMatch>,
    /// What went to stderr.
    pub stderr: Option<TextMatch>,
    /// The host calls.
    pub calls: Option<ExpectedCalls>,
    /// What the store holds afterwards.
    pub store: StoreAfter,
    /// What may be used at most.
    pub budget: Budget,
    /// The fuel that was accepted.
    pub fuel: Option<FuelBudget>,
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            outcome: Outcome::Ok,
            error: None,
            error_kind: None,
            output: Vec::new(),
            stdout: None,
            stderr: None,
            calls: None,
            store: StoreAfter::default(),
            budget: Budget::default(),
            fuel: None,
        }
    }
}

/// Something that the output must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputCheck {
    /// Equal to this document, the order of keys aside.
    Equals(Content),
    /// An object with at least these keys, an array with at least these elements in this order, at each depth.
    Includes(Value),
    /// Its text matches; of a JSON string the string itself is looked at.
    Text(TextMatch),
    /// Valid by this schema.
    Schema(CheckedSchema),
    /// Valid by the schema in this file.
    SchemaFile(Content),
    /// Equal to what `--accept` wrote down.
    Snapshot,
    /// A part of it is as an operator says.
    Assert(Assertion),
}

/// A test of a part of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Which part: a JSON Pointer, empty for the whole.
    pub at: String,
    /// All of these hold.
    pub operators: Vec<Operator>,
    /// The line where it stands, from 1.
    pub line: usize,
}

/// What holds of a part of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is there, or it is not.
    Exists(bool),
    /// It is this.
    Equals(Value),
    /// It is anything but this.
    Differs(Value),
    /// It includes this, as in [`OutputCheck::Includes`].
    Includes(Value),
    /// A string with this in it, an array with this element, or an object with this key.
    Contains(Value),
    /// A string in which this matches.
    Matches(super::Pattern),
    /// It is of this type.
    Type(JsonType),
    /// A string of so many characters, an array of so many elements, an object of so many keys.
    Length(u64),
    /// A number of at least this much.
    Min(serde_json::Number),
    /// A number of at most this much.
    Max(serde_json::Number),
}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is its word")]
pub enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl JsonType {
    /// Every type.
    pub const ALL: [Self; 7] = [Self::Null, Self::Boolean, Self::Integer, Self::Number, Self::String, Self::Array, Self::Object];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// Whether a value is of it.
    pub fn fits(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

/// What the store holds afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreAfter {
    /// These values and no others.
    pub whole: Option<BTreeMap<String, StoredValue>>,
    /// At least these values.
    pub includes: BTreeMap<String, StoredValue>,
    /// Nothing under these keys.
    pub lacks: Vec<String>,
}

/// What may be used at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Fuel.
    pub fuel: Option<u64>,
    /// The peak of linear memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// Wall-clock time, in milliseconds.
    pub time_ms: Option<u64>,
    /// Host calls of any kind.
    pub calls: Option<u64>,
}

/// The fuel that `--accept` wrote down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuelBudget {
    /// The figure; `None` where it is still to be accepted.
    pub accepted: Option<u64>,
    /// How much more is taken.
    pub tolerance: Tolerance,
}

/// How much more than the accepted fuel is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// So many units.
    Units(u64),
    /// So many hundredths of a percent of it.
    Share(u32),
}

impl FuelBudget {
    /// The most fuel that passes, where a figure was accepted.
    pub fn most(&self) -> Option<u64> {
        let accepted = self.accepted?;
        let more = match self.tolerance {
            Tolerance::Units(units) => units,
            Tolerance::Share(share) => {
                u64::try_from(u128::from(accepted).saturating_mul(share.into()) / 10_000).unwrap_or(u64::MAX)
            }
        };
        Some(accepted.saturating_add(more))
    }
}
