//! Runs through the library's front door: paused, resumed, cancelled and looked at while they go on.

use crate::acceptance::d04;
use crate::program::{Workspace, cache_home};
use crate::script::Arg::{Int, Range, Text};
use crate::script::{BUFFER, Script};
use skillscope::event::{Event, GaugeSample, Outcome, RunEvent, RunFinished, RunId};
use skillscope::host::store::MemoryStore;
use skillscope::runtime::Compiler;
use skillscope::session::{Command, LiveRun, Overrides, RunInput, RunRequest, Session, SessionConfig, Target};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// A session on a workspace with one skill, and the run that it makes.
struct Driven {
    _workspace: Workspace,
    session: Session,
}

impl Driven {
    fn with(module: &str, settings: &str) -> Self {
        let workspace = Workspace::new();
        workspace.write("s.wat", module);
        workspace.write("skillscope.toml", settings);
        let session = Session::start(SessionConfig {
            directories: vec![workspace.path().to_owned()],
            ai: "mock".into(),
            store: Arc::new(MemoryStore::new()),
            cache_dir: Some(cache_home().join("skillscope/modules")),
            max_module_bytes: None,
            watch: false,
        });
        Self { _workspace: workspace, session: session.unwrap() }
    }

    fn run(&self, timeout: Duration) -> RunId {
        self.session.commander().run(RunRequest {
            target: Target::Name("s".into()),
            input: RunInput { document: b"1".to_vec(), raw_stdin: false, event: None },
            overrides: Overrides { timeout: Some(timeout), ..Overrides::default() },
            seed: None,
            compiler: Compiler::Cranelift,
            begins_empty: false,
            stored: Vec::new(),
            profile_fuel: false,
        })
    }

    /// Reads events until there is one of this run that is wanted.
    #[track_caller]
    fn until(&self, run: RunId, wanted: impl Fn(&RunEvent) -> bool) -> RunEvent {
        loop {
            match self.session.events().recv_timeout(PATIENCE).unwrap() {
                Event::Run { run: of, what, .. } if of == run && wanted(&what) => return what,
                _ => {}
            }
        }
    }

    #[track_caller]
    fn finished(&self, run: RunId) -> RunFinished {
        match self.until(run, |event| matches!(event, RunEvent::Finished(_))) {
            RunEvent::Finished(finished) => *finished,
            other => panic!("{other:?}"),
        }
    }

    /// The handle of a run that is there, or will be at once.
    #[track_caller]
    fn live(&self, run: RunId) -> LiveRun {
        eventually(|| self.session.live(run))
    }

    fn send(&self, command: Command) {
        self.session.commander().send(command);
    }

    /// Pauses a run that goes on.
    #[track_caller]
    fn pause(&self, run: RunId) -> LiveRun {
        let live = self.live(run);
        self.send(Command::Pause(run));
        eventually(|| {
            assert!(self.session.live(run).is_some(), "the run has ended");
            live.is_paused().then_some(())
        });
        live
    }
}

#[track_caller]
fn eventually<T>(what: impl Fn() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(value) = what() {
            return value;
        }
        assert!(since.elapsed() < PATIENCE, "it does not come");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the figures of a paused run stand still, and checks that they stay so; what they are.
#[track_caller]
fn stands_still(live: &LiveRun) -> (GaugeSample, Duration) {
    let seen = eventually(|| {
        let before = live.sample();
        std::thread::sleep(Duration::from_millis(100));
        (before == live.sample()).then(|| (before, live.elapsed()))
    });
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!((live.sample(), live.elapsed()), seen, "the figures stand still");
    assert!(live.is_paused());
    seen
}

const ROUNDS: u32 = 1_200_000_000;

/// A skill that is busy for a second or two, and says when it begins.
fn busy() -> String {
    d04(
        r#"(import "env" "host_log" (func $log (param i32 i32 i32)))"#,
        &format!(
            r#"(local $n i32)
            (call $log (i32.const 2) (i32.const 0) (i32.const 0))
            (loop $again (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const {ROUNDS}))))
            (drop (memory.grow (i32.const 3))) (local.get $input)"#
        ),
    )
}

fn began(event: &RunEvent) -> bool {
    matches!(event, RunEvent::Log { .. })
}

#[test]
fn a_paused_loop_stands_still_and_reaches_the_same_fuel_as_one_that_was_not_paused() {
    let driven = Driven::with(&busy(), "");
    let undisturbed = {
        let run = driven.run(PATIENCE);
        driven.finished(run)
    };
    assert_eq!(undisturbed.outcome, Outcome::Ok);
    let run = driven.run(PATIENCE);
    let live = driven.live(run);
    let since = Instant::now();
    let mut fuels = Vec::new();
    for _ in 0..3 {
        driven.pause(run);
        let (sample, _) = stands_still(&live);
        fuels.push(sample.fuel);
        driven.send(Command::Resume(run));
        eventually(|| (live.sample().fuel > sample.fuel).then_some(()));
    }
    let finished = driven.finished(run);
    assert_eq!(finished.outcome, Outcome::Ok, "{:?}", finished.error);
    assert!(fuels.windows(2).all(|pair| pair[0] <= pair[1]) && fuels[0] < undisturbed.usage.fuel, "{fuels:?}");
    assert_eq!((finished.usage.fuel, finished.usage.fuel_exact), (undisturbed.usage.fuel, true));
    let paused = since.elapsed().as_secs_f64() * 1000.0 - finished.usage.elapsed_ms;
    assert!(paused >= 850.0, "{paused} ms of three pauses do not count");
    let last = live.sample();
    assert_eq!((last.fuel, last.memory_bytes, last.host_calls), (finished.usage.fuel, 4 * 65_536, 1));
}

