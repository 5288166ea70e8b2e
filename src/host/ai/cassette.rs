//! A record as a provider: a prompt that is in it gets the recorded answer, and one that is not fails loudly, beside the nearest that is.

use super::{AiError, Answer, Provider};
use crate::event::{CallFinished, CallId, CallRequest, Event, Payload, RunEvent, Tokens, difference};
use crate::record::{RecordError, RecordReader};
use crate::skill::RECORD_PROVIDER;
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much of a prompt is looked at for the nearest one, in characters.
const COMPARED: usize = 4_000;
/// How much of two prompts is shown as their difference, in characters.
const SHOWN: usize = 16_000;

/// Answers as the AI did in a recorded run. A prompt that was asked several times gets its answers in their order, and then the last one
/// again.
#[derive(Debug)]
pub struct Cassette {
    label: String,
    recorded: Arc<Vec<Recorded>>,
    by_prompt: Arc<HashMap<String, Vec<usize>>>,
    /// How often each prompt was asked.
    asked: Mutex<HashMap<String, usize>>,
}

/// A prompt and its answer.
#[derive(Debug)]
struct Recorded {
    call: CallId,
    prompt: String,
    answer: Result<Answer, String>,
}

impl Cassette {
    /// Reads the AI calls of a record.
    ///
    /// # Errors
    /// Where it cannot be read, or is no record.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let mut reader = RecordReader::open(path)?;
        let mut open: Option<(CallId, String)> = None;
        let mut recorded: Vec<Recorded> = Vec::new();
        for event in &mut reader {
            match event?.1 {
                Event::Run { what: RunEvent::HostCallStarted(call), .. } => {
                    open = prompt_of(&call.name, &call.request).map(|prompt| (call.id, prompt));
                }
                Event::Run { what: RunEvent::HostCallFinished(finished), .. } => {
                    let Some((call, prompt)) = open.take_if(|(call, _)| *call == finished.id) else { continue };
                    recorded.extend(answer_of(finished).map(|answer| Recorded { call, prompt, answer }));
                }
                _ => {}
            }
        }
        let mut by_prompt: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, Recorded { prompt, .. }) in recorded.iter().enumerate() {
            by_prompt.entry(prompt.clone()).or_default().push(at);
        }
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let label = format!("{RECORD_PROVIDER}{name}");
        Ok(Self { label, recorded: Arc::new(recorded), by_prompt: Arc::new(by_prompt), asked: Mutex::default() })
    }

    fn answer(&self, prompt: &str) -> Result<Answer, AiError> {
        let Some(places) = self.by_prompt.get(prompt) else { return Err(self.not_recorded(prompt)) };
        let before = {
            let mut asked = self.lock();
            let count = asked.entry(prompt.to_owned()).or_default();
            *count += 1;
            *count - 1
        };
        let recorded = places.get(before).or(places.last()).and_then(|at| self.recorded.get(*at));
        match recorded.map(|recorded| &recorded.answer) {
            Some(Ok(answer)) => Ok(answer.clone()),
            Some(Err(message)) => Err(AiError::Mocked(message.clone())),
            None => Err(self.not_recorded(prompt)),
        }
    }

    fn not_recorded(&self, prompt: &str) -> AiError {
        let start = |text: &str, count| text.chars().take(count).collect::<String>();
        let short = start(prompt, COMPARED);
        let likeness = |recorded: &&Recorded| strsim::sorensen_dice(&short, &start(&recorded.prompt, COMPARED));
        let nearest = self.recorded.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let message = match nearest {
            None => "this prompt is not in the record, which has none".to_owned(),
            Some(Recorded { call, prompt: recorded, .. }) => {
                let difference = difference(&start(recorded, SHOWN), &start(prompt, SHOWN));
                format!(
                    "this prompt is not in the record; the nearest there is that of call {}:\n{}",
                    call.0,
                    difference.trim_end()
                )
            }
        };
        AiError::NotRecorded { provider: self.label.clone(), message }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // A panic while the lock was held cannot leave numbers inconsistent.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider for Cassette {
    fn label(&self) -> String {
        self.label.clone()
    }

    fn ask(&self, prompt: String) -> BoxFuture<'static, Result<Answer, AiError>> {
        let answer = self.answer(&prompt);
        Box::pin(async move { answer })
    }

    fn for_run(&self) -> Option<Arc<dyn Provider>> {
        let Self { label, recorded, by_prompt, .. } = self;
        let (recorded, by_prompt) = (Arc::clone(recorded), Arc::clone(by_prompt));
        Some(Arc::new(Self { label: label.clone(), recorded, by_prompt, asked: Mutex::default() }))
    }
}

