//! What a reader found wrong with a record, and where.

use super::RecordEnd;

/// How many damaged places are told one by one; the rest is counted.
const MAX_TOLD: usize = 100;

/// What a whole reading says about a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integrity {
    /// Lines that were read, damaged ones included.
    pub lines: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// The first damaged places, in their order.
    pub damage: Vec<Damage>,
    /// All damaged places.
    pub damage_count: u64,
    /// The last line; `None` where the record has no end (yet).
    pub end: Option<RecordEnd>,
}

impl Integrity {
    /// Whether all is there, from the first line to the last, as it was written.
    pub const fn is_whole(&self) -> bool {
        self.damage_count == 0 && self.end.is_some()
    }

    pub(super) fn add(&mut self, damage: Damage) {
        self.damage_count += 1;
        if self.damage.len() < MAX_TOLD {
            self.damage.push(damage);
        }
    }
}

/// A place of a record that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The line, from 1.
    pub line: u64,
    /// Where it begins, in bytes from the file's start.
    pub byte: u64,
    /// Its length, in bytes.
    pub length: u64,
    /// What is wrong.
    pub kind: DamageKind,
}

/// What is wrong with a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The file ends inside the line.
    Cut,
    /// It is not what a record has; the parser's words.
    NotALine(String),
    /// It is longer than a line can be.
    TooLong,
    /// It stands where it does not belong: a second header, or anything behind the end.
    OutOfPlace,
    /// All lines can be read, but they are not what was written: the digest or the counts of the last line differ.
    Digest,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, byte, length, kind } = self;
        match kind {
            DamageKind::Cut => write!(f, "line {line} at byte {byte} is cut off after {length} bytes; all before it was read"),
            DamageKind::NotALine(reason) => {
                write!(f, "line {line} at byte {byte} ({length} bytes) is damaged and left out: {reason}")
            }
            DamageKind::TooLong => {
                write!(f, "line {line} at byte {byte} has {length} bytes, which is more than a line can have; it is left out")
            }
            DamageKind::OutOfPlace => write!(f, "line {line} at byte {byte} does not belong there and is left out"),
            DamageKind::Digest => {
                write!(
                    f,
                    "something in the {byte} bytes before line {line}, or in that line, is not what was written: the digest or the counts there differ"
                )
            }
        }
    }
}
