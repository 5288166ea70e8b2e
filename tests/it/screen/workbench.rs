//! A workbench without a terminal: keys go in as a terminal reports them, screens come out as text.
//!
//! Times are measured, so they differ from run to run; here each is replaced before the screen is told, by one that does not.

use crate::acceptance::d04;
use crate::program::{Workspace, cache_home};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use skillscope::event::{CallFinished, Event, RunEvent, SweepEvent, WorkbenchEvent};
use skillscope::host::store::MemoryStore;
use skillscope::session::{Command, Session, SessionConfig, WorkbenchCommand, WorkbenchStart};
use skillscope::ui::{self, Bindings, Effect, Message, Model, Theme, ThemeName};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The samples that screens are shown with.
const SAMPLES: [&str; 11] = [
    "endless-recursion",
    "fill-template",
    "infinite-loop",
    "memory-hog",
    "mood",
    "page-title",
    "panics",
    "refused",
    "summarize",
    "test-wasm-skill",
    "word-count",
];

/// The screen, with the session behind it.
pub struct Workbench {
    pub workspace: Workspace,
    session: Session,
    model: Model,
    terminal: Terminal<TestBackend>,
    /// What the screen wanted of its terminal.
    pub wanted: Vec<Effect>,
    /// Whether what is to be saved to files is not: their names are relative to where the tests run.
    pub saves_nothing: bool,
}

impl Workbench {
    /// On a workspace that is filled by `fill`, in a terminal of this size.
    pub fn open(size: (u16, u16), fill: impl FnOnce(&Workspace)) -> Self {
        Self::with_theme(size, Theme::new(ThemeName::Dark, false), fill)
    }

    /// The same with other looks.
    pub fn with_theme(size: (u16, u16), theme: Theme, fill: impl FnOnce(&Workspace)) -> Self {
        let workspace = Workspace::new();
        fill(&workspace);
        let session = Session::start(SessionConfig {
            directories: vec![workspace.path().to_owned()],
            ai: "mock".into(),
            store: Arc::new(MemoryStore::new()),
            cache_dir: Some(cache_home().join("screen")),
            max_module_bytes: None,
            watch: false,
        })
        .unwrap();
        let start = WorkbenchStart { seed: Some(7), auto_run: true, ..WorkbenchStart::default() };
        session.commander().send(Command::OpenWorkbench(Box::new(start)));
        let model = Model::new("~/skills".into(), Bindings::default(), theme);
        let terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let mut workbench = Self { workspace, session, model, terminal, wanted: Vec::new(), saves_nothing: false };
        workbench.take(Message::Resize(size.0, size.1));
        workbench
    }

    /// On the sample skills.
    pub fn on_samples(size: (u16, u16)) -> Self {
        Self::on_samples_with(size, Theme::new(ThemeName::Dark, false), |_| {})
    }

    /// On the sample skills with other looks, and with what `change` makes of them.
    pub fn on_samples_with(size: (u16, u16), theme: Theme, change: impl FnOnce(&Workspace)) -> Self {
        let mut workbench = Self::with_theme(size, theme, |workspace| {
            let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-skills");
            std::fs::copy(samples.join("skillscope.toml"), workspace.path().join("skillscope.toml")).unwrap();
            for name in SAMPLES {
                std::fs::create_dir(workspace.path().join(name)).unwrap();
                copy(&samples.join(name), &workspace.path().join(name));
            }
            change(workspace);
        });
        workbench.until_looked_at();
        workbench
    }

    /// Waits until every skill is compiled, or refused.
    #[track_caller]
    pub fn until_looked_at(&mut self) -> &mut Self {
        self.until("every skill is looked at", |model| {
            let rows = model.skills.rows();
            !rows.is_empty()
                && rows.iter().all(|row| {
                    row.refused.is_some()
                        || row.loaded.as_ref().is_some_and(|loaded| loaded.compiler.as_deref() == Some("cranelift"))
                })
        })
    }

