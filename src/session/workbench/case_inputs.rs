//! The inputs of a skill's cases, which tell best what it is meant to be asked: a workbench begins with one of them, and offers the others.

use crate::event::{InputOfCase, KeptInput, Outcome};
use crate::skill::Skill;
use crate::skill::cases::{Case, load_cases};

/// How many cases of a skill are offered.
const OFFERED: usize = 50;
/// Longer documents are not offered, in bytes.
const MAX_OFFERED_BYTES: usize = 256 << 10;

/// The inputs of a skill's cases, those that end well first. Raw stdin is none of them, and files that cannot be read or taken are left
/// out: `--test` tells what is wrong with them.
pub fn case_inputs(skill: &Skill) -> Vec<InputOfCase> {
    let mut cases = load_cases(skill).cases;
    cases.retain(|case| case.skip.is_none());
    cases.sort_by_key(|case| case.expected.outcome != Outcome::Ok);
    cases.iter().filter_map(|case| case_input(skill, case)).take(OFFERED).collect()
}

fn case_input(skill: &Skill, case: &Case) -> Option<InputOfCase> {
    if case.input.raw_stdin {
        return None;
    }
    let bytes = case.input.content.bytes(&skill.directory).ok().filter(|bytes| bytes.len() <= MAX_OFFERED_BYTES)?;
    let document = String::from_utf8(bytes.into_owned()).ok()?;
    Some(InputOfCase { case: case.name.clone(), input: KeptInput { document, event: case.input.event.clone() } })
}
