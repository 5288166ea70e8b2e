//! `--sweep` and `--ai-matrix`: a run, or each case of a suite, made many times and told as tables.

use crate::cli::{Cli, Format};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::interrupt::Interrupts;
use crate::{TICK, input, setup, suite};

use skillscope::event::{Event, SweepEvent};
use skillscope::host::store::MemoryStore;
use skillscope::report::{HumanSweep, JsonLinesReport, JsonSweep, Report, Streams};
use skillscope::session::{Command, RunRequest, Session, SweepOf, SweepRequest, SweepWork, Target};
use std::sync::Arc;

/// The seed of a sweep where the command line has none.
const SEED: u64 = 0;

/// What the command line asks for, where it asks for such a thing.
pub fn work(cli: &Cli) -> Option<SweepWork> {
    if let Some(kind) = cli.faults.sweep {
        return Some(SweepWork::Sweep(kind.into()));
    }
    let providers = cli.services.ai_matrix.clone();
    (!cli.services.ai_matrix.is_empty()).then_some(SweepWork::Compare { providers, repeat: cli.services.repeat })
}

/// Does it, for the run or the cases that the command line describes.
pub fn run(cli: &Cli, work: SweepWork) -> Result<Exit, Fault> {
    let streams = Streams::of_the_process();
    let report: Box<dyn Report> = match cli.told.format {
        Format::Human => Box::new(HumanSweep::new(streams)),
        Format::Json => Box::new(JsonSweep::new(streams)),
        Format::Jsonl => Box::new(JsonLinesReport::new(streams)),
        Format::Junit => return Err(Fault::JunitSweep),
    };
    let target = cli.what.run.as_deref().map(|word| setup::target(word, cli));
    let of = match &target {
        Some(target) => SweepOf::Run(Box::new(run_request(cli, target.clone(), &work)?)),
        None => {
            input::check_directories(&cli.around.dir)?;
            SweepOf::Cases(Box::new(suite::request(cli)))
        }
    };
    // Each run has a store of its own.
    let session = Session::start(setup::session_config(cli, target.as_ref(), Arc::new(MemoryStore::new())))?;
    let commander = session.commander();
    let interrupts = Interrupts::catch(move || commander.send(Command::CancelAll)).map_err(std::io::Error::other)?;
    session.commander().send(Command::Sweep(Box::new(SweepRequest { work, of })));
    if interrupts.any() {
        // That came before there was anything to cancel.
        session.commander().send(Command::CancelAll);
    }
    let bad = if target.is_some() { Exit::Skill } else { Exit::Cases };
    follow(&session, report, bad)
}

fn run_request(cli: &Cli, target: Target, work: &SweepWork) -> Result<RunRequest, Fault> {
    let mut request = setup::run_request(cli, target)?;
    if let SweepWork::Sweep(_) = work {
        // What a run is, it must be each time.
        request.seed = request.seed.or(Some(SEED));
    }
    Ok(request)
}

/// Hands the session's events to the report until the sweep is over; the code follows from what was found.
fn follow(session: &Session, mut report: Box<dyn Report>, bad: Exit) -> Result<Exit, Fault> {
    let mut exit = Exit::NoCase;
    let ticks = crossbeam_channel::tick(TICK);
    loop {
        let event = crossbeam_channel::select! {
            recv(session.events()) -> event => event,
            recv(ticks) -> _ => {
                report.tick()?;
                continue;
            }
        };
        // A session that ends before the sweep does has failed inside.
        let Ok(event) = event else { return Ok(Exit::Internal) };
        report.event(&event)?;
        match event {
            Event::Sweep(SweepEvent::Refused { failure }) => return Err(Fault::Refused(failure)),
            Event::Sweep(SweepEvent::Done { cancelled: true }) => return Ok(Exit::Cancelled),
            Event::Sweep(SweepEvent::Done { cancelled: false }) => return Ok(exit),
            Event::Sweep(event) if is_bad(&event) => exit = bad,
            Event::Sweep(SweepEvent::Started { cases, .. }) if cases > 0 => exit = Exit::Ok,
            _ => {}
        }
    }
}

/// Whether a row is one that the skill, or a provider, is to blame for.
fn is_bad(event: &SweepEvent) -> bool {
    match event {
        SweepEvent::Skipped { failed, .. } => *failed,
        SweepEvent::FaultTried { trial, .. } => trial.survival.is_fatal(),
        SweepEvent::Compared { result, .. } => result.passed < result.runs,
        SweepEvent::Started { .. }
        | SweepEvent::Refused { .. }
        | SweepEvent::LeastFound { .. }
        | SweepEvent::MarginMeasured { .. }
        | SweepEvent::Done { .. } => false,
    }
}