fn prompt_of(name: &str, request: &CallRequest) -> Option<String> {
    let asks_an_ai = name.ends_with(".ai_prompt") || name.ends_with(".host_ai_chat");
    request.get("prompt").and_then(Payload::as_text).filter(|_| asks_an_ai).map(str::to_owned)
}

/// The answer of a call; `None` where it is no answer of its own: one that was handed over again, or refused before anyone was asked, or
/// never came.
fn answer_of(finished: CallFinished) -> Option<Result<Answer, String>> {
    const FAILED: i64 = -4;
    let CallFinished { result, response, held, tokens, error, .. } = finished;
    let tokens = tokens.filter(|tokens| *tokens != Tokens::default());
    match (error, response) {
        _ if held => None,
        (None, Some(Payload::Text(text))) => Some(Ok(Answer { text, tokens })),
        (Some(error), _) if result == Some(FAILED) => Some(Err(error)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cassette(recorded: &[(&str, Result<&str, &str>)]) -> Cassette {
        let recorded: Vec<Recorded> = recorded
            .iter()
            .zip(1..)
            .map(|((prompt, answer), number)| Recorded {
                call: CallId(number),
                prompt: (*prompt).to_owned(),
                answer: answer.map(|text| Answer { text: text.to_owned(), tokens: None }).map_err(str::to_owned),
            })
            .collect();
        let mut by_prompt: HashMap<String, Vec<usize>> = HashMap::new();
        recorded.iter().enumerate().for_each(|(at, one)| by_prompt.entry(one.prompt.clone()).or_default().push(at));
        Cassette {
            label: "replay:r".into(),
            recorded: Arc::new(recorded),
            by_prompt: Arc::new(by_prompt),
            asked: Mutex::default(),
        }
    }

    #[test]
    fn repeated_prompts_are_answered_in_order_and_then_with_the_last_answer() {
        let cassette = cassette(&[("a", Ok("1")), ("b", Err("down")), ("a", Ok("2"))]);
        let ask = |prompt| cassette.answer(prompt).map(|answer| answer.text);
        let (one, two) = (Ok("1".to_owned()), Ok("2".to_owned()));
        assert_eq!([ask("a"), ask("a"), ask("a")], [one.clone(), two.clone(), two]);
        assert_eq!(ask("b"), Err(AiError::Mocked("down".into())));
        let again = cassette.for_run().unwrap();
        let first = futures::executor::block_on(again.ask("a".into())).map(|answer| answer.text);
        assert_eq!(first, one, "each run begins anew");
    }

    #[test]
    fn a_prompt_that_is_not_there_shows_the_nearest_that_is() {
        let some = cassette(&[("Translate: moon", Ok("")), ("Summarize: buy milk", Ok(""))]);
        let told = some.answer("Summarize: buy oat milk").unwrap_err().to_string();
        let expected =
            "replay:r: this prompt is not in the record; the nearest there is that of call 2:\nSummarize: buy {+oat +}milk";
        assert_eq!(told, expected);
        let none = cassette(&[]).answer("x").unwrap_err().to_string();
        assert_eq!(none, "replay:r: this prompt is not in the record, which has none");
    }
}
