//! What is said where a choice of cases names something that is not there: which names are near.

use super::choice::{CaseChoice, CasePattern};
use super::spoken_calls::spoken_calls;
use crate::event::CaseId;
use crate::skill::cases::Case;
use crate::skill::nearest_names;
use std::collections::BTreeSet;

/// How many names are told.
const MOST: usize = 3;
/// How many functions are told.
const MOST_FUNCTIONS: usize = 8;

/// A note for each pattern that names none of these cases, and for a filter that means none. Of skills whose cases cannot be read, it is
/// not known what they have.
pub(super) fn notes<'c>(choice: &CaseChoice, cases: &[(&'c CaseId, &'c Case)], unreadable: &[String]) -> Vec<String> {
    let ids: Vec<&CaseId> = cases.iter().map(|(id, _)| *id).collect();
    let may_be_there = |pattern: &CasePattern| {
        ids.iter().any(|id| pattern.fits(id)) || unreadable.iter().any(|skill| pattern.is_one_word() || pattern.may_be_of(skill))
    };
    let patterns = choice.select.iter().filter(|pattern| !may_be_there(pattern));
    let unnamed = patterns.map(|pattern| {
        let near = near(pattern, &ids);
        let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
        format!("--select {pattern} names no case{meant}")
    });
    unnamed.chain(unmeant(choice, cases)).collect()
}

/// The names that were probably meant.
fn near(pattern: &CasePattern, ids: &[&CaseId]) -> Vec<String> {
    let skills: BTreeSet<&str> = ids.iter().map(|id| id.skill.as_str()).collect();
    let names = |near: Vec<&str>| near.into_iter().map(str::to_owned).collect();
    match pattern.typed() {
        (Some(word), None) if pattern.is_one_word() => {
            let cases = ids.iter().map(|id| id.case.as_str());
            names(nearest_names(word, skills.into_iter().chain(cases).collect::<BTreeSet<_>>(), MOST))
        }
        // The skill is there: its cases; else skills, with the case where they have it.
        (skill, Some(case)) if ids.iter().any(|id| pattern.may_be_of(&id.skill)) => {
            let cases: BTreeSet<&str> = ids.iter().filter(|id| pattern.may_be_of(&id.skill)).map(|id| id.case.as_str()).collect();
            let skill = skill.unwrap_or_default();
            nearest_names(case, cases, MOST).into_iter().map(|case| format!("{skill}::{case}")).collect()
        }
        (Some(skill), case) => {
            let near = nearest_names(skill, skills, MOST).into_iter();
            near.map(|skill| format!("{skill}::{}", case.unwrap_or_default())).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// A filter that means none of the calls that cases speak of, beside what they do speak of.
fn unmeant(choice: &CaseChoice, cases: &[(&CaseId, &Case)]) -> Option<String> {
    let filter = choice.filter.as_ref()?;
    if cases.iter().any(|(_, case)| super::choice::concerns(filter, case)) {
        return None;
    }
    let functions: BTreeSet<String> = cases.iter().flat_map(|(_, case)| spoken_calls(case)).map(|(name, _)| name).collect();
    let told: Vec<&str> = functions.iter().map(String::as_str).take(MOST_FUNCTIONS).collect();
    let more = if functions.len() > told.len() { format!(" and {} more", functions.len() - told.len()) } else { String::new() };
    Some(if told.is_empty() {
        "--filter means no case: none has a reply or a foreseen call".to_owned()
    } else {
        format!("--filter means no case; replies and foreseen calls are of {}{more}", told.join(", "))
    })
}
