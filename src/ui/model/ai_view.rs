//! The AI panel: one prompt, and what each provider answered to it, side by side.

use super::output::text_lines;
use super::pager::{Pager, StyledLine, line_of};
use super::trace::TracedCall;
use crate::event::{CallId, RunId, Tokens, sanitize_line};
use crate::ui::theme::Theme;
use ratatui::text::Span;
use similar::{ChangeTag, TextDiff};

/// What is laid out, and how.
#[derive(Debug, Default)]
pub struct AiView {
    /// Whether the others are shown as differences to the lead.
    pub difference: bool,
    /// The prompt.
    pub prompt: Pager,
    /// The answers, the lead's first.
    pub columns: Vec<Column>,
    /// How many of the others are left out at the left, where not all fit; the lead's is always there.
    pub skipped: usize,
    /// The call that is shown.
    pub call: Option<(RunId, CallId)>,
    laid_out: Option<(RunId, CallId, usize, bool, bool)>,
}

/// One provider's answer.
#[derive(Clone, Debug)]
pub struct Column {
    /// Provider and model.
    pub provider: String,
    /// Whether the skill was given this one.
    pub leads: bool,
    /// Whether the mock said it.
    pub is_mock: bool,
    /// Latency and tokens, in words; what is not known is left out.
    pub figures: String,
    /// The answer's text, where there is one.
    pub text: Option<String>,
    /// The answer, or what failed, laid out.
    pub pager: Pager,
}

/// Whether a host function asks the AI.
pub fn is_ai(name: &str) -> bool {
    name.ends_with(".ai_prompt") || name.ends_with(".host_ai_chat")
}

impl AiView {
    /// Whether just this is laid out already.
    pub fn is_laid_out_for(&self, run: RunId, call: &TracedCall) -> bool {
        self.laid_out == Some(self.key(run, call))
    }

    fn key(&self, run: RunId, call: &TracedCall) -> (RunId, CallId, usize, bool, bool) {
        let record = &call.record;
        (run, record.id, record.others.len(), record.finished.is_some(), self.difference)
    }

    /// Shows a call.
    pub fn lay_out(&mut self, run: RunId, call: &TracedCall, theme: &Theme) {
        let record = &call.record;
        let same_call = self.call == Some((run, record.id));
        self.laid_out = Some(self.key(run, call));
        self.call = Some((run, record.id));
        let request = call.edited.as_ref().unwrap_or(&record.request);
        let prompt = request.get("prompt").map(|prompt| prompt.to_text_lossy().into_owned()).unwrap_or_default();
        if !same_call {
            self.prompt = Pager::new(text_lines(&prompt, theme));
        }
        self.columns = columns(call, self.difference, theme);
    }

    /// The prompt and every answer, as a text.
    pub fn text(&self) -> String {
        let answers = self.columns.iter().map(|column| {
            let role = if column.leads { "answered the skill" } else { "beside" };
            let text = column.text.clone().unwrap_or_else(|| column.pager.text());
            format!("\n--- {}, {role}, {}\n{text}\n", column.provider, column.figures)
        });
        std::iter::once(format!("--- prompt\n{}\n", self.prompt.text())).chain(answers).collect()
    }

    /// Which columns are shown where so many fit: the lead's, and what fits of the others.
    pub fn in_sight(&self, fitting: usize) -> Vec<usize> {
        let count = self.columns.len();
        if fitting <= 1 {
            return (0..count).skip(self.skipped.min(count.saturating_sub(1))).take(1).collect();
        }
        let skipped = self.skipped.min(count.saturating_sub(fitting));
        std::iter::once(0).chain(1 + skipped..count).take(fitting).collect()
    }

    /// Shows the others from one further to the right or the left on; false where there are no more.
    pub fn shift(&mut self, fitting: usize, by: isize) -> bool {
        let most = self.columns.len().saturating_sub(fitting.max(1));
        let before = self.skipped.min(most);
        self.skipped = before.saturating_add_signed(by).min(most);
        self.skipped != before
    }

    /// Whether an answer can be compared with the lead's.
    pub fn can_differ(&self) -> bool {
        let has_text = |column: &Column| column.text.is_some();
        self.columns.first().is_some_and(has_text) && self.columns.iter().skip(1).any(has_text)
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        let difference = self.difference;
        *self = Self { difference, ..Self::default() };
    }
}

