//! What a record's file is called: `20261125T140301.123Z-summarize-0001.jsonl`, so that names sort by time.

use super::Timestamp;

/// The ending of a record's file.
pub(super) const RECORD_ENDING: &str = ".jsonl";
/// The ending of the file that pins a record, in place of the record's own.
pub(super) const PIN_ENDING: &str = ".pin";
/// How much of a skill's name a file's name has at most, in bytes.
const MAX_SKILL_BYTES: usize = 80;

/// The parts of a record's name. Names of other files are none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordName {
    /// When the run began.
    pub started_at: Timestamp,
    /// The skill's name, as far as it fits into a file's name; the record's header has it whole.
    pub skill: String,
    /// Tells apart what began in the same millisecond; from 1.
    pub number: u32,
}

impl RecordName {
    /// A name for a run of this skill.
    pub fn new(started_at: Timestamp, skill: &str, number: u32) -> Self {
        Self { started_at, skill: in_file_name(skill), number }
    }

    /// The parts of a file's name, where it is a record's.
    pub fn parse(name: &str) -> Option<Self> {
        Self::parse_with(name, RECORD_ENDING)
    }

    pub(super) fn parse_with(name: &str, ending: &str) -> Option<Self> {
        let (front, number) = name.strip_suffix(ending)?.rsplit_once('-')?;
        let (time, skill) = front.split_once('-')?;
        let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number)?;
        Some(Self { started_at: Timestamp::from_compact(time)?, skill: skill.to_owned(), number })
    }
}

impl std::fmt::Display for RecordName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{:04}{RECORD_ENDING}", self.started_at.compact(), self.skill, self.number)
    }
}

/// The skill's name with all that a file system might not take replaced.
fn in_file_name(skill: &str) -> String {
    let mut name = String::new();
    for c in skill.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
        if name.len() + c.len_utf8() > MAX_SKILL_BYTES {
            break;
        }
        name.push(c);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_whatever_the_skill_is_called() {
        let at = Timestamp::from_compact("20261125T140301.123Z").unwrap();
        for (skill, written) in [
            ("summarize", "20261125T140301.123Z-summarize-0001.jsonl"),
            ("page title", "20261125T140301.123Z-page_title-0001.jsonl"),
            ("a-b-0002", "20261125T140301.123Z-a-b-0002-0001.jsonl"),
            ("../../etc", "20261125T140301.123Z-.._.._etc-0001.jsonl"),
            ("日本", "20261125T140301.123Z-日本-0001.jsonl"),
            ("", "20261125T140301.123Z--0001.jsonl"),
        ] {
            let name = RecordName::new(at, skill, 1);
            assert_eq!(name.to_string(), written);
            assert_eq!(RecordName::parse(written), Some(name));
        }
        assert!(RecordName::new(at, &"é".repeat(300), 12_345).to_string().len() < 120);
    }

    #[test]
    fn names_of_other_files_are_none() {
        for name in
            ["notes.jsonl", "20261125T140301.123Z-x-0001.json", "20261125T140301.123Z-x-1.jsonl", "x-y-0001.jsonl", ".jsonl"]
        {
            assert_eq!(RecordName::parse(name), None, "{name}");
        }
    }
}