#[test]
fn paused_time_moves_the_deadline_also_in_a_host_call() {
    let ask = Script::new().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 8)]);
    let driven = Driven::with(&ask.module(), "[[ai.mock]]\ncontains = \"\"\nreply = \"late\"\ndelay = \"400ms\"\n");
    let timeout = Duration::from_secs(2);
    let run = driven.run(timeout);
    driven.until(run, |event| matches!(event, RunEvent::HostCallStarted(_)));
    let live = driven.pause(run);
    let (sample, elapsed) = stands_still(&live);
    assert_eq!(sample.host_calls, 1);
    // Longer than the whole run may take.
    std::thread::sleep(timeout + Duration::from_millis(300));
    assert!(driven.session.events().try_iter().all(|event| !matches!(event, Event::Run { what: RunEvent::Finished(_), .. })));
    assert_eq!((live.sample(), live.elapsed()), (sample, elapsed), "a reply that came meanwhile is held back");
    driven.send(Command::Resume(run));
    let finished = driven.finished(run);
    assert_eq!(finished.outcome, Outcome::Ok, "{:?}", finished.error);
    assert!(finished.usage.elapsed_ms < 2000.0 && finished.usage.host_ms < 2000.0, "{:?}", finished.usage);
}

#[test]
fn a_cancel_ends_a_paused_run_wherever_it_stands() {
    let began_first = || Script::new().call("env.host_log", &[Int(1), Text("x")]);
    let ask = began_first().call("cis.ai_prompt", &[Text("hi"), Range(BUFFER, 8)]);
    let spin = began_first().wat("(loop $again (br $again))");
    for (module, at) in [(spin.module(), "a loop"), (ask.module(), "a host call")] {
        let driven = Driven::with(&module, "[[ai.mock]]\ncontains = \"\"\nreply = \"late\"\ndelay = \"60s\"\n");
        let run = driven.run(PATIENCE);
        driven.until(run, began);
        stands_still(&driven.pause(run));
        driven.send(Command::Cancel(run));
        let finished = driven.finished(run);
        assert_eq!(finished.outcome, Outcome::Cancelled, "{at}");
        eventually(|| driven.session.live(run).is_none().then_some(()));
    }
}

#[test]
fn a_run_that_is_paused_before_it_begins_begins_when_it_is_resumed() {
    // On a busy machine a run may have begun before the session came to the pause.
    let paused_in_time = (0..100).any(|_| {
        let driven = Driven::with(&busy(), "");
        let run = driven.run(Duration::from_secs(60));
        let live = driven.pause(run);
        driven.until(run, |event| matches!(event, RunEvent::Started(_)));
        let (sample, elapsed) = stands_still(&live);
        driven.send(Command::Resume(run));
        assert_eq!(driven.finished(run).outcome, Outcome::Ok);
        (sample.fuel, elapsed) == (0, Duration::ZERO)
    });
    assert!(paused_in_time);
}

#[test]
fn runs_beside_each_other_are_told_apart() {
    let driven = Driven::with(&busy(), "");
    let (first, second) = (driven.run(PATIENCE), driven.run(PATIENCE));
    let (one, two) = (driven.pause(first), driven.live(second));
    assert!(!two.is_paused());
    assert_eq!(driven.finished(second).outcome, Outcome::Ok, "a paused run holds up no other");
    stands_still(&one);
    driven.send(Command::CancelAll);
    assert_eq!(driven.finished(first).outcome, Outcome::Cancelled);
    // Commands to runs that are over, or never were, do nothing.
    for command in [Command::Pause(first), Command::Resume(second), Command::Cancel(RunId(99))] {
        driven.send(command);
    }
    let third = driven.run(PATIENCE);
    assert_eq!(driven.finished(third).outcome, Outcome::Ok);
}

#[test]
fn a_session_that_is_dropped_ends_its_runs_also_paused_ones() {
    let driven = Driven::with(&busy(), "");
    let run = driven.run(PATIENCE);
    driven.pause(run);
    drop(driven.session);
}

#[test]
fn wrong_settings_do_not_start_a_session() {
    let workspace = Workspace::new();
    workspace.write("skillscope.toml", "[ai]\nrael = \"x\"\n");
    let session = Session::start(SessionConfig {
        directories: vec![workspace.path().to_owned()],
        ai: "mock".into(),
        store: Arc::new(MemoryStore::new()),
        cache_dir: None,
        max_module_bytes: None,
        watch: false,
    });
    assert!(session.unwrap_err().to_string().contains("unknown key `rael`"));
}
