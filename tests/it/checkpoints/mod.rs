//! Every state of a checkpoint: random skills are paused, resumed, cancelled, and stopped by their deadline and their fuel, at random
//! moments. A pause changes nothing, to the last unit of fuel; a cancel ends; and nothing is left behind.

mod program;
mod session_run;

use crate::program::Workspace;
use crate::proof::generate::Random;
use program::random_skill;
use session_run::{Act, Plan, run_together, session, start_together};
use skillscope::event::RunFinished;
use skillscope::runtime::Compiler;
use skillscope::session::{Command, Session};
use std::path::{Path, PathBuf};
use std::sync::RwLock;
use std::time::Duration;

/// Fuel of a run that takes long enough to be disturbed: some ten milliseconds.
const WORK: u64 = 20_000_000;

/// Tests that have runs share it; one that counts threads has it alone.
static ALONE: RwLock<()> = RwLock::new(());

/// A random skill in a session, with what its undisturbed run costs.
struct Subject {
    session: Session,
    skill: PathBuf,
    _workspace: Workspace,
    turns: u64,
    fuel: u64,
}

impl Subject {
    /// `None` where the skill does so much that no run of it comes to an end in time.
    fn new(random: &mut Random) -> Option<Self> {
        let workspace = Workspace::new();
        let skill = workspace.write("random.wat", random_skill(random));
        let session = session(workspace.path());
        let one = alone(&session, &skill, Plan { fuel: Some(WORK), ..Plan::undisturbed(1, Compiler::Singlepass) });
        if one.outcome.word() != "ok" {
            assert_eq!(one.outcome.word(), "fuel", "{:?}", one.error);
            return None;
        }
        let turns = (WORK / one.usage.fuel.max(1)).max(1);
        let whole = alone(&session, &skill, Plan::undisturbed(turns, Compiler::Cranelift));
        assert_eq!(whole.outcome.word(), "ok", "{:?}", whole.error);
        Some(Self { session, skill, _workspace: workspace, turns, fuel: whole.usage.fuel })
    }

    fn run(&self, plans: &[Plan]) -> Vec<RunFinished> {
        run_together(&self.session, &self.skill, plans)
    }
}

fn alone(session: &Session, skill: &Path, plan: Plan) -> RunFinished {
    run_together(session, skill, &[plan]).remove(0)
}

fn compiler(random: &mut Random) -> Compiler {
    Compiler::ALL[usize::try_from(random.below(2)).unwrap()]
}

/// Some pauses, each with its resume, within so many microseconds.
fn pauses(random: &mut Random, within: u64) -> Vec<(u64, Act)> {
    let pause = |random: &mut Random| {
        let at = random.below(within);
        [(at, Act::Pause), (at + random.below(8_000), Act::Resume)]
    };
    let mut acts: Vec<_> = (0..=random.below(4)).flat_map(|_| pause(random)).collect();
    // One pause may begin within another: whatever happened, the last word is that it goes on.
    acts.push((within + 10_000, Act::Resume));
    acts
}

/// Does something with the subject of each seed.
fn with_subjects(seeds: std::ops::Range<u64>, work: impl Fn(&Subject, &mut Random)) {
    let _together = ALONE.read().unwrap();
    let mut subjects = 0;
    for seed in seeds.clone() {
        let mut random = Random::new(seed);
        let Some(subject) = Subject::new(&mut random) else { continue };
        subjects += 1;
        work(&subject, &mut random);
    }
    assert!(subjects * 2 > seeds.end - seeds.start, "only {subjects} skills come to an end");
}

#[test]
fn a_run_that_was_paused_ends_as_any_other_at_the_same_fuel() {
    with_subjects(0..20, |subject, random| {
        let plans: Vec<Plan> =
            (0..4).map(|_| Plan { acts: pauses(random, 15_000), ..Plan::undisturbed(subject.turns, compiler(random)) }).collect();
        for (plan, end) in plans.iter().zip(subject.run(&plans)) {
            assert_eq!(end.outcome.word(), "ok", "{plan:?}: {:?}", end.error);
            assert_eq!((end.usage.fuel, end.usage.fuel_exact), (subject.fuel, true), "{plan:?}");
        }
    });
}

