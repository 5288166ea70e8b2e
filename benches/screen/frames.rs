//! The time of a frame at 200x60 with a full trace, and how fast the model takes in what happens. Without a terminal: what a terminal
//! makes of it is its own affair.

use crate::table::{Row, ms, quantile};
use crate::workspace::{Effort, SIZE};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use skillscope::event::{
    CallFinished, CallId, CallRequest, CallStarted, Event, Limits, Payload, Profile, RunEvent, RunId, RunStarted, SkillInfo,
};
use skillscope::ui::{self, Bindings, Message, Model, Theme, ThemeName};
use std::time::{Duration, Instant};

/// The time that a frame may take.
const REACH: Duration = Duration::from_millis(4);
/// How many calls there may be between two frames at 100,000 a second.
const CALLS_A_FRAME: u64 = 3_300;

pub fn measure(effort: Effort) -> Vec<Row> {
    let mut bench = Bench::new();
    let calls = effort.of(60_000, 1_000_000);
    let began = Instant::now();
    bench.calls(calls);
    let took = began.elapsed();
    let rate = f64::from(u32::try_from(calls).unwrap()) / took.as_secs_f64();
    let mut rows = vec![Row {
        name: "host calls taken in a second".into(),
        measured: format!("{rate:.0}"),
        reach: "≥ 100000".into(),
        is_reached: rate >= 1e5,
    }];
    let frames = effort.of(20, 500);
    rows.extend(bench.frames("a frame at 200x60 with a full trace that stands still", frames, 0));
    rows.extend(bench.frames("the same while 100,000 calls a second come", frames, CALLS_A_FRAME));
    // Longest first: the second of the orders.
    bench.keys(&[KeyCode::Char('o'), KeyCode::Down, KeyCode::Enter]);
    rows.extend(bench.frames("the same, sorted by duration", frames, CALLS_A_FRAME));
    rows
}

struct Bench {
    model: Model,
    terminal: Terminal<TestBackend>,
    next: u64,
}

impl Bench {
    fn new() -> Self {
        let model = Model::new("~/skills".into(), Bindings::default(), Theme::new(ThemeName::Dark, false));
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        let mut bench = Self { model, terminal, next: 1 };
        bench.take(Message::Resize(SIZE.0, SIZE.1));
        let skills = (0..30)
            .map(|number| SkillInfo {
                name: format!("skill-{number:02}"),
                version: None,
                description: None,
                path: "skill".into(),
                module: None,
            })
            .collect();
        bench.take(Message::Session(Box::new(Event::Skills { skills })));
        bench.run_event(RunEvent::Started(Box::new(RunStarted {
            skill: "skill-00".into(),
            profile: Some(Profile::D04),
            module_sha256: None,
            limits: Limits::default(),
            input: Payload::from("null"),
            event_type: None,
            fuel_rule: 1,
            seed: None,
        })));
        bench.keys(&[KeyCode::Char('1')]);
        bench
    }

    fn keys(&mut self, keys: &[KeyCode]) {
        for key in keys {
            self.take(Message::Key(KeyEvent::from(*key)));
        }
    }

    fn take(&mut self, message: Message) {
        ui::update(&mut self.model, message);
    }

    fn run_event(&mut self, what: RunEvent) {
        let at_us = self.next * 10;
        self.take(Message::Session(Box::new(Event::Run { run: RunId(1), at_us, what })));
    }

    /// So many host calls, of several kinds, with requests and answers of some length.
    fn calls(&mut self, count: u64) {
        for _ in 0..count {
            let id = CallId(self.next);
            let (name, field) = [("cis.ai_prompt", "prompt"), ("cis.memory_get", "key"), ("cis.http_request", "url")]
                [usize::try_from(self.next % 3).unwrap()];
            let text = format!("what was asked the {}th time, with a few more words to fill the line", self.next);
            let request = CallRequest(vec![(field.into(), Payload::from(text.as_str()))]);
            self.run_event(RunEvent::HostCallStarted(CallStarted { id, name: name.into(), request }));
            self.run_event(RunEvent::HostCallFinished(CallFinished {
                id,
                result: Some(40),
                response: Some(Payload::from("an answer of some length, which is cut where the line ends")),
                truncated: false,
                held: false,
                elapsed_us: self.next * 7_919 % 10_007,
                provider: self.next.is_multiple_of(3).then(|| "mock".to_owned()),
                tokens: None,
                error: self.next.is_multiple_of(17).then(|| "the provider is overloaded".to_owned()),
            }));
            self.next += 1;
        }
    }

    /// Draws frames; between two of them this many calls come. What is taken is the time of laying out and drawing.
    fn frames(&mut self, name: &str, count: usize, calls: u64) -> Vec<Row> {
        let mut samples = Vec::with_capacity(count);
        for _ in 0..count {
            self.calls(calls);
            // So that no two frames are the same.
            self.keys(&[KeyCode::Char('k')]);
            let began = Instant::now();
            self.take(Message::Figures(Vec::new()));
            let model = &self.model;
            self.terminal.draw(|frame| ui::draw(model, frame)).unwrap();
            samples.push(began.elapsed());
        }
        let (median, worst) = (quantile(&mut samples, 0.5), quantile(&mut samples, 0.99));
        let mut row = Row::time(name, median, REACH);
        row.measured = format!("{}, 99th of 100: {}", ms(median), ms(worst));
        vec![row]
    }
}
