//! The input of a skill's next run, and the inputs before.

use super::pager::Pager;
use crate::event::{InputOfCase, KeptInput};
use crate::ui::json_tree;
use crate::ui::theme::Theme;

/// What a skill is given next.
#[derive(Debug)]
pub struct InputView {
    /// The input.
    pub now: KeptInput,
    /// The inputs before, the newest first; the first is `now`.
    pub kept: Vec<KeptInput>,
    /// Those of the skill's cases.
    pub of_cases: Vec<InputOfCase>,
    /// What was typed and not taken.
    pub draft: Option<KeptInput>,
    /// The document, laid out.
    pub pager: Pager,
}

impl Default for InputView {
    fn default() -> Self {
        Self { now: KeptInput::null(), kept: Vec::new(), of_cases: Vec::new(), draft: None, pager: Pager::default() }
    }
}

impl InputView {
    /// Takes what the session keeps.
    pub fn take(&mut self, kept: Vec<KeptInput>, of_cases: Vec<InputOfCase>, theme: &Theme) {
        if let Some(newest) = kept.first() {
            self.now = newest.clone();
        }
        (self.kept, self.of_cases) = (kept, of_cases);
        self.lay_out(theme);
    }

    /// The case whose input the next run is given, where it is one's.
    pub fn case(&self) -> Option<&str> {
        self.of_cases.iter().find(|of_case| of_case.input == self.now).map(|of_case| of_case.case.as_str())
    }

    /// All that can be taken in the place of the newest, each once: what was left, the inputs before, and then those of cases with the
    /// case's name.
    pub fn others(&self) -> impl Iterator<Item = (&KeptInput, Option<&str>)> {
        let before = self.kept.iter().filter(|kept| **kept != self.now).map(|kept| (kept, None));
        let is_other = |of_case: &&InputOfCase| of_case.input != self.now && !self.kept.contains(&of_case.input);
        let of_cases = self.of_cases.iter().filter(is_other);
        let draft =
            self.draft.iter().filter(|draft| **draft != self.now && !self.kept.contains(draft)).map(|draft| (draft, None));
        draft.chain(before).chain(of_cases.map(|of_case| (&of_case.input, Some(of_case.case.as_str()))))
    }

    /// Lays the document out.
    pub fn lay_out(&mut self, theme: &Theme) {
        self.pager = Pager::new(json_tree::pretty_lines(&self.now.document, theme));
    }
}

/// Where a document that is typed is not JSON: line and column from 0, and what is wrong.
pub fn fault_of(document: &str) -> Option<((usize, usize), String)> {
    let error = serde_json::from_str::<&serde_json::value::RawValue>(document.trim_end()).err()?;
    let (line, column) = (error.line().saturating_sub(1), error.column().saturating_sub(1));
    let mut words = error.to_string();
    // The place is shown by the cursor.
    if let Some(at) = words.rfind(" at line ") {
        words.truncate(at);
    }
    Some(((line, column), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_place() {
        assert_eq!(fault_of("{\"a\": 1}"), None);
        assert_eq!(fault_of("{\n  \"a\" 1\n}"), Some(((1, 6), "expected `:`".into())));
        assert!(fault_of("").is_some());
    }
}