fn columns(call: &TracedCall, difference: bool, theme: &Theme) -> Vec<Column> {
    let record = &call.record;
    let lead = record.finished.as_ref();
    let lead_text = lead.filter(|finished| finished.error.is_none()).and_then(|finished| finished.response.as_ref());
    let lead_text = lead_text.map(|text| text.to_text_lossy().into_owned());
    let mut columns = Vec::new();
    let provider = lead.and_then(|finished| finished.provider.clone()).unwrap_or_else(|| "the lead".to_owned());
    columns.push(match lead {
        Some(finished) => column(
            provider,
            lead_text.clone(),
            finished.error.as_deref(),
            told(finished.elapsed_us, finished.tokens, theme),
            theme,
        ),
        None => column(provider, None, None, "waiting".to_owned(), theme),
    });
    if let Some(first) = columns.first_mut() {
        first.leads = true;
    }
    for other in &record.others {
        let figures = told(other.elapsed_us, other.tokens, theme);
        let mut made = column(other.provider.clone(), other.response.clone(), other.error.as_deref(), figures, theme);
        if let (true, Some(lead), Some(text)) = (difference, &lead_text, &other.response) {
            made.pager = Pager::new(word_difference(lead, text, theme));
        }
        columns.push(made);
    }
    columns
}

fn column(provider: String, text: Option<String>, error: Option<&str>, figures: String, theme: &Theme) -> Column {
    let lines = match (&text, error) {
        (_, Some(error)) => error.lines().map(|line| line_of(sanitize_line(line).into_owned(), theme.bad)).collect(),
        (Some(text), None) if text.is_empty() => vec![line_of("an empty answer", theme.faint)],
        (Some(text), None) => text_lines(text, theme),
        (None, None) => Vec::new(),
    };
    let is_mock = provider == crate::event::MOCK_PROVIDER;
    let provider = sanitize_line(&provider).into_owned();
    Column { provider, leads: false, is_mock, figures, text, pager: Pager::new(lines) }
}

fn told(elapsed_us: u64, tokens: Option<Tokens>, theme: &Theme) -> String {
    let mut told = theme.microseconds(elapsed_us);
    let Tokens { prompt, answer } = tokens.unwrap_or_default();
    match (prompt, answer) {
        (Some(prompt), Some(answer)) => told.push_str(&format!(", {prompt}+{answer} tokens")),
        (None, Some(answer)) => told.push_str(&format!(", {answer} tokens")),
        (Some(prompt), None) => told.push_str(&format!(", {prompt} tokens asked")),
        (None, None) => {}
    }
    told
}

/// The other text, with the words that are not the lead's, and those of the lead's that it lacks.
fn word_difference(lead: &str, other: &str, theme: &Theme) -> Vec<StyledLine> {
    let (lead, other) = (super::output::bounded(lead).0, super::output::bounded(other).0);
    let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(200)).diff_unicode_words(lead, other);
    let mut lines = vec![StyledLine::new()];
    for change in diff.iter_all_changes() {
        let style = match change.tag() {
            ChangeTag::Equal => theme.text,
            ChangeTag::Insert => theme.added,
            ChangeTag::Delete => theme.removed,
        };
        let mark = |text: &str| match change.tag() {
            // Where there are no colours, the signs tell.
            ChangeTag::Delete if !text.trim().is_empty() => format!("[-{text}-]"),
            ChangeTag::Insert if !text.trim().is_empty() => format!("{{+{text}+}}"),
            _ => text.to_owned(),
        };
        for (index, piece) in change.value().split('\n').enumerate() {
            if index > 0 {
                lines.push(StyledLine::new());
            }
            if let (Some(line), false) = (lines.last_mut(), piece.is_empty()) {
                line.push(Span::styled(mark(&sanitize_line(piece)), style));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::ThemeName;

    #[test]
    fn a_difference_of_words_can_be_read_without_colours() {
        let theme = Theme::new(ThemeName::None, false);
        let lines = word_difference("It is sunny today.", "It is rainy today.\nBye", &theme);
        let texts: Vec<String> =
            lines.iter().map(|line| line.iter().map(|span| span.content.as_ref()).collect::<String>()).collect();
        assert!(texts[0].starts_with("It is [-sunny-]{+rainy+} today."), "{texts:?}");
        assert!(texts[1].contains("Bye"), "{texts:?}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let theme = Theme::new(ThemeName::None, true);
        assert_eq!(told(150, None, &theme), "150 us");
        assert_eq!(told(1_500, Some(Tokens { prompt: Some(3), answer: Some(4) }), &theme), "1.50 ms, 3+4 tokens");
    }
}
