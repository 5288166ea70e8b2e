//! Which cases are run: by name, by what they ask of the host, by what failed last time, and by shard.

use super::last_failed::LastFailed;
use super::spoken_calls::spoken_calls;
use crate::event::CaseId;
use crate::event::filter::{EntryView, Filter};
use crate::skill::cases::Case;
use globset::{GlobBuilder, GlobMatcher};
use std::fmt;

/// Which cases are run; without anything, all.
#[derive(Clone, Debug, Default)]
pub struct CaseChoice {
    /// Those that one of these names.
    pub select: Vec<CasePattern>,
    /// Those with a reply or an expected call that this means.
    pub filter: Option<Filter>,
    /// Those that failed last time.
    pub failed: bool,
    /// Of those that are left, these.
    pub shard: Option<Shard>,
}

/// Names cases: `skill::case`, or a skill or a case alone, each with `*`, `?`, `[…]` and `{a,b}`.
#[derive(Clone, Debug)]
pub struct CasePattern {
    text: String,
    skill: Option<Name>,
    case: Option<Name>,
}

#[derive(Clone, Debug)]
struct Name {
    text: String,
    glob: GlobMatcher,
}

/// Why a word names no cases.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CasePatternError {
    /// Nothing there.
    #[error("a name is missing; write SKILL, CASE or SKILL::CASE")]
    Empty,
    /// Not a glob.
    #[error("not a pattern: {0}")]
    Glob(#[from] globset::Error),
}

impl Name {
    fn parse(text: &str) -> Result<Self, globset::Error> {
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build()?.compile_matcher();
        Ok(Self { text: text.to_owned(), glob })
    }

    fn fits(&self, name: &str) -> bool {
        self.text == name || self.glob.is_match(name)
    }
}

impl CasePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, CasePatternError> {
        let (skill, case) = match text.split_once("::") {
            Some((skill, case)) => (Some(skill).filter(|name| !name.is_empty()), Some(case).filter(|name| !name.is_empty())),
            None => (Some(text).filter(|name| !name.is_empty()), None),
        };
        if skill.is_none() && case.is_none() {
            return Err(CasePatternError::Empty);
        }
        let name = |text: Option<&str>| text.map(Name::parse).transpose();
        Ok(Self { text: text.to_owned(), skill: name(skill)?, case: name(case)? })
    }

    /// Whether it names this case.
    pub(super) fn fits(&self, id: &CaseId) -> bool {
        match (&self.skill, &self.case) {
            // One word may be either.
            (Some(word), None) if !self.text.contains("::") => word.fits(&id.skill) || word.fits(&id.case),
            (skill, case) => {
                skill.as_ref().is_none_or(|name| name.fits(&id.skill)) && case.as_ref().is_none_or(|name| name.fits(&id.case))
            }
        }
    }

    /// Whether it may mean a case of this skill, as far as the skill's name tells.
    pub(super) fn may_be_of(&self, skill: &str) -> bool {
        self.skill.as_ref().is_none_or(|name| name.fits(skill))
    }

    /// The names in it as they were typed: of a skill and of a case, or one that may be either.
    pub(super) fn typed(&self) -> (Option<&str>, Option<&str>) {
        (self.skill.as_ref().map(|name| name.text.as_str()), self.case.as_ref().map(|name| name.text.as_str()))
    }

    /// Whether it is one word, which may be either.
    pub(super) fn is_one_word(&self) -> bool {
        !self.text.contains("::")
    }
}

impl fmt::Display for CasePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A part of the cases: every `of`-th, beginning with the `index`-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

/// Why a word is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected INDEX/COUNT, such as 1/4 for the first of four parts")]
pub struct ShardError;

impl std::str::FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, of) = text.split_once('/').ok_or(ShardError)?;
        let (index, of) = (index.trim().parse().map_err(|_| ShardError)?, of.trim().parse().map_err(|_| ShardError)?);
        if index == 0 || index > of { Err(ShardError) } else { Ok(Self { index, of }) }
    }
}

impl CaseChoice {
    /// Whether something wrong with this skill, whose cases cannot be read, concerns the choice.
    pub fn concerns(&self, skill: &str) -> bool {
        self.select.is_empty() || self.select.iter().any(|pattern| pattern.may_be_of(skill))
    }

    /// The cases that are chosen, in their order.
    pub fn choose<T>(&self, cases: Vec<(CaseId, T)>, last: &LastFailed, case_of: impl Fn(&T) -> &Case) -> Vec<(CaseId, T)> {
        let is_chosen = |id: &CaseId, case: &Case| {
            (self.select.is_empty() || self.select.iter().any(|pattern| pattern.fits(id)))
                && self.filter.as_ref().is_none_or(|filter| concerns(filter, case))
                && (!self.failed || last.has(id))
        };
        let chosen = cases.into_iter().filter(|(id, case)| is_chosen(id, case_of(case)));
        match self.shard {
            None => chosen.collect(),
            Some(Shard { index, of }) => chosen.skip(index.saturating_sub(1)).step_by(of.max(1)).collect(),
        }
    }
}

/// Whether a filter means one of the calls or replies that a case speaks of.
pub(super) fn concerns(filter: &Filter, case: &Case) -> bool {
    spoken_calls(case).any(|(name, request)| filter.matches(&EntryView::of_open_call(&name, &request)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(skill: &str, case: &str) -> CaseId {
        CaseId { skill: skill.to_owned(), case: case.to_owned() }
    }

    #[test]
    fn patterns_name_skills_cases_or_both() {
        let of = |pattern: &str| CasePattern::parse(pattern).unwrap();
        for (pattern, skill, case, fits) in [
            ("mood", "mood", "says hello", true),
            ("says hello", "mood", "says hello", true),
            ("says*", "mood", "says hello", true),
            ("says", "mood", "says hello", false),
            ("mood::says*", "mood", "says hello", true),
            ("moo?::*", "mood", "says a/b", true),
            ("::says hello", "other", "says hello", true),
            ("mood::", "mood", "x", true),
            ("mood::", "other", "mood", false),
            ("{mood,budget}::*", "budget", "x", true),
            ("[x]", "a", "[x]", true),
        ] {
            assert_eq!(of(pattern).fits(&id(skill, case)), fits, "{pattern} {skill}::{case}");
        }
        assert!(CasePattern::parse("").is_err() && CasePattern::parse("::").is_err() && CasePattern::parse("a[").is_err());
    }

    #[test]
    fn shards_are_disjoint_and_together_everything() {
        for text in ["0/4", "5/4", "1", "a/b", "1/0", "-1/2"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
        assert!("4/4".parse::<Shard>().is_ok());
    }
}