    /// Presses keys, one after the other: `j`, `G`, `enter`, `ctrl-c`, `:`; a word in quotes is typed.
    pub fn keys(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            for event in events(key) {
                self.take(Message::Key(event));
            }
        }
        self
    }

    /// Takes in what the session tells until that is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Model) -> bool) -> &mut Self {
        let began = Instant::now();
        while !is_so(&self.model) {
            if let Ok(event) = self.session.events().recv_timeout(Duration::from_millis(5)) {
                let event = self.placed(frozen(event));
                self.take(Message::Session(Box::new(event)));
            }
            assert!(began.elapsed() < PATIENCE, "waited too long until {what}:\n{}", self.screen());
        }
        self
    }

    /// Takes in what the session has told so far.
    pub fn take_what_is_there(&mut self) {
        while let Ok(event) = self.session.events().try_recv() {
            self.take(Message::Session(Box::new(event)));
        }
    }

    /// The same event on a workspace that lies at the same place in every run.
    fn placed(&self, event: Event) -> Event {
        // Where records lie is not shown, but used.
        if let Event::Workbench(event) = &event
            && matches!(
                **event,
                WorkbenchEvent::Recording { .. } | WorkbenchEvent::History { .. } | WorkbenchEvent::ReadBack { .. }
            )
        {
            return Event::Workbench(event.clone());
        }
        let json = serde_json::to_string(&event).unwrap();
        let place = self.workspace.path().display().to_string();
        if json.contains(&place) { serde_json::from_str(&json.replace(&place, "/skills")).unwrap() } else { event }
    }

    /// Waits until the shown run has ended, its comparisons included.
    #[track_caller]
    pub fn until_ended(&mut self) -> &mut Self {
        self.until("the run has ended", |model| model.shown_run().is_some_and(|run| !run.is_running()))
    }

    /// How the cells look, a letter for each look, and below it what each letter stands for.
    pub fn looks(&mut self) -> String {
        self.screen();
        let buffer = self.terminal.backend().buffer();
        let mut looks: Vec<String> = Vec::new();
        let mut grid = String::new();
        for y in 0..buffer.area.height {
            for x in 0..buffer.area.width {
                let cell = &buffer[(x, y)];
                let look = format!("{} on {} {:?}", cell.fg, cell.bg, cell.modifier);
                let at = looks.iter().position(|known| *known == look).unwrap_or_else(|| {
                    looks.push(look);
                    looks.len() - 1
                });
                grid.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[at]));
            }
            grid.push('\n');
        }
        let legend = looks.iter().zip('a'..).map(|(look, letter)| format!("{letter}: {look}\n"));
        format!("{grid}{}", legend.collect::<String>())
    }

    /// How much of a trace the screen keeps: entries, and bytes.
    pub const fn bound_traces(&mut self, bounds: (usize, usize)) {
        self.model.trace_bounds = bounds;
    }

    /// What is on the screen now, as text.
    pub fn screen(&mut self) -> String {
        // As the loop does before it draws.
        self.take(Message::Figures(Vec::new()));
        self.terminal.draw(|frame| ui::draw(&self.model, frame)).unwrap();
        let buffer = self.terminal.backend().buffer();
        let rows = (0..buffer.area.height).map(|y| {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    pub const fn model(&self) -> &Model {
        &self.model
    }

    pub fn take(&mut self, message: Message) {
        for effect in ui::update(&mut self.model, message) {
            if self.saves_nothing && matches!(&effect, Effect::Session(WorkbenchCommand::Save { .. })) {
                continue;
            }
            self.wanted.extend(effect.send(&self.session));
        }
    }
}

/// The same event with times that are the same in every run.
fn frozen(mut event: Event) -> Event {
    match &mut event {
        Event::Run { at_us, what, .. } => {
            // The first phase begins a little after the run was asked for.
            *at_us = if matches!(what, RunEvent::PhaseStarted { .. }) { 300 } else { 1_500 };
            match what {
                RunEvent::HostCallFinished(CallFinished { elapsed_us, .. }) => *elapsed_us = 250,
                RunEvent::WasiCall(call) => call.elapsed_us = 3,
                RunEvent::Finished(finished) => {
                    finished.usage.elapsed_ms = 12.5;
                    finished.usage.host_ms = 2.5;
                    finished.usage.compile_ms = 1.0;
                }
                _ => {}
            }
        }
        Event::ShadowAnswered { answer, .. } => answer.elapsed_us = 1_250,
        Event::Sweep(SweepEvent::Compared { result, .. }) => result.call_us.iter_mut().for_each(|time| *time = 250),
        Event::Workbench(event) => {
            if let WorkbenchEvent::Compared { parts } = event.as_mut() {
                for part in parts.iter_mut().filter(|part| part.title == "Time") {
                    part.before = "in all 12.5 ms\nin the host 2.50 ms\n".into();
                    part.after.clone_from(&part.before);
                }
            }
            if let WorkbenchEvent::History { runs } = event.as_mut() {
                for run in runs {
                    run.started_ms = 1_700_000_000_000;
                    run.elapsed_ms = run.elapsed_ms.map(|_| 12.5);
                    run.bytes = 4_096;
                }
            }
        }
        _ => {}
    }
    event
}

fn events(key: &str) -> Vec<KeyEvent> {
    if let Some(text) = key.strip_prefix('"') {
        let letters = text.trim_end_matches('"').chars();
        return letters.map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)).collect();
    }
    let (modifiers, name) = match (key.strip_prefix("ctrl-"), key.strip_prefix("alt-")) {
        (Some(rest), _) => (KeyModifiers::CONTROL, rest),
        (_, Some(rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, key),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "F5" => KeyCode::F(5),
        "backspace" => KeyCode::Backspace,
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    };
    vec![KeyEvent::new(code, modifiers)]
}

/// A d04 skill that calls `host_now` so many times.
pub fn calling(times: u32) -> String {
    d04(
        "(import \"env\" \"host_now\" (func $now (result i64))) (data (i32.const 64) \"true\\00\")",
        &format!(
            "(local $left i32) (local.set $left (i32.const {times}))
             (loop $again
               (drop (call $now))
               (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
             (i32.const 64)"
        ),
    )
}

/// A d04 skill that writes so many log lines.
pub fn logging(lines: u32) -> String {
    d04(
        "(import \"env\" \"host_log\" (func $log (param i32 i32 i32))) (data (i32.const 64) \"true\\00chatter\")",
        &format!(
            "(local $left i32) (local.set $left (i32.const {lines}))
             (loop $again
               (call $log (i32.const 2) (i32.const 69) (i32.const 7))
               (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
             (i32.const 64)"
        ),
    )
}

/// Copies the files of skills, not what was built from them.
pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        let target = to.join(&name);
        if path.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
