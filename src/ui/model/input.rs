//! The input of a skill's next run, and the inputs before.

use super::pager::Pager;
use crate::event::KeptInput;
use crate::ui::json_tree;
use crate::ui::theme::Theme;

/// What a skill is given next.
#[derive(Debug)]
pub struct InputView {
    /// The input.
    pub now: KeptInput,
    /// The inputs before, the newest first; the first is `now`.
    pub kept: Vec<KeptInput>,
    /// The document, laid out.
    pub pager: Pager,
}

impl Default for InputView {
    fn default() -> Self {
        Self { now: KeptInput { document: "null".into(), event: None }, kept: Vec::new(), pager: Pager::default() }
    }
}

impl InputView {
    /// Takes what the session keeps.
    pub fn take(&mut self, kept: Vec<KeptInput>, theme: &Theme) {
        if let Some(newest) = kept.first() {
            self.now = newest.clone();
        }
        self.kept = kept;
        self.lay_out(theme);
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