#[test]
fn a_cancelled_run_ends_whatever_state_it_is_in() {
    with_subjects(100..120, |subject, random| {
        let plans: Vec<Plan> = (0..6)
            .map(|number| {
                let mut acts = if number % 2 == 0 { pauses(random, 5_000) } else { Vec::new() };
                acts.push((random.below(12_000), Act::Cancel));
                let turns = if number % 3 == 0 { subject.turns } else { 0 };
                Plan { acts, ..Plan::undisturbed(turns, compiler(random)) }
            })
            .collect();
        for (plan, end) in plans.iter().zip(subject.run(&plans)) {
            match end.outcome.word() {
                "ok" if plan.turns > 0 => assert_eq!(end.usage.fuel, subject.fuel),
                "cancelled" => assert!(plan.turns == 0 || end.usage.fuel <= subject.fuel, "{plan:?}: {}", end.usage.fuel),
                other => panic!("{plan:?}: {other}, {:?}", end.error),
            }
        }
    });
}

#[test]
fn a_deadline_ends_a_run_also_where_it_was_paused_before() {
    with_subjects(200..220, |subject, random| {
        let plans: Vec<Plan> = (0..4)
            .map(|number| {
                let acts = if number % 2 == 0 { pauses(random, 5_000) } else { Vec::new() };
                let timeout = Some(Duration::from_millis(1 + random.below(15)));
                Plan { acts, timeout, ..Plan::undisturbed(0, compiler(random)) }
            })
            .collect();
        for (plan, end) in plans.iter().zip(subject.run(&plans)) {
            assert_eq!(end.outcome.word(), "timeout", "{plan:?}: {:?}", end.error);
            assert!(end.usage.fuel_exact, "{plan:?}");
        }
    });
}

#[test]
fn a_fuel_limit_ends_a_run_at_the_same_fuel_however_it_went() {
    with_subjects(300..320, |subject, random| {
        for _ in 0..3 {
            let limit = random.below(subject.fuel + subject.fuel / 8);
            let plan = |compiler, acts| Plan { fuel: Some(limit), acts, ..Plan::undisturbed(subject.turns, compiler) };
            let plans = [
                plan(Compiler::Cranelift, Vec::new()),
                plan(Compiler::Singlepass, Vec::new()),
                plan(Compiler::Cranelift, pauses(random, 10_000)),
                plan(Compiler::Singlepass, pauses(random, 10_000)),
            ];
            let ends = subject.run(&plans);
            let wanted = if limit >= subject.fuel { ("ok", subject.fuel) } else { ("fuel", ends[0].usage.fuel) };
            assert!(
                wanted.0 == "ok" || (limit < wanted.1 && wanted.1 <= subject.fuel),
                "{limit}: {wanted:?} of {}",
                subject.fuel
            );
            for (plan, end) in plans.iter().zip(&ends) {
                assert_eq!((end.outcome.word(), end.usage.fuel), wanted, "{plan:?}");
            }
        }
    });
}

/// How many threads of this process are those of runs. A thread's name is cut off after 15 bytes.
#[cfg(target_os = "linux")]
fn threads_of_runs() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread may end while it is looked at.
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("skillscope-run")).count()
}

/// Threads are counted, so that it runs in a process of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_session_that_ends_leaves_no_run_behind() {
    let alone = ["--exact", "checkpoints::sessions_that_end_one_after_the_other", "--ignored"];
    let status = std::process::Command::new(std::env::current_exe().unwrap()).args(alone).status().unwrap();
    assert!(status.success());
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "the other half of the test above"]
fn sessions_that_end_one_after_the_other() {
    let _alone = ALONE.write().unwrap();
    assert_eq!(threads_of_runs(), 0, "before");
    for seed in 400..412 {
        let mut random = Random::new(seed);
        let workspace = Workspace::new();
        let skill = workspace.write("random.wat", random_skill(&mut random));
        let session = session(workspace.path());
        // All of them run for ever; some stand still, some were paused and go on.
        let plans: Vec<Plan> = (0..5)
            .map(|_| {
                let mut acts = pauses(&mut random, 3_000);
                acts.truncate(usize::try_from(random.below(4)).unwrap());
                Plan { acts, ..Plan::undisturbed(0, compiler(&mut random)) }
            })
            .collect();
        let running = start_together(&session, &skill, &plans);
        assert_eq!(threads_of_runs(), plans.len(), "they run");
        if seed % 2 == 0 {
            session.commander().send(Command::CancelAll);
            let ends = running.finish();
            assert!(ends.iter().all(|end| end.outcome.word() == "cancelled"));
        }
        drop(session);
        // The system may show a thread for a moment after it was joined.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while threads_of_runs() > 0 && std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        assert_eq!(threads_of_runs(), 0, "seed {seed}");
    }
}
